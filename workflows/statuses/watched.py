"""Which environments stand on a watched cluster. Safe to use from any thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from bson import ObjectId

from workflows.environments import questions as environment_questions
from workflows.environments.placement import withdrawn_from

REMEMBERED_S = 30.0
UNKNOWN_REMEMBERED_S = 3.0
"""An environment may have been made since it was asked for, so it is looked for again soon."""
REMEMBERED = 10_000


class Location(NamedTuple):
    """Whose an environment is, and where its objects are."""

    team_id: ObjectId
    namespace: str
    is_withdrawn: bool = False
    """The cluster is another team's, and no longer shared with this one."""


class WatchedEnvironments:
    """The environments of one cluster, remembered for a while: every recorded node asks for its own."""

    def __init__(self, cluster_id: ObjectId, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._cluster_id = cluster_id
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Location | None]] = {}

    def find(self, environment_id: str) -> Location | None:
        """None when there is no such environment on this cluster."""
        moment = self._clock()
        with self._lock:
            known = self._known.get(environment_id)
        if known is not None and moment < known[0]:
            return known[1]
        location = self._look_up(environment_id)
        with self._lock:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[environment_id] = (moment + (REMEMBERED_S if location else UNKNOWN_REMEMBERED_S), location)
        return location

    def forget(self) -> None:
        """Look every environment up again."""
        with self._lock:
            self._known.clear()

    def namespaces(self) -> list[str]:
        return environment_questions.namespaces_on(self._cluster_id)

    def _look_up(self, environment_id: str) -> Location | None:
        if len(environment_id) != 24 or not ObjectId.is_valid(environment_id):
            return None
        row = environment_questions.on_cluster(ObjectId(environment_id), self._cluster_id)
        if row is None:
            return None
        return Location(row["team_id"], row["namespace"], row["team_id"] in withdrawn_from(self._cluster_id))
