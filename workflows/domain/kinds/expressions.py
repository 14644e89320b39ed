"""Jinja2's side of templates: the language of expressions, and the code a whole structure compiles to.

Expressions are narrower than Jinja's own sandbox: `a.b` and `a[b]` look up keys and never reach
attributes, nothing can be called, and only the filters of template_filters.py exist.

`template_code` writes the Python that it becomes.
"""

from __future__ import annotations

import re
from types import CodeType

from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from workflows.domain.kinds.template_code import Generator
from workflows.domain.kinds.template_filters import FILTERS, TESTS
from workflows.domain.kinds.template_nodes import TemplateInvalid

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


def compile_expression(expression: nodes.Expr, where: str) -> CodeType:
    """The code of a function that evaluates a tree; names that the scope lacks are ABSENT."""
    template = nodes.Template([nodes.ExprStmt(expression, lineno=1)], lineno=1)
    template.set_environment(_ENVIRONMENT)
    return _ENVIRONMENT.compile(template, name=where, filename=where)


_ENVIRONMENT = ImmutableSandboxedEnvironment(optimized=False, autoescape=False)
_ENVIRONMENT.code_generator_class = Generator
_ENVIRONMENT.globals = {}
_ENVIRONMENT.filters = dict(FILTERS)
_ENVIRONMENT.tests = dict(TESTS)
