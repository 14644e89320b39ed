"""Tells the team's topic how an environment does, so that pages with lists of them need not ask again and again."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection

from bson import ObjectId

from kubeorch.realtime import events
from kubeorch.realtime.events import Event
from workflows.environments import questions as environment_questions
from workflows.environments.standing_store import is_inhabited
from workflows.statuses.rollup_store import UNOBSERVED, Rollup, rollups

REMEMBERED = 10_000


class HealthNews:
    """Publishes `environment:<id>` on `team:<id>`: `{id, workflow_id, health}`, with `health` as lists show it.

    What was published last is not published again. Safe to use from any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: dict[ObjectId, Rollup | None] = {}

    def tell(self, environment_ids: Collection[ObjectId]) -> None:
        """Publish how these environments do now, as far as that is news."""
        rev = int(time.time() * 1000)  # before it is read: of two, the one that was read later counts
        environments = environment_questions.placed(environment_ids)
        inhabited = [environment_id for environment_id, row in environments.items() if is_inhabited(row)]
        health: dict[ObjectId, Rollup | None] = {**dict.fromkeys(inhabited, UNOBSERVED), **rollups(inhabited)}
        news = []
        for environment_id, row in environments.items():
            found = health.get(environment_id)
            if self._is_told(environment_id, found):
                continue
            data = {"id": str(environment_id), "workflow_id": str(row["workflow_id"]), "health": found}
            news.append(Event(f"team:{row['team_id']}", f"environment:{environment_id}", data, rev))
        events.publish_many(news)
        with self._lock:
            if len(self._told) > REMEMBERED:
                self._told.clear()
            self._told.update({environment_id: health.get(environment_id) for environment_id in environments})

    def _is_told(self, environment_id: ObjectId, health: Rollup | None) -> bool:
        """Where nothing is deployed there is no health, which is news only after there was some."""
        with self._lock:
            return self._told.get(environment_id) == health
