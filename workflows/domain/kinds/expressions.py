"""Jinja2's side of templates: the language of expressions, and the function a whole structure compiles to.

Expressions are narrower than Jinja's own sandbox: `a.b` and `a[b]` look up keys and never reach
attributes, nothing can be called, and only the filters of template_filters.py exist.

`template_code` writes the Python that it becomes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.parser import Parser
from jinja2.runtime import str_join
from jinja2.sandbox import ImmutableSandboxedEnvironment

from workflows.domain.kinds.absent import ABSENT
from workflows.domain.kinds.template_code import Generator
from workflows.domain.kinds.template_filters import FILTERS, TESTS
from workflows.domain.kinds.template_nodes import TemplateInvalid, variables_of

Function = Callable[[Mapping[str, Any]], Any]
"""A compiled expression: variables in, its value out, or ABSENT."""

_DOTTED = re.compile(
    r"(?!(?:true|false|none|not|True|False|None)\b)[a-z_][a-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*\Z", re.ASCII
)


def parse_expression(text: str, where: str) -> nodes.Expr:
    """The tree of an expression. Raises TemplateInvalid."""
    if _DOTTED.match(text):  # most leaves; the parser costs forty times as much
        dotted: nodes.Expr = nodes.Name(text.partition(".")[0], "load", lineno=1)
        for attribute in text.split(".")[1:]:
            dotted = nodes.Getattr(dotted, attribute, "load", lineno=1)
        return dotted
    try:
        parser = Parser(_ENVIRONMENT, text, state="variable")
        expression: nodes.Expr = parser.parse_expression()
    except TemplateSyntaxError as error:
        raise TemplateInvalid(where, f"{error.message} in {text!r}") from error
    if not parser.stream.eos:
        raise TemplateInvalid(where, f"unexpected text after the expression {text!r}")
    return expression


def compile_expression(expression: nodes.Expr, where: str) -> Function:
    """The function that evaluates a tree; names that the scope lacks are ABSENT."""
    template = nodes.Template([nodes.ExprStmt(expression, lineno=1)], lineno=1)
    template.set_environment(_ENVIRONMENT)
    namespace: dict[str, Any] = {
        "environment": _ENVIRONMENT,
        "__file__": where,
        "absent": ABSENT,
        "lookup": _lookup,
        "str_join": str_join,
    }
    exec(_ENVIRONMENT.compile(template, name=where, filename=where), namespace)  # noqa: S102 - our own data, by our own generator
    with_all: Function = namespace["evaluate"]
    absent = dict.fromkeys(variables_of(expression), ABSENT)
    return lambda scope: with_all({**absent, **scope})


def _lookup(container: Any, key: Any) -> Any:
    if isinstance(container, Mapping):
        return container.get(key, ABSENT)
    if container is ABSENT:
        return ABSENT
    try:
        return container[key]
    except (LookupError, TypeError):
        return ABSENT


_ENVIRONMENT = ImmutableSandboxedEnvironment(optimized=False, autoescape=False)
_ENVIRONMENT.code_generator_class = Generator
_ENVIRONMENT.globals = {}
_ENVIRONMENT.filters = dict(FILTERS)
_ENVIRONMENT.tests = dict(TESTS)
