"""Before a plan: whether the credentials of an environment's cluster may do all that a run there needs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId

from clusters.connections import asking
from clusters.domain.objects import Ref
from clusters.kube.client import KubeClient
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import Unavailable
from workflows import store
from workflows.domain.graphs.graph import Graph
from workflows.domain.rendering.plan import make_plan
from workflows.domain.rights.granting import giving
from workflows.domain.rights.needs import Needs, Right, needs_of
from workflows.domain.rights.rules import as_yaml, smallest_roles
from workflows.environments import store as environment_store
from workflows.environments.acting import client_of, is_narrowed
from workflows.environments.asking import lacks_any, missing
from workflows.environments.inventory_store import owned_objects
from workflows.environments.owned import owned_of
from workflows.environments.serving import Places, new_namespace
from workflows.environments.store import Environment
from workflows.graphs.actions import graph_of
from workflows.runs.drawn import checked, drawn_in, images_in
from workflows.runs.guests import check_namespaces
from workflows.runs.permission import cluster_scope, require_cluster, require_reach
from workflows.versions import store as version_store

AT_ONCE = 8
"""Requests in flight, as a run has."""
TOTAL_S = 15.0
"""For all of it; a person waits."""


class PreflightTookTooLong(Unavailable):
    code = "preflight.timeout"

    def __init__(self) -> None:
        super().__init__(
            f"the cluster did not answer all questions about rights within {TOTAL_S:.0f} s; "
            "try again when it is less busy"
        )


@dataclass(frozen=True, slots=True)
class Preflight:
    needs: Needs
    missing: Sequence[Right]
    unserved: Sequence[tuple[str, Ref]]
    """Nodes with objects of kinds that the cluster does not serve."""
    role: str
    """YAML of the smallest roles with which all of it is allowed."""
    checked_at: datetime
    narrowed: bool
    """Whether that was asked for the environment's own name, which has roles of its own."""


def preflight(principal: Principal, environment_id: ObjectId, version: int | None = None) -> Preflight:
    """Ask for the saved graph, or a version, whether a run of it would be allowed everything it does.

    Whoever may read the environment may ask; the cluster is asked with its own credentials, and nothing is changed.
    Raises EnvironmentNotFound, VersionNotFound, ClusterWithdrawn, ReachesTooFar, GraphInvalid, TooManyRights,
    ClusterBusy and Unavailable.
    """
    here = environment_store.find(environment_id, team_filter(principal))
    require(principal, "environment.read", here["team_id"])
    workflow = store.find(here["workflow_id"], {}, projection=store.GRAPH)
    graph = graph_of(workflow if version is None else version_store.find(here["workflow_id"], version))
    return preflight_of(here, graph)


def preflight_of(environment: Environment, graph: Graph) -> Preflight:
    """As `preflight`, for a graph."""
    require_cluster(environment["team_id"], environment["cluster_id"])
    images = images_in(environment, graph)
    checked(environment, graph, images)
    with _asking(environment) as (client, pool):
        scope = cluster_scope(client)
        items = drawn_in(environment, graph, images, scope).whole
        standing = require_reach(environment, items, scope)
        check_namespaces(environment, [item.ref for item in items], client, standing)
        owned = [owned_of(row) for row in owned_objects([environment["_id"]])]
        leaving = [(step.ref, step.node_id) for step in make_plan(items, owned).deletions]
        places = Places(client)
        needs, unserved = needs_of(items, leaving, places.of, new_namespace=new_namespace(client, environment, items))
        lacking = missing(client, pool, needs.keys())
        for gives in giving(items):
            if lacks_any(client, pool, gives.rights):
                needs[gives.instead] = [gives.node_id]
                lacking |= missing(client, pool, [gives.instead])
    roles = smallest_roles(needs, f"kubeorch-{environment['namespace']}")
    return Preflight(needs, sorted(lacking), unserved, as_yaml(roles), now(), is_narrowed(environment))


@contextmanager
def _asking(environment: Environment) -> Iterator[tuple[KubeClient, Executor]]:
    end = time.monotonic() + TOTAL_S

    def check() -> None:
        if time.monotonic() > end:
            raise PreflightTookTooLong

    with asking(environment["cluster_id"], environment["team_id"]):
        client = client_of(environment).while_alive(check)
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="preflight") as pool:
            yield client, pool
