"""What a graph would become, without saving it, running it or touching a cluster. No secret value comes here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from clusters.domain.objects import Manifest
from kubeorch.base.errors import InvalidInput, Problem
from kubeorch.base.yaml_writing import dump
from workflows import store
from workflows.catalog import catalog
from workflows.domain.graphs.check import check, check_fields
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.graphs.same_objects import same_objects
from workflows.domain.rendering.render import preview_graph
from workflows.domain.rendering.secrets import is_secret, secret_keys
from workflows.environments import store as environment_store
from workflows.environments.store import Environment
from workflows.graphs.actions import graph_of
from workflows.images import images_now

MASK = "••••••••"
NAMESPACE_WITHOUT_ENVIRONMENT = "default"
PREVIEWED_MAX = 1000
"""So many objects at once are written as YAML; in a larger graph, each node can be asked for by itself."""


def problems_in(raw: Mapping[str, Any]) -> list[Problem]:
    """Every problem of a graph from outside: those that refuse a save, or else those that refuse a run."""
    try:
        graph = parse_graph(raw, catalog())
    except InvalidInput as error:
        return list(error.problems) or [Problem(error.code, error.detail)]
    return [*check_fields(graph, catalog()), *same_objects(graph, catalog())]


def manifests(
    workflow: store.Workflow,
    *,
    raw: Mapping[str, Any] | None,
    environment_id: ObjectId | None,
    node_id: str | None,
) -> dict[str, Any]:
    """The objects of the saved graph, or of `raw`, as YAML, with the problems of what cannot be rendered.

    Without an environment, variables stay as written and the namespace is `default`. Images are the newest that were
    built.
    Raises InvalidInput when `raw` is structurally wrong, EnvironmentNotFound.
    """
    graph = graph_of(workflow) if raw is None else parse_graph(raw, catalog())
    environment: Environment | None = None
    if environment_id is not None:
        environment = environment_store.find(environment_id, {"workflow_id": workflow["_id"]})
    variables = environment and {name: one["value"] for name, one in environment["variables"].items()}
    rendered, problems = preview_graph(
        graph,
        catalog(),
        namespace=environment["namespace"] if environment else NAMESPACE_WITHOUT_ENVIRONMENT,
        variables=variables,
        environment_id=str(environment_id or ""),
        images=images_now(workflow["team_id"], graph, variables),
    )
    checked = (check if raw is None else check_fields)(graph, catalog(), variables=variables)
    problems = [*problems, *(one for one in checked if one not in problems)]
    wanted = [one for one in rendered if node_id is None or one.node_id == node_id]
    if len(wanted) > PREVIEWED_MAX:
        detail = f"these are the first {PREVIEWED_MAX} of {len(wanted)} objects; ask for one node to see the others"
        problems.append(Problem("manifests.too_many", detail, severity="warning"))
    keys = secret_keys(graph, catalog())
    return {
        "manifests": [
            {
                "node_id": one.node_id,
                "ref": one.ref.as_json(),
                "yaml": dump(_masked(one.manifest, keys.get(one.node_id, ()))),
            }
            for one in wanted[:PREVIEWED_MAX]
        ],
        "problems": [problem.as_json() for problem in problems],
    }


def _masked(manifest: Manifest, keys: tuple[str, ...]) -> Manifest:
    """A Secret shows its keys and not its values, which only the cluster and the run know."""
    return {**manifest, "stringData": dict.fromkeys(keys, MASK)} if keys and is_secret(manifest) else manifest
