"""Compiles structures: their tree, and the code of one function each."""

from __future__ import annotations

from types import CodeType

from jinja2 import nodes

from workflows.domain.kinds.expressions import compile_expression
from workflows.domain.kinds.structures import Builder
from workflows.domain.kinds.templates import Source


def code_of(source: Source) -> CodeType:
    """The code that `functions` makes a function of. Raises TemplateInvalid, which says where the mistake is."""
    return compile_expression(tree_of(source), source.where)


def tree_of(source: Source) -> nodes.Expr:
    """The tree of the whole. For who reads an object back into the values of its template, too."""
    return Builder(source.parts).compile(source.structure, source.where, {})[0]
