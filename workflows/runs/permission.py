"""What a team may do on a cluster by a run: asked when the run is started and again before each attempt of it.

A right that was judged once and stored would outlive its end: a cluster may stop being shared while a run waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from bson import ObjectId

from clusters import shares as cluster_shares
from clusters import store as cluster_store
from clusters.domain.objects import Ref
from clusters.kube.client import KubeClient
from clusters.kube.errors import UnknownKind
from clusters.shares import Standing, standing_of
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import check_scope, require
from kubeorch.accounts.token_scopes import TokenScope
from kubeorch.base.errors import Conflict, Forbidden, InvalidInput, Problem
from workflows.domain.graphs.limits import bounded
from workflows.domain.rendering.identity import KindScope
from workflows.domain.rendering.reach import Beyond, Reaching, reaching
from workflows.domain.rendering.render import Rendered
from workflows.environments import questions as environment_questions
from workflows.environments.placement import namespaces_of_teams
from workflows.environments.store import Environment
from workflows.runs.run import Run


class ClusterWithdrawn(Forbidden):
    """The cluster is not the team's, and is no longer shared with it; or it was disconnected."""

    code = "run.cluster_withdrawn"

    def __init__(self, cluster_id: ObjectId) -> None:
        self.is_gone = cluster_id not in cluster_store.names_and_states([cluster_id])
        why = (
            "was disconnected from KubeOrch; give the environment another cluster"
            if self.is_gone
            else "is no longer shared with your team; ask its owner to share it again"
        )
        super().__init__(f"this cluster {why}, or run in another environment")


class EnvironmentProtected(Conflict):
    """Only a run of a plan that another person has approved may change a protected environment."""

    code = "environment.protected"

    def __init__(self, environment: Environment, kind: str) -> None:
        what = {"destroy": "delete what it owns", "restart": "restart its pods"}.get(kind)
        cure = (
            f"to {what}, an operator of the team takes the protection off first"
            if what
            else "make a plan, let another operator of the team approve it, and run that plan"
        )
        super().__init__(f"“{environment['name']}” is protected: {cure}", field="environment")


class ClusterOfOthers(Forbidden):
    """What is in a cluster belongs to its own team; another one, with which it is shared, makes objects of its own."""

    code = "cluster.of_others"

    def __init__(self) -> None:
        super().__init__(
            "only the team that owns this cluster may read or take over what is in it already; ask its owner to do it"
        )


class NamespaceNotShared(Forbidden):
    """The cluster is shared with the team for other namespaces."""

    code = "run.namespace_not_shared"

    def __init__(self, namespace: str, shared: frozenset[str]) -> None:
        super().__init__(
            f"this cluster is shared with your team for {', '.join(sorted(shared))}, not for {namespace}; let the "
            "environment be in one of these, or ask the cluster's owner to share this one, too",
            field="environment",
        )


class ReachesTooFar(InvalidInput):
    """Objects would reach other teams on a cluster that several teams use; `problems` has one for each."""

    code = "run.reaches_too_far"

    def __init__(self, found: Sequence[Reaching], namespace: str) -> None:
        problems = [
            Problem(self.code, _why_too_far(one, namespace), f"nodes.{one.node_id}", (one.node_id,)) for one in found
        ]
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        super().__init__(problems[0].detail + more, problems=bounded(problems))


def require_full_scope(principal: Principal) -> None:
    """Raise TokenTooNarrow when who asks does so by a token that may not do everything."""
    if principal.credential is not None:
        check_scope(principal.credential, TokenScope.FULL)


def require_destroy(principal: Principal, team_id: ObjectId) -> None:
    """Raise Forbidden unless one may delete everything that an environment of the team owns."""
    require(principal, "environment.edit", team_id)
    require_full_scope(principal)


def require_cluster(team_id: ObjectId, cluster_id: ObjectId) -> Standing:
    """What the team may do there. Raise ClusterWithdrawn unless the cluster is the team's or shared with it now."""
    standing = standing_of(cluster_id, team_id)
    if standing is None:
        raise ClusterWithdrawn(cluster_id)
    return standing


