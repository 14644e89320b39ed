"""Jinja2's side of templates: the language of expressions, and the function a whole structure compiles to.

Expressions are narrower than Jinja's own sandbox: `a.b` and `a[b]` look up keys and never reach
attributes, nothing can be called, and only the filters of template_filters.py exist.

A loan: `_Generator` overrides methods of jinja2.compiler.CodeGenerator and reads `Frame.symbols`, which
Jinja does not document (written for Jinja2 3.1.6). Gain, by tests/perf/render.py: 1,000 nodes render in
20 ms, and in 190 ms as text templates whose output is parsed. When Jinja changes below it,
tests/unit/workflows/test_templates.py and tests/unit/kinds/test_golden.py fail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import TemplateSyntaxError
from jinja2.nodes import EvalContext
from jinja2.parser import Parser
from jinja2.runtime import str_join
from jinja2.sandbox import ImmutableSandboxedEnvironment

from workflows.domain.kinds.absent import ABSENT
from workflows.domain.kinds.template_filters import FILTERS, TESTS

Function = Callable[[Mapping[str, Any]], Any]
"""A compiled expression: variables in, its value out, or ABSENT."""

_MARK = "kubeorch"
_DOTTED = re.compile(
    r"(?!(?:true|false|none|not|True|False|None)\b)[a-z_][a-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*\Z", re.ASCII
)


class TemplateInvalid(Exception):
    """A template in k8s_templates is wrong. Tests and the start of a process find that, never a run."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")


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


def structural(name: str, arguments: list[nodes.Expr]) -> nodes.Expr:
    """The tree of a mapping, list, each or merge; `_Generator` writes its code."""
    for argument in arguments:
        argument.lineno = 1
    return nodes.Call(nodes.ExtensionAttribute(_MARK, name), arguments, [], None, None, lineno=1)


def compile_expression(expression: nodes.Expr, where: str) -> Function:
    """The function that evaluates a tree; names that the scope lacks are ABSENT."""
    template = nodes.Template([nodes.ExprStmt(expression, lineno=1)], lineno=1)
    template.set_environment(_ENVIRONMENT)
    namespace: dict[str, Any] = {
        "environment": _ENVIRONMENT,
        "__file__": where,
        "absent": ABSENT,
        "empty": {},
        "lookup": _lookup,
        "str_join": str_join,
    }
    exec(_ENVIRONMENT.compile(template, name=where, filename=where), namespace)  # noqa: S102 - our own data, by our own generator
    with_all: Function = namespace["evaluate"]
    absent = {found.name: ABSENT for found in template.find_all(nodes.Name)}
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


