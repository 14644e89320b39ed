"""The strict YAML reader: bounds, refusals with the line, and what plain values mean."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeorch.base.yaml import load_all_strict, load_documents, load_strict
from kubeorch.base.yaml_events import YamlInvalid
from kubeorch.base.yaml_writing import dump
from tests.support.searches import searched
from tests.support.steps import counted_steps
from workflows.domain.graphs.file import plain


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("\ufeffa: 1", {"a": 1}),
        ("a: no", {"a": "no"}),
        ("a: 1:30", {"a": "1:30"}),
        ("a: 2024-01-01", {"a": "2024-01-01"}),
        ("a: 0644", {"a": 420}),
        ("a: 0o17", {"a": 15}),
        ("a: 0x1F", {"a": 31}),
        ("a: 1e3", {"a": 1000.0}),
        ("a: .5", {"a": 0.5}),
        ("a: ~", {"a": None}),
        ("a: 'null'", {"a": "null"}),
        ("8080: x", {"8080": "x"}),
        ("base: &b {x: 1, y: 2}\none: {<<: *b, y: 3}", {"base": {"x": 1, "y": 2}, "one": {"x": 1, "y": 3}}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
    ],
)
def test_values_are_read_without_surprises(text: str, value: Any):
    assert load_strict(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((word, True) for word in ("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true")),
        *((word, False) for word in ("n", "N", "no", "No", "NO", "off", "Off", "OFF", "False")),
        *(("1_000", 1000), ("0b101", 5), ("-0b11", -3), ("0X1F", 31), ("0_7", 7), ("1_0.5", 10.5), ("08", 8)),
        *((word, word) for word in ("yEs", "_5", "12:30", "2001-01-01", "0b2", "1e", "'yes'", '"1_000"', "+", "-_")),
    ],
)
def test_a_manifest_means_what_kubectl_reads(text: str, value: Any):
    [document] = load_documents(f"a: {text}", max_bytes=1_000, max_nodes=10, max_documents=1, as_kubectl=True)
    found = plain(document.value)["a"]
    expected = value.strip("'\"") if isinstance(value, str) else value
    assert (found, type(found)) == (expected, type(expected))
    assert load_strict(f"a: {text}", as_kubectl=True)["a"] == expected


LAUGHS = "a0: &a0 [1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
)
MERGES = "a0: &a0 {x0: 1}\n" + "".join(
    f"a{i}: &a{i} {{<<: [{','.join([f'*a{i - 1}'] * 9)}], x{i}: 2}}\n" for i in range(1, 90)
)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: 1\nb: 2\na: 3", "yaml.duplicate_key", 3),
        ("a: !!python/object:os.system x", "yaml.invalid", 1),
        ("a: !custom x", "yaml.invalid", 1),
        ("a: &a [*a]", "yaml.invalid", 1),
        ("a: *b", "yaml.invalid", 1),
        ("a: 1\nb: \0", "yaml.invalid", 2),
        ("? [a]\n: b", "yaml.invalid", 1),
        ("a: 1\nb: ]", "yaml.invalid", 2),
        ("a: 1\n---\nb: 2", "yaml.invalid", 0),
        (b"\xff\xfea\x00", "yaml.invalid", 0),
        ("a: " + "9" * 6000, "yaml.too_large", 1),
        ("a: 1e999", "yaml.too_large", 1),
        ("a:\n- 9223372036854775808", "yaml.too_large", 2),
        ("[" * 70 + "]" * 70, "yaml.too_large", 1),
        ("x" * 1_000_001, "yaml.too_large", 0),
        (LAUGHS, "yaml.too_large", 6),
        (MERGES, "yaml.too_large", 6),
        ("a: &a 1\nb: [" + "*a," * 1001 + "]", "yaml.too_large", 2),
        ("a: [" + "1," * 100_001 + "]", "yaml.too_large", 1),
    ],
)
def test_refused_yaml_is_reported_with_reason_and_line(text: str | bytes, code: str, line: int):
    with counted_steps() as steps, pytest.raises(YamlInvalid) as caught:
        load_strict(text)
    assert (caught.value.code, caught.value.line) == (code, line)
    assert steps.count < 3_000_000, "refused before it is expanded: a hundred thousand elements take half of that"


def test_several_documents_share_one_limit():
    assert load_all_strict("a: 1\n---\nb: 2\n") == [{"a": 1}, {"b": 2}]
    with pytest.raises(YamlInvalid):
        load_all_strict("---\n[1,2,3]\n" * 10, max_nodes=30)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@searched(500)
@given(json_values)
def test_written_yaml_reads_back_the_same(value: Any):
    assert load_strict(dump(value)) == value


@searched(500)
@given(st.text(st.sampled_from("ab:-[]{}&*!|>'\"#,?%@ \n\t01~<"), max_size=60))
def test_any_text_is_read_or_refused_without_a_crash(text: str):
    with suppress(YamlInvalid):
        load_all_strict(text)
