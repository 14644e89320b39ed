"""Every cluster is looked at once a minute, by whichever web process is free first; a silent one holds up none.

A look takes a thread for LOOK_S at most (looking.py), and there are LOOKS of them, of which one team has half: whoever
connects many clusters that drip or lie delays only their own.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import timedelta
from threading import Lock, Thread

from bson import ObjectId
from pymongo.errors import PyMongoError

from clusters import store
from clusters.monitoring.looking import looked_at
from clusters.monitoring.made import compare_made
from clusters.monitoring.noting import note_look

EVERY = timedelta(seconds=60)
LOOKS = 8
"""At once in a process."""
LOOKS_OF_A_TEAM = 4

log = logging.getLogger(__name__)


class _Places:
    """Of looks, by the team whose cluster is looked at."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._taken: Counter[ObjectId | None] = Counter()

    def claim(self) -> store.Cluster | None:
        """A cluster whose turn it is, with a place for it; None without either."""
        with self._lock:
            if self._taken.total() >= LOOKS:
                return None
            full = [team_id for team_id, taken in self._taken.items() if taken >= LOOKS_OF_A_TEAM]
            cluster = store.claim_due(EVERY, besides=full)
            if cluster is not None:
                self._taken[cluster["team_id"]] += 1
            return cluster

    def leave(self, team_id: ObjectId | None) -> None:
        with self._lock:
            self._taken[team_id] -= 1
            self._taken += Counter()  # forgets who holds none


_places = _Places()


def look_at_due_clusters() -> None:
    """Begin to look at those whose turn it is, as many as there are threads for. Harmless when processes do it at once:
    a turn is claimed."""
    while (cluster := _places.claim()) is not None:
        Thread(target=_look, args=(cluster,), name="look-at-cluster", daemon=True).start()


def _look(first: store.Cluster) -> None:
    """At that one, and then at whatever is due."""
    cluster: store.Cluster | None = first
    while cluster is not None:
        try:
            found = looked_at(cluster)
            note_look(cluster, found)
            if found["state"] == "ready":
                compare_made(cluster)
        except Exception:  # the outermost place of a thread
            log.exception("cluster %s could not be looked at", cluster["_id"])
        finally:
            _places.leave(cluster["team_id"])
        cluster = _next()


def _next() -> store.Cluster | None:
    try:
        return _places.claim()
    except PyMongoError as error:
        log.warning("no cluster can be looked at now: %s", error)
        return None
