"""Every problem of a graph: its structure, its fields, and the rules of its kinds.

A graph with a structural problem (`graph.*`, `value.*`) cannot be stored. Problems of fields and rules are
shown with the stored graph; an error among them refuses a run, a warning does not.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubeorch.base.errors import Problem
from workflows.domain.graphs.graph import Graph, Node
from workflows.domain.graphs.limits import bounded
from workflows.domain.graphs.links import UNFIT, linked_scopes
from workflows.domain.graphs.own_objects import check_reserved, name_rule
from workflows.domain.graphs.resolve import resolve
from workflows.domain.graphs.same_objects import same_objects
from workflows.domain.graphs.structure import structural_problems
from workflows.domain.graphs.variables import Value
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.kinds.field_problems import MAX_PROBLEMS, FieldProblem
from workflows.domain.kinds.kind import Kind
from workflows.domain.kinds.parameter_checks import check_parameters
from workflows.domain.kinds.patches import check_patch


def check(graph: Graph, catalog: Catalog, *, variables: Mapping[str, Value] | None = None) -> list[Problem]:
    """All problems of a stored graph, whose structure the present catalog may refuse (a kind was removed)."""
    found = [*structural_problems(graph, catalog), *check_fields(graph, catalog, variables=variables)]
    return bounded([*found, *same_objects(graph, catalog)])


def check_fields(graph: Graph, catalog: Catalog, *, variables: Mapping[str, Value] | None = None) -> list[Problem]:
    """The problems of fields and rules. A graph that `parse_graph` accepted can have no others.

    With `variables` (an environment's plain values) references are replaced first, so unknown
    variables and wrong types behind them are found as well.
    """
    sound: set[str] = set()
    linked = _linked_relations(graph)
    graph, problems = resolve(graph, catalog, variables)
    for node in graph.nodes:
        kind = catalog.kinds.get(node.kind)
        if kind is None:
            continue
        if len(problems) > MAX_PROBLEMS:
            return bounded(problems)
        found: list[FieldProblem] = []
        check_node(node, kind, linked.get(node.id, frozenset()), found)
        problems += [one.at(node_id=node.id) for one in found]
        if not found:
            sound.add(node.id)
    for edge in graph.edges:
        relation = catalog.relations.get(edge.relation)
        if len(problems) > MAX_PROBLEMS:
            return bounded(problems)
        if relation is not None:
            found = []
            check_parameters(relation.parameters, edge.parameters, f"edges.{edge.id}.parameters", found)
            problems += [one.at(edge_id=edge.id) for one in found]
    return bounded([*problems, *_rule_problems(graph, catalog, sound)])


def _linked_relations(graph: Graph) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for edge in graph.edges:
        found.setdefault(edge.source, set()).add(edge.relation)
        found.setdefault(edge.target, set()).add(edge.relation)
    return {node: frozenset(relations) for node, relations in found.items()}


def check_node(node: Node, kind: Kind, relations: frozenset[str], found: list[FieldProblem]) -> None:
    """Append what is wrong with one node's name, parameters and patch."""
    path = f"nodes.{node.id}"
    if not node.name:
        found.append(FieldProblem("name.required", f"{path}.name", f"this {kind.label} needs a name"))
    elif len(node.name) > kind.name.max_length:
        found.append(
            FieldProblem(
                "name.too_long",
                f"{path}.name",
                f"the name has {len(node.name)} characters; the limit for a {kind.label} is {kind.name.max_length}",
            )
        )
    elif not (rule := name_rule(node, kind)).format.accepts(node.name) or len(node.name) > rule.max_length:
        found.append(
            FieldProblem("name.format", f"{path}.name", f"{node.name!r} is not a valid name; use {rule.expected}")
        )
    check_parameters(kind.parameters, node.parameters, f"{path}.parameters", found, relations=relations)
    check_reserved(node, kind, f"{path}.parameters", found)
    if node.patch is not None:
        check_patch(node.patch, kind.patch_refuses, f"{path}.patch", found)


def _rule_problems(graph: Graph, catalog: Catalog, sound: set[str]) -> list[Problem]:
    """The rules that nodes break.

    Nodes whose fields have a problem are not checked, nor those connected to a node whose values do not
    fit its kind: what such an edge would give is missing, so a rule could complain of the consequence.
    """
    broken: set[str] = set()
    scopes = linked_scopes(graph, catalog, broken)
    checked = sound.intersection(scopes)
    if broken:
        for edge in graph.edges:
            if broken.intersection((edge.source, edge.target)):
                checked -= {edge.source, edge.target}
    problems: list[Problem] = []
    for node in graph.nodes:
        if node.id not in checked:
            continue
        try:
            rules = catalog.kinds[node.kind].rules_broken(scopes[node.id])
        except UNFIT:
            continue  # a value is still ${NAME}: checked when the environment is known
        for rule in rules:
            path = f"nodes.{node.id}.parameters.{rule.field}" if rule.field else f"nodes.{node.id}"
            problems.append(Problem(rule.code, rule.message, path, (node.id,), (), rule.severity))
    return problems
