"""Judges plans anew as the watch sees their objects move, so that an open plan shows by itself that it is not true any
more. A run is refused by a judgement of its own, whatever was said here."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from datetime import timedelta

from bson import ObjectId
from pymongo.errors import PyMongoError

from clusters.connections import client_for
from clusters.domain.objects import Ref
from clusters.watching.contract import WatchView
from kubeorch.base.backoff import Backoff
from kubeorch.base.clock import now
from kubeorch.base.errors import Forbidden, InvalidInput, NotFound, Unavailable
from workflows.environments import store as environment_store
from workflows.plans import store as plan_store
from workflows.plans.judging import Moved, moved_in
from workflows.plans.making import TOTAL_S, until
from workflows.runs import store as run_store
from workflows.runs.states import RunState
from workflows.statuses.following import SeenNode

log = logging.getLogger(__name__)

NEWEST = 3
"""Plans of an environment that are followed."""
WITHIN = timedelta(hours=24)
REST_S = 0.5
"""Between two looks at one environment, which changes again and again."""
RETRY = Backoff(first_s=1.0, most_s=60.0)


class PlanFollower:
    """Of one cluster: a follower of its statuses."""

    def __init__(self, cluster_id: ObjectId) -> None:
        self.cluster_id = cluster_id
        self._view: WatchView | None = None
        self._content: dict[tuple[str, Ref], tuple[str, int]] = {}
        """(uid, mark of the content) of what environments own."""
        self._changed = threading.Condition()
        self._due: dict[str, float] = {}
        """When each environment is looked at, whose objects have changed."""
        self._is_over = False
        self._thread = threading.Thread(target=self._run, name=f"plans-{cluster_id}", daemon=True)

    def begin(self, view: WatchView) -> None:
        self._view = view
        self._thread.start()

    def end(self) -> None:
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def see(self, nodes: Sequence[SeenNode]) -> None:
        touched: set[str] = set()
        for node in nodes:
            for one in node.objects:
                if one.observed is None and not one.is_observable:
                    continue
                place = (node.key.environment_id, one.expected.ref)
                content = (one.observed.uid, one.observed.content) if one.observed is not None else ("", 0)
                if self._content.get(place) != content:
                    self._content[place] = content
                    touched.add(node.key.environment_id)
        if touched:
            with self._changed:
                for environment_id in touched:
                    self._due.setdefault(environment_id, time.monotonic())
                self._changed.notify_all()

    def _run(self) -> None:
        failures = 0
        while (environment_id := self._next()) is not None:
            in_s = None
            try:
                in_s = REST_S if self._judge(ObjectId(environment_id)) else None
                failures = 0
            except (Unavailable, PyMongoError) as error:
                log.info("plans of environment %s cannot be judged now: %s", environment_id, error)
                failures += 1
                in_s = RETRY.delay_s(failures)
            except Exception:  # the thread's outermost loop
                log.exception("plans of environment %s cannot be judged", environment_id)
            if in_s is not None:
                with self._changed:
                    self._due.setdefault(environment_id, time.monotonic() + in_s)

    def _next(self) -> str | None:
        """The environment whose turn has come, waited for; None once this is over."""
        with self._changed:
            while not self._is_over:
                environment_id = min(self._due, key=self._due.__getitem__, default=None)
                wait_s = self._due[environment_id] - time.monotonic() if environment_id is not None else None
                if environment_id is not None and wait_s is not None and wait_s <= 0:
                    del self._due[environment_id]
                    return environment_id
                self._changed.wait(wait_s)
        return None

    def _judge(self, environment_id: ObjectId) -> bool:
        """Judge what is followed of the environment; whether it has to be looked at again. Raises Unavailable."""
        view = self._view
        environment = environment_store.find_if_there(environment_id)
        if view is None or not view.may_write() or environment is None:
            return False
        plans = plan_store.newest_plans(environment_id, now() - WITHIN, NEWEST)
        done = run_store.plans_run(environment_id, [plan["_id"] for plan in plans]) if plans else set()
        plans = [plan for plan in plans if plan["_id"] not in done]
        if not plans:
            return False
        if environment["active_run_id"] is not None:
            run = run_store.find(environment["active_run_id"], {})
            if run["state"] in (RunState.PLANNING, RunState.APPLYING):
                return True  # it moves them itself
        client = client_for(self.cluster_id).while_alive(until(time.monotonic() + TOTAL_S))
        for plan in plans:
            try:
                found = moved_in(client, plan, plan_store.objects_of(plan["_id"]), environment)
            except (Forbidden, NotFound, InvalidInput) as error:
                found = [Moved(None, f"it cannot be checked: {error.detail}")]
            plan_store.note_judged(plan, [one.as_json() for one in found])
        return False
