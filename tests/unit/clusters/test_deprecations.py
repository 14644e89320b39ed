"""What an API server says of deprecated APIs, read from its metrics and its warnings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.domain.deprecations import Deprecated, is_gone_with, next_minor, of_metrics, of_warning

WORDS = (
    "policy/v1beta1 PodDisruptionBudget is deprecated in v1.21+, unavailable in v1.25+; use policy/v1 "
    "PodDisruptionBudget"
)


def line(labels: str, value: str = "1") -> str:
    return f"apiserver_requested_deprecated_apis{{{labels}}} {value}"


def test_metrics_tell_which_api_was_asked_for_and_when_it_goes() -> None:
    told = (
        'group="policy",removed_release="1.25",resource="poddisruptionbudgets",subresource="status",version="v1beta1"'
    )
    assert of_metrics(line(told)) == Deprecated("policy/v1beta1", "poddisruptionbudgets/status", "1.25")
    core = 'group="",removed_release="",resource="endpoints",subresource="",version="v1"'
    assert of_metrics(line(core)) == Deprecated("v1", "endpoints", "")
    assert of_metrics(line(core, "0")) is None
    assert of_metrics('apiserver_requested_deprecated_apis_total{resource="a",version="v1"} 1') is None
    assert of_metrics("# HELP apiserver_requested_deprecated_apis [STABLE] Gauge of deprecated APIs") is None


def test_a_warning_tells_it_in_the_servers_own_words() -> None:
    found = of_warning(f'299 - "{WORDS}"', "policy/v1beta1", "poddisruptionbudgets")
    assert found == Deprecated("policy/v1beta1", "poddisruptionbudgets", "1.25", WORDS)
    two = '299 - "unknown field \\"spec.a\\"", 299 - "example.org/v1alpha1 Foo is deprecated; use \\"v1\\""'
    found = of_warning(two, "example.org/v1alpha1", "foos")
    assert found == Deprecated("example.org/v1alpha1", "foos", "", 'example.org/v1alpha1 Foo is deprecated; use "v1"')
    assert of_warning('299 - "unknown field \\"spec.a\\""', "v1", "pods") is None
    assert of_warning("", "v1", "pods") is None


@pytest.mark.parametrize(
    ("version", "following"), [("v1.36.3", "1.37"), ("1.9", "1.10"), ("v1.28.5-gke.100", "1.29"), ("", ""), ("x", "")]
)
def test_the_next_minor_version_is_counted(version: str, following: str) -> None:
    assert next_minor(version) == following


def test_what_is_removed_in_a_version_is_gone_with_it_and_after_it() -> None:
    assert [is_gone_with(removed, "1.37") for removed in ("1.36", "1.37", "1.38", "")] == [True, True, False, False]
    assert not is_gone_with("1.25", "")


@given(st.text(max_size=200))
def test_any_text_is_read_without_failing(text: str) -> None:
    of_metrics(f"apiserver_requested_deprecated_apis{{{text}")
    of_warning(f'299 - "{text}', "v1", "pods")
    next_minor(text)
