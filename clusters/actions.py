"""What people and processes do with clusters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypedDict

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from clusters import store
from clusters.connections import ClusterBusy, asking, check_server, client_for, credentials_of, forget_client
from clusters.credentials import sealed
from clusters.domain.kubeconfig import Credentials, kubeconfig_text, parse_kubeconfig
from clusters.kube.client import KubeClient
from clusters.kube.tls import tls_context
from clusters.kube.transport import LIMITS
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, require_instance_admin
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, Forbidden, InvalidInput, KubeOrchError
from kubeorch.base.names import is_dns_label
from kubeorch.mongo.transaction import run_in_transaction


class NameTaken(Conflict):
    code = "cluster.name_taken"

    def __init__(self) -> None:
        super().__init__("the team already has a cluster of that name; choose another name", field="name")


class Use(TypedDict):
    """An environment on a cluster."""

    id: str
    name: str
    workflow_id: str


UsesOf = Callable[[ObjectId, ClientSession], Sequence[Use]]
"""Gives the environments on a cluster, read in the transaction of that session. The roof hands it to the routes, since
clusters do not know what runs on them."""


class ClusterInUse(Conflict):
    """Environments are on the cluster; without it nobody could remove what they own there."""

    code = "cluster.in_use"

    def __init__(self, environments: Sequence[Use]) -> None:
        names = ", ".join(environment["name"] for environment in environments[:5])
        super().__init__(
            f"environments run on this cluster: {names}; move or delete them first",
            extra={"environments": environments},
        )


# What people do


def create_cluster(
    principal: Principal, team_id: ObjectId, name: str, kubeconfig: str, *, context: str = "", insecure: bool = False
) -> store.Cluster:
    """Connect a cluster for a team and ask its API server once; `state` and `error` are the outcome.

    Raises Forbidden, NameTaken, or InvalidInput (kubeconfig, address, name).
    """
    require(principal, "cluster.connect", team_id)
    _check_name(name)
    credentials = _read(kubeconfig, context, insecure)
    cluster = store.new_cluster(name, team_id=team_id, created_by=ObjectId(principal.user_id))
    try:
        cluster = store.insert({**cluster, **sealed(cluster["_id"], credentials), "state": "connecting"})
    except DuplicateKeyError:
        raise NameTaken from None
    return _tried(cluster)


def update_cluster(
    principal: Principal,
    cluster_id: object,
    *,
    name: str | None = None,
    kubeconfig: str | None = None,
    context: str = "",
    insecure: bool = False,
    shared: bool | None = None,
) -> store.Cluster:
    """Rename, share or give new credentials. Sharing with all teams is for administrators of the instance."""
    cluster = store.find(cluster_id, principal)
    _require(principal, "cluster.edit", cluster)
    values: dict[str, Any] = {}
    if name is not None and name != cluster["name"]:
        _check_name(name)
        values["name"] = name
    if shared is not None and shared != cluster["shared"]:
        if not principal.is_admin:
            raise Forbidden("only administrators of the instance can share a cluster with every team", field="shared")
        values["shared"] = shared
    if kubeconfig is not None:
        values.update(sealed(cluster["_id"], _read(kubeconfig, context, insecure)), state="connecting", error=None)
    if not values:
        return cluster
    try:
        changed = store.change(cluster["_id"], values)
    except DuplicateKeyError:
        raise NameTaken from None
    if changed is None:
        raise store.NoSuchCluster
    forget_client(cluster["_id"])
    return changed if kubeconfig is None else _tried(changed)


def check_may_edit(principal: Principal, cluster_id: object) -> None:
    """Raises NoSuchCluster or Forbidden."""
    _require(principal, "cluster.edit", store.find(cluster_id, principal))


def delete_cluster(principal: Principal, cluster_id: object, *, uses_of: UsesOf) -> None:
    """Forget a cluster and its credentials. Raises ClusterInUse while environments are on it."""
    cluster = store.find(cluster_id, principal)
    _require(principal, "cluster.edit", cluster)

    def work(session: ClientSession) -> None:
        if used := uses_of(cluster["_id"], session):
            raise ClusterInUse(used)
        store.delete(cluster["_id"], session)

    run_in_transaction(work)
    forget_client(cluster["_id"])


def try_cluster(principal: Principal, cluster_id: object) -> store.Cluster:
    """Ask the API server now, for a person; `state` and `error` are the outcome.

    Raises NoSuchCluster, Forbidden, or ClusterBusy.
    """
    cluster = store.find(cluster_id, principal)
    team_id = cluster["team_id"]
    if not (cluster["shared"] and any(principal.may("cluster.test", team) for team in principal.team_ids)):
        if team_id is None or principal.role_in(team_id) is None:
            raise Forbidden("your role does not let you test clusters", code="forbidden.role")
        require(principal, "cluster.test", team_id)
    with asking(cluster["_id"]):
        return test_cluster(cluster["_id"])


def test_cluster(cluster_id: object) -> store.Cluster:
    """Ask the API server for its version, and store the outcome as the cluster's state."""
    cluster = store.find(cluster_id)
    try:
        client = client_for(cluster["_id"])
        version = client.version(timeout_s=client.limits.question_s)
    except KubeOrchError as error:
        return note_failed(cluster["_id"], error) or cluster
    return note_ready(cluster["_id"], version) or cluster


