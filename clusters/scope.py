"""What a person may see and do on a cluster, asked at the moment of use.

The team that owns a cluster has all of it, by its roles. Of another team's cluster, and of the built-in one once
several teams use it, a person has the namespaces that a share names, or else those that runs of their own teams have
made there, by the role in that team and the role of the share; what belongs to the whole cluster is the owner's alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from bson import ObjectId
from django.utils.module_loading import import_string

from clusters.domain.sharing import Acting, acting_for
from clusters.rows import Cluster, Share
from clusters.shares import share_of_team
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.roles import VERBS, Role
from kubeorch.accounts.scope import NotAllowed, require
from kubeorch.base.errors import Forbidden, NotFound

Placed = Callable[[ObjectId, Collection[ObjectId]], tuple[frozenset[str], bool]]
"""A cluster and teams → the namespaces of these teams' environments there that they may use, and whether other teams
have some, too."""
PLACED = "workflows.environments.placement.namespaces_of_teams"
"""The `Placed` of whoever has environments, which stands above clusters."""
SHARING_CHANGED = "workflows.statuses.withdrawn.note_sharing"
"""A cluster, of which others may see more or less from now on."""
NAMED = "workflows.environments.placement.environment_namespaces"
"""A cluster and teams → all namespaces that their environments there name, whether they may use them or not."""


@dataclass(frozen=True, slots=True)
class Access:
    """One way in which a person has to do with a cluster."""

    team_id: ObjectId
    """In whose name."""
    role: Role
    namespaces: frozenset[str] | None
    """None: all of them, and what belongs to the whole cluster."""
    acting: Acting | None = None
    """In whose name the API server is to see requests, where it holds the share (`connections.client_for`)."""
    credentials_id: ObjectId | None = None
    """By which credentials of the cluster."""
    share_says: Role | None = None
    """The role of the share, where that is less than what the person is otherwise."""

    def reaches(self, namespace: str) -> bool:
        """Whether it covers a namespace; "" asks for what belongs to the whole cluster."""
        return self.namespaces is None or namespace in self.namespaces


class NamespaceHidden(NotFound):
    """Nothing in that namespace may be seen; whether it exists is not said."""

    code = "cluster.namespace_hidden"

    def __init__(self, namespace: str) -> None:
        super().__init__(
            f"you see no namespace {namespace} on this cluster; of a cluster that several teams use, each sees "
            "those that a share names for it and those that its own runs have made"
        )


class WholeCluster(Forbidden):
    """What has no namespace belongs to the team that owns the cluster."""

    code = "cluster.of_owner"

    def __init__(self) -> None:
        super().__init__("what belongs to the whole cluster is for the team that owns it; ask its owner")


class RoleOfShare(NotAllowed):
    """The share through which the person sees the cluster does not cover the verb."""

    code = "forbidden.share"

    def __init__(self, verb: str, role: Role) -> None:
        Forbidden.__init__(
            self,
            f"this cluster is shared with you as {role}; this needs {VERBS[verb]}. Ask the team that owns the cluster.",
        )
        self.verb = verb


def role_refused(verb: str, access: Access) -> NotAllowed:
    """Why the role by which the person is there does not cover the verb: that of the share, or their own."""
    if access.share_says is not None:
        return RoleOfShare(verb, access.share_says)
    return NotAllowed(verb, VERBS[verb], access.role)


class OtherName(Forbidden):
    """What was begun by one share or team does not go on by another."""

    code = "cluster.access_changed"

    def __init__(self) -> None:
        super().__init__(
            "you have access to this cluster in another way, or it has other credentials, than when this was opened; "
            "open it again"
        )


def accesses(principal: Principal, cluster: Cluster) -> Sequence[Access]:
    """All ways, the widest first; empty without any."""
    own, credentials = cluster["team_id"], cluster.get("credentials_id")
    if own is not None and (role := principal.role_in(own)) is not None:
        return [Access(own, role, None, None, credentials)]
    teams = sorted(principal.team_ids)
    shared = [access for share in cluster.get("shares") or () if (access := _by_share(principal, cluster, share))]
    if cluster["is_sandbox"]:
        _, others = placed_on(cluster["_id"], teams)
        if principal.is_admin or not others:
            return [Access(team, principal.roles[str(team)], None, None, credentials) for team in teams]
    if cluster["shared"] or cluster["is_sandbox"]:
        shared += [
            Access(team, principal.roles[str(team)], placed_on(cluster["_id"], [team])[0], None, credentials)
            for team in teams
        ]
    return shared


def acting_of_team(cluster: Cluster, team_id: ObjectId) -> Acting | None:
    """In whose name the API server is to see what a team does there; None: in that of the cluster's own credentials."""
    share = share_of_team(cluster, team_id) if team_id != cluster["team_id"] else None
    return acting_for(str(share["id"])) if share is not None and not share["unenforced"] else None


