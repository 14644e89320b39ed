"""The Python that a template's tree becomes: one function of statements, which builds plain values.

Statements, since a field that is absent then costs one comparison, and what a template reads of a group that is not
set is skipped whole: most fields of most objects are absent.

A loan: `Generator` overrides methods of jinja2.compiler.CodeGenerator, which Jinja does not document (written for
Jinja2 3.1.6). Gain, by tests/perf/render.py: 1,000 nodes render in 11 ms, and in 160 ms as text templates whose output
is parsed. When Jinja changes below it, tests/unit/workflows/test_templates.py and tests/unit/kinds/test_golden.py fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from itertools import islice

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import EvalContext

from workflows.domain.kinds.template_nodes import (
    TemplateInvalid,
    arguments_of,
    const,
    is_structural,
    structure_of,
    variables_of,
)


class Lack(Enum):
    """How an expression says that it has no value."""

    NEVER = ""
    EMPTY = "{0}"
    """It is empty then, and would be ABSENT."""
    ABSENT = "{0} is not absent"


class Generator(CodeGenerator):
    """Writes our structural nodes as statements, the rest as Jinja does, and lookups that only reach keys."""

    _frame: Frame
    _scratch = 0
    _locals: Mapping[str, str]
    """Python's names for variables, for those of loops, and for values at hand."""
    _known: Mapping[str, str]
    """Local variables by the code of the lookups that they hold; none of them is absent."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        """A function of the variables, where Jinja writes one that yields text and asks its context for each name."""
        [statement] = node.find_all(nodes.ExprStmt)
        expression: nodes.Expr = statement.node  # type: ignore[assignment]
        self._frame = Frame(EvalContext(self.environment, self.name))
        self._locals = {name: f"v_{name}" for name in variables_of(expression)}
        self._known = {}
        self.pull_dependencies(node.body)
        self.writeline("def evaluate(scope):")
        self.indent()
        absent = "".join(f"{name!r}: absent, " for name in self._locals)
        self.writeline(f"variables = {{{absent}**scope}}")
        for name, target in self._locals.items():
            self.writeline(f"{target} = variables[{name!r}]")
        value, lack = self._value(expression)
        self.writeline(f"return {value} or absent" if lack is Lack.EMPTY else f"return {value}")
        self.outdent()

    # Statements

    def _value(self, node: nodes.Expr) -> tuple[str, Lack]:
        """Write what computes a node; the code of its value, cheap and without effect, and how that can be absent."""
        if (known := self._at_hand(node)) is not None:
            return known, Lack.ABSENT
        if isinstance(node, nodes.Const):
            return repr(node.value), Lack.NEVER
        if isinstance(node, nodes.CondExpr):
            return self._conditional(node)
        if isinstance(node, nodes.Filter) and node.node is not None and is_structural(node.node):
            with self._named(*self._absent_value(node.node)) as name:
                inner = nodes.Filter(name, node.name, node.args, node.kwargs, None, None, lineno=1)
                return self._assigned(inner), Lack.ABSENT
        if is_structural(node):
            return self._structure(node)
        return self._assigned(node), Lack.ABSENT

    def _at_hand(self, node: nodes.Expr) -> str | None:
        """The name that holds it already."""
        if isinstance(node, nodes.Name):
            return self._locals[node.name]
        return self._known.get(self._lookup_code(node) or "")

    def _absent_value(self, node: nodes.Expr) -> tuple[str, Lack]:
        """As `_value`, ABSENT where there is none."""
        value, lack = self._value(node)
        if lack is Lack.EMPTY:
            self.writeline(f"if not {value}: {value} = absent")
        return value, Lack.ABSENT

    def _assigned(self, node: nodes.Expr) -> str:
        target = self._new()
        self.writeline(f"{target} = ")
        self.visit(node, self._frame)
        return target

    def _conditional(self, node: nodes.CondExpr) -> tuple[str, Lack]:
        target = self._new()
        if node.expr2 is None:
            self.writeline(f"{target} = absent")
        self.writeline("if ")
        self.visit(node.test, self._frame)
        self.write(":")
        self._branch(target, node.expr1)
        if node.expr2 is not None:
            self.writeline("else:")
            self._branch(target, node.expr2)
        return target, Lack.ABSENT

    def _branch(self, target: str, node: nodes.Expr) -> None:
        self.indent()
        value, _ = self._absent_value(node)
        self.writeline(f"{target} = {value}")
        self.outdent()

    def _structure(self, node: nodes.Expr) -> tuple[str, Lack]:
        write = {
            "mapping": self._write_mapping,
            "list": self._write_list,
            "each": self._write_each,
            "merge": self._write_merge,
        }[structure_of(node)]
        needs = {} if self._is_small(node) else self._needs(node)
        code = next((one for one in needs if one not in self._known.values()), None)
        if code is None:
            target = self._new()
            return target, write(target, arguments_of(node))
        holder, target = self._new(), self._new()
        self.writeline(f"{target} = absent")
        self.writeline(f"{holder} = {code}")
        self.writeline(f"if {holder} is not absent:")
        before, self._known = self._known, {**self._known, code: holder}
        self.indent()
        if write(target, arguments_of(node)) is Lack.EMPTY:
            self.writeline(f"if not {target}: {target} = absent")
        self.outdent()
        self._known = before
        return target, Lack.ABSENT

    def _write_mapping(self, target: str, args: Sequence[nodes.Expr]) -> Lack:
        self.writeline(f"{target} = {{}}")
        for index in range(1, len(args), 3):
            key = const(args[index])
            value, lack = self._value(args[index + 2])
            self._when(value, lack, f"{target}[{key!r}] = {value}")
        return Lack.EMPTY if const(args[0]) else Lack.NEVER

    def _write_list(self, target: str, args: Sequence[nodes.Expr]) -> Lack:
        self.writeline(f"{target} = []")
        for index in range(1, len(args), 2):
            if const(args[index]) == "many":
                self._loop(target, arguments_of(args[index + 1]))
            else:
                value, lack = self._value(args[index + 1])
                self._when(value, lack, f"{target}.append({value})")
        return Lack.EMPTY if const(args[0]) else Lack.NEVER

    def _write_each(self, target: str, args: Sequence[nodes.Expr]) -> Lack:
        self.writeline(f"{target} = []")
        self._loop(target, args)
        return Lack.EMPTY

    def _loop(self, target: str, args: Sequence[nodes.Expr]) -> None:
        """Append what each item gives."""
        _, items, body, *names = args
        variables = {name.name: self._new() for name in names if isinstance(name, nodes.Name)}
        self.writeline(f"for {', '.join(variables.values())} in ")
        self.visit(items, self._frame)
        self.write(".items():" if len(variables) == 2 else ":")
        before = self._locals
        self._locals = {**before, **variables}
        self.indent()
        value, lack = self._value(body)
        self._when(value, lack, f"{target}.append({value})")
        self.outdent()
        self._locals = before

    def _write_merge(self, target: str, args: Sequence[nodes.Expr]) -> Lack:
        values = [self._value(part)[0] for part in args[1:]]
        # Not `update`: it would make keys and values of a list of pairs.
        self.writeline(f"{target} = {{{', '.join(f'**({value} or absent)' for value in values)}}}")
        return Lack.NEVER if const(args[0]) else Lack.EMPTY

    def _when(self, value: str, lack: Lack, statement: str) -> None:
        condition = lack.value.format(value)
        self.writeline(f"if {condition}: {statement}" if condition else statement)

    def _new(self) -> str:
        self._scratch += 1
        return f"s{self._scratch}"

    @contextmanager
    def _named(self, value: str, _lack: Lack) -> Iterator[nodes.Name]:
        """A node that reads a value at hand."""
        before = self._locals
        self._locals = {**before, f"#{value}": value}
        yield nodes.Name(f"#{value}", "load", lineno=1)
        self._locals = before

    # What has to be there

    def _is_small(self, node: nodes.Expr) -> bool:
        """It costs no more than to ask whether it can have a value."""
        if structure_of(node) == "each":
            return True
        return len(list(islice(node.find_all(nodes.Getattr), 3))) < 3

    def _needs(self, node: nodes.Expr) -> dict[str, None]:
        """Lookups, as code, without which a node has no value, the widest first."""
        if isinstance(node, nodes.Getattr):
            code = self._lookup_code(node)
            return {**self._needs(node.node), **({code: None} if code else {})}
        if isinstance(node, nodes.CondExpr):
            then = self._needs(node.expr1)
            if node.expr2 is None:
                return {**self._needed_by_test(node.test), **then}
            return _common([then, self._needs(node.expr2)])
        if not is_structural(node):
            return {}
        name, args = structure_of(node), arguments_of(node)
        if name == "mapping":
            return _common([self._needs(value) for value in args[3::3]]) if const(args[0]) else {}
        if name == "list":
            return _common([self._needs(value) for value in args[2::2]]) if const(args[0]) else {}
        if name == "each":
            return self._needs(args[1])
        return {} if const(args[0]) else _common([self._needs(value) for value in args[1:]])

    def _needed_by_test(self, test: nodes.Expr) -> dict[str, None]:
        """Lookups without which a test is false."""
        if isinstance(test, nodes.And):
            return {**self._needed_by_test(test.left), **self._needed_by_test(test.right)}
        if isinstance(test, nodes.Test) and test.name == "defined":
            return self._needs(test.node)
        if isinstance(test, nodes.Compare) and isinstance(test.ops[0].expr, nodes.Const) and test.ops[0].op == "eq":
            return self._needs(test.expr) if len(test.ops) == 1 and test.ops[0].expr.value else {}
        return self._needs(test) if isinstance(test, nodes.Getattr) else {}

    def _lookup_code(self, node: nodes.Expr) -> str | None:
        """The code of `a.b.c`; None for what is no such lookup."""
        if isinstance(node, nodes.Name):
            return self._at_hand(node)
        if not isinstance(node, nodes.Getattr):
            return None
        inner = self._lookup_code(node.node)
        if inner is None:
            return None
        code = f"{self._known.get(inner, inner)}.get({node.attr!r}, absent)"
        return self._known.get(code, code)

    # Expressions

    def visit_Name(self, node: nodes.Name, frame: Frame) -> None:
        self.write(self._locals[node.name])

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        if (code := self._lookup_code(node)) is not None:
            self.write(code)
            return
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
        if node.name not in self.environment.filters:  # Jinja itself would find out only when it is evaluated
            raise TemplateInvalid(self.name or "template", f"there is no filter {node.name!r}")
        super().visit_Filter(node, frame)

    def visit_Test(self, node: nodes.Test, frame: Frame) -> None:
        if node.name != "defined":
            super().visit_Test(node, frame)
            return
        self.write("(")
        self.visit(node.node, frame)
        self.write(" is not absent)")

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
        """Only a structure is written as a call, and those are statements."""
        raise TemplateInvalid(self.name or "template", "nothing can be called in an expression")


def _common(rows: Sequence[Mapping[str, None]]) -> dict[str, None]:
    """What is in all, in the order of the first."""
    return {one: None for one in rows[0] if all(one in row for row in rows)} if rows else {}