def sandbox_kubeconfig(principal: Principal, cluster_id: object) -> str:
    """The sandbox's own kubeconfig, for a person's kubectl; the credentials of other clusters are never shown."""
    cluster = store.find(cluster_id, principal)
    if not cluster["is_sandbox"]:
        raise Forbidden("the credentials of a connected cluster are never shown")
    require_instance_admin(principal)
    return kubeconfig_text(credentials_of(cluster["_id"]), name=cluster["name"])


def list_namespaces(principal: Principal, cluster_id: object) -> list[str]:
    """Names of the cluster's namespaces, sorted."""
    cluster = store.find(cluster_id, principal)
    with asking(cluster["_id"]):
        client = client_for(cluster["_id"])
        items, _ = client.list("v1", "Namespace", metadata_only=True, timeout_s=client.limits.question_s)
    return sorted(item["metadata"]["name"] for item in items)


# What processes do


def note_ready(cluster_id: ObjectId, version: str) -> store.Cluster | None:
    """Record that the API server answered; the page hears of it only when something visible changed."""
    return store.note_checked(cluster_id, {"state": "ready", "error": None, "version": version[: store.VERSION_MAX]})


def note_failed(cluster_id: ObjectId, error: KubeOrchError) -> store.Cluster | None:
    """Record that the API server did not answer, or refused us."""
    return store.note_checked(cluster_id, {"state": "failed", "error": _error(error.code, error.detail)})


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
        error = _error("sandbox.failed", detail)
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
            **sealed(cluster["_id"], credentials),
            "state": "ready",
            "error": None,
            "progress": progress,
            "version": version,
            "last_checked_at": now(),
        },
    )
    forget_client(cluster["_id"])
    return cluster["_id"]


def _error(code: str, detail: str) -> store.ClusterError:
    return {"code": code, "detail": detail[: store.ERROR_DETAIL_MAX]}


def _tried(cluster: store.Cluster) -> store.Cluster:
    """The cluster after asking its API server; as it was when too many people are asking, since a watcher asks soon."""
    with suppress(ClusterBusy), asking(cluster["_id"]):
        return test_cluster(cluster["_id"])
    return cluster


def _read(kubeconfig: str, context: str, insecure: bool) -> Credentials:
    credentials = parse_kubeconfig(kubeconfig, context=context or None, allow_insecure=insecure)
    check_server(credentials.server)
    tls_context(credentials)  # refuses certificates and keys that cannot be used
    return credentials


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


def _require(principal: Principal, verb: str, cluster: store.Cluster) -> None:
    """The role in the cluster's team decides; nobody can change the sandbox, which has no team."""
    team_id = cluster["team_id"]
    if team_id is None or cluster["is_sandbox"]:
        raise Forbidden("the built-in cluster is managed by the server and cannot be changed")
    if principal.role_in(team_id) is None:
        raise Forbidden("this cluster is shared with you; only its own team can change it")
    require(principal, verb, team_id)
