"""Diagnoses of objects of any shape, and of very many: none of them ends the look at the others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.domain.diagnosing.examining import RULES, examine, examine_all
from clusters.domain.diagnosing.surroundings import Surroundings
from clusters.domain.plain_text import plain
from tests.support.cpu import takes_less_than
from tests.support.searches import searched

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
WORDS = """spec status metadata ports targetPort port protocol name selector matchLabels template containers conditions
type rules http paths backend service number tls secretName phase hard used scaleTargetRef kind webhooks"""
FIELDS = st.sampled_from(WORDS.split())
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "²", "80", "None", "a" * 300, "\u202e"]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(FIELDS, below, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("kind", RULES)
@searched(60)
@given(spec=ODD, status=ODD, metadata=ODD)
def test_an_object_of_any_shape_is_judged_or_said_to_be_unreadable(
    kind: str, spec: Any, status: Any, metadata: Any
) -> None:
    named = {**(metadata if isinstance(metadata, dict) else {}), "name": "x", "namespace": "shop", "uid": "u"}
    odd: dict[str, Any] = {"metadata": named, "spec": spec, "status": status, "webhooks": spec}
    pod = {"metadata": {**named, "name": "pod", "labels": {"a": "b"}}, "spec": spec, "status": status}
    seen = Surroundings({kind: [odd], "Event": [odd], "Pod": [pod], "EndpointSlice": [odd]}, now=NOW)
    for finding in examine(kind, odd, seen):
        finding.as_json()


@pytest.mark.parametrize("target", [None, 80.5, "²", "123456789", [], True])
def test_a_target_port_that_is_none_is_said_and_nothing_breaks(target: Any) -> None:
    service = {
        "metadata": {"name": "web", "namespace": "shop", "uid": "s"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": target}]},
    }
    container = {"name": "web", "ports": [{"containerPort": 80}]}
    pod = {
        "metadata": {"name": "p", "namespace": "shop", "uid": "p", "labels": {"app": "web"}},
        "spec": {"containers": [container]},
        "status": {"conditions": [{"type": "Ready", "status": "True"}]},
    }
    seen = Surroundings({"Service": [service], "Pod": [pod]}, now=NOW)
    assert "object.unreadable" not in [one.code for one in examine("Service", service, seen)]


def test_thousands_of_services_and_pods_of_a_namespace_are_found_by_their_labels() -> None:
    def at(kind: str, number: int, **parts: Any) -> dict[str, Any]:
        name = f"{kind}-{number}"
        return {"metadata": {"name": name, "namespace": "shop", "uid": name, **parts.pop("metadata", {})}, **parts}

    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    many = range(4_000)
    services = [at("s", n, spec={"selector": {"app": f"a{n}"}, "ports": [{"port": 80}]}) for n in many]
    pods = [at("p", n, metadata={"labels": {"app": f"a{n}"}}, status=ready) for n in many]

    def look() -> list[Any]:
        return examine_all(Surroundings({"Service": services, "Pod": pods}, now=NOW), ["Service"])

    assert look() == []
    assert takes_less_than(4.0, look), "each pair would be compared"


def test_a_look_that_takes_too_long_ends_and_names_what_it_left_out() -> None:
    rows = [{"metadata": {"name": f"n{n}", "uid": f"n{n}"}, "spec": {"unschedulable": True}} for n in range(50)]
    left = iter([True] * 10)
    unlooked: set[str] = set()
    seen = Surroundings({"Node": rows, "ResourceQuota": [rows[0]]}, now=NOW)
    found = examine_all(seen, ["Node", "ResourceQuota"], goes_on=lambda: next(left, False), unlooked=unlooked)
    assert (len(found), unlooked) == (10, {"Node", "ResourceQuota"})


def test_no_text_of_a_cluster_turns_hides_or_colours_what_stands_around_it() -> None:
    hostile = "\x1b[31mred\x1b[0m \u202egnp.exe\u2066 ok\x00"
    condition = {"type": "Ready", "status": "False", "message": hostile, "reason": "KubeletNotReady"}
    node = {"metadata": {"name": "n", "uid": "n"}, "status": {"conditions": [condition]}}
    [found] = examine("Node", node, Surroundings({"Node": [node]}, now=NOW))
    said = found.as_json()
    assert said["sentence"] == "The node is not ready: \ufffd[31mred\ufffd[0m \ufffdgnp.exe\ufffd ok\ufffd"
    assert said["evidence"][0]["message"] == plain(hostile)
    assert plain("tab\tand\nline é 漢 עברית") == "tab\tand\nline é 漢 עברית"
