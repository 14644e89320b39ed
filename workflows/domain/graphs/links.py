"""What an edge writes into the template variables of its two nodes, and which of them is applied first, or healthy
first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from clusters.domain.labels import APP_LABEL, NODE_LABEL
from kubeorch.base.errors import InvalidInput
from workflows.domain.graphs.built_images import BUILT_IMAGE, shown_image, wanted_of
from workflows.domain.graphs.graph import Edge, Graph, Node
from workflows.domain.images import Images
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.kinds.kind import Kind
from workflows.domain.kinds.relations import Relation
from workflows.domain.kinds.templates import Scope

NO_IMAGES: Images = {}
UNFIT = (TypeError, ValueError, AttributeError, LookupError, InvalidInput)
"""What templates and fills raise for a value of the wrong type; `check_fields` reports such values."""


def linked_scopes(
    graph: Graph, catalog: Catalog, broken: set[str] | None = None, images: Images = NO_IMAGES
) -> dict[str, Scope]:
    """For each node its template variables, with what its edges write. The graph must be resolved.

    Nodes whose values do not fit their kind are left out, and added to `broken`. `images` are those that were built.
    """
    scopes: dict[str, Scope] = {}
    for node in graph.nodes:
        kind = catalog.kinds.get(node.kind)
        if kind is None:
            continue
        try:
            scope = kind.scope(node.parameters)
        except UNFIT:
            if broken is not None:
                broken.add(node.id)
            continue
        scope["node_id"] = node.id
        scope["name"] = node.name
        scope["params"] = scope
        scope["own_pods"] = _own_pods(node, kind, scope)
        scope["kind_id"] = kind.id
        scope["api_version"] = kind.api_version
        scope["object_kind"] = kind.kind
        if BUILT_IMAGE in kind.traits:
            scope[BUILT_IMAGE] = shown_image(node.id, wanted_of(node), images)
        scopes[node.id] = scope
    if graph.edges:
        _apply_links(graph.edges, catalog.relations, scopes)
    return scopes


def _own_pods(node: Node, kind: Kind, scope: Mapping[str, Any]) -> Mapping[str, str]:
    """The labels by which selectors find the pods of a workload and no others.

    Those that a person chose stand as they are. A person's own label `app` may be on the pods of several workloads, so
    the node's label is asked for as well.
    """
    if "pods" in kind.traits and (chosen := scope.get("selector") or scope.get("pod_labels")):
        found: Mapping[str, str] = chosen
        return found
    labels = scope.get("labels")  # of a kind without that parameter, whatever somebody wrote
    app = labels.get(APP_LABEL, node.name) if isinstance(labels, Mapping) else node.name
    return {APP_LABEL: app} if app == node.name else {APP_LABEL: app, NODE_LABEL: node.id}


def _apply_links(edges: Iterable[Edge], relations: Mapping[str, Relation], scopes: Mapping[str, Scope]) -> None:
    """Write what every edge gives into the scopes of its two ends.

    Lists of several edges are joined in an order that depends on names, not on the order of drawing.
    Edges whose relation or ends are unknown, or whose parameters have the wrong type, are skipped;
    `check` reports them.
    """
    grown: set[tuple[int, str]] = set()  # lists made here, which may be extended in place
    for edge in sorted(edges, key=lambda edge: (edge.relation, edge.source, edge.target, edge.id)):
        relation = relations.get(edge.relation)
        source, target = scopes.get(edge.source), scopes.get(edge.target)
        if relation is None or source is None or target is None:
            continue
        try:
            given = relation.gives(_link_scope(relation, edge, source, target))
        except UNFIT:
            continue
        if not given:
            continue
        for end, scope in (("source", source), ("target", target)):
            for slot, value in given.get(end, {}).items():
                if isinstance(value, list) and (id(scope), slot) in grown:
                    scope[slot].extend(value)
                elif isinstance(value, list) and slot in scope:
                    scope[slot] = scope[slot] + value
                    grown.add((id(scope), slot))
                else:
                    scope[slot] = value


def _link_scope(relation: Relation, edge: Edge, source: Scope, target: Scope) -> dict[str, Any]:
    """The variables that the expressions of a relation can read."""
    return {"source": source, "target": target, "edge": relation.edge_scope(edge.parameters)}


def precedence(edges: Iterable[Edge], relations: Mapping[str, Relation]) -> Iterable[tuple[str, str]]:
    """(earlier, later) for every edge that orders its ends."""
    return (_ordered(edge, relation) for edge, relation in _ordering(edges, relations))


def waits(edges: Iterable[Edge], relations: Mapping[str, Relation]) -> dict[str, tuple[str, ...]]:
    """By node, the nodes that have to be healthy before it is applied."""
    found: dict[str, set[str]] = {}
    for edge, relation in _ordering(edges, relations):
        if relation.waits:
            earlier, later = _ordered(edge, relation)
            found.setdefault(later, set()).add(earlier)
    return {later: tuple(sorted(earlier)) for later, earlier in found.items()}


def _ordering(edges: Iterable[Edge], relations: Mapping[str, Relation]) -> Iterator[tuple[Edge, Relation]]:
    for edge in edges:
        relation = relations.get(edge.relation)
        if relation is not None and relation.order:
            yield edge, relation


def _ordered(edge: Edge, relation: Relation) -> tuple[str, str]:
    return (edge.source, edge.target) if relation.order == "source" else (edge.target, edge.source)