def require_own_cluster(team_id: ObjectId, cluster_id: ObjectId) -> None:
    """Raise ClusterOfOthers where another team owns the cluster, and ClusterWithdrawn. A built-in one has no owner."""
    if require_cluster(team_id, cluster_id).owner not in (team_id, None):
        raise ClusterOfOthers


def require_approved(environment: Environment, run: Run, *, by_person: bool = False) -> None:
    """Raise EnvironmentProtected when the run may not change the environment: only one of a plan that was approved may,
    and the rollback that follows a failed run by itself. What is tried again `by_person` is no longer automatic."""
    if not environment.get("protected") or run.get("approval"):
        return
    if by_person or run.get("triggered_by") != "rollback":
        raise EnvironmentProtected(environment, run["kind"])


def require_unprotected(environment: Environment, kind: Literal["destroy", "restart"] = "destroy") -> None:
    """Raise EnvironmentProtected for one that is not to be removed, or whose pods are not to be restarted."""
    if environment.get("protected"):
        raise EnvironmentProtected(environment, kind)


def require_reach(
    place: Run | Environment,
    rendered: Iterable[Rendered],
    scope: KindScope | None = None,
    *,
    standing: Standing | None = None,
) -> Standing:
    """Raise ReachesTooFar when the run would create what touches other teams of a cluster that several teams use.

    Nothing is asked of the team that owns the cluster, and of a team that has the built-in one for itself. Without
    `scope` no cluster is asked, and kinds that only the cluster knows pass. Whether a namespace of another team's
    cluster is the team's to use, the cluster is asked (`guests.check_namespaces`).
    """
    team_id, cluster_id = place["team_id"], place["cluster_id"]
    standing = require_place(place, standing)
    owner = standing.owner
    if owner == team_id or (owner is None and environment_questions.teams_on(cluster_id) <= {team_id}):
        return standing
    own = standing.namespaces if standing.namespaces is not None else own_namespaces(cluster_id, team_id)
    found = [
        one
        for one in reaching(rendered, place["namespace"], scope=scope)
        if one.beyond != {Beyond.NAMESPACE} or one.ref.namespace not in own
    ]
    if found:
        raise ReachesTooFar(found, place["namespace"])
    return standing


def require_place(place: Run | Environment, standing: Standing | None = None) -> Standing:
    """Raise ClusterWithdrawn or NamespaceNotShared where the team may not be there any more; what it may do there, as
    `standing` says where that was asked for already."""
    standing = standing or require_cluster(place["team_id"], place["cluster_id"])
    if standing.namespaces is not None and place["namespace"] not in standing.namespaces:
        raise NamespaceNotShared(place["namespace"], standing.namespaces)
    return standing


def own_namespaces(cluster_id: ObjectId, team_id: ObjectId) -> frozenset[str]:
    """The namespaces of a team's environments on a cluster; on another team's, those that a share names or that its
    runs have made."""
    return namespaces_of_teams(cluster_id, [team_id])[0] | cluster_shares.named_namespaces(cluster_id, team_id)


def _why_too_far(one: Reaching, namespace: str) -> str:
    if Beyond.NAMESPACE in one.beyond:
        why = f"is in namespace {one.ref.namespace}, which no environment of your team uses"
    elif Beyond.RBAC in one.beyond:
        why = "grants RBAC permissions"
    else:
        why = "is cluster-scoped"
    return (
        f"{one.ref.kind} {one.ref.name} {why}; on a cluster that several teams use, only the team that owns the "
        f"cluster may create it. Keep to namespace {namespace}, or ask the owner of the cluster to create it"
    )


def cluster_scope(client: KubeClient) -> KindScope:
    """Asks the cluster's discovery which kinds live outside namespaces."""

    def scope(ref: Ref) -> bool | None:
        try:
            return not client.resource(ref.api_version, ref.kind).namespaced
        except UnknownKind:
            return None

    return scope
