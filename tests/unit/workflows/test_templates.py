"""The template language: values in as values, absent stays absent, nothing but lookups."""

from __future__ import annotations

from typing import Any

import pytest

from workflows.domain.kinds.absent import ABSENT
from workflows.domain.kinds.compiling import code_of
from workflows.domain.kinds.template_nodes import TemplateInvalid
from workflows.domain.kinds.templates import Source, Structure, Template


def compiled(structure: object, parts: dict[str, object] | None = None) -> Structure:
    return Structure(Source(structure, (parts or {}).__getitem__, "template"), code_of)


def made(structure: object, parts: dict[str, object] | None = None, **scope: Any) -> Any:
    return compiled(structure, parts)(scope)


@pytest.mark.parametrize("value", [0, False, "", 1.5, "{{ x }}", "a: b\n---", [], {}, {"a": [1]}])
def test_a_value_keeps_its_type(value: Any):
    assert made({"a": "=x"}, x=value) == {"a": value}
    assert type(made({"a": "=x"}, x=value)["a"]) is type(value)


@pytest.mark.parametrize(
    ("structure", "scope", "expected"),
    [
        ({"a": "=x", "b": 1}, {}, {"b": 1}),
        ({"a": {"b": "=x"}, "c": 1}, {}, {"c": 1}),
        ({"a": {}, "c": "=x"}, {}, {"a": {}}),
        ({"a": {"$keep": True, "b": "=x"}}, {}, {"a": {}}),
        ({"a": "=x.y.z"}, {"x": {"y": {"z": 0}}}, {"a": 0}),
        ({"a": "=x.y.z", "b": 1}, {"x": {}}, {"b": 1}),
        ({"a": "==x"}, {}, {"a": "=x"}),
        ({"a": "=x if y", "b": 1}, {"x": 1, "y": False}, {"b": 1}),
        ({"a": {"$if": "y", "b": 1}, "c": 1}, {}, {"c": 1}),
        ({"a": {"$if": "y", "b": 1, "$else": {"c": 2}}}, {}, {"a": {"c": 2}}),
        ({"a": {"$each": "xs", "$as": "x", "b": "=x"}}, {"xs": [0, ""]}, {"a": [{"b": 0}, {"b": ""}]}),
        ({"a": {"$each": "xs", "$as": "x", "b": "=x"}, "c": 1}, {"xs": []}, {"c": 1}),
        ({"a": ["0", {"$each": "xs", "$as": "x", "$do": "=x"}]}, {"xs": [1, 2]}, {"a": ["0", 1, 2]}),
        ({"a": {"$each": "m", "$as": ["k", "v"], "n": "=k", "v": "=v"}}, {"m": {"x": 1}}, {"a": [{"n": "x", "v": 1}]}),
        ({"a": {"$each": "xs", "$as": "x", "$if": "x > 1", "b": "=x"}}, {"xs": [1, 2]}, {"a": [{"b": 2}]}),
        ({"a": {"$merge": ["=x", {"b": 2}]}}, {"x": {"a": 1, "b": 1}}, {"a": {"a": 1, "b": 2}}),
        ({"a": {"$merge": ["=x"]}, "b": 1}, {}, {"b": 1}),
        (
            {"a": {"$each": "xs", "$as": "x", "ys": {"$each": "x.ys", "$as": "y", "v": "=y", "w": "=x.w"}}},
            {"xs": [{"ys": [1], "w": 2}, {}, {"ys": [3]}]},
            {"a": [{"ys": [{"v": 1, "w": 2}]}, {"ys": [{"v": 3}]}]},
        ),
    ],
)
def test_structural_keys(structure: object, scope: dict[str, Any], expected: Any):
    assert made(structure, **scope) == expected


def test_a_shared_part_sees_the_expressions_it_was_given():
    part = {"n": "=c.name", "more": {"$each": "c.items", "$as": "one", "i": "=one"}}
    structure = {"a": {"$include": "p", "$with": {"c": "x.inner"}}, "b": {"$include": "p", "$with": {"c": "y"}}}

    result = made(structure, {"p": part}, x={"inner": {"name": 1, "items": [1]}}, y={"name": 2}, c="other")

    assert result == {"a": {"n": 1, "more": [{"i": 1}]}, "b": {"n": 2}}


def test_a_document_that_is_absent_is_left_out():
    render = Template(compiled([{"a": 1}, {"$if": "x", "b": 2}]))
    assert render({}) == [{"a": 1}]
    assert render({"x": True}) == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize(
    "expression",
    ["=x.__class__", "=x['__class__']", "=x.items", "=x.get", "=x.a['__class__']"],
)
def test_a_template_cannot_reach_python_attributes(expression: str):
    assert made([expression, 1], x={"a": 1}) == [1]


@pytest.mark.parametrize(
    "structure",
    [
        "=x(",
        "=x.items()",
        "=range(3)",
        "=x|attr('y')",
        "=x|map('upper')",
        "=x y",
        {"$unknown": 1},
        {"$include": "p"},
        "=x[1:2]",
    ],
)
def test_an_invalid_template_is_refused_when_it_is_compiled(structure: object):
    with pytest.raises(TemplateInvalid):
        compiled(structure, {"p": {"a": {"$include": "p"}}}).ready()


def test_absent_is_false_and_unique():
    assert not ABSENT
    assert list(ABSENT) == []
    assert ABSENT.get("x", ABSENT) is ABSENT


def test_a_list_is_not_merged_as_if_its_pairs_were_keys_and_values():
    for listed in ([["a", "b"]], [{"name": "team", "value": "red"}]):
        with pytest.raises(TypeError):
            made({"a": {"$merge": ["=x", {"b": 2}]}}, x=listed)
