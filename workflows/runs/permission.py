"""What a team may do on a cluster by a run: asked when the run is started and again before each attempt of it.

A right that was judged once and stored would outlive its end: a cluster may stop being shared while a run waits.
"""

from __future__ import annotations

from collections.abc import Iterable

from bson import ObjectId

from clusters import store as cluster_store
from clusters.domain.objects import Ref
from clusters.kube.client import KubeClient
from clusters.kube.errors import UnknownKind
from kubeorch.base.errors import Forbidden
from workflows.domain.rendering.identity import KindScope
from workflows.domain.rendering.reach import Beyond, Reaching, reaching
from workflows.domain.rendering.render import Rendered
from workflows.environments import store as environment_store
from workflows.runs.store import Run


class ClusterWithdrawn(Forbidden):
    """The cluster is not the team's, and is no longer shared with it."""

    code = "run.cluster_withdrawn"

    def __init__(self) -> None:
        super().__init__(
            "this cluster is no longer shared with your team; ask its owner to share it again, "
            "or run in another environment"
        )


class ReachesTooFar(Forbidden):
    """An object would reach other teams on a cluster that several teams use."""

    code = "run.reaches_too_far"

    def __init__(self, one: Reaching, namespace: str) -> None:
        name = f"{one.ref.kind} {one.ref.name}"
        if Beyond.NAMESPACE in one.beyond:
            why = f"is in namespace {one.ref.namespace}, which no environment of your team uses"
        elif Beyond.RBAC in one.beyond:
            why = "grants RBAC permissions"
        else:
            why = "is cluster-scoped"
        super().__init__(
            f"{name} {why}; on a cluster that several teams use, only the team that owns the cluster may create it. "
            f"Keep to namespace {namespace}, or ask the owner of the cluster to create it"
        )
        self.node_id = one.node_id


def require_cluster(team_id: ObjectId, cluster_id: ObjectId) -> None:
    """Raise ClusterWithdrawn unless the cluster is the team's or shared with it now."""
    if cluster_store.find_usable(team_id, str(cluster_id)) is None:
        raise ClusterWithdrawn


def require_reach(run: Run, rendered: Iterable[Rendered], client: KubeClient) -> None:
    """Raise ReachesTooFar when the run would create what touches other teams of a cluster that several teams use.

    Nothing is asked of the team that owns the cluster, and of a team that has it for itself.
    """
    team_id, cluster_id = run["team_id"], run["cluster_id"]
    if cluster_store.owner_of(cluster_id) == team_id or environment_store.teams_on(cluster_id) <= {team_id}:
        return
    own = set(environment_store.namespaces_on(cluster_id, team_id))
    for one in reaching(rendered, run["namespace"], scope=cluster_scope(client)):
        if one.beyond != {Beyond.NAMESPACE} or one.ref.namespace not in own:
            raise ReachesTooFar(one, run["namespace"])


def cluster_scope(client: KubeClient) -> KindScope:
    """Asks the cluster's discovery which kinds live outside namespaces."""

    def scope(ref: Ref) -> bool | None:
        try:
            return not client.resource(ref.api_version, ref.kind).namespaced
        except UnknownKind:
            return None

    return scope
