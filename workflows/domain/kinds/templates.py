"""Compile a YAML structure with expressions into one function that builds plain values.

The syntax is described in k8s_templates/README.md. The whole structure becomes one Jinja2 expression
(a list of dict literals), compiled once. So a value can never become syntax, keeps its type, and a
Deployment costs microseconds: no text is made and none is parsed.

Expressions are narrower than Jinja's own sandbox: `a.b` and `a[b]` look up keys and never reach
attributes, nothing can be called, and only the filters of template_filters.py exist.

A loan: `_Generator` overrides methods of jinja2.compiler.CodeGenerator and reads `Frame.symbols`, which
Jinja does not document (written for Jinja2 3.1.6). Gain, by tests/perf/render.py: 1,000 nodes render in
20 ms, and in 190 ms as text templates whose output is parsed. When Jinja changes below it,
tests/unit/workflows/test_templates.py and tests/unit/kinds/test_golden.py fail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import TemplateSyntaxError
from jinja2.nodes import EvalContext
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from clusters.domain.objects import Manifest
from workflows.domain.kinds.absent import ABSENT, Absent
from workflows.domain.kinds.template_filters import FILTERS, TESTS

Parts = Callable[[str], object]
"""Gives an included structure by its path below k8s_templates."""

_MARK = "kubeorch"
_DOTTED = re.compile(
    r"(?!(?:true|false|none|not|True|False|None)\b)[a-z_][a-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*\Z", re.ASCII
)
_KEYS = frozenset({"$if", "$each", "$as", "$do", "$merge", "$include", "$with", "$keep", "$else"})


class TemplateInvalid(Exception):
    """A template in k8s_templates is wrong. Tests and the start of a process find that, never a run."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")


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


def compile_structure(structure: object, *, parts: Parts | None = None, where: str = "template") -> Structure:
    """Compile any structure into a function that returns its value, or ABSENT.

    It is compiled at the first call, so that a start does not wait for kinds nobody uses. `ready()`
    compiles it at once, and raises TemplateInvalid, which says where the mistake is.
    """
    return Structure(structure, parts, where)


class Structure:
    """A structure, and its compiled function after the first call."""

    __slots__ = ("_names", "_root", "_source")

    def __init__(self, structure: object, parts: Parts | None, where: str) -> None:
        self._source = (structure, parts, where)
        self._root: Callable[[_Context], Iterable[str]] | None = None
        self._names: dict[str, Any] = {}

    def ready(self) -> None:
        if self._root is None:
            names, root = _compile(*self._source)
            self._names = dict.fromkeys(names, ABSENT)
            self._root = root

    def __call__(self, scope: Mapping[str, Any]) -> Any:
        if self._root is None:
            self.ready()
        context = _Context({**self._names, **scope})
        for _ in self._root(context):  # type: ignore[misc]
            pass
        return context.vars["result"]


def _compile(
    structure: object, parts: Parts | None, where: str
) -> tuple[set[str], Callable[[_Context], Iterable[str]]]:
    """The names that an expression looks up, and the function that evaluates it."""
    expression, _ = _Builder(parts, where).compile(structure, where, {})
    body: list[nodes.Node] = [nodes.Assign(nodes.Name("result", "store", lineno=1), expression, lineno=1)]
    template = nodes.Template(body, lineno=1)
    template.set_environment(_ENVIRONMENT)
    namespace: dict[str, Any] = {
        "environment": _ENVIRONMENT,
        "__file__": where,
        "absent": ABSENT,
        "empty": {},
        "lookup": _lookup,
    }
    exec(_ENVIRONMENT.compile(template, name=where, filename=where), namespace)  # noqa: S102 - our own data, by our own generator
    root: Callable[[_Context], Iterable[str]] = namespace["root"]
    return {found.name for found in template.find_all(nodes.Name)}, root


class _Context:
    """The part of jinja2.runtime.Context that a compiled expression uses."""

    __slots__ = ("environment", "eval_ctx", "exported_vars", "resolve_or_missing", "vars")

    def __init__(self, variables: dict[str, Any]) -> None:
        self.environment = _ENVIRONMENT
        self.eval_ctx = _EVAL_CONTEXT
        self.exported_vars: set[str] = set()
        self.resolve_or_missing = variables.__getitem__
        self.vars: dict[str, Any] = {}


def _lookup(container: Any, key: Any) -> Any:
    if isinstance(container, Mapping):
        return container.get(key, ABSENT)
    if container is ABSENT:
        return ABSENT
    try:
        return container[key]
    except (LookupError, TypeError):
        return ABSENT


class _Builder:
    """Turns a parsed YAML structure into one expression tree."""

    def __init__(self, parts: Parts | None, where: str) -> None:
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
        text = text.removeprefix("=").strip()
        if _DOTTED.match(text):  # most leaves; the parser costs forty times as much
            dotted: nodes.Expr = nodes.Name(text.partition(".")[0], "load", lineno=1)
            for attribute in text.split(".")[1:]:
                dotted = nodes.Getattr(dotted, attribute, "load", lineno=1)
            return _substituted(dotted, names)
        try:
            parser = Parser(_ENVIRONMENT, text, state="variable")
            expression: nodes.Expr = parser.parse_expression()
            if not parser.stream.eos:
                raise TemplateInvalid(path, f"unexpected text after the expression {text!r}")
        except TemplateSyntaxError as error:
            raise TemplateInvalid(path, f"{error.message} in {text!r}") from error
        return _substituted(expression, names)

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
            return _call("merge", [nodes.Const(keep), *(part for part, _ in merged)]), optional
        if "$include" in value:
            return self._include(value, path, names)
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
        return _call("mapping", [nodes.Const(optional), *arguments]), optional

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
        return _call(
            "each",
            [nodes.Const(may_lack), items, body, *(nodes.Name(name, "load", lineno=1) for name in loop)],
        ), True

    def _include(self, value: dict[Any, Any], path: str, names: Mapping[str, nodes.Expr]) -> tuple[nodes.Expr, bool]:
        name = value["$include"]
        if self._parts is None or name in self._including:
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
        return _call("list", [nodes.Const(optional), *arguments]), optional


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


def _call(name: str, arguments: list[nodes.Expr]) -> nodes.Expr:
    for argument in arguments:
        argument.lineno = 1
    return nodes.Call(nodes.ExtensionAttribute(_MARK, name), arguments, [], None, None, lineno=1)


class _Generator(CodeGenerator):
    """Writes our structural nodes, and lookups that only reach keys.

    `t` is the only scratch name: it is always read right after the assignment that ends its test.
    """

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
_EVAL_CONTEXT = EvalContext(_ENVIRONMENT)
