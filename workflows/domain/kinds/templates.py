"""Structures and templates at work: variables in, plain values out.

A structure is a YAML structure with expressions, whose syntax is described in k8s_templates/README.md. The whole of it
becomes one function (`compiling`). So a value can never become syntax, keeps its type, and a Deployment costs
microseconds: no text is made and none is parsed.

Nothing here needs the compiler, which is handed in: what was compiled before runs without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any, NamedTuple

from clusters.domain.objects import Manifest
from kubeorch.base.records import record
from workflows.domain.kinds.absent import ABSENT, Absent
from workflows.domain.kinds.functions import Function, function_of

Parts = Callable[[str], object]
"""Gives an included structure by its path below k8s_templates."""


class Source(NamedTuple):
    """A structure as it is written, what it includes, and the name by which mistakes in it are reported."""

    structure: object
    parts: Parts
    where: str


Compiler = Callable[[Source], CodeType]


class Scope(dict[str, Any]):
    """The variables of one rendering; an unknown name is ABSENT."""

    __slots__ = ()

    def __missing__(self, _key: str) -> Absent:
        return ABSENT


class Structure:
    """A structure, and its function after the first call; called, it returns the value or ABSENT.

    It is compiled at the first call, so that a start does not wait for kinds nobody uses.
    """

    __slots__ = ("_compile", "_function", "source")

    def __init__(self, source: Source, compile_: Compiler) -> None:
        self.source = source
        self._compile = compile_
        self._function: Function | None = None

    def __call__(self, scope: Mapping[str, Any]) -> Any:
        return (self._function or self.ready())(scope)

    def ready(self) -> Function:
        """Compile now. Raises TemplateInvalid, which says where the mistake is."""
        if self._function is None:
            self._function = function_of(self._compile(self.source))
        return self._function


@record
class Template:
    """The documents of a template: variables in, those that are not absent out.

    Returned objects share the values of the scope: treat both as immutable.
    """

    build: Structure

    def __call__(self, scope: Mapping[str, Any]) -> list[Manifest]:
        made = self.build(scope)
        return [] if made is ABSENT else made
