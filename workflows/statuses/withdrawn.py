"""Statuses of environments on a cluster that is not shared with their team any more: stale, and written no more."""

from __future__ import annotations

from bson import ObjectId

from workflows.environments.placement import withdrawn_from
from workflows.statuses.health_news import HealthNews
from workflows.statuses.store import mark_withdrawn


def note_sharing(cluster_id: ObjectId) -> None:
    """With whom the cluster is shared has changed."""
    HealthNews().tell(mark_withdrawn(cluster_id, withdrawn_from(cluster_id)))
