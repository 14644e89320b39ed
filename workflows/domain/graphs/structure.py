"""Structure: what refuses a save, because the graph would make no sense (ids, names, edges, loops)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kubeorch.base.errors import Problem
from workflows.domain.graphs.graph import Edge, Graph, Node, namespace_of
from workflows.domain.graphs.links import precedence
from workflows.domain.graphs.order import in_order
from workflows.domain.graphs.plain_secrets import values_in
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.kinds.relations import Relation


def structural_problems(graph: Graph, catalog: Catalog) -> list[Problem]:
    """Everything that refuses a save, all at once."""
    problems: list[Problem] = []
    nodes = _unique_nodes(graph, problems)
    for node in graph.nodes:
        if node.kind not in catalog.kinds:
            problems.append(
                Problem(
                    "graph.unknown_kind", f"there is no kind {node.kind[:60]!r}", f"nodes.{node.id}.kind", (node.id,)
                )
            )
        elif (path := values_in(catalog.kinds[node.kind], node)) is not None:
            problems.append(_secret_problem(node, path))
    _check_names(graph, catalog, problems)
    sound = _check_edges(graph, nodes, catalog, problems)
    _check_cycles([(edge.source, edge.target) for edge in sound], nodes, "these nodes form a loop", problems)
    if not any(problem.code == "graph.cycle" for problem in problems):
        ordered = precedence(sound, catalog.relations)
        _check_cycles(ordered, nodes, "these nodes would wait for one another", problems)
    return problems


def _secret_problem(node: Node, path: str) -> Problem:
    own = "keep the names of its keys" if path.startswith("patch") else "draw a Secret node with the names of its keys"
    return Problem(
        "graph.secret_values",
        f"{node.name or node.id} holds values of a Secret in {path}, and a drawing is no place for them: remove them, "
        f"{own}, and give the values when you run",
        f"nodes.{node.id}.{path}",
        (node.id,),
    )


def _unique_nodes(graph: Graph, problems: list[Problem]) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    for node in graph.nodes:
        if node.id in nodes:
            problems.append(
                Problem("graph.duplicate_id", f"two nodes have the id {node.id}", f"nodes.{node.id}.id", (node.id,))
            )
        nodes.setdefault(node.id, node)
    return nodes


def _check_names(graph: Graph, catalog: Catalog, problems: list[Problem]) -> None:
    seen: dict[tuple[str, str, str | None], str] = {}
    for node in graph.nodes:
        kind = catalog.kinds.get(node.kind)
        if kind is None or not node.name or not kind.kind:
            continue  # what a manifest names is compared when it is rendered
        other = seen.setdefault((kind.id, node.name, namespace_of(node)), node.id)
        if other != node.id:
            problems.append(
                Problem(
                    "graph.duplicate_name",
                    f"two nodes are the {kind.label} {node.name}; rename one",
                    f"nodes.{node.id}.name",
                    (other, node.id),
                )
            )


def _check_edges(graph: Graph, nodes: Mapping[str, Node], catalog: Catalog, problems: list[Problem]) -> list[Edge]:
    """The edges whose two ends exist and differ; problems for all that is wrong with any."""
    ids: set[str] = set()
    joined: dict[tuple[str, str, str], str] = {}
    busy: dict[tuple[str, str, str], Edge] = {}
    sound: list[Edge] = []
    for edge in graph.edges:
        path = f"edges.{edge.id}"

        def wrong(code: str, detail: str, node_ids: Iterable[str] = (), path: str = path, edge: Edge = edge) -> None:
            problems.append(Problem(code, detail, path, tuple(node_ids), (edge.id,)))

        if edge.id in ids:
            wrong("graph.duplicate_id", f"two edges have the id {edge.id}")
        ids.add(edge.id)
        source, target = nodes.get(edge.source), nodes.get(edge.target)
        if source is None or target is None:
            missing = edge.source if source is None else edge.target
            wrong(
                "graph.dangling_edge", f"the edge {edge.id} names {missing[:60]!r}, which is no node; remove the edge"
            )
            continue
        if source.id == target.id:
            wrong("graph.self_edge", f"{source.name or source.id} is joined to itself; remove the edge", [source.id])
            continue
        sound.append(edge)
        relation = catalog.relations.get(edge.relation)
        if source.kind in catalog.kinds and target.kind in catalog.kinds:
            _check_pair(edge, source, target, relation, catalog, wrong)
        twin = joined.setdefault((edge.source, edge.target, edge.relation), edge.id)
        if twin != edge.id:
            problems.append(
                Problem(
                    "graph.duplicate_edge",
                    f"{source.name} and {target.name} are joined twice in the same way; remove one",
                    path,
                    (source.id, target.id),
                    (twin, edge.id),
                )
            )
        elif relation is not None:
            _check_single(edge, relation, nodes, busy, problems)
    return sound


def _check_pair(
    edge: Edge, source: Node, target: Node, relation: Relation | None, catalog: Catalog, wrong: Any
) -> None:
    allowed = catalog.pairs.get((source.kind, target.kind), ())
    if edge.relation not in allowed:
        source_label, target_label = catalog.kinds[source.kind].label, catalog.kinds[target.kind].label
        if allowed and relation is None and edge.relation:
            wrong(
                "graph.unknown_relation",
                f"there is no relation {edge.relation[:60]!r}; {source_label} to {target_label} may be "
                f"{', '.join(allowed)}",
                (source.id, target.id),
            )
        else:
            cure = f"; it may be {', '.join(allowed)}" if allowed else ""
            word = f" by {edge.relation[:60]}" if edge.relation and allowed else ""
            wrong(
                "graph.wrong_pair",
                f"{source_label} {source.name} cannot be joined to {target_label} {target.name}{word}{cure}",
                (source.id, target.id),
            )
    if relation is not None and not relation.across_namespaces:
        one, other = namespace_of(source), namespace_of(target)
        if one != other:
            wrong(
                "graph.cross_namespace",
                f"{source.name} is in {one or 'the environment'}’s namespace and {target.name} in "
                f"{other or 'the environment'}’s; objects of two namespaces cannot be joined",
                (source.id, target.id),
            )


def _check_single(
    edge: Edge,
    relation: Relation,
    nodes: Mapping[str, Node],
    busy: dict[tuple[str, str, str], Edge],
    problems: list[Problem],
) -> None:
    for end in relation.one_per:
        node_id = edge.source if end == "source" else edge.target
        other = busy.setdefault((relation.id, end, node_id), edge)
        if other is not edge:
            problems.append(
                Problem(
                    "graph.one_link_only",
                    f"{nodes[node_id].name} {relation.phrase} one only; remove one of the two edges"
                    if end == "source"
                    else f"only one may be joined to {nodes[node_id].name} this way; remove one of the two edges",
                    f"edges.{edge.id}",
                    (node_id,),
                    (other.id, edge.id),
                )
            )


def _check_cycles(
    pairs: Iterable[tuple[str, str]], nodes: Mapping[str, Node], words: str, problems: list[Problem]
) -> None:
    pairs = list(pairs)
    begins, ends = {earlier for earlier, _ in pairs}, {later for _, later in pairs}
    pairs = [pair for pair in pairs if pair[0] in ends and pair[1] in begins]  # no loop leaves a first or enters a last
    left = {node for pair in pairs for node in pair}.difference(in_order(pairs))
    if not left:
        return
    after: dict[str, list[str]] = {}
    for earlier, later in pairs:
        after.setdefault(earlier, []).append(later)
    for loop in _loops(left, after):
        names = " → ".join([*(nodes[node].name or node for node in loop[:20]), nodes[loop[0]].name or loop[0]])
        problems.append(Problem("graph.cycle", f"{words}: {names}; remove one edge", None, tuple(loop)))


def _loops(left: set[str], after: Mapping[str, list[str]]) -> Iterable[list[str]]:
    """One loop through each knot of the nodes that could not be ordered."""
    seen: set[str] = set()
    for start in sorted(left):
        if start in seen:
            continue
        path: list[str] = []
        index: dict[str, int] = {}
        node: str | None = start
        while node is not None and node not in index and node not in seen:
            index[node] = len(path)
            path.append(node)
            onward = [later for later in after.get(node, ()) if later in left]
            node = next((later for later in onward if later in index), None) or next(iter(onward), None)
        seen.update(path)
        if node is not None and node in index:
            yield path[index[node] :]
