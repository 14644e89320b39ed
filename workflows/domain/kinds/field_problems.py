"""What is wrong with one field of a node or an edge, and the words for it that several checks share."""

from __future__ import annotations

from typing import Any

from kubeorch.base.errors import Problem
from kubeorch.base.records import record
from workflows.domain.kinds.parameters import Parameter

MAX_PROBLEMS = 200
"""Problems that are shown of a node, and of a graph."""


@record
class FieldProblem:
    """What is wrong with one field; always an error."""

    code: str
    path: str
    detail: str

    def at(self, *, node_id: str | None = None, edge_id: str | None = None) -> Problem:
        """The same as a problem of a graph, at the node or edge that has the field."""
        return Problem(
            self.code,
            self.detail,
            self.path,
            () if node_id is None else (node_id,),
            () if edge_id is None else (edge_id,),
        )


def required(parameter: Parameter, path: str) -> FieldProblem:
    is_list = parameter.type in ("list", "map")
    cure = too_few(parameter, 1) if is_list else f"{parameter.label} is required; fill it in"
    return FieldProblem("parameter.required", path, cure)


def too_few(parameter: Parameter, least: int) -> str:
    """What is missing of a list, by what one of its entries is called."""
    one = parameter.item.label if parameter.item is not None and parameter.item.label else "entry"
    return f"{parameter.label}: add at least {f'one {one}' if least == 1 else f'{least} entries'}"


def wrong_type(title: str, value: Any, path: str, expected: str) -> FieldProblem:
    given = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    return FieldProblem(
        "parameter.type", path, f"{title} must be {expected}, not {given.get(type(value), type(value).__name__)}"
    )


def wrong_format(title: str, value: str, path: str, cure: str) -> FieldProblem:
    return FieldProblem("parameter.format", path, f"{title} {value[:60]!r} is not valid; use {cure}")


def key_path(path: str, key: str) -> str:
    return f"{path}.{key[:60]}"
