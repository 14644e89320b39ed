"""The structure of a graph: ids, names, edges and order. A graph with a structural problem cannot be saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kubeorch.base.errors import Problem
from workflows.domain.graphs.graph import Edge, Graph, Node, namespace_of
from workflows.domain.graphs.links import precedence
from workflows.domain.graphs.order import in_order
from workflows.domain.graphs.plain_secrets import Found, Why, secret_in_edge, secret_in_node
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.kinds.kind import Kind
from workflows.domain.kinds.relations import Relation


def structural_problems(graph: Graph, catalog: Catalog) -> list[Problem]:
    """Every reason why the graph cannot be saved."""
    problems: list[Problem] = []
    nodes = _unique_nodes(graph, problems)
    for node in graph.nodes:
        if node.kind not in catalog.kinds:
            problems.append(unknown_kind(node))
        elif (found := secret_of(node, catalog.kinds[node.kind])) is not None:
            problems.append(_secret_problem(node, found))
    _check_names(graph, catalog, problems)
    sound = _check_edges(graph, nodes, catalog, problems)
    _check_cycles([(edge.source, edge.target) for edge in sound], nodes, "these nodes form a loop", problems)
    if not any(problem.code == "graph.cycle" for problem in problems):
        ordered = precedence(sound, catalog.relations)
        _check_cycles(ordered, nodes, "these nodes would wait for one another", problems)
    return problems


def secret_of(node: Node, kind: Kind) -> Found | None:
    """Where a node could hold values of a Secret."""
    return node.once("$secret", secret_in_node, kind, node)


def unknown_kind(node: Node) -> Problem:
    """The problem of a node whose kind is not in the catalog."""
    detail = f"unknown kind {node.kind[:60]!r}; remove the node"
    return Problem("graph.unknown_kind", detail, f"nodes.{node.id}.kind", (node.id,))


def _secret_problem(node: Node, found: Found) -> Problem:
    path = found.path
    own = "keep the names of its keys" if path.startswith("patch") else "draw a Secret node with the names of its keys"
    name = node.name or node.id
    detail = {
        Why.VALUES: f"{name} contains values of a Secret ({path}), which must not be stored in a workflow; remove "
        f"them, {own}, and give the values when you run",
        Why.FIELD: f"{name} has {path}, which could hold values of a Secret, which must not be stored in a workflow; "
        f"remove it, {own}, and give the values when you run",
        Why.UNREAD: f"{name} names a Secret in YAML that cannot be read ({path}), so it could hold values, which must "
        f"not be stored in a workflow; correct the YAML, {own}, and give the values when you run",
    }[found.why]
    return Problem("graph.secret_values", detail, f"nodes.{node.id}.{path}", (node.id,))


def _check_secret_edge(
    edge: Edge, ends: tuple[Node, Node], relation: Relation, catalog: Catalog, problems: list[Problem]
) -> None:
    kinds = (catalog.kinds.get(end.kind) for end in ends)
    if not edge.parameters or not any(kind is not None and kind.kind == "Secret" for kind in kinds):
        return
    found = secret_in_edge(relation.parameters, edge.parameters)
    if found is not None:
        problems.append(
            Problem(
                "graph.secret_values",
                f"the connection from {ends[0].name} to {ends[1].name} has {found.path}, which could hold values of a "
                "Secret, and those must not be stored in a workflow; remove it, and give the values when you run",
                f"edges.{edge.id}.{found.path}",
                (),
                (edge.id,),
            )
        )


def _unique_nodes(graph: Graph, problems: list[Problem]) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    for node in graph.nodes:
        if node.id in nodes:
            problems.append(
                Problem(
                    "graph.duplicate_id",
                    f"two nodes have the id {node.id}; rename one",
                    f"nodes.{node.id}.id",
                    (node.id,),
                )
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
                    f"two nodes would create the {kind.label} {node.name}; rename one",
                    f"nodes.{node.id}.name",
                    (other, node.id),
                )
            )


def _check_edges(graph: Graph, nodes: Mapping[str, Node], catalog: Catalog, problems: list[Problem]) -> list[Edge]:
    """The edges that join two different nodes of the graph. Appends what is wrong with any edge."""
    ids: set[str] = set()
    joined: dict[tuple[str, str, str], str] = {}
    busy: dict[tuple[str, str, str], Edge] = {}
    sound: list[Edge] = []
    for edge in graph.edges:
        path = f"edges.{edge.id}"

        def wrong(code: str, detail: str, node_ids: Iterable[str] = (), path: str = path, edge: Edge = edge) -> None:
            problems.append(Problem(code, detail, path, tuple(node_ids), (edge.id,)))

        if edge.id in ids:
            wrong("graph.duplicate_id", f"two edges have the id {edge.id}; rename one")
        ids.add(edge.id)
        source, target = nodes.get(edge.source), nodes.get(edge.target)
        if source is None or target is None:
            missing = edge.source if source is None else edge.target
            wrong(
                "graph.dangling_edge",
                f"the edge {edge.id} refers to {missing[:60]!r}, which does not exist; remove the edge",
            )
            continue
        if source.id == target.id:
            wrong("graph.self_edge", f"{source.name or source.id} is connected to itself; remove the edge", [source.id])
            continue
        sound.append(edge)
        relation = catalog.relations.get(edge.relation)
        if source.kind in catalog.kinds and target.kind in catalog.kinds:
            _check_pair(edge, source, target, relation, catalog, wrong)
        if relation is not None:
            _check_secret_edge(edge, (source, target), relation, catalog, problems)
        twin = joined.setdefault((edge.source, edge.target, edge.relation), edge.id)
        if twin != edge.id:
            problems.append(
                Problem(
                    "graph.duplicate_edge",
                    f"{source.name} and {target.name} are connected twice in the same way; remove one edge",
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
                f"unknown relation {edge.relation[:60]!r}; a connection from {source_label} to {target_label} can be "
                f"{_either(allowed)}",
                (source.id, target.id),
            )
        else:
            by = f" by {edge.relation[:60]}" if edge.relation and allowed else ""
            cure = f"; it can be {_either(allowed)}" if allowed else "; remove the edge"
            wrong(
                "graph.wrong_pair",
                f"{source_label} {source.name} cannot be connected to {target_label} {target.name}{by}{cure}",
                (source.id, target.id),
            )
    if relation is not None and not relation.across_namespaces:
        one, other = namespace_of(source), namespace_of(target)
        if one != other:
            wrong(
                "graph.cross_namespace",
                f"{source.name} is in {_namespace(one)} and {target.name} in {_namespace(other)}; "
                "objects in different namespaces cannot be connected this way",
                (source.id, target.id),
            )


def _either(words: Sequence[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _namespace(name: str | None) -> str:
    return "the namespace of the environment" if name is None else f"the namespace {name}"


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
            detail = f'{nodes[node_id].name} can have only one connection "{relation.label}"; remove one of the two'
            problems.append(Problem("graph.one_link_only", detail, f"edges.{edge.id}", (node_id,), (other.id, edge.id)))


def _check_cycles(
    pairs: Iterable[tuple[str, str]], nodes: Mapping[str, Node], words: str, problems: list[Problem]
) -> None:
    pairs = list(pairs)
    begins, ends = {earlier for earlier, _ in pairs}, {later for _, later in pairs}
    pairs = [pair for pair in pairs if pair[0] in ends and pair[1] in begins]  # others cannot be in a loop
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
