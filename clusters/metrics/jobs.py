"""Measures a cluster once a minute while somebody has looked at its figures within LOOKED_S, for the history."""

from __future__ import annotations

from datetime import UTC, timedelta

from bson import ObjectId

from clusters.connections import client_for
from clusters.kube.metrics import NoMetrics, measure
from clusters.metrics import store
from kubeorch.base.clock import now
from kubeorch.base.errors import Unavailable
from kubeorch.jobs import queue
from kubeorch.jobs.context import JobContext

JOB = "clusters.measure"
EVERY_S = 60.0
LOOKED_S = 1800.0
"""A cluster that nobody looks at costs nothing."""


def keep_measuring(cluster_id: ObjectId) -> None:
    """Somebody looks: have the job in the queue; as often as one likes."""
    store.note_look(cluster_id, now())
    queue.enqueue(JOB, {"cluster_id": cluster_id}, key=str(cluster_id), in_lanes=[f"measure:{cluster_id}"])


def measure_cluster(ctx: JobContext) -> None:
    """Handler of `clusters.measure`. A minute in which the cluster does not answer is a gap."""
    cluster_id = ctx.payload["cluster_id"]
    looked_at = store.last_look(cluster_id)
    if looked_at is None or now() - looked_at.replace(tzinfo=UTC) > timedelta(seconds=LOOKED_S):
        return
    client = client_for(cluster_id).while_alive(ctx.check_alive)
    minute = now().replace(second=0, microsecond=0)
    try:
        usage = measure(client, timeout_s=client.limits.question_s)
    except NoMetrics:
        return  # the next look asks again
    except Unavailable:
        ctx.snooze(EVERY_S)
    ctx.check_lease()
    store.keep(cluster_id, minute, usage)
    slot = minute - timedelta(minutes=minute.minute % 10)
    if store.claim_slot(cluster_id, slot):
        store.condense(cluster_id, slot)
    ctx.snooze(EVERY_S)
