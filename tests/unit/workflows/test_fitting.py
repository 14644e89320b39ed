"""Objects held against definitions that a cluster sends: odd ones do not fail, endless ones end."""

from __future__ import annotations

from typing import Any

import pytest

from clusters.domain.objects import Ref
from workflows.domain.fitting.schema import MISFITS_MOST, misfits
from workflows.domain.rights.needs import Right
from workflows.domain.rights.rules import is_allowed

REF = Ref("example.com/v1", "Thing", "shop", "a")
GVK = {"x-kubernetes-group-version-kind": [{"group": "example.com", "version": "v1", "kind": "Thing"}]}


def found(value: Any, **schema: Any) -> list[tuple[str, str]]:
    schemas = {"Thing": {**GVK, **schema}, "Loop": {"$ref": "#/components/schemas/Loop"}}
    return [(one.code, one.path) for one in misfits(value, REF, schemas)]


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": "x"},
        {"properties": {"a": 3}},
        {"type": ["object", "null"]},
        {"required": [["a"], 3, None]},
        {"required": "a"},
        {"enum": {}},
        {"allOf": [3]},
        {"allOf": "x"},
        {"items": []},
        {"properties": {"a": {"$ref": "#/components/schemas/Loop"}}},
        {"properties": {"a": {"$ref": "https://example.com/schema"}}},
        {"properties": {"a": {"$ref": "#/components/schemas/Nowhere"}}},
        {"additionalProperties": 3},
    ],
)
def test_an_odd_definition_fails_nothing(schema: dict[str, Any]) -> None:
    found({"a": {"b": [1, None, {"c": True}]}}, **schema)


def test_many_misfits_are_bounded_and_counted_once_each() -> None:
    many = {f"f{number}": 1 for number in range(10_000)}
    assert len(found(many, type="object", properties={"a": {}})) == MISFITS_MOST


@pytest.mark.parametrize(
    ("value", "wanted", "fits"),
    [
        (1, {"type": "integer"}, True),
        (True, {"type": "integer"}, False),
        (1.0, {"type": "integer"}, True),
        (1.5, {"type": "integer"}, False),
        ("1", {"type": "integer"}, False),
        ("80", {"x-kubernetes-int-or-string": True, "type": "integer"}, True),
        ("1Gi", {"oneOf": [{"type": "string"}, {"type": "number"}], "type": "number"}, True),
        ("b", {"type": "string", "enum": ["a"]}, False),
        ([1], {"type": "array", "items": {"type": "string"}}, False),
        ({"x": 1}, {"type": "object", "additionalProperties": {"type": "string"}}, False),
        ({"x": 1}, {"type": "object", "x-kubernetes-preserve-unknown-fields": True, "properties": {"y": {}}}, True),
        ({"x": 1}, {"type": "object", "properties": {"y": {}}}, False),
    ],
)
def test_a_value_fits_or_does_not(value: Any, wanted: dict[str, Any], fits: bool) -> None:
    assert (found({"a": value}, properties={"a": wanted}) == []) is fits


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        ({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}, True),
        ({"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}, True),
        ({"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "resourceNames": ["a"]}, False),
        ({"verbs": ["list"], "apiGroups": [""], "resources": ["pods"]}, False),
        ({"verbs": ["get"], "apiGroups": ["apps"], "resources": ["pods"]}, False),
        ({"verbs": "get", "apiGroups": 3, "resources": None, "resourceNames": 7}, False),
        ("x", False),
    ],
)
def test_a_rule_allows_what_it_names(rule: Any, allowed: bool) -> None:
    assert is_allowed(Right("shop", "", "pods", "get"), [rule]) is allowed
