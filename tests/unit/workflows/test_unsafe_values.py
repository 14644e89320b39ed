"""What may never be stored, and the glance that spares most values the search for it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.graphs.plain_text import plain_text
from workflows.domain.graphs.unsafe_values import unsafe_values
from workflows.domain.graphs.variables import has_marks


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": value}
    return value


UNSAFE = [
    "a\0b",
    {"$ne": 1},
    [{"a": [{"": 1}]}],
    {"a\0": 1},
    {1: 1},
    float("nan"),
    [float("-inf")],
    2**63,
    -(2**63) - 1,
    2**80,
    "\ud800",
    "x" * 524_289,
    nested(40),
]
texts = st.text(st.sampled_from('aé\0$:{}"\\\ud800'), max_size=4)
scalars = st.none() | st.booleans() | st.integers(-(2**65), 2**65) | st.floats() | texts
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))


@pytest.mark.parametrize("value", UNSAFE, ids=lambda value: repr(value)[:30])
def test_an_unsafe_value_is_found_and_plain_text_does_not_accept_it(value: Any) -> None:
    assert plain_text(value) is None
    assert plain_text(("name", {"a": [value]}, "")) is None
    assert list(unsafe_values({"a": value}, "nodes.a"))


@given(values)
def test_a_value_that_plain_text_accepts_has_nothing_unsafe_and_shows_its_references(value: Any) -> None:
    text = plain_text(value)
    if text is not None:
        assert list(unsafe_values(value, "nodes.a")) == []
        assert not has_marks(value) or b"${" in text


def test_plain_text_accepts_ordinary_parameters() -> None:
    parameters = {"image": "nginx:1.27", "replicas": 2, "env": {"A": "5 $", "B": "", "C": "x ${HOST}"}, "on": True}
    text = plain_text(("web", parameters, ""))
    assert text is not None
    assert b"${" in text
