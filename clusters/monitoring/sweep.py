"""Every cluster is looked at once a minute, by whichever web process is free first; a silent one holds up none.

A look at a silent cluster takes a thread for as long as a question may last, and there are LOOKS of them.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from threading import BoundedSemaphore, Thread

from clusters import store
from clusters.monitoring.looking import looked_at
from clusters.monitoring.noting import note_look

EVERY = timedelta(seconds=60)
LOOKS = 8
"""At once in a process."""

log = logging.getLogger(__name__)
_free = BoundedSemaphore(LOOKS)


def look_at_due_clusters() -> None:
    """Begin to look at those whose turn it is, as many as there are threads for. Harmless when processes do it at once:
    a turn is claimed."""
    while _free.acquire(blocking=False):
        cluster = store.claim_due(EVERY)
        if cluster is None:
            _free.release()
            return
        Thread(target=_look, args=(cluster,), name="look-at-cluster", daemon=True).start()


def _look(cluster: store.Cluster) -> None:
    try:
        note_look(cluster, looked_at(cluster))
    except Exception:  # the outermost place of a thread
        log.exception("cluster %s could not be looked at", cluster["_id"])
    finally:
        _free.release()
