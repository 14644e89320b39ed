"""From the YAML structure of a template to the tree of one expression.

The syntax is described in k8s_templates/README.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from jinja2 import nodes

from workflows.domain.kinds.expressions import parse_expression
from workflows.domain.kinds.template_nodes import TemplateInvalid, structural
from workflows.domain.kinds.templates import Parts

_KEYS = frozenset({"$if", "$each", "$as", "$do", "$merge", "$include", "$with", "$keep", "$else", "$filter"})


class Builder:
    """Turns a parsed YAML structure into one expression tree."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._including: list[str] = []

    def compile(self, value: object, path: str, names: Mapping[str, nodes.Expr]) -> tuple[nodes.Expr, bool]:
        """The expression for `value`, and whether its value can be absent."""
        if isinstance(value, str):
            if value.startswith("==") or not value.startswith("="):
                return nodes.Const(value[1:] if value.startswith("==") else value, lineno=1), False
            expression = self._expression(value[1:], path, names)
            return expression, not isinstance(expression, nodes.Const)
        if isinstance(value, dict):
            return self._mapping(value, path, names)
        if isinstance(value, list):
            return self._list(value, path, names)
        return nodes.Const(value, lineno=1), False

    def _expression(self, source: object, path: str, names: Mapping[str, nodes.Expr]) -> nodes.Expr:
        text = source if isinstance(source, str) else repr(source)
        return _substituted(parse_expression(text.removeprefix("=").strip(), path), names)

    def _mapping(self, value: dict[Any, Any], path: str, names: Mapping[str, nodes.Expr]) -> tuple[nodes.Expr, bool]:
        special = {key for key in value if isinstance(key, str) and key.startswith("$")}
        if unknown := special - _KEYS:
            raise TemplateInvalid(path, f"unknown structural key {sorted(unknown)[0]}")
        if "$each" in value:
            return self._each(value, path, names)
        if "$if" in value:
            return self._conditional(value, path, names)
        if "$merge" in value:
            merged = [self.compile(part, f"{path}.$merge[{i}]", names) for i, part in enumerate(value["$merge"])]
            keep = bool(value.get("$keep"))
            optional = all(may_lack for _, may_lack in merged) and not keep
            return structural("merge", [nodes.Const(keep), *(part for part, _ in merged)]), optional
        if "$include" in value:
            return self._include(value, path, names)
        if "$filter" in value:
            inner, may_lack = self.compile(value["$do"], path, names)
            return nodes.Filter(inner, value["$filter"], [], [], None, None, lineno=1), may_lack
        if "$do" in value:
            return self.compile(value["$do"], path, names)
        keep = bool(value.get("$keep"))
        arguments: list[nodes.Expr] = []
        optional = True
        for key, item in value.items():
            if key == "$keep":
                continue
            expression, may_lack = self.compile(item, f"{path}.{key}", names)
            optional = optional and may_lack
            arguments += [nodes.Const(key), nodes.Const(may_lack), expression]
        optional = optional and bool(arguments) and not keep
        return structural("mapping", [nodes.Const(optional), *arguments]), optional

    def _conditional(
        self, value: dict[Any, Any], path: str, names: Mapping[str, nodes.Expr]
    ) -> tuple[nodes.Expr, bool]:
        test = self._expression(value["$if"], f"{path}.$if", names)
        rest = {key: item for key, item in value.items() if key not in ("$if", "$else")}
        then, may_lack = self.compile(rest, path, names)
        other: nodes.Expr | None = None
        if "$else" in value:
            other, else_may_lack = self.compile(value["$else"], f"{path}.$else", names)
            may_lack = may_lack or else_may_lack
        else:
            may_lack = True
        return nodes.CondExpr(test, then, other, lineno=1), may_lack

    def _each(self, value: dict[Any, Any], path: str, names: Mapping[str, nodes.Expr]) -> tuple[nodes.Expr, bool]:
        items = self._expression(value["$each"], f"{path}.$each", names)
        variables = value.get("$as", "item")
        loop = [variables] if isinstance(variables, str) else list(variables)
        inner = {name: new for name, new in names.items() if name not in loop}
        if "$do" in value:
            body, may_lack = self.compile({"$do": value["$do"], **_only(value, "$if")}, f"{path}.$do", inner)
        else:
            rest = {key: item for key, item in value.items() if key not in ("$each", "$as")}
            body, may_lack = self.compile(rest, path, inner)
        return structural(
            "each",
            [nodes.Const(may_lack), items, body, *(nodes.Name(name, "load", lineno=1) for name in loop)],
        ), True

    def _include(self, value: dict[Any, Any], path: str, names: Mapping[str, nodes.Expr]) -> tuple[nodes.Expr, bool]:
        name = value["$include"]
        if name in self._including:
            raise TemplateInvalid(path, f"cannot include {name!r} here")
        given = {
            new: self._expression(old, f"{path}.$with.{new}", names) for new, old in value.get("$with", {}).items()
        }
        self._including.append(name)
        compiled = self.compile(self._parts(name), f"{path}<{name}>", {**names, **given})
        self._including.pop()
        return compiled

    def _list(self, value: list[Any], path: str, names: Mapping[str, nodes.Expr]) -> tuple[nodes.Expr, bool]:
        arguments: list[nodes.Expr] = []
        optional = bool(value)
        for index, item in enumerate(value):
            expression, may_lack = self.compile(item, f"{path}[{index}]", names)
            many = isinstance(item, dict) and "$each" in item
            arguments += [nodes.Const("many" if many else "maybe" if may_lack else "one"), expression]
            optional = optional and may_lack
        return structural("list", [nodes.Const(optional), *arguments]), optional


def _substituted(expression: nodes.Expr, names: Mapping[str, nodes.Expr]) -> nodes.Expr:
    """The expression with the names that `$with` gives replaced by their expressions."""
    if isinstance(expression, nodes.Name):
        return deepcopy(names[expression.name]) if expression.name in names else expression
    for field, value in expression.iter_fields():
        if isinstance(value, nodes.Node):
            setattr(expression, field, _substituted(value, names))  # type: ignore[arg-type]
        elif isinstance(value, list):
            setattr(
                expression,
                field,
                [_substituted(one, names) if isinstance(one, nodes.Node) else one for one in value],  # type: ignore[arg-type]
            )
    return expression


def _only(value: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {key: value[key]} if key in value else {}
