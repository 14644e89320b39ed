"""What is written here is what the library would have written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kubeorch.base.yaml import load_strict
from kubeorch.base.yaml_writing import _dumped, dump
from tests.support.searches import searched

WORDS = (
    *("", "a", "yes", "No", "null", "~", "80", "080", "0x1F", "1:30", "2024-01-01", "1e3", ".5", "=", "<<", "- a"),
    *(
        "5m",
        "10Gi",
        "1M",
        "1_0",
        "\u0665",
        "a: b",
        "a #b",
        "a:",
        ":a",
        "a:b",
        "#a",
        "'a'",
        '"',
        "{a}",
        "[a",
        "*a",
        "&a",
    ),
    *("!a", "%a", "@a", "`", "a b", " a", "a ", "a\nb\n", "\u00e9", "a  b", "a'b"),
)
MORE = (
    *("---", "...", "--- a", "a\tb", "a" * 130, "a " * 300, "\u2028", "a, b", "$(A) b", "$A", "/x", "?", "? a", "-"),
    *("-a", "(", "\n", "a\n\n", "\x85"),
)
texts = st.sampled_from([*WORDS, *MORE]) | st.text(max_size=8) | st.text(alphabet=" :#-'\"{}[],aA0.$(=?\n", max_size=6)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
values: Any = st.recursive(
    scalars,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(texts, below, max_size=3) | st.tuples(below),
    max_leaves=12,
)


@given(st.dictionaries(texts, values, max_size=4))
@searched(250)
@example({text: [text, {text: text}, [[text]]] for text in (*WORDS, *MORE)})
@example({text: text for text in WORDS})
def test_a_value_is_written_as_the_library_writes_it(value: dict[str, Any]):
    assert dump(value) == _dumped(value)


def test_each_text_is_read_back_as_it_was():
    for text in WORDS:
        value = {"key": text, "list": [text, [text]], text or "empty": {"a": text}}
        assert dump(value) == _dumped(value)
        assert load_strict(dump(value)) == value


AMBIGUOUS = (
    *("y", "Y", "n", "N", "yes", "NO", "On", "off", "TRUE", "Null", "~", "1_000", "0b101", "0B1", "0X1F", "0O7"),
    *("0_8", "1_0e3", "+1_0", "-0b1", "0_0.5", "08", ".5_0"),
)
"""What Kubernetes' own tools read as a boolean, a number or null. Source: go-yaml, resolve.go."""


@pytest.mark.parametrize("text", AMBIGUOUS)
def test_what_another_reader_takes_for_no_text_stands_in_quotes_as_key_and_value(text: str):
    long = {"a\nb": "", text: text}  # the library writes all of it
    assert dump({text: [text, {text: text}]}) == f"'{text}':\n- '{text}'\n- '{text}': '{text}'\n"
    assert dump(long).endswith(f"'{text}': '{text}'\n")
