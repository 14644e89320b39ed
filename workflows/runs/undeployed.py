"""What of a graph is not deployed: each node against the graph from which its objects were applied last.

An environment is one version, except for the nodes that runs which broke off have brought to another one. Those are
told by the steps of these runs: what was applied, deleted, or found as it should be.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from operator import itemgetter
from typing import Any

from bson import ObjectId

from workflows.catalog import catalog
from workflows.domain.graphs.graph import Graph
from workflows.domain.rendering.compare import change_of, compare
from workflows.environments.store import Environment
from workflows.graphs.actions import graph_of
from workflows.runs import step_store
from workflows.runs.standing import broken_since_whole
from workflows.runs.states import StepState
from workflows.versions import store as version_store
from workflows.versions.store import VersionNotFound

LOOKED_AT = 10
"""Of the runs that broke off, so many of the last ones are looked at."""
GONE = 0
"""In the place of a version: nothing is applied."""
WELL = frozenset({StepState.DONE.value, StepState.UNCHANGED.value})


def undeployed(environment: Environment, graph: Graph) -> dict[str, Any]:
    """What differs in `graph`, as `compare` gives it.

    An edge counts as deployed with the run that has brought both its ends to a good end. A node of which a run applied
    only some objects is listed, without a change where nothing else differs.
    """
    base = environment["deployed"]["version"] if environment["deployed"] else GONE
    versions, mixed = _applied_by_node(environment)
    of = partial(_get, versions, base)
    nodes, edges = list[dict[str, Any]](), list[dict[str, Any]]()
    for version in {base, *versions.values()}:
        found = compare(_graph(environment, version), graph, catalog())
        nodes += [one for one in found["nodes"] if of(one["node_id"]) == version]
        for one in found["edges"]:
            ends = {of(one["source"]), of(one["target"])}
            if (ends.pop() if len(ends) == 1 else base) == version:
                edges.append(one)
    listed = {one["node_id"] for one in nodes}
    nodes += [change_of(node, "modified") for node in graph.nodes if node.id in mixed - listed]
    return {
        "nodes": sorted(nodes, key=itemgetter("node_id")),
        "edges": sorted(edges, key=itemgetter("edge_id")),
    }


def _get(versions: Mapping[str, int], base: int, node_id: str) -> int:
    return versions.get(node_id, base)


def _applied_by_node(environment: Environment) -> tuple[dict[str, int], set[str]]:
    """(the version of which a run has applied all objects of a node since the environment was whole, GONE where it has
    deleted them; the nodes of which a run has applied only some)."""
    runs = broken_since_whole(environment)[:LOOKED_AT]
    states: dict[ObjectId, dict[str, set[str]]] = {run["_id"]: {} for run in runs}
    for step in step_store.outcomes_of(list(states)):
        states[step["run_id"]].setdefault(step["node_id"], set()).add(step["state"])
    versions, mixed = dict[str, int](), set[str]()
    for run in reversed(runs):
        version = GONE if run["kind"] == "destroy" else run["version"]
        for node_id, found in states[run["_id"]].items():
            if found <= WELL:
                versions[node_id] = version
                mixed.discard(node_id)
            elif StepState.DONE.value in found:
                mixed.add(node_id)
    return versions, mixed


def _graph(environment: Environment, version: int) -> Graph:
    if version == GONE:
        return Graph()
    try:
        return graph_of(version_store.find(environment["workflow_id"], version))
    except VersionNotFound:
        return Graph()  # nobody needs it any more, so nothing of it can be told apart
