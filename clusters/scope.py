"""What a person may see and do on a cluster, asked at the moment of use.

The team that owns a cluster has all of it, by its roles. Of another team's cluster, and of the built-in one once
several teams use it, a person has the namespaces of the environments of their own teams, by the role in that team; what
belongs to the whole cluster is the owner's alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from bson import ObjectId
from django.utils.module_loading import import_string

from clusters.store import Cluster
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.roles import VERBS, Role
from kubeorch.accounts.scope import require
from kubeorch.base.errors import Forbidden, NotFound

Placed = Callable[[ObjectId, Collection[ObjectId]], tuple[frozenset[str], bool]]
"""A cluster and teams → the namespaces of these teams' environments there, and whether other teams have some, too."""
PLACED = "workflows.environments.placement.namespaces_of_teams"
"""The `Placed` of whoever has environments, which stands above clusters."""


@dataclass(frozen=True, slots=True)
class Access:
    """One way in which a person has to do with a cluster."""

    team_id: ObjectId
    """In whose name."""
    role: Role
    namespaces: frozenset[str] | None
    """None: all of them, and what belongs to the whole cluster."""

    def reaches(self, namespace: str) -> bool:
        """Whether it covers a namespace; "" asks for what belongs to the whole cluster."""
        return self.namespaces is None or namespace in self.namespaces


class NamespaceHidden(NotFound):
    """Nothing in that namespace may be seen; whether it exists is not said."""

    code = "cluster.namespace_hidden"

    def __init__(self, namespace: str) -> None:
        super().__init__(
            f"you see no namespace {namespace} on this cluster; of a cluster that several teams use, each sees the "
            "namespaces of its own environments"
        )


class WholeCluster(Forbidden):
    """What has no namespace belongs to the team that owns the cluster."""

    code = "cluster.of_owner"

    def __init__(self) -> None:
        super().__init__("what belongs to the whole cluster is for the team that owns it; ask its owner")


def accesses(principal: Principal, cluster: Cluster) -> Sequence[Access]:
    """All ways, the widest first; empty without any."""
    own = cluster["team_id"]
    if own is not None and (role := principal.role_in(own)) is not None:
        return [Access(own, role, None)]
    if not (cluster["shared"] or cluster["is_sandbox"]):
        return []
    placed: Placed = import_string(PLACED)
    if cluster["is_sandbox"]:
        _, others = placed(cluster["_id"], principal.team_ids)
        if principal.is_admin or not others:
            return [Access(team, principal.roles[str(team)], None) for team in sorted(principal.team_ids)]
    return [
        Access(team, principal.roles[str(team)], placed(cluster["_id"], [team])[0])
        for team in sorted(principal.team_ids)
    ]


def namespaces_of(principal: Principal, cluster: Cluster) -> frozenset[str] | None:
    """The namespaces of a cluster that a person may see; None when all of them, and what has no namespace."""
    seen: set[str] = set()
    for access in accesses(principal, cluster):
        if access.namespaces is None:
            return None
        seen |= access.namespaces
    return frozenset(seen)


def require_on(principal: Principal, verb: str, cluster: Cluster, namespace: str | None = None) -> Access:
    """By what the person may do this: in that namespace, with "" to what belongs to the whole cluster, and without a
    namespace anywhere on the cluster (where `namespaces_of` says what they see of the answer).

    Raises NamespaceHidden or WholeCluster where they see nothing, Forbidden where the role does not cover the verb.
    """
    covering = [one for one in accesses(principal, cluster) if namespace is None or one.reaches(namespace)]
    for access in covering:
        if access.role.covers(VERBS[verb]):
            return access
    if covering:
        require(principal, verb, covering[0].team_id)
    if namespace:
        raise NamespaceHidden(namespace)
    raise WholeCluster
