"""What people and processes do with clusters."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from clusters import store
from clusters.addresses import check_address
from clusters.connections import ClusterBusy, asking, client_for, credentials_of, forget_client
from clusters.credentials import sealed
from clusters.domain.kubeconfig import Credentials, kubeconfig_text, parse_kubeconfig
from clusters.kube.client import KubeClient
from clusters.kube.tls import tls_context
from clusters.kube.transport import LIMITS
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, Forbidden, InvalidInput, KubeOrchError
from kubeorch.base.names import is_dns_label
from kubeorch.mongo.client import db
from kubeorch.mongo.transaction import run_in_transaction


class NameTaken(Conflict):
    code = "cluster.name_taken"

    def __init__(self) -> None:
        super().__init__("the team has a cluster of that name; choose another", field="name")


class ClusterInUse(Conflict):
    """Environments run on it; deleting it would orphan what they own."""

    code = "cluster.in_use"

    def __init__(self, environments: list[dict[str, str]]) -> None:
        names = ", ".join(environment["name"] for environment in environments[:5])
        super().__init__(
            f"environments run on this cluster: {names}; move or delete them first",
            extra={"environments": environments},
        )


# What people do


def create_cluster(
    principal: Principal, team_id: ObjectId, name: str, kubeconfig: str, *, context: str = "", insecure: bool = False
) -> store.Row:
    """Connect a cluster for a team and try it once. Its state says whether that went well.

    Raises Forbidden, NameTaken, or InvalidInput (kubeconfig, address, name).
    """
    require(principal, "cluster.connect", team_id)
    _check_name(name)
    credentials = _read(kubeconfig, context, insecure)
    row = store.new_row(name, team_id=team_id, created_by=ObjectId(principal.user_id))
    row.update(sealed(row["_id"], credentials), state="connecting")
    try:
        store.insert(row)
    except DuplicateKeyError:
        raise NameTaken from None
    return _tried(row)


def update_cluster(
    principal: Principal,
    cluster_id: object,
    *,
    name: str | None = None,
    kubeconfig: str | None = None,
    context: str = "",
    insecure: bool = False,
    shared: bool | None = None,
) -> store.Row:
    """Rename, share or give new credentials. Sharing with all teams is for administrators of the instance."""
    row = store.find(cluster_id, principal)
    _require(principal, "cluster.edit", row)
    values: dict[str, Any] = {}
    if name is not None and name != row["name"]:
        _check_name(name)
        values["name"] = name
    if shared is not None and shared != row["shared"]:
        if not principal.is_admin:
            raise Forbidden("sharing with every team is for administrators of the instance", field="shared")
        values["shared"] = shared
    if kubeconfig is not None:
        values.update(sealed(row["_id"], _read(kubeconfig, context, insecure)), state="connecting", error=None)
    if not values:
        return row
    try:
        changed = store.change(row["_id"], values)
    except DuplicateKeyError:
        raise NameTaken from None
    if changed is None:
        raise store.NoSuchCluster
    forget_client(row["_id"])
    return changed if kubeconfig is None else _tried(changed)


def check_may_edit(principal: Principal, cluster_id: object) -> None:
    """Raises NoSuchCluster or Forbidden."""
    _require(principal, "cluster.edit", store.find(cluster_id, principal))


def delete_cluster(principal: Principal, cluster_id: object) -> None:
    """Forget a cluster and its credentials. Raises ClusterInUse while environments run on it."""
    row = store.find(cluster_id, principal)
    _require(principal, "cluster.edit", row)

    def work(session: ClientSession) -> None:
        found = db()["environments"].find({"cluster_id": row["_id"]}, {"name": 1, "workflow_id": 1}, session=session)
        used = [
            {"id": str(environment["_id"]), "name": environment["name"], "workflow_id": str(environment["workflow_id"])}
            for environment in found.limit(100)
        ]
        if used:
            raise ClusterInUse(used)
        store.delete(row["_id"], session)

    run_in_transaction(work)
    forget_client(row["_id"])


def test_cluster(cluster_id: object) -> store.Row:
    """Ask the API server for its version and keep what came of it as the cluster's state."""
    row = store.find(cluster_id)
    try:
        client = client_for(row["_id"])
        version = client.version(timeout_s=client.limits.question_s)
    except KubeOrchError as error:
        return note_failed(row["_id"], error) or row
    return note_ready(row["_id"], version) or row


