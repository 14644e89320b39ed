"""The graph people draw: nodes, edges, and every way it can be wrong.

Structural problems (`graph.*` and `value.*`) mean that the graph cannot be stored; problems of fields
and warnings are stored with it and shown, and errors among them refuse a run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kubeorch.base.errors import InvalidInput, Problem
from workflows.domain.graphs.plain_secrets import values_in
from workflows.domain.graphs.variables import Value, has_marks, substitute, unescape
from workflows.domain.kinds.catalog import Catalog, Kind
from workflows.domain.kinds.parameters import Finding, check_parameters, parse_yaml_value, plain_text, unsafe_values
from workflows.domain.kinds.patches import check_patch
from workflows.domain.kinds.relations import Relation, apply_links
from workflows.domain.kinds.templates import Scope

MAX_NODES = 5_000
MAX_EDGES = 20_000
MAX_COORDINATE = 10_000_000

_ID = re.compile(r"[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?\Z")
_NODE_KEYS = frozenset({"id", "kind", "name", "position", "parameters", "patch"})
_EDGE_KEYS = frozenset({"id", "source", "target", "relation", "parameters"})


@dataclass(frozen=True, slots=True)
class Node:
    """One Kubernetes object to be. `dynamic` tells that a value may hold `${`; False spares the search."""

    id: str
    kind: str
    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    patch: str | Mapping[str, Any] | None = None
    x: float = 0
    y: float = 0
    dynamic: bool = field(default=True, compare=False)


@dataclass(frozen=True, slots=True)
class Edge:
    """A relation from one node to another."""

    id: str
    source: str
    target: str
    relation: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Graph:
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()


def graph_to_dict(graph: Graph) -> dict[str, Any]:
    """The wire and stored form: `{nodes, edges}`."""
    return {
        "nodes": [node_to_dict(node) for node in graph.nodes],
        "edges": [edge_to_dict(edge) for edge in graph.edges],
    }


def node_to_dict(node: Node) -> dict[str, Any]:
    return {
        "id": node.id,
        "kind": node.kind,
        "name": node.name,
        "position": {"x": node.x, "y": node.y},
        "parameters": dict(node.parameters),
        "patch": node.patch,
    }


def edge_to_dict(edge: Edge) -> dict[str, Any]:
    return {
        "id": edge.id,
        "source": edge.source,
        "target": edge.target,
        "relation": edge.relation,
        "parameters": dict(edge.parameters),
    }


def graph_from_stored(document: Mapping[str, Any]) -> Graph:
    """A graph that `parse_graph` accepted when it was stored; nothing is checked again."""
    return Graph(
        tuple(
            Node(
                one["id"],
                one["kind"],
                one["name"],
                one.get("parameters") or {},
                one.get("patch"),
                (one.get("position") or {}).get("x", 0),
                (one.get("position") or {}).get("y", 0),
            )
            for one in document.get("nodes", ())
        ),
        tuple(
            Edge(one["id"], one["source"], one["target"], one["relation"], one.get("parameters") or {})
            for one in document.get("edges", ())
        ),
    )


def parse_graph(raw: object, catalog: Catalog) -> Graph:
    """A graph from outside.

    An edge without a relation takes the usual one of its pair. Raises InvalidInput (`graph.invalid`)
    carrying every structural problem.
    """
    problems: list[Problem] = []
    graph = _read_graph(raw, catalog, problems)
    problems += structural_problems(graph, catalog)
    if problems:
        count = len(problems)
        raise InvalidInput(
            f"the graph has {count} problem{'s' if count > 1 else ''}: {problems[0].detail}",
            code="graph.invalid",
            problems=problems,
        )
    return graph


# ---- reading --------------------------------------------------------------------------------


def _read_graph(raw: object, catalog: Catalog, problems: list[Problem]) -> Graph:
    if not isinstance(raw, dict):
        problems.append(Problem("graph.form", "a graph is an object with nodes and edges"))
        return Graph()
    nodes = _rows(raw.get("nodes"), "nodes", MAX_NODES, problems)
    edges = _rows(raw.get("edges", []), "edges", MAX_EDGES, problems)
    read_nodes = [node for i, one in enumerate(nodes) if (node := _read_node(one, i, problems)) is not None]
    kinds = {node.id: node.kind for node in read_nodes}
    read_edges = [
        edge for i, one in enumerate(edges) if (edge := _read_edge(one, i, kinds, catalog, problems)) is not None
    ]
    return Graph(tuple(read_nodes), tuple(read_edges))


def _rows(value: object, name: str, most: int, problems: list[Problem]) -> list[Any]:
    if not isinstance(value, list):
        problems.append(Problem("graph.form", f"{name} must be a list", name))
        return []
    if len(value) > most:
        problems.append(
            Problem(f"graph.too_many_{name}", f"{len(value):,} {name}; a workflow holds at most {most:,}", name)
        )
        return []
    return value


def _read_id(one: dict[str, Any], what: str, index: int, problems: list[Problem]) -> str | None:
    id_ = one.get("id")
    if isinstance(id_, str) and _ID.match(id_):
        return id_
    problems.append(
        Problem(
            "graph.bad_id",
            f"{what} {index + 1} has no usable id; use lower-case letters, digits and dashes, 40 at most",
            f"{what}s.{index}.id",
        )
    )
    return None


def _read_node(one: object, index: int, problems: list[Problem]) -> Node | None:
    if not isinstance(one, dict):
        problems.append(Problem("graph.form", f"node {index + 1} must be an object", f"nodes.{index}"))
        return None
    id_ = _read_id(one, "node", index, problems)
    if id_ is None:
        return None
    before = len(problems)
    path = f"nodes.{id_}"

    def wrong(field_: str, detail: str) -> None:
        problems.append(Problem("graph.form", detail, f"{path}.{field_}", (id_,)))

    for key in one:
        if key not in _NODE_KEYS:
            wrong(str(key)[:60], f"a node has no {str(key)[:60]!r}; it has {', '.join(sorted(_NODE_KEYS))}")
    kind, name = one.get("kind"), one.get("name", "")
    if not isinstance(kind, str):
        wrong("kind", "the kind must be text")
    if not isinstance(name, str) or len(name) > 253 or "\0" in name:
        wrong("name", "the name must be text of 253 characters at most")
    parameters = one.get("parameters")
    parameters = {} if parameters is None else parameters
    patch = one.get("patch")
    if not isinstance(parameters, dict):
        wrong("parameters", "parameters must be an object")
    if patch is not None and not isinstance(patch, str):
        wrong("patch", "a patch is YAML text")
    position = one.get("position") or {}
    x, y = (position.get("x", 0), position.get("y", 0)) if isinstance(position, dict) else (None, None)
    if not (_is_coordinate(x) and _is_coordinate(y)):
        wrong("position", "a position has two finite numbers, x and y")
    text = plain_text((name, parameters, patch or ""))
    if text is None:
        for part in ("name", "parameters", "patch"):
            if isinstance(one.get(part), (str, dict, list)):
                problems += [
                    Problem(found.code, found.detail, found.path, (id_,))
                    for found in unsafe_values(one[part], f"{path}.{part}")
                ]
    if len(problems) > before:
        return None
    assert isinstance(kind, str)  # noqa: S101 - checked above
    dynamic = b"${" in text if text is not None else has_marks(parameters) or has_marks(patch)
    return Node(id_, kind, name, parameters, patch or None, x or 0, y or 0, dynamic)


def _is_coordinate(value: object) -> bool:
    return (
        isinstance(value, (int, float)) and not isinstance(value, bool) and -MAX_COORDINATE <= value <= MAX_COORDINATE
    )


def _read_edge(
    one: object, index: int, kinds: Mapping[str, str], catalog: Catalog, problems: list[Problem]
) -> Edge | None:
    if not isinstance(one, dict):
        problems.append(Problem("graph.form", f"edge {index + 1} must be an object", f"edges.{index}"))
        return None
    id_ = _read_id(one, "edge", index, problems)
    if id_ is None:
        return None
    path = f"edges.{id_}"
    before = len(problems)
    for key in one:
        if key not in _EDGE_KEYS:
            problems.append(
                Problem("graph.form", f"an edge has no {str(key)[:60]!r}", f"{path}.{str(key)[:60]}", (), (id_,))
            )
    source, target = one.get("source"), one.get("target")
    if not isinstance(source, str) or not isinstance(target, str):
        problems.append(Problem("graph.form", "an edge names its source and its target node", path, (), (id_,)))
        return None
    relation = one.get("relation")
    if relation is None:
        usual = catalog.pairs.get((kinds.get(source, ""), kinds.get(target, "")))
        relation = usual[0] if usual else ""
    parameters = one.get("parameters")
    parameters = {} if parameters is None else parameters
    if not isinstance(relation, str) or not isinstance(parameters, dict):
        problems.append(
            Problem("graph.form", "an edge has a relation (text) and parameters (an object)", path, (), (id_,))
        )
        return None
    if parameters:
        problems += [
            Problem(found.code, found.detail, found.path, (), (id_,))
            for found in unsafe_values(parameters, f"{path}.parameters")
        ]
    return Edge(id_, source, target, relation, parameters) if len(problems) == before else None


# ---- structure ------------------------------------------------------------------------------


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
        elif (place := values_in(catalog.kinds[node.kind], node.parameters, node.patch)) is not None:
            problems.append(_secret_in_drawing(node, place))
    _check_names(graph, catalog, problems)
    sound = _check_edges(graph, nodes, catalog, problems)
    _check_cycles([(edge.source, edge.target) for edge in sound], nodes, "these nodes form a loop", problems)
    if not any(problem.code == "graph.cycle" for problem in problems):
        _check_cycles(
            list(precedence(sound, catalog.relations)), nodes, "these nodes would wait for one another", problems
        )
    return problems


def _secret_in_drawing(node: Node, place: str) -> Problem:
    own = "keep the names of its keys" if place.startswith("patch") else "draw a Secret node with the names of its keys"
    return Problem(
        "graph.secret_values",
        f"{node.name or node.id} holds values of a Secret in {place}, and a drawing is no place for them: remove them, "
        f"{own}, and give the values when you run",
        f"nodes.{node.id}.{place}",
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


def namespace_of(node: Node) -> str | None:
    """The namespace a node asks for itself; None means the environment's."""
    own = node.parameters.get("namespace")
    return own if isinstance(own, str) and own else None


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


