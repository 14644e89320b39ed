"""Statuses of clusters that nobody watches: marked stale, so that no fact is shown as current that nobody checks."""

from __future__ import annotations

import logging

from bson import ObjectId

from clusters.watching.leases import put_back_unwatched, take_unwatched
from workflows.statuses.health_news import HealthNews
from workflows.statuses.store import mark_stale

log = logging.getLogger(__name__)

NOBODY = "no watcher observes the cluster"
GRACE_S = 2.0
"""Another watcher may take the cluster over within this time, which nobody needs to notice."""


def note_unwatched() -> None:
    """Mark the statuses of clusters whose watcher is gone.

    Any process may call it, often; each lost lease is handled once.
    """
    while (ended := take_unwatched(GRACE_S)) is not None:
        cluster_id, since = ended
        log.info("nobody watches cluster %s since %s", cluster_id, since)
        try:
            marked = mark_stale(cluster_id, since, NOBODY)
        except Exception:
            put_back_unwatched(cluster_id)
            raise
        HealthNews().tell({ObjectId(key.environment_id) for key in marked})
