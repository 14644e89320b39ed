"""Our structural nodes in Jinja's tree: a mapping, a list, a loop, a merge."""

from __future__ import annotations

from typing import Any

from jinja2 import nodes

_MARK = "kubeorch"
"""The extension whose attributes stand for them."""


class TemplateInvalid(Exception):
    """A template in k8s_templates is wrong. Tests and the start of a process find that, never a run."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")


def structural(name: str, arguments: list[nodes.Expr]) -> nodes.Expr:
    """The node of a mapping, list, each or merge; `template_code` writes its code."""
    for argument in arguments:
        argument.lineno = 1
    return nodes.Call(nodes.ExtensionAttribute(_MARK, name), arguments, [], None, None, lineno=1)


def is_structural(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Call) and isinstance(node.node, nodes.ExtensionAttribute)


def structure_of(node: nodes.Node) -> str:
    """The name of a structural node."""
    name: str = node.node.name  # type: ignore[attr-defined]
    return name


def arguments_of(node: nodes.Node) -> list[nodes.Expr]:
    """The arguments of a structural node."""
    arguments: list[nodes.Expr] = node.args  # type: ignore[attr-defined]
    return arguments


def variables_of(node: nodes.Node) -> dict[str, None]:
    """The names that a tree reads from outside, without those that its loops give."""
    if isinstance(node, nodes.Name):
        return {node.name: None}
    if is_structural(node) and structure_of(node) == "each":
        _, items, body, *names = arguments_of(node)
        given = {name.name for name in names if isinstance(name, nodes.Name)}
        return {**variables_of(items), **{name: None for name in variables_of(body) if name not in given}}
    found: dict[str, None] = {}
    for child in node.iter_child_nodes():
        found |= variables_of(child)
    return found


def const(node: nodes.Expr) -> Any:
    return node.as_const()