def precedence(edges: Iterable[Edge], relations: Mapping[str, Relation]) -> Iterable[tuple[str, str]]:
    """(earlier, later) for every edge that orders its ends."""
    for edge in edges:
        relation = relations.get(edge.relation)
        if relation is None or not relation.order:
            continue
        yield (edge.source, edge.target) if relation.order == "source" else (edge.target, edge.source)


def _check_cycles(pairs: list[tuple[str, str]], nodes: Mapping[str, Node], words: str, problems: list[Problem]) -> None:
    after: dict[str, list[str]] = {}
    waiting: dict[str, int] = dict.fromkeys(nodes, 0)
    for earlier, later in pairs:
        after.setdefault(earlier, []).append(later)
        waiting[later] += 1
    ready = [node for node, count in waiting.items() if count == 0]
    while ready:
        for later in after.get(ready.pop(), ()):
            waiting[later] -= 1
            if waiting[later] == 0:
                ready.append(later)
    left = {node for node, count in waiting.items() if count > 0}
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


# ---- fields ---------------------------------------------------------------------------------


def check(graph: Graph, catalog: Catalog, *, variables: Mapping[str, Value] | None = None) -> list[Problem]:
    """All problems of a graph: structure, fields, and what its kinds warn about.

    With `variables` (an environment's plain values) references are replaced first, so unknown
    variables and wrong types behind them are found as well.
    """
    problems = structural_problems(graph, catalog)
    sound: set[str] = set()
    linked = _linked_relations(graph)
    graph, unknown = resolve(graph, catalog, variables)
    problems += unknown
    for node in graph.nodes:
        kind = catalog.kinds.get(node.kind)
        if kind is None:
            continue
        findings: list[Finding] = []
        check_node(node, kind, linked.get(node.id, frozenset()), findings)
        problems += [Problem(one.code, one.detail, one.path, (node.id,), (), _severity(one)) for one in findings]
        if not findings:
            sound.add(node.id)
    for edge in graph.edges:
        relation = catalog.relations.get(edge.relation)
        if relation is not None:
            found: list[Finding] = []
            check_parameters(relation.parameters, edge.parameters, f"edges.{edge.id}.parameters", found)
            problems += [Problem(one.code, one.detail, one.path, (), (edge.id,)) for one in found]
    if not any(problem.code in _BREAKS_LINKS for problem in problems):
        problems += _rule_problems(graph, catalog, sound)
    return problems