def placed_on(cluster_id: ObjectId, team_ids: Collection[ObjectId]) -> tuple[frozenset[str], bool]:
    """As `Placed`."""
    placed: Placed = import_string(PLACED)
    return placed(cluster_id, team_ids)


def still_has(principal: Principal, verb: str, cluster: Cluster, namespace: str, known: Access) -> None:
    """For what goes on in the name in which it was begun: whether the person may still do this in that very name.

    Raises as `require_on`, and Forbidden where they may by now only in another name.
    """
    require_on(principal, verb, cluster, namespace)
    for access in accesses(principal, cluster):
        if _name(access) == _name(known) and access.reaches(namespace) and access.role.covers(VERBS[verb]):
            return
    raise OtherName


def _name(access: Access) -> tuple[object, ...]:
    """In which its requests go out."""
    return access.team_id, access.acting, access.credentials_id


def tell_sharing(cluster_id: ObjectId) -> None:
    """With whom a cluster is shared has changed: what is shown of it to those who may not see it any more ends."""
    changed: Callable[[ObjectId], None] = import_string(SHARING_CHANGED)
    changed(cluster_id)


def environments_on(cluster_id: ObjectId, team_id: ObjectId) -> frozenset[str]:
    """The namespaces that a team's environments on a cluster name."""
    named: Callable[[ObjectId, Collection[ObjectId]], frozenset[str]] = import_string(NAMED)
    return named(cluster_id, [team_id])


def _by_share(principal: Principal, cluster: Cluster, share: Share) -> Access | None:
    team, role = share["team_id"], Role(share["role"])
    acting = None if share["unenforced"] else acting_for(str(share["id"]))
    credentials = cluster.get("credentials_id")
    if team is None:
        if str(share["user_id"]) != principal.user_id or not principal.team_ids:
            return None
        return Access(min(principal.team_ids), role, frozenset(share["namespaces"] or ()), acting, credentials, role)
    own = principal.role_in(team)
    if own is None:
        return None
    named = share["namespaces"]
    seen = placed_on(cluster["_id"], [team])[0] if named is None else frozenset(named)
    is_own = role.covers(own)
    return Access(team, own if is_own else role, seen, acting, credentials, None if is_own else role)


def namespaces_of(principal: Principal, cluster: Cluster) -> frozenset[str] | None:
    """The namespaces of a cluster that a person may see; None when all of them, and what has no namespace."""
    return seen_by_ways(accesses(principal, cluster))


def seen_by_ways(ways: Sequence[Access]) -> frozenset[str] | None:
    """The same, of somebody who has to do with the cluster in these ways."""
    seen: set[str] = set()
    for access in ways:
        if access.namespaces is None:
            return None
        seen |= access.namespaces
    return frozenset(seen)


def way_to(ways: Sequence[Access], verb: str, namespace: str | None) -> Access | None:
    """The first of these ways by which this may be done there (see `require_on`); None without any."""
    return next(
        (one for one in ways if (namespace is None or one.reaches(namespace)) and one.role.covers(VERBS[verb])), None
    )


def require_on(principal: Principal, verb: str, cluster: Cluster, namespace: str | None = None) -> Access:
    """By what the person may do this: in that namespace, with "" to what belongs to the whole cluster, and without a
    namespace anywhere on the cluster (where `namespaces_of` says what they see of the answer).

    Raises NamespaceHidden or WholeCluster where they see nothing, Forbidden where the role does not cover the verb.
    """
    return require_way(accesses(principal, cluster), verb, namespace)


def require_way(ways: Sequence[Access], verb: str, namespace: str | None) -> Access:
    """As `require_on`, for somebody who has to do with the cluster in these ways."""
    if access := way_to(ways, verb, namespace):
        return access
    covering = [one for one in ways if namespace is None or one.reaches(namespace)]
    if covering:
        raise role_refused(verb, covering[0])
    if namespace:
        raise NamespaceHidden(namespace)
    raise WholeCluster


def require_owned(principal: Principal, verb: str, cluster: Cluster) -> ObjectId:
    """For what changes the cluster itself: the role in its team, which is returned, decides. Nobody can change the
    sandbox, which has no team."""
    team_id = cluster["team_id"]
    if team_id is None or cluster["is_sandbox"]:
        raise Forbidden("the built-in cluster is managed by the server and cannot be changed")
    if principal.role_in(team_id) is None:
        raise Forbidden("this cluster is shared with you; only its own team can change it")
    require(principal, verb, team_id)
    return team_id


def name_of(principal: Principal) -> str:
    return principal.name or principal.email
