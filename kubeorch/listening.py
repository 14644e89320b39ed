"""Who hears what the watcher sees of a cluster: the statuses of its nodes, and what follows from them."""

from __future__ import annotations

from bson import ObjectId

from clusters.watching.contract import StatusListener
from workflows.drift.checker import DriftChecker
from workflows.drift.healing import heal
from workflows.plans.following import PlanFollower
from workflows.runs.outcome import settle_from_health
from workflows.statuses.health_news import HealthNews
from workflows.statuses.recorder import NodeStatuses


def listener_of(cluster_id: ObjectId) -> StatusListener:
    """For one watch of the cluster; another watch gets another one."""
    return NodeStatuses(
        cluster_id, settle_from_health, HealthNews(), [DriftChecker(cluster_id, heal), PlanFollower(cluster_id)]
    )