_BREAKS_LINKS = frozenset({"graph.duplicate_id", "graph.cycle"})


def _severity(finding: Finding) -> Any:
    return finding.severity


def _linked_relations(graph: Graph) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for edge in graph.edges:
        found.setdefault(edge.source, set()).add(edge.relation)
        found.setdefault(edge.target, set()).add(edge.relation)
    return {node: frozenset(relations) for node, relations in found.items()}


def check_node(node: Node, kind: Kind, relations: frozenset[str], findings: list[Finding]) -> None:
    """Append what is wrong with one node's name, parameters and patch."""
    path = f"nodes.{node.id}"
    if not node.name:
        findings.append(Finding("name.required", f"{path}.name", f"this {kind.label} has no name; give it one"))
    elif len(node.name) > kind.name.max_length:
        findings.append(
            Finding(
                "name.too_long",
                f"{path}.name",
                f"the name has {len(node.name)} characters; a {kind.label} takes {kind.name.max_length} at most",
            )
        )
    elif not kind.name.format.accepts(node.name):
        findings.append(
            Finding("name.format", f"{path}.name", f"{node.name!r} is no name; use {kind.name.format.expected}")
        )
    linked = (
        frozenset(one.name for one in kind.parameters if relations.intersection(one.linked_by))
        if relations
        else frozenset()
    )
    check_parameters(kind.parameters, node.parameters, f"{path}.parameters", findings, linked=linked)
    if node.patch is not None:
        check_patch(node.patch, kind.patch_refuses, f"{path}.patch", findings)


