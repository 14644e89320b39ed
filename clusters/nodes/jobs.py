"""Drains a node: cordons it, evicts its pods as budgets allow, and waits until they are gone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from clusters import store as cluster_store
from clusters.connections import client_for
from clusters.domain.draining import Fate, PodOnNode, leaves, pods_on_node
from clusters.domain.objects import Ref
from clusters.domain.reading import mapping
from clusters.kube.client import KubeClient
from clusters.kube.evicting import cordon, evict
from clusters.kube.gathering import Want, gather
from clusters.nodes import store
from clusters.nodes.store import Drain, DrainedPod
from clusters.scope import require_on
from kubeorch.accounts.store import principal_of_user
from kubeorch.base.clock import now
from kubeorch.base.errors import Forbidden, KubeOrchError, NotFound, Unavailable
from kubeorch.jobs.context import JobContext

AGAIN_S = 1.0
BLOCKED_AGAIN_S = 5.0
"""As kubectl waits before it asks a budget again."""
EVICTED_AT_ONCE = 20
OF_BEFORE = (
    "it was begun before an update of KubeOrch, which cannot tell by whose right it goes on; drain the node again"
)
ASKS = {
    Fate.ASKS_DATA: "it has an emptyDir whose data would be lost; drain again and allow it, or delete the pod",
    Fate.ASKS_BOTH: "nothing makes it again, and its emptyDir would be lost; drain again and allow both, or delete it",
    Fate.ASKS_UNMANAGED: "nothing makes it again; drain again and allow it, or delete the pod",
}


def drain_node(ctx: JobContext) -> None:
    """Handler of `clusters.drain`: one round, then it asks to be called again until the node is empty."""
    drain = _drain_of(ctx)
    if drain is None or drain["state"] != "running":
        return None
    if drain["cancel_requested"]:
        return _end(drain, "canceled", "canceled")
    if now() > drain["created_at"].replace(tzinfo=now().tzinfo) + timedelta(seconds=drain["timeout_s"]):
        waiting = ", ".join(f"{one['namespace']}/{one['name']}" for one in drain["pods"] if one["state"] == "blocked")
        return _end(drain, "failed", f"not all pods left in time{f'; {waiting[:1000]} may not go' if waiting else ''}")
    if why := _why_not_any_more(drain):
        return _end(drain, "failed", why)
    client = client_for(drain["cluster_id"]).while_alive(ctx.check_alive)
    try:
        again_s = _round(ctx, client, drain)
    except Unavailable as error:  # it is asked again until the drain's time is over
        store.record(drain, {"message": str(error)})
        again_s = BLOCKED_AGAIN_S
    except KubeOrchError as error:
        return _end(drain, "failed", str(error))
    if again_s is not None:
        ctx.snooze(again_s)
    return None


def _drain_of(ctx: JobContext) -> Drain | None:
    """The drain that the job is of; None where another one has taken its place."""
    found = store.of_node(ctx.payload["cluster_id"], ctx.payload["node"])
    return found if found is not None and found.get("drain_id") == ctx.payload.get("drain_id") else None


def _why_not_any_more(drain: Drain) -> str:
    """Why the person who asked for it may not drain the node by now; "" while they may."""
    if "drain_id" not in drain or "user_id" not in drain:
        return OF_BEFORE
    principal = principal_of_user(drain["user_id"])
    try:
        if principal is None:
            raise Forbidden("their account has been closed")
        require_on(principal, "cluster.edit", cluster_store.find(drain["cluster_id"], principal), "")
    except (Forbidden, NotFound):
        return f"{drain['by']} may not drain nodes of this cluster any more"
    return ""


def give_up(ctx: JobContext, reason: Mapping[str, Any]) -> None:
    """The job has failed for good."""
    drain = _drain_of(ctx)
    if drain is not None:
        _end(drain, "failed", str(reason["detail"]))


def _round(ctx: JobContext, client: KubeClient, drain: Drain) -> float | None:
    """One look at the node; seconds until the next one, None when it is over."""
    ctx.check_lease()
    node = client.get(Ref("v1", "Node", "", drain["node"]), metadata_only=True)
    if node is None or mapping(node.get("metadata")).get("uid") != drain.get("uid"):
        drain["cordoned"] = False
        _end(drain, "failed", "the node is gone" + (", and another one has its name" if node else ""))
        return None
    cordon(client, drain["node"], unschedulable=True)
    if not drain.get("cordoned"):
        drain["cordoned"] = True
        store.record(drain, {"cordoned": True})
    here = Want("v1", "Pod", fields=f"spec.nodeName={drain['node']}")
    found = gather(lambda _: client, [here], within_s=client.limits.answer_s)
    if "Pod" in found.unread:
        _end(drain, "failed", f"its pods cannot be listed: {found.unread['Pod']}")
        return None
    pods = pods_on_node(found.objects["Pod"])
    allowed = {"delete_data": drain["delete_data"], "delete_unmanaged": drain["delete_unmanaged"]}
    going = [pod for pod in pods if leaves(pod, **allowed)]
    held = [pod for pod in pods if pod.fate in ASKS and pod not in going]
    rows = [_row(pod, "stays", ASKS[pod.fate]) for pod in held]
    # Who was refused the last time waits behind the others, so that budgets that hold some pods hold no other.
    refused = {(row["namespace"], row["name"]) for row in drain["pods"] if row["state"] == "blocked"}
    going.sort(key=lambda pod: (pod.namespace, pod.name) in refused)
    blocked = 0
    asked = 0
    for pod in going:
        if pod.ending or asked >= EVICTED_AT_ONCE:
            rows.append(_row(pod, "leaving" if pod.ending else "waiting", ""))
            continue
        ctx.check_lease()
        asked += 1
        why = evict(client, pod.namespace, pod.name, pod.uid)
        blocked += bool(why)
        rows.append(_row(pod, "blocked" if why else "leaving", why))
    total = max(drain["total"], drain["gone"] + len(going))
    values = {"total": total, "gone": total - len(going), "pods": rows[: store.PODS_SHOWN], "message": ""}
    store.record(drain, values)
    if going or "Pod" in found.partial:
        return BLOCKED_AGAIN_S if asked and blocked == asked == len(going) else AGAIN_S
    if held:
        _end(drain, "failed", f"{len(held)} pods stay, since nobody has said that they may go")
    else:
        _end(drain, "done", "")
    return None


def _row(pod: PodOnNode, state: str, why: str) -> DrainedPod:
    return DrainedPod(namespace=pod.namespace, name=pod.name, state=state, why=why)


def _end(drain: Drain, state: str, message: str) -> None:
    if state != "done" and drain.get("cordoned"):
        message = f"{message}; the node stays cordoned"
    store.record(drain, {"state": state, "message": message, "ended_at": now()})
