"""Sharing a cluster with a team or a person: to what role, in which namespaces, and the end of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bson import ObjectId

from clusters import shares, store
from clusters.building import NamespaceBuilds, require_none
from clusters.connections import forget_client
from clusters.monitoring import history_store
from clusters.rows import Share
from clusters.scope import environments_on, tell_sharing
from clusters.sharing.enforcing import enforce, withdraw
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.store import find_team, person_by_email
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, InvalidInput, NotFound
from kubeorch.base.names import is_dns_label

SHARES_MOST = 100
NAMESPACES_OF_SHARES = 50


class NoSuchShare(NotFound):
    code = "share.not_found"

    def __init__(self) -> None:
        super().__init__("the cluster is not shared so, or no longer")


class SharedAlready(Conflict):
    code = "share.exists"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the cluster is shared with {name} already; end that share to share it otherwise", field="with"
        )


class BadNamespaces(InvalidInput):
    code = "share.namespaces"

    def __init__(self, why: str) -> None:
        super().__init__(why, field="namespaces")


class NamespacesOfPerson(BadNamespaces):
    def __init__(self) -> None:
        super().__init__("name the namespaces: people have no environments, teams have")


class TooManyShares(Conflict):
    code = "share.too_many"

    def __init__(self) -> None:
        super().__init__(f"a cluster may be shared {SHARES_MOST} times; share it with teams in the place of people")


def share_cluster(principal: Principal, cluster: store.Cluster, given: dict[str, Any]) -> store.Cluster:
    """Share it: `{team | person, role, namespaces}`, namespaces None for those of the team's own environments.

    The caller has checked that the person may. Raises InvalidInput, SharedAlready, TooManyShares, NamespaceBuilds.
    """
    namespaces = _namespaces(given.get("namespaces"))
    require_none(cluster, namespaces or ())
    if bool(given.get("team")) == bool(given.get("person")):
        raise InvalidInput("share with a team or with a person", code="share.with", field="team")
    share = Share(
        id=ObjectId(),
        team_id=None,
        user_id=None,
        name="",
        role=given["role"],
        namespaces=namespaces,
        unenforced="",
        created_at=now(),
        created_by=principal.name or principal.email,
    )
    if given.get("team"):
        share["team_id"], share["name"] = _team(given["team"], cluster)
    else:
        share["user_id"], share["name"] = _person(given["person"])
        if namespaces is None:
            raise NamespacesOfPerson
    share["unenforced"] = enforce(cluster, share)
    changed = shares.add_share(cluster["_id"], share, most=SHARES_MOST)
    if changed is None:
        withdraw(cluster["_id"], share)
        _refuse(cluster["_id"], share)
        raise TooManyShares
    history_store.note(cluster["_id"], "shared", by=share["created_by"], detail=_words(share))
    _tell(cluster["_id"])
    return changed


def end_share(principal: Principal, cluster: store.Cluster, share_id: str) -> tuple[Share, dict[str, Any]]:
    """End a share at once; what stays of it: `{namespaces, bindings_left}`, the namespaces of the team's environments
    there, and those in which the API server may still have its binding. Raises NoSuchShare."""
    share = share_of(cluster, share_id)
    while shares.remove_share(cluster["_id"], share) is None:
        share = share_of(store.find(cluster["_id"]), share_id)  # whether the API server holds it was noted meanwhile
    _tell(cluster["_id"])
    left = withdraw(cluster["_id"], share)
    stays = {"namespaces": stays_of(cluster, share), "bindings_left": left}
    history_store.note(
        cluster["_id"], "unshared", by=principal.name or principal.email, ok=not left, detail=_words(share)
    )
    return share, stays


def edit_share(
    principal: Principal, cluster: store.Cluster, share_id: str, given: Mapping[str, Any]
) -> tuple[store.Cluster, list[str]]:
    """Share with the same ones by another `role` or in other `namespaces`, at once; the cluster, and the namespaces in
    which a former binding may be left.

    It is a share of its own from then on, with another id: what the former allowed ends with it, also for requests that
    are on their way, and of two who edit it at once one is told. Raises NoSuchShare, InvalidInput, NamespaceBuilds.
    """
    before = share_of(cluster, share_id)
    namespaces = _namespaces(given["namespaces"]) if "namespaces" in given else before["namespaces"]
    if before["user_id"] is not None and namespaces is None:
        raise NamespacesOfPerson
    after = Share(**{**before, "id": ObjectId(), "role": given.get("role", before["role"]), "namespaces": namespaces})
    require_none(cluster, after["namespaces"] or ())
    if (after["role"], after["namespaces"]) == (before["role"], before["namespaces"]):
        return cluster, []
    after["unenforced"] = enforce(cluster, after)
    try:
        while (changed := shares.replace_share(cluster["_id"], before, after)) is None:
            found = store.find(cluster["_id"])
            require_none(found, after["namespaces"] or ())
            before = share_of(found, share_id)
    except (NoSuchShare, NamespaceBuilds):  # somebody has ended it, edited it first, or builds there by now
        withdraw(cluster["_id"], after)
        raise
    _tell(cluster["_id"])
    left = withdraw(cluster["_id"], before)
    history_store.note(
        cluster["_id"], "shared", by=principal.name or principal.email, ok=not left, detail=_words(after)
    )
    return changed, left


def _tell(cluster_id: ObjectId) -> None:
    forget_client(cluster_id)
    tell_sharing(cluster_id)


def share_of(cluster: store.Cluster, share_id: str) -> Share:
    """Raises NoSuchShare."""
    for share in cluster.get("shares") or ():
        if str(share["id"]) == share_id:
            return share
    raise NoSuchShare


def stays_of(cluster: store.Cluster, share: Share) -> list[str]:
    """The namespaces in which the team has environments on the cluster: what is in them stays when the share ends."""
    if share["team_id"] is None:
        return []
    return sorted(environments_on(cluster["_id"], share["team_id"]))


def _namespaces(given: Sequence[str] | None) -> list[str] | None:
    if given is None:
        return None
    names = list(dict.fromkeys(given))
    wrong = next((name for name in names if not is_dns_label(name)), None)
    if wrong is not None:
        raise BadNamespaces(f"{wrong[:63]!r} is not the name of a namespace: small letters, digits and -, 63 at most")
    if not names or len(names) > NAMESPACES_OF_SHARES:
        raise BadNamespaces(f"name 1 to {NAMESPACES_OF_SHARES} namespaces")
    return names


def _team(name_or_id: str, cluster: store.Cluster) -> tuple[ObjectId, str]:
    found = find_team(name_or_id)
    if found is None:
        raise InvalidInput("there is no team of that name or id, or there are several", code="share.team", field="team")
    if found[0] == cluster["team_id"]:
        raise InvalidInput("the cluster is that team's own", code="share.team", field="team")
    return found


def _person(email: str) -> tuple[ObjectId, str]:
    found = person_by_email(email.strip().lower())
    if found is None:
        raise InvalidInput("nobody with that e-mail address has an account", code="share.person", field="person")
    return found["_id"], found["email"]


def _refuse(cluster_id: ObjectId, share: Share) -> None:
    cluster = store.find(cluster_id)
    require_none(cluster, share["namespaces"] or ())
    for other in cluster.get("shares") or ():
        if (other["team_id"], other["user_id"]) == (share["team_id"], share["user_id"]):
            raise SharedAlready(share["name"])


def _words(share: Share) -> str:
    where = ", ".join(share["namespaces"]) if share["namespaces"] else "the namespaces of its environments"
    return f"{share['name']} as {share['role']} in {where}"