def resolve(graph: Graph, catalog: Catalog, variables: Mapping[str, Value] | None) -> tuple[Graph, list[Problem]]:
    """The graph with references replaced, and a problem for each unknown variable.

    YAML given as text is parsed first, so a value stays a value. Without variables references stay as
    written and only escapes are undone.
    """
    if not any(node.dynamic for node in graph.nodes) and not any(edge.parameters for edge in graph.edges):
        return graph, []
    problems: list[Problem] = []
    nodes: list[Node] = []
    for node in graph.nodes:
        if not node.dynamic:
            nodes.append(node)
            continue
        parameters, patch = _parsed(node, catalog)
        if variables is None:
            parameters, patch = unescape(parameters), unescape(patch)
        else:
            unknown: set[str] = set()
            parameters = substitute(parameters, variables, unknown)
            patch = substitute(patch, variables, unknown) if isinstance(patch, dict) else patch
            problems += [
                _unknown_variable(name, variables, f"nodes.{node.id}", (node.id,), ()) for name in sorted(unknown)
            ]
        nodes.append(Node(node.id, node.kind, node.name, parameters, patch, node.x, node.y, True))
    edges: list[Edge] = []
    for edge in graph.edges:
        if edge.parameters and has_marks(edge.parameters):
            unknown = set()
            parameters = substitute(edge.parameters, variables or {}, unknown)
            if variables is not None:
                problems += [
                    _unknown_variable(name, variables, f"edges.{edge.id}", (), (edge.id,)) for name in sorted(unknown)
                ]
            edge = Edge(edge.id, edge.source, edge.target, edge.relation, parameters)
        edges.append(edge)
    return Graph(tuple(nodes), tuple(edges)), problems


def _parsed(node: Node, catalog: Catalog) -> tuple[Mapping[str, Any], Any]:
    """A node's parameters and patch with YAML text that holds references turned into objects."""
    kind = catalog.kinds.get(node.kind)
    parameters = dict(node.parameters)
    for name in kind.yaml_parameters if kind is not None else ():
        if name in parameters:
            parameters[name] = _parsed_yaml(parameters[name])
    return parameters, _parsed_yaml(node.patch)


def _parsed_yaml(value: Any) -> Any:
    if not isinstance(value, str) or "${" not in value:
        return value
    try:
        return parse_yaml_value(value)
    except InvalidInput:
        return value  # the check of the field names it


def _unknown_variable(
    name: str, variables: Mapping[str, Value], path: str, node_ids: tuple[str, ...], edge_ids: tuple[str, ...]
) -> Problem:
    return Problem(
        "variable.unknown",
        f"the environment has no variable {name}; add it, or write $${{{name}}} to mean the text itself",
        f"{path}.parameters",
        node_ids,
        edge_ids,
    )


UNFIT = (TypeError, ValueError, AttributeError, LookupError, InvalidInput)
"""What a template or a fill raises for a value of the wrong form; `check` names such values."""


def linked_scopes(graph: Graph, catalog: Catalog, broken: set[str] | None = None) -> dict[str, Scope]:
    """For each node its template variables, with what its edges give. References must be resolved.

    Nodes whose values do not fit their kind are left out, and added to `broken`.
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
        scope["name"] = node.name
        scope["params"] = scope
        scope["kind_id"] = kind.id
        scope["api_version"] = kind.api_version
        scope["object_kind"] = kind.kind
        scopes[node.id] = scope
    if graph.edges:
        apply_links(graph.edges, catalog.relations, scopes, UNFIT)
    return scopes


def _rule_problems(graph: Graph, catalog: Catalog, sound: set[str]) -> list[Problem]:
    """What the kinds' own rules say. Rules judge only nodes whose fields are right."""
    clean = Graph(
        tuple(node for node in graph.nodes if node.id in sound),
        tuple(edge for edge in graph.edges if edge.source in sound and edge.target in sound),
    )
    scopes = linked_scopes(clean, catalog)
    problems: list[Problem] = []
    for node in clean.nodes:
        if node.id not in scopes:
            continue
        try:
            rules = catalog.kinds[node.kind].judge(scopes[node.id])
        except UNFIT:
            continue  # a value still stands as ${NAME}: judged when its environment is known
        for rule in rules:
            path = f"nodes.{node.id}.parameters.{rule.field}" if rule.field else f"nodes.{node.id}"
            severity: Any = rule.severity
            problems.append(Problem(rule.code, rule.say, path, (node.id,), (), severity))
    return problems
