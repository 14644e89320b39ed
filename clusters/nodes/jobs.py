"""Drains a node: cordons it, evicts its pods as budgets allow, and waits until they are gone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from clusters import store as cluster_store
from clusters.connections import client_for
from clusters.domain.draining import Fate, PodOnNode, leaves, pods_on_node
from clusters.domain.objects import Ref
from clusters.kube.client import KubeClient
from clusters.kube.evicting import cordon, evict
from clusters.kube.gathering import Want, gather
from clusters.nodes import store
from clusters.nodes.store import Drain, DrainedPod
from kubeorch.base.clock import now
from kubeorch.base.errors import KubeOrchError, Unavailable
from kubeorch.jobs.context import JobContext

AGAIN_S = 1.0
BLOCKED_AGAIN_S = 5.0
"""As kubectl waits before it asks a budget again."""
EVICTED_AT_ONCE = 20
ASKS = {
    Fate.ASKS_DATA: "it has an emptyDir whose data would be lost; drain again and allow it, or delete the pod",
    Fate.ASKS_UNMANAGED: "nothing makes it again; drain again and allow it, or delete the pod",
}


def drain_node(ctx: JobContext) -> None:
    """Handler of `clusters.drain`: one round, then it asks to be called again until the node is empty."""
    drain = store.of_node(ctx.payload["cluster_id"], ctx.payload["node"])
    if drain is None or drain["state"] != "running":
        return None
    if drain["cancel_requested"]:
        return _end(drain, "canceled", "canceled; the node stays cordoned")
    if now() > drain["created_at"].replace(tzinfo=now().tzinfo) + timedelta(seconds=drain["timeout_s"]):
        waiting = ", ".join(f"{one['namespace']}/{one['name']}" for one in drain["pods"] if one["state"] == "blocked")
        return _end(drain, "failed", f"not all pods left in time{f'; {waiting} may not go' if waiting else ''}")
    if cluster_store.find_usable(drain["team_id"], str(drain["cluster_id"])) is None:
        return _end(drain, "failed", "the cluster is no longer the team's")
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


def give_up(ctx: JobContext, reason: Mapping[str, Any]) -> None:
    """The job has failed for good."""
    drain = store.of_node(ctx.payload["cluster_id"], ctx.payload["node"])
    if drain is not None:
        _end(drain, "failed", str(reason["detail"]))


def _round(ctx: JobContext, client: KubeClient, drain: Drain) -> float | None:
    """One look at the node; seconds until the next one, None when it is over."""
    ctx.check_lease()
    if client.get(Ref("v1", "Node", "", drain["node"])) is None:
        _end(drain, "failed", "the node is gone")
        return None
    cordon(client, drain["node"], unschedulable=True)
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
    blocked = 0
    for index, pod in enumerate(going):
        if pod.ending or index >= EVICTED_AT_ONCE:
            rows.append(_row(pod, "leaving" if pod.ending else "waiting", ""))
            continue
        ctx.check_lease()
        why = evict(client, pod.namespace, pod.name, pod.uid)
        blocked += bool(why)
        rows.append(_row(pod, "blocked" if why else "leaving", why))
    total = max(drain["total"], drain["gone"] + len(going))
    values = {"total": total, "gone": total - len(going), "pods": rows[: store.PODS_SHOWN], "message": ""}
    store.record(drain, values)
    if going:
        return BLOCKED_AGAIN_S if blocked == len(going) else AGAIN_S
    if held:
        _end(drain, "failed", f"{len(held)} pods stay, since nobody has said that they may go")
    else:
        _end(drain, "done", "")
    return None


def _row(pod: PodOnNode, state: str, why: str) -> DrainedPod:
    return DrainedPod(namespace=pod.namespace, name=pod.name, state=state, why=why)


def _end(drain: Drain, state: str, message: str) -> None:
    store.record(drain, {"state": state, "message": message, "ended_at": now()})