def sandbox_kubeconfig(principal: Principal, cluster_id: object) -> str:
    """The sandbox's own kubeconfig, for a person's kubectl; of no other cluster are credentials given out."""
    row = store.find(cluster_id, principal)
    if not row["is_sandbox"]:
        raise Forbidden("credentials of a connected cluster are not given out")
    if not principal.is_admin:
        raise Forbidden("this is for administrators of the instance", code="forbidden.instance_admin")
    return kubeconfig_text(credentials_of(row["_id"]), name=row["name"])


def list_namespaces(principal: Principal, cluster_id: object) -> list[str]:
    """Names of the cluster's namespaces, sorted."""
    row = store.find(cluster_id, principal)
    with asking(row["_id"]):
        client = client_for(row["_id"])
        items, _ = client.list("v1", "Namespace", metadata_only=True, timeout_s=client.limits.question_s)
    return sorted(item["metadata"]["name"] for item in items)


# What processes do


def note_ready(cluster_id: ObjectId, version: str) -> store.Row | None:
    """The API server answered. Tells the page only when something visible changed."""
    return _note(cluster_id, {"state": "ready", "error": None, "version": version[:64]})


def note_failed(cluster_id: ObjectId, error: KubeOrchError) -> store.Row | None:
    """The API server did not answer, or refused us."""
    return _note(cluster_id, {"state": "failed", "error": {"code": error.code, "detail": error.detail[:1000]}})


def _note(cluster_id: ObjectId, values: dict[str, Any]) -> store.Row | None:
    current = store.collection().find_one({"_id": cluster_id})
    if current is None:
        return None
    if all(current.get(key) == value for key, value in values.items()) and current.get("last_checked_at"):
        store.collection().update_one({"_id": cluster_id}, {"$set": {"last_checked_at": now()}})
        return {**current, "last_checked_at": now()}
    return store.change(cluster_id, {**values, "last_checked_at": now()})


def report_sandbox(progress: Mapping[str, Any]) -> ObjectId:
    """Keep how far the sandbox is: `{phase, step, steps, message, detail}`. Gives the cluster's id."""
    row = store.ensure_sandbox()
    phase = str(progress.get("phase", "finding"))
    state = {"ready": "ready", "failed": "failed"}.get(phase, "connecting")
    if state == "ready" and not row.get("credentials"):
        state = "connecting"
    error = None
    if state == "failed":
        detail = " ".join(str(progress.get(key) or "") for key in ("message", "detail")).strip()
        error = {"code": "sandbox.failed", "detail": detail[:1000]}
    store.change(row["_id"], {"state": state, "progress": dict(progress), "error": error})
    return row["_id"]


def register_sandbox(kubeconfig_text: str) -> ObjectId:
    """The sandbox answers with these credentials: keep them and show the cluster as ready. Gives its id."""
    credentials = parse_kubeconfig(kubeconfig_text, allow_http=True)
    check_address(credentials.server, is_sandbox=True)
    row = store.ensure_sandbox()
    version = row["version"]
    with suppress(KubeOrchError):  # it is registered all the same; the next check says what is wrong
        version = KubeClient(credentials).version(timeout_s=LIMITS.question_s)
    progress = {**(row.get("progress") or {}), "phase": "ready"}
    for key, value in (("step", 1), ("steps", 1), ("message", "ready"), ("detail", "")):
        progress.setdefault(key, value)
    store.change(
        row["_id"],
        {
            **sealed(row["_id"], credentials),
            "state": "ready",
            "error": None,
            "progress": progress,
            "version": version,
            "last_checked_at": now(),
        },
    )
    forget_client(row["_id"])
    return row["_id"]


def _tried(row: store.Row) -> store.Row:
    """The row with what came of asking its API server; as it is when too many people ask, since a watcher asks soon."""
    with suppress(ClusterBusy), asking(row["_id"]):
        return test_cluster(row["_id"])
    return row


def _read(kubeconfig: str, context: str, insecure: bool) -> Credentials:
    credentials = parse_kubeconfig(kubeconfig, context=context or None, allow_insecure=insecure)
    check_address(credentials.server)
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


def _require(principal: Principal, verb: str, row: store.Row) -> None:
    """The team's role decides; the sandbox and other clusters without a team are nobody's to change."""
    if row.get("team_id") is None or row["is_sandbox"]:
        raise Forbidden("the built-in cluster is kept by the server itself; it cannot be changed here")
    if principal.role_in(row["team_id"]) is None:
        raise Forbidden("this cluster is shared with you; its own team changes it")
    require(principal, verb, row["team_id"])