class _Generator(CodeGenerator):
    """Writes our structural nodes, and lookups that only reach keys.

    `t` is the only scratch name: it is always read right after the assignment that ends its test.
    """

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        """A function of the variables, where Jinja writes one that yields text and asks its context for each name."""
        [statement] = node.body
        frame = Frame(EvalContext(self.environment, self.name))
        frame.symbols.analyze_node(node)
        self.pull_dependencies(node.body)
        self.writeline("def evaluate(variables):")
        self.indent()
        for target, (_, name) in frame.symbols.loads.items():
            self.writeline(f"{target} = variables[{name!r}]")
        self.writeline("return ")
        self.visit(statement, frame)
        self.outdent()

    def visit_ExprStmt(self, node: nodes.ExprStmt, frame: Frame) -> None:
        self.visit(node.node, frame)

    def visit_Name(self, node: nodes.Name, frame: Frame) -> None:
        if node.ctx == "load":
            self.write(frame.symbols.ref(node.name))
        else:
            super().visit_Name(node, frame)

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        self.visit(node.node, frame)
        self.write(f".get({node.attr!r}, absent)")

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:
        if isinstance(node.arg, nodes.Slice):
            raise TemplateInvalid(self.name or "template", "slices are not available")
        self.write("lookup(")
        self.visit(node.node, frame)
        self.write(", ")
        self.visit(node.arg, frame)
        self.write(")")

    def visit_Filter(self, node: nodes.Filter, frame: Frame) -> None:
        if node.name not in _ENVIRONMENT.filters:  # Jinja itself would find out only when it is evaluated
            raise TemplateInvalid(self.name or "template", f"there is no filter {node.name!r}")
        super().visit_Filter(node, frame)

    def visit_CondExpr(self, node: nodes.CondExpr, frame: Frame) -> None:
        self.write("(")
        self.visit(node.expr1, frame)
        self.write(" if ")
        self.visit(node.test, frame)
        self.write(" else ")
        if node.expr2 is None:
            self.write("absent")
        else:
            self.visit(node.expr2, frame)
        self.write(")")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        if not isinstance(node.node, nodes.ExtensionAttribute):
            raise TemplateInvalid(self.name or "template", "nothing can be called in an expression")
        write = {
            "mapping": self._write_mapping,
            "list": self._write_list,
            "each": self._write_each,
            "merge": self._write_merge,
        }[node.node.name]
        write(node.args, frame)

    def _write_optional(self, optional: bool, write: Callable[[], None]) -> None:
        self.write("(t if (t := " if optional else "")
        write()
        self.write(") else absent)" if optional else "")

    def _write_mapping(self, args: list[nodes.Expr], frame: Frame) -> None:
        def write() -> None:
            self.write("{")
            for index in range(1, len(args), 3):
                key, may_lack, value = _const(args[index]), _const(args[index + 1]), args[index + 2]
                if not may_lack:
                    self.write(f"{key!r}: ")
                    self.visit(value, frame)
                elif isinstance(value, nodes.Name):
                    ref = frame.symbols.ref(value.name)
                    self.write(f"**({{{key!r}: {ref}}} if {ref} is not absent else empty)")
                else:
                    self.write(f"**({{{key!r}: t}} if (t := ")
                    self.visit(value, frame)
                    self.write(") is not absent else empty)")
                self.write(", ")
            self.write("}")

        self._write_optional(bool(_const(args[0])), write)

    def _write_list(self, args: list[nodes.Expr], frame: Frame) -> None:
        def write() -> None:
            self.write("[")
            for index in range(1, len(args), 2):
                how, value = _const(args[index]), args[index + 1]
                self.write({"one": "", "maybe": "*((t,) if (t := ", "many": "*("}[how])
                self.visit(value, frame)
                self.write({"one": ", ", "maybe": ") is not absent else ()), ", "many": "), "}[how])
            self.write("]")

        self._write_optional(bool(_const(args[0])), write)

    def _write_each(self, args: list[nodes.Expr], frame: Frame) -> None:
        may_lack, items, body, *loop = args
        variables = ", ".join(frame.symbols.ref(name.name) for name in loop if isinstance(name, nodes.Name))

        def write() -> None:
            optional = _const(may_lack)
            self.write("[t" if optional else "[")
            if not optional:
                self.visit(body, frame)
            self.write(f" for {variables} in (")
            self.visit(items, frame)
            self.write(").items()" if len(loop) == 2 else ")")
            if optional:
                self.write(" if (t := ")
                self.visit(body, frame)
                self.write(") is not absent")
            self.write("]")

        self._write_optional(True, write)

    def _write_merge(self, args: list[nodes.Expr], frame: Frame) -> None:
        def write() -> None:
            self.write("{")
            for part in args[1:]:
                self.write("**(")
                self.visit(part, frame)
                self.write(" or empty), ")
            self.write("}")

        self._write_optional(not _const(args[0]), write)


def _const(node: nodes.Expr) -> Any:
    return node.as_const()


_ENVIRONMENT = ImmutableSandboxedEnvironment(optimized=False, autoescape=False)
_ENVIRONMENT.code_generator_class = _Generator
_ENVIRONMENT.globals = {}
_ENVIRONMENT.filters = dict(FILTERS)
_ENVIRONMENT.tests = dict(TESTS)
