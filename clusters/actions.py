"""What people and processes do with clusters."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from clusters import checks, store
from clusters.changes import store as changes_store
from clusters.connecting.giving import credentials_given, field_of, keep_sign_ins, said_of, without_credentials
from clusters.connections import ClusterBusy, asking, client_for, credentials_of, forget_client
from clusters.credentials import opened, sealed
from clusters.domain.cluster_labels import checked_labels
from clusters.domain.credentials import Credentials
from clusters.domain.kubeconfig import kubeconfig_text, parse_kubeconfig
from clusters.kube.client import KubeClient
from clusters.kube.limits import LIMITS
from clusters.marks import store as marks_store
from clusters.monitoring import history_store
from clusters.monitoring.looking import measured
from clusters.reaching import check_server
from clusters.scope import name_of, require_owned, tell_sharing
from clusters.sharing.enforcing import withdraw_all
from clusters.uses import ClusterBuilds, ClusterInUse, EnginesIn, UsesOf
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, require_instance_admin
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, Forbidden, InvalidInput, KubeOrchError
from kubeorch.base.names import is_dns_label
from kubeorch.base.seal import Unsealable
from kubeorch.mongo.transaction import run_in_transaction

TOLD = frozenset({"name", "server", "labels", "shared", "is_default"})
"""Fields whose change the log of a connection names."""


class NameTaken(Conflict):
    code = "cluster.name_taken"

    def __init__(self) -> None:
        super().__init__("the team already has a cluster of that name; choose another name", field="name")


class ConnectionChanged(Conflict):
    code = "cluster.connection_changed"

    def __init__(self) -> None:
        super().__init__(
            "somebody has changed the address or the credentials of this cluster meanwhile; look at it and try again"
        )


class ServerTwice(InvalidInput):
    code = "cluster.server_twice"

    def __init__(self) -> None:
        super().__init__("credentials come with their own address; leave this one out", field="server")


class TooManyClusters(Conflict):
    code = "cluster.too_many"

    def __init__(self) -> None:
        super().__init__(f"a team may have {store.CLUSTERS_OF_A_TEAM} clusters; disconnect one it no longer needs")


# What people do


def create_cluster(principal: Principal, team_id: ObjectId, name: str, given: Mapping[str, Any]) -> store.Cluster:
    """Connect a cluster for a team: its API server is asked first, and only one that answers is stored.

    `given` is a kubeconfig or credentials (clusters/connecting/giving.py). Raises Forbidden, NameTaken,
    TooManyClusters, ClusterBusy, or InvalidInput (kubeconfig, credentials, address, name); that the API server does not
    answer, or refuses the credentials, is NotConnectable.
    """
    require(principal, "cluster.connect", team_id)
    _check_name(name)
    others = store.names_of(team_id)
    if name in others:
        raise NameTaken
    if len(others) >= store.CLUSTERS_OF_A_TEAM:
        raise TooManyClusters
    cluster = store.new_cluster(name, team_id=team_id, created_by=ObjectId(principal.user_id))
    with said_of(field_of(given)):
        credentials = credentials_given(principal, team_id, given)
        answered = checks.connect(cluster, team_id, credentials)
    row = cast("store.Cluster", {**cluster, **answered})

    def work(session: ClientSession) -> store.Cluster:
        keep_sign_ins(None, row.get("sign_in_id"), session)
        return store.insert(row)

    try:
        made = run_in_transaction(work)
    except DuplicateKeyError:
        raise NameTaken from None
    history_store.note(made["_id"], "connected", by=name_of(principal), detail=made["server"])
    return _measured(made, team_id, credentials)


def update_cluster(
    principal: Principal,
    cluster_id: object,
    *,
    name: str | None = None,
    shared: bool | None = None,
    server: str | None = None,
    labels: Mapping[str, str] | None = None,
    is_default: bool | None = None,
    **given: Any,
) -> store.Cluster:
    """Rename, share or give new credentials. Sharing with all teams is for administrators of the instance; those of
    the team that owns the cluster may end it.

    New credentials are tried first, as those of a new cluster are; the old ones stay when they are refused, which
    credentials for another cluster always are (AnotherCluster). Another `server` alone forgets the credentials: what
    was given for one address is never sent to another. Raises ConnectionChanged when somebody has changed address or
    credentials while these were tried.
    """
    cluster = store.find(cluster_id, principal)
    team_id = require_owned(principal, "cluster.edit", cluster)
    values: dict[str, Any] = {}
    credentials: Credentials | None = None
    if name is not None and name != cluster["name"]:
        _check_name(name)
        values["name"] = name
    if shared is not None and shared != cluster["shared"]:
        if shared and not principal.is_admin:
            raise Forbidden("only administrators of the instance can share a cluster with every team", field="shared")
        values["shared"] = shared
    if labels is not None:
        values["labels"] = checked_labels(labels)
    if is_default is not None and is_default != cluster.get("is_default", False):
        values["is_default"] = is_default
    if given.get("kubeconfig") is not None or given.get("credentials") is not None:
        if server is not None:
            raise ServerTwice
        with said_of(field_of(given)):
            credentials = credentials_given(principal, team_id, given)
            values.update(checks.connect(cluster, team_id, credentials, is_new=False))
    elif server is not None and server != cluster["server"]:
        values.update(without_credentials(server))
    if not values:
        return cluster
    try:
        changed = run_in_transaction(lambda session: _changed(cluster, values, session))
    except DuplicateKeyError:
        raise NameTaken from None
    action = "credentials" if "credentials" in values else "edited"
    history_store.note(cluster["_id"], action, by=name_of(principal), detail=", ".join(sorted(values.keys() & TOLD)))
    forget_client(cluster["_id"])
    if "shared" in values:
        tell_sharing(cluster["_id"])
    if credentials is None:
        return changed
    return _measured(changed, team_id, credentials)


def editable(principal: Principal, cluster_id: object) -> store.Cluster:
    """The cluster, which the person may change. Raises NoSuchCluster or Forbidden."""
    cluster = store.find(cluster_id, principal)
    require_owned(principal, "cluster.edit", cluster)
    return cluster


def delete_cluster(principal: Principal, cluster_id: object, *, uses_of: UsesOf, engines_in: EnginesIn) -> None:
    """Forget a cluster and its credentials, and remove what shares have made in it, as far as it answers.

    Raises ClusterInUse while environments are on it, and ClusterBuilds while images are built in it.
    """
    cluster = store.find(cluster_id, principal)
    require_owned(principal, "cluster.edit", cluster)
    try:
        client = client_for(cluster["_id"])
    except KubeOrchError:  # without credentials that can be used, what shares have made stays
        client = None

    def work(session: ClientSession) -> store.Cluster:
        if used := uses_of(cluster["_id"], session):
            ours = [use for use in used if principal.role_in(use["team_id"]) is not None]
            raise ClusterInUse(ours, len(used) - len(ours))
        if engines := engines_in(cluster["_id"], session):
            raise ClusterBuilds(engines)
        last = store.find(cluster["_id"], session=session)
        store.delete(last["_id"], session)
        history_store.forget(last["_id"], session)
        marks_store.forget(last["_id"], session)
        changes_store.forget(last["_id"], session)
        keep_sign_ins(last.get("sign_in_id"), None, session)
        return last

    last = run_in_transaction(work)
    forget_client(last["_id"])
    if client is not None:
        withdraw_all(last, client)


def sandbox_kubeconfig(principal: Principal, cluster_id: object) -> str:
    """The sandbox's own kubeconfig, for a person's kubectl; the credentials of other clusters are never shown."""
    cluster = store.find(cluster_id, principal)
    if not cluster["is_sandbox"]:
        raise Forbidden("the credentials of a connected cluster are never shown")
    require_instance_admin(principal)
    return kubeconfig_text(credentials_of(cluster["_id"]), name=cluster["name"])


def _changed(cluster: store.Cluster, values: Mapping[str, Any], session: ClientSession) -> store.Cluster:
    """Change it with what depends on it; who changes the connection does so from the one they saw."""
    before = store.find(cluster["_id"], session=session)
    seen = (cluster["server"], cluster.get("credentials"))
    if "credentials" in values:
        if (before["server"], before.get("credentials")) != seen:
            raise ConnectionChanged
        keep_sign_ins(before.get("sign_in_id"), values.get("sign_in_id"), session)
    if values.get("is_default"):
        store.drop_default(before)
    changed = store.change(cluster["_id"], values)
    if changed is None:
        raise store.NoSuchCluster
    return changed


# What processes do


def report_sandbox(progress: Mapping[str, Any]) -> ObjectId:
    """Store how far the sandbox is: `{phase, step, steps, message, detail}`. The id of its cluster."""
    cluster = store.ensure_sandbox()
    phase = str(progress.get("phase", "finding"))
    state = {"ready": "ready", "failed": "failed"}.get(phase, "connecting")
    if state == "ready" and not cluster.get("credentials"):
        state = "connecting"
    error = None
    if state == "failed":
        detail = " ".join(str(progress.get(key) or "") for key in ("message", "detail")).strip()
        error = store.error("sandbox.failed", detail)
    store.change(cluster["_id"], {"state": state, "progress": dict(progress), "error": error})
    return cluster["_id"]


def register_sandbox(kubeconfig_text: str) -> ObjectId:
    """The sandbox answers to these credentials: store them and show the cluster as ready. Its id."""
    credentials = parse_kubeconfig(kubeconfig_text, allow_http=True)
    check_server(credentials.server, is_sandbox=True)
    cluster = store.ensure_sandbox()
    version = cluster["version"]
    with suppress(KubeOrchError):  # it is registered anyway; the next check reports what is wrong
        version = KubeClient(credentials).version(timeout_s=LIMITS.question_s)
    progress = {**(cluster.get("progress") or {}), "phase": "ready"}
    for key, value in (("step", 1), ("steps", 1), ("message", "ready"), ("detail", "")):
        progress.setdefault(key, value)
    store.change(
        cluster["_id"],
        {
            **({} if _has(cluster, credentials) else sealed(cluster["_id"], credentials)),
            "state": "ready",
            "error": None,
            "progress": progress,
            "version": version,
            "last_checked_at": now(),
        },
    )
    forget_client(cluster["_id"])
    return cluster["_id"]


def _has(cluster: store.Cluster, credentials: Credentials) -> bool:
    """Whether these are its credentials already: then what goes on with them goes on."""
    try:
        return opened(cluster) == credentials
    except Unsealable:
        return False


def _measured(cluster: store.Cluster, team_id: ObjectId, credentials: Credentials) -> store.Cluster:
    """The cluster with its size and rights, where there is a place to ask for them; the monitor asks else."""
    try:
        with asking(cluster["_id"], team_id):
            found = measured(client_for(cluster["_id"]), credentials)
    except (ClusterBusy, store.NoSuchCluster):
        return cluster
    return store.change(cluster["_id"], found) or cluster


def _check_name(name: str) -> None:
    if not is_dns_label(name):
        raise InvalidInput(
            "a name has lower-case letters, digits and dashes, 63 at most, and starts and ends with a letter or digit",
            code="cluster.name",
            field="name",
        )
    if name == store.SANDBOX:
        raise InvalidInput(
            "that name belongs to the built-in cluster; choose another", code="cluster.name", field="name"
        )
