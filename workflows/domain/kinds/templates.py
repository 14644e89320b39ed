"""Compile a YAML structure with expressions into one function that builds plain values.

The syntax is described in k8s_templates/README.md. The whole structure becomes one expression (a list
of dict literals), compiled once. So a value can never become syntax, keeps its type, and a Deployment
costs microseconds: no text is made and none is parsed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import nodes

from clusters.domain.objects import Manifest
from workflows.domain.kinds.absent import ABSENT, Absent
from workflows.domain.kinds.expressions import Function, compile_expression
from workflows.domain.kinds.structures import Builder, Parts


class Scope(dict[str, Any]):
    """The variables of one rendering; an unknown name is ABSENT."""

    __slots__ = ()

    def __missing__(self, _key: str) -> Absent:
        return ABSENT


def compile_template(documents: Sequence[object], *, parts: Parts | None = None, where: str = "template") -> Template:
    """Compile the YAML documents of a template; the result returns those that are not absent.

    Returned objects share the values of the scope: treat both as immutable.
    """
    return Template(compile_structure(list(documents), parts=parts, where=where))


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled template: variables in, objects out."""

    build: Structure

    def __call__(self, scope: Mapping[str, Any]) -> list[Manifest]:
        made = self.build(scope)
        return [] if made is ABSENT else made

    def ready(self) -> None:
        """Compile now. Raises TemplateInvalid, which says where the mistake is."""
        self.build.ready()

    def tree(self) -> nodes.Expr:
        """The tree of the whole: a list of its documents. For who reads an object back into the template's values."""
        return self.build.tree()


def compile_structure(structure: object, *, parts: Parts | None = None, where: str = "template") -> Structure:
    """Compile any structure into a function that returns its value, or ABSENT.

    It is compiled at the first call, so that a start does not wait for kinds nobody uses. `ready()`
    compiles it at once, and raises TemplateInvalid, which says where the mistake is.
    """
    return Structure(structure, parts, where)


class Structure:
    """A structure, and its compiled function after the first call."""

    __slots__ = ("_function", "_source")

    def __init__(self, structure: object, parts: Parts | None, where: str) -> None:
        self._source = (structure, parts, where)
        self._function: Function | None = None

    def ready(self) -> None:
        self._compiled()

    def __call__(self, scope: Mapping[str, Any]) -> Any:
        return (self._function or self._compiled())(scope)

    def tree(self) -> nodes.Expr:
        structure, parts, where = self._source
        return Builder(parts).compile(structure, where, {})[0]

    def _compiled(self) -> Function:
        if self._function is None:
            self._function = compile_expression(self.tree(), self._source[2])
        return self._function
