"""Nodes that draw one object of a cluster: by two API versions, or as a typed node and as YAML.

Two typed nodes of one kind and name are found by `structure.py`, before a graph is stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from clusters.domain.objects import Ref, is_cluster_scoped
from kubeorch.base.errors import InvalidInput, Problem
from workflows.domain.graphs.graph import Graph, Node, namespace_of
from workflows.domain.graphs.variables import has_marks
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.kinds.kind import Kind

_KIND = re.compile(r"^kind:[ \t]*([A-Za-z]+)[ \t]*$", re.MULTILINE)


def same_objects(graph: Graph, catalog: Catalog) -> list[Problem]:
    """A problem for each node given as YAML whose object another node draws as well.

    Only YAML of nodes that share their name is read, and only where it may be of the same kind.
    """
    by_name: dict[str, list[Node]] = {}
    for node in graph.nodes:
        if node.name and node.kind in catalog.kinds:
            by_name.setdefault(node.name, []).append(node)
    problems: list[Problem] = []
    for name, nodes in by_name.items():
        if len(nodes) == 1 or all(catalog.kinds[node.kind].kind for node in nodes):
            continue
        kinds = [_written_kind(node, catalog.kinds[node.kind]) for node in nodes]
        seen: dict[tuple[str, str, str | None], Node] = {}
        for node, kind in zip(nodes, kinds, strict=True):
            if kind and kinds.count(kind) + kinds.count("?") == 1:
                continue
            for api_version, written in _identities(node, catalog.kinds[node.kind]):
                own = None if is_cluster_scoped(api_version, written) else namespace_of(node)
                other = seen.setdefault((Ref(api_version, written, "", "").group, written, own), node)
                if other is not node and not (catalog.kinds[node.kind].kind and catalog.kinds[other.kind].kind):
                    problems.append(same_object(written, name, other.id, node.id))
    return problems


def same_object(kind: str, name: str, one: str, other: str) -> Problem:
    """The problem of two nodes, by their ids, that draw one object."""
    return Problem(
        "graph.duplicate_name",
        f"two nodes would create the {kind[:60]} {name}; rename one, or remove it",
        f"nodes.{other}.name",
        tuple(sorted({one, other})),
    )


def _written_kind(node: Node, kind: Kind) -> str:
    """The kind of the node's object as far as it can be seen without reading YAML; "?" when it cannot."""
    if kind.kind:
        return kind.kind
    for name in kind.yaml_parameters:
        text = node.parameters.get(name)
        found = _KIND.findall(text) if isinstance(text, str) else ()
        return found[0] if len(found) == 1 else "?"
    return "?"


def _identities(node: Node, kind: Kind) -> Iterator[tuple[str, str]]:
    """The API version and kind of the node's object, unless its YAML does not tell."""
    if kind.kind:
        yield kind.api_version, kind.kind
        return
    for name in kind.yaml_parameters:
        try:
            content = node.yaml(name)
        except InvalidInput:
            continue
        api_version, written = content.get("apiVersion"), content.get("kind")
        if isinstance(api_version, str) and isinstance(written, str) and not has_marks([api_version, written]):
            yield api_version, written
