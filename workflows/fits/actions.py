"""What would break on a cluster, asked of several clusters at once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import cast

from bson import ObjectId

from clusters import store as cluster_store
from clusters.rows import Cluster
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.clock import now
from workflows import store
from workflows.environments import questions as environment_questions
from workflows.environments.store import Environment
from workflows.fits.checking import Fit, fit
from workflows.graphs.actions import graph_of
from workflows.runs.drawn import checked, images_in
from workflows.store import Workflow

CLUSTERS_MOST = 20
"""Of one question."""
AT_ONCE = 4


def fits(
    principal: Principal, workflow_id: ObjectId, clusters: Sequence[object] | None = None
) -> list[tuple[Cluster, Fit]]:
    """Hold the saved graph against clusters, or all that the team may use.

    Namespace and variables are those of the workflow's environment on the cluster, else of its first one. Raises
    WorkflowNotFound, NoSuchCluster, and GraphInvalid for a graph that gives no objects anywhere.
    """
    workflow = store.find(workflow_id, team_filter(principal), projection=store.GRAPH)
    require(principal, "workflow.read", workflow["team_id"])
    graph = graph_of(workflow)
    environments = environment_questions.of_workflows([workflow_id])
    first = (environments or [_nowhere(workflow)])[0]
    checked(first, graph, images_in(first, graph))
    if clusters is None:
        visible = list(cluster_store.collection().find(cluster_store.visible_to(principal)).sort("name", 1))
        chosen = [one for one in visible if cluster_store.is_usable(one, workflow["team_id"])][:CLUSTERS_MOST]
    else:
        chosen = [cluster_store.find(one, principal) for one in clusters]

    def place(cluster: Cluster) -> Environment:
        there = [one for one in environments if one["cluster_id"] == cluster["_id"]]
        return (there or environments or [_nowhere(workflow)])[0]

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="fits") as pool:
        found = pool.map(lambda cluster: fit(cluster["_id"], place(cluster), graph), chosen)
        return list(zip(chosen, found, strict=True))


def _nowhere(workflow: Workflow) -> Environment:
    """Where a workflow without environments is rendered."""
    place = {
        "_id": ObjectId(),
        "workflow_id": workflow["_id"],
        "team_id": workflow["team_id"],
        "name": "default",
        "cluster_id": ObjectId(),
        "namespace": "default",
        "variables": {},
        "created_at": now(),
        "active_run_id": None,
        "deployed": None,
    }
    return cast("Environment", place)
