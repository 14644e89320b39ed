"""A template read backwards: from an object to the parameters that give it.

Each kind's own template is the pattern, so that a new kind is read without a word here. What a template cannot say of
an object is left; whoever asks renders the parameters and puts the rest into the patch, so a value that is read wrongly
costs a longer patch and never a different object.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jinja2 import nodes

from clusters.domain.objects import Manifest
from imports.domain.manifests.bindings import COMPLETE, MISS, NONE, PARTIAL, Answer, Bound, Pattern, Seen, built
from imports.domain.manifests.list_patterns import Each, ListPattern, One
from workflows.domain.kinds.compiling import tree_of
from workflows.domain.kinds.kind import Kind
from workflows.domain.kinds.parameters import Parameter
from workflows.domain.kinds.template_nodes import arguments_of, is_structural, structure_of

_HEAD = ("apiVersion", "kind", "metadata")
_WRITTEN_ALWAYS = {"protocol": "TCP"}
"""Defaults that templates write out."""

Loops = Mapping[str, Parameter | None]


class Inverse:
    """The pattern of one kind."""

    def __init__(self, kind: Kind) -> None:
        self._by_name = {one.name: one for one in kind.parameters}
        self._homes: dict[tuple[str, tuple[str, ...]], list[Each]] = {}
        [first, *_] = arguments_of(tree_of(kind.render.build.source))[2::2]
        self._parts = {
            key: pattern
            for key, node in _pairs(first)
            if key not in _HEAD and (pattern := self._pattern(node, {})) is not None
        }
        for loops in self._homes.values():
            most = max(loops, key=lambda one: one.leaves)
            for one in loops:
                one.is_home = one is most

    def parameters(self, manifest: Manifest) -> dict[str, Any]:
        """The parameters that give the fields of an object outside of its metadata, as far as it can be told."""
        found: list[Bound] = []
        seen = Seen()
        for key, pattern in self._parts.items():
            if key in manifest:
                found += pattern(manifest[key], seen)[1]
        parameters: dict[str, Any] = built(found)
        return parameters

    # What a value can be bound to

    def _target(self, node: nodes.Node | None, loops: Loops) -> tuple[str, tuple[str, ...]] | None:
        if isinstance(node, nodes.Name):
            if node.name in loops:
                return node.name, ()
            if node.name == "params":
                return "", ()
            return ("", (node.name,)) if node.name in self._by_name else None
        if isinstance(node, nodes.Getattr):
            inner = self._target(node.node, loops)
            found = None if inner is None else (inner[0], (*inner[1], node.attr))
            return found if found is not None and self._declared(found, loops) is not None else None
        return None

    def _declared(self, target: tuple[str, tuple[str, ...]], loops: Loops) -> Parameter | None:
        root, path = target
        if root:
            one = loops[root]
        else:
            one, path = self._by_name.get(path[0]) if path else None, path[1:]
        for name in path:
            if one is None or one.type == "yaml":
                return one
            one = next((below for below in one.fields if below.name == name), None)
        return one

    # Patterns

    def _pattern(self, node: nodes.Node | None, loops: Loops) -> Pattern | None:
        if isinstance(node, nodes.Const):
            constant = node.value
            return lambda value, _seen: (COMPLETE, []) if _is(value, constant) else MISS
        if isinstance(node, nodes.CondExpr):
            return self._conditional(node, loops)
        if isinstance(node, nodes.Filter):
            return self._filtered(node, loops)
        if node is not None and is_structural(node):
            shape = structure_of(node)
            if shape in ("mapping", "merge"):
                return self._mapping(list(_pairs(node)), loops)
            if shape == "list":
                return self._list(arguments_of(node), loops)
            return None
        target = self._target(node, loops)
        if target is None:
            return None
        declared = self._declared(target, loops)
        root, path = target
        if declared is None and path:
            return None

        def leaf(value: Any, _seen: Seen) -> Answer:
            return (COMPLETE, [Bound(root, path, value)]) if declared is None or _fits(declared, value) else MISS

        return leaf

    def _filtered(self, node: nodes.Filter, loops: Loops) -> Pattern | None:
        if node.node is not None and is_structural(node.node):
            return self._pattern(node.node, loops)
        if node.name == "default":
            return self._pattern(node.node, loops)
        target = self._target(node.node, loops)
        if node.name != "octal" or target is None:
            return None
        root, path = target

        def octal(value: Any, _seen: Seen) -> Answer:
            is_mode = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 0o777
            return (COMPLETE, [Bound(root, path, f"{value:04o}")]) if is_mode else MISS

        return octal

    def _conditional(self, node: nodes.CondExpr, loops: Loops) -> Pattern | None:
        then, other = self._pattern(node.expr1, loops), self._pattern(node.expr2, loops)
        asked = self._asked(node.test, loops)
        if then is None and other is None:
            return None

        def choose(value: Any, seen: Seen) -> Answer:
            score, found = then(value, seen) if then is not None else MISS
            if score:
                return score, [*found, *asked]
            return other(value, seen) if other is not None else MISS

        return choose

    def _asked(self, test: nodes.Node, loops: Loops) -> list[Bound]:
        """What makes a test true."""
        if isinstance(test, nodes.And):
            return [*self._asked(test.left, loops), *self._asked(test.right, loops)]
        if isinstance(test, nodes.Compare):
            target, operand = self._target(test.expr, loops), test.ops[0]
            if target is None or operand.op != "eq" or not isinstance(operand.expr, nodes.Const):
                return []
            return [Bound(*target, operand.expr.value)]
        target = self._target(test, loops)
        declared = self._declared(target, loops) if target is not None else None
        if target is None or declared is None or declared.type != "boolean":
            return []
        return [Bound(*target, True)]

    def _mapping(self, pairs: list[tuple[str, nodes.Expr]], loops: Loops) -> Pattern:
        fields_ = [(key, self._pattern(node, loops), isinstance(node, nodes.Const)) for key, node in reversed(pairs)]
        known = {key for key, _, _ in fields_}
        needed = {
            key
            for key, node in pairs
            if isinstance(node, nodes.Const) and _WRITTEN_ALWAYS.get(key) != node.value and len(pairs) > 1
        }

        def match(value: Any, seen: Seen) -> Answer:
            if not isinstance(value, dict):
                return MISS
            score = COMPLETE if value.keys() <= known and needed <= value.keys() else PARTIAL
            found: list[Bound] = []
            for key, pattern, is_constant in fields_:  # from the last one: what refers to a list comes before it
                if key not in value:
                    continue
                part, bound = pattern(value[key], seen) if pattern is not None else MISS
                if part == NONE and is_constant:
                    return MISS
                score = min(score, part) if part else PARTIAL
                found += bound
            return score, found

        return match

    def _list(self, args: Sequence[nodes.Expr], loops: Loops) -> Pattern | None:
        parts: list[Each | One] = []
        for tag, node in zip(args[1::2], args[2::2], strict=True):
            if isinstance(tag, nodes.Const) and tag.value == "many":
                each = self._each(node, loops)
                parts += [each] if each is not None else []
            elif (pattern := self._pattern(node, loops)) is not None:
                parts.append(One(pattern, _is_alone(node)))
        return ListPattern(parts) if parts else None

    def _each(self, node: nodes.Expr, loops: Loops) -> Each | None:
        _, items, body, *names = arguments_of(node)
        target, is_grouped = self._items(items, loops)
        declared = self._declared(target, loops) if target is not None else None
        if target is None or declared is None:
            return None
        variables = [name.name for name in names if isinstance(name, nodes.Name)]
        item = declared.item if declared.type == "list" and not is_grouped else None
        inner = {**loops, **dict.fromkeys(variables, item)}
        if is_grouped and declared.item is not None:
            rows = Parameter("items", "list", "", item=declared.item)
            inner[variables[0]] = Parameter("group", "object", "", fields=(Parameter("key", "string", ""), rows))
        pattern = self._pattern(body, inner)
        if pattern is None:
            return None
        each = Each(target, variables, pattern, declared, is_grouped, _leaves(body))
        if each.unique and not target[0]:
            self._homes.setdefault(target, []).append(each)
        return each

    def _items(self, node: nodes.Node | None, loops: Loops) -> tuple[tuple[str, tuple[str, ...]] | None, bool]:
        """The list that a loop goes through, and whether its items are grouped by one of their fields."""
        if not isinstance(node, nodes.Filter):
            return self._target(node, loops), False
        if node.name == "grouped":
            return self._items(node.node, loops)[0], True
        if node.name not in ("default", "with_default", "concat"):
            return None, False
        candidates = [node.node, *(node.args if node.name == "concat" else ())]
        found = [target for one in candidates if (target := self._items(one, loops)[0]) is not None]
        return (found[0] if found else None), False


def _pairs(node: nodes.Node) -> Iterable[tuple[str, nodes.Expr]]:
    """The keys of a mapping, or of mappings that are merged, with what stands below them."""
    if not is_structural(node):
        return
    args = arguments_of(node)
    if structure_of(node) == "mapping":
        for key, value in zip(args[1::3], args[3::3], strict=True):
            yield key.as_const(), value
    elif structure_of(node) == "merge":
        for part in args[1:]:
            yield from _pairs(part)


def _is_alone(node: nodes.Node) -> bool:
    """Whether an entry stands only where a list of others is empty: `$if: not ports`."""
    if not isinstance(node, nodes.CondExpr):
        return False
    return any(isinstance(one, nodes.Not) for one in (node.test, *node.test.find_all(nodes.Not)))


def _leaves(node: nodes.Node) -> int:
    return sum(1 for _ in node.find_all(nodes.Getattr))


def _is(value: Any, constant: Any) -> bool:
    return bool(value == constant) and isinstance(value, bool) == isinstance(constant, bool)


def _fits(declared: Parameter, value: Any) -> bool:
    """Whether a value has the type of a parameter, so that it comes back as it is."""
    kind = declared.type
    if kind in ("string", "text", "enum", "quantity"):
        return isinstance(value, str)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("integer", "port", "number"):
        return isinstance(value, int) and not isinstance(value, bool)
    if kind in ("port_ref", "int_or_percent"):
        is_text = isinstance(value, str) and not value.isdecimal()
        return is_text or (isinstance(value, int) and not isinstance(value, bool))
    if kind == "map":
        return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    if kind == "list":
        return isinstance(value, list) and all(declared.item is None or _fits(declared.item, one) for one in value)
    return isinstance(value, dict) if kind == "yaml" else kind == "object"
