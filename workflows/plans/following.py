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

from clusters.domain.failed_ends import shows_failed
from clusters.domain.objects import Ref
from clusters.domain.observed import ObservedObject
from clusters.watching.contract import WatchView
from kubeorch.base.backoff import Backoff
from kubeorch.base.clock import now
from kubeorch.base.errors import Forbidden, InvalidInput, NotFound, Unavailable
from workflows.environments import store as environment_store
from workflows.environments.acting import client_of
from workflows.plans import store as plan_store
from workflows.plans.judging import moved_in, other_images
from workflows.plans.making import TOTAL_S, until
from workflows.plans.verdicts import Moved
from workflows.runs import store as run_store
from workflows.runs.permission import require_cluster
from workflows.runs.states import RunState
from workflows.statuses.following import SeenNode

log = logging.getLogger(__name__)

NEWEST = 3
"""Plans of an environment that are followed although nobody waits for them,"""
WITHIN = timedelta(hours=24)
"""when they are no older. Those that wait for an approval, or have one, are followed as long as they are kept."""
MOST = 20
"""Plans of an environment that are followed at all."""
REST_S = 0.5
"""At least so long after a look at an environment it is not looked at again."""
REST_SHARE = 4
"""And this many times as long as the look took, so that one that changes all the time does not keep a cluster busy."""
REMEMBERED = 100_000
"""Objects whose content is remembered; without it an environment is looked at once more."""
ELSEWHERE = "the environment is in another cluster or namespace now"
RETRY = Backoff(first_s=1.0, most_s=60.0)


Content = tuple[str, int, bool]
"""Of what an environment owns: uid, mark of the content, whether it ran to a bad end."""


def _content_of(observed: ObservedObject) -> Content:
    return observed.uid, observed.content, shows_failed(observed.status)


class PlanFollower:
    """Of one cluster: a follower of its statuses."""

    def __init__(self, cluster_id: ObjectId) -> None:
        self.cluster_id = cluster_id
        self._view: WatchView | None = None
        self._content: dict[tuple[str, Ref], Content] = {}
        self._changed = threading.Condition()
        self._rested: dict[str, float] = {}
        """Until when environments that were looked at are left alone."""
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
                content = ("", 0, False) if one.observed is None else _content_of(one.observed)
                if self._content.get(place) != content:
                    if len(self._content) >= REMEMBERED:
                        self._content.clear()  # what environments own that are gone by now, too
                    self._content[place] = content
                    touched.add(node.key.environment_id)
        if touched:
            with self._changed:
                now_s = time.monotonic()
                self._rested = {one: until_s for one, until_s in self._rested.items() if until_s > now_s}
                for environment_id in touched:
                    self._due.setdefault(environment_id, self._rested.get(environment_id, now_s))
                self._changed.notify_all()

    def _run(self) -> None:
        failures = 0
        while (environment_id := self._next()) is not None:
            in_s, began = None, time.monotonic()
            try:
                in_s = REST_S if self._judge(ObjectId(environment_id)) else None
                failures = 0
            except (Unavailable, PyMongoError) as error:
                log.info("plans of environment %s cannot be judged now: %s", environment_id, error)
                failures += 1
                in_s = RETRY.delay_s(failures)
            except Exception:  # the thread's outermost loop
                log.exception("plans of environment %s cannot be judged", environment_id)
            ended = time.monotonic()
            with self._changed:
                rested = self._rested[environment_id] = ended + max(REST_S, REST_SHARE * (ended - began))
                if in_s is not None:
                    self._due.setdefault(environment_id, ended + in_s)
                elif environment_id in self._due:  # it changed meanwhile
                    self._due[environment_id] = max(rested, self._due[environment_id])

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
        if view is None or not view.may_write() or environment is None or environment["cluster_id"] != self.cluster_id:
            return False
        plans = plan_store.unrun_plans(environment_id, now() - WITHIN, NEWEST, MOST)
        if not plans:
            return False
        if environment["active_run_id"] is not None:
            run = run_store.find(environment["active_run_id"], {})
            if run["state"] in (RunState.PLANNING, RunState.APPLYING):
                return True  # it moves them itself
        client = client_of(environment).while_alive(until(time.monotonic() + TOTAL_S))
        for plan in plans:
            try:
                require_cluster(environment["team_id"], environment["cluster_id"])
                if (plan["cluster_id"], plan["namespace"]) != (environment["cluster_id"], environment["namespace"]):
                    found = [Moved(None, ELSEWHERE)]
                else:
                    found = other_images(plan, environment) or moved_in(
                        client, plan, plan_store.objects_of(plan["_id"]), environment
                    )
            except (Forbidden, NotFound, InvalidInput) as error:
                found = [Moved(None, f"it cannot be checked: {error.detail}")]
            plan_store.note_judged(plan, [one.as_json() for one in found])
        return False
