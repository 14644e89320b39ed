"""The objects that a graph gives in an environment, and the graphs that give none: asked when a run is started, so that
whoever starts it is told at once, and again by its worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from bson import ObjectId

from kubeorch.base.errors import InvalidInput, Problem
from workflows.catalog import catalog
from workflows.domain.graphs.check import check
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.limits import bounded
from workflows.domain.graphs.variables import Value, values_of
from workflows.domain.rendering.identity import KindScope
from workflows.domain.rendering.render import Rendered, preview_graph, render_graph
from workflows.environments.store import Environment


class GraphInvalid(InvalidInput):
    """The graph has problems that keep it from running in this environment; `problems` has all of them."""

    code = "run.graph_invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = len(problems)
        more = f" (and {count - 1} more)" if count > 1 else ""
        super().__init__(f"the graph cannot run yet: {problems[0].detail}{more}", problems=problems)


def checked_objects(environment: Environment, workflow_id: ObjectId, graph: Graph) -> list[Rendered]:
    """The objects of a graph that is about to run; no cluster is asked. Raises GraphInvalid."""
    problems = [problem for problem in check(graph, catalog()) if problem.severity == "error"]
    rendered: list[Rendered] = []
    if all(node.kind in catalog().kinds for node in graph.nodes):
        rendered, more = preview_graph(graph, catalog(), **_place(environment, workflow_id))
        problems += [one for one in more if one not in problems]
    if problems:
        raise GraphInvalid(bounded(problems))
    return rendered


def rendered_in(
    environment: Environment, workflow_id: ObjectId, graph: Graph, scope: KindScope | None = None
) -> list[Rendered]:
    """The objects of a graph that ran in the environment or is about to. Raises InvalidInput."""
    return render_graph(graph, catalog(), scope=scope, **_place(environment, workflow_id))


class _Place(TypedDict):
    namespace: str
    variables: Mapping[str, Value]
    environment_id: str
    workflow_id: str


def _place(environment: Environment, workflow_id: ObjectId) -> _Place:
    return {
        "namespace": environment["namespace"],
        "variables": values_of(environment["variables"]),
        "environment_id": str(environment["_id"]),
        "workflow_id": str(workflow_id),
    }
