"""Judges plans anew as the watch sees their objects move, so that an open plan shows by itself that it is not true any
more. A run is refused by a judgement of its own, whatever was said here.

Not all that a plan rests on is seen by the watch: objects without our labels, builds, variables, values, admission and
quotas. So plans are looked at again now and then, each by its `look_at`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta

from bson import ObjectId
from pymongo.errors import PyMongoError

from clusters.domain.failed_ends import shows_failed
from clusters.domain.objects import Identity, Ref, ref_from_json
from clusters.domain.observed import ObservedObject
from clusters.watching.contract import WatchView
from kubeorch.base.backoff import Backoff
from kubeorch.base.clock import now
from kubeorch.base.errors import Unavailable
from workflows.domain.planning.effects import Effect
from workflows.environments import store as environment_store
from workflows.environments.acting import client_of, why_no_roles
from workflows.plans import judged_store
from workflows.plans import store as plan_store
from workflows.plans.judging import AGAINST, moved_in, other_images
from workflows.plans.making import TOTAL_S, until
from workflows.plans.store import Plan, PlanObject
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
SWEEP_S = 5.0
"""So often it is asked which plans are due."""
SWEPT = 200
"""Plans that are taken up at once; the others stay due."""
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
        self._swept: dict[str, float] = {}
        """When each environment is looked at that has plans which are due."""
        self._sweep_at = 0.0
        self._is_sweeps_turn = False
        """Neither waits for all of the other."""
        self._awaits: dict[str, frozenset[Identity]] = {}
        """What plans of an environment would make, or have found in others' hands."""
        self._awaited: dict[Identity, set[str]] = {}
        """The same by object; read without the lock."""
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
            self._touch(touched)

    def came_or_went(self, ref: Ref) -> None:
        if touched := self._awaited.get(ref.identity):
            self._touch(list(touched))

    def _touch(self, environment_ids: Iterable[str]) -> None:
        with self._changed:
            now_s = time.monotonic()
            self._rested = {one: until_s for one, until_s in self._rested.items() if until_s > now_s}
            for environment_id in environment_ids:
                self._due.setdefault(environment_id, self._rested.get(environment_id, now_s))
            self._changed.notify_all()

    def _run(self) -> None:
        failures = 0
        while (turn := self._next()) is not None:
            environment_id, is_swept = turn
            if not environment_id:
                self._sweep()
                continue
            in_s, began = None, time.monotonic()
            try:
                in_s = REST_S if self._judge(ObjectId(environment_id), due_only=is_swept) else None
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

    def _next(self) -> tuple[str, bool] | None:
        """The environment whose turn has come, waited for, and whether only its plans that are due are looked at; ""
        where it is asked which are. None once this is over."""
        with self._changed:
            while not self._is_over:
                moment = time.monotonic()
                if moment >= self._sweep_at:
                    self._sweep_at = moment + SWEEP_S
                    return "", True
                rows = [(queue, one) for queue in (self._due, self._swept) if (one := _first(queue)) is not None]
                ready = [(queue, one) for queue, one in rows if queue[one] <= moment]
                if ready:
                    queue, one = ready[-1] if self._is_sweeps_turn else ready[0]
                    self._is_sweeps_turn = queue is self._due
                    del queue[one]
                    return one, queue is self._swept
                self._changed.wait(min([self._sweep_at, *(queue[one] for queue, one in rows)]) - moment)
        return None

    def _sweep(self) -> None:
        """Note which environments have plans that are due."""
        view = self._view
        if view is None or not view.may_write():
            return
        try:
            found = [str(one) for one in judged_store.due_environments(self.cluster_id, SWEPT)]
        except PyMongoError as error:
            log.info("which plans of cluster %s are due cannot be told now: %s", self.cluster_id, error)
            return
        with self._changed:
            moment = time.monotonic()
            for one in set(found) - self._due.keys():
                self._swept.setdefault(one, max(moment, self._rested.get(one, moment)))

    def _await(self, environment_id: str, plans: Iterable[Sequence[PlanObject]]) -> None:
        """Remember under which names objects must not come, or go, for these plans to stay true."""
        wanted = frozenset(
            ref_from_json(one["planned"]["ref"]).identity
            for objects in plans
            for one in objects
            if one["planned"]["effect"] == Effect.CREATE or one["planned"]["error"] is not None
        )
        with self._changed:
            if len(self._awaited) + len(wanted) > REMEMBERED:
                self._awaits, self._awaited = {}, {}  # each is remembered again when it is looked at
            for identity in self._awaits.pop(environment_id, ()):
                others = self._awaited[identity] - {environment_id}
                if others:
                    self._awaited[identity] = others
                else:
                    del self._awaited[identity]
            if wanted:
                self._awaits[environment_id] = wanted
            for identity in wanted:
                self._awaited[identity] = {*self._awaited.get(identity, ()), environment_id}

    def _judge(self, environment_id: ObjectId, *, due_only: bool) -> bool:
        """Judge what is followed of the environment, or what is due of that; whether it has to be looked at again.
        Raises Unavailable."""
        view = self._view
        environment = environment_store.find_if_there(environment_id)
        if view is None or not view.may_write():
            return False
        if environment is None or environment["cluster_id"] != self.cluster_id:
            self._leave(environment_id)
            return False
        plans = judged_store.unrun_plans(environment_id, now() - WITHIN, NEWEST, MOST)
        objects = {plan["_id"]: plan_store.objects_of(plan["_id"]) for plan in plans}
        self._await(str(environment_id), objects.values())
        if not plans:
            judged_store.note_followed(self.cluster_id, environment_id, [], [])
            return False
        if environment["active_run_id"] is not None:
            run = run_store.find(environment["active_run_id"], {})
            if run["state"] in (RunState.PLANNING, RunState.APPLYING):
                return True  # it moves them itself
        client = client_of(environment).while_alive(until(time.monotonic() + TOTAL_S))
        looked = [plan for plan in plans if not due_only or _is_due(plan)]
        for plan in looked:
            try:
                require_cluster(environment["team_id"], environment["cluster_id"])
                if (plan["cluster_id"], plan["namespace"]) != (environment["cluster_id"], environment["namespace"]):
                    found = [Moved(None, ELSEWHERE)]
                elif why := why_no_roles(environment):
                    found = [Moved(None, f"it cannot be checked: {why}")]
                else:
                    found = other_images(plan, environment) or moved_in(client, plan, objects[plan["_id"]], environment)
            except AGAINST as error:
                found = [Moved(None, f"it cannot be checked: {error.detail}")]
            judged_store.note_judged(plan, [one.as_json() for one in found])
        judged_store.note_followed(self.cluster_id, environment_id, plans, looked)
        return False

    def _leave(self, environment_id: ObjectId) -> None:
        """The environment is elsewhere now, so that no plan of it for this cluster is true."""
        self._await(str(environment_id), ())
        for plan in judged_store.unrun_plans(environment_id, now() - WITHIN, NEWEST, MOST):
            if plan["cluster_id"] == self.cluster_id:
                judged_store.note_judged(plan, [Moved(None, ELSEWHERE).as_json()])
        judged_store.note_followed(self.cluster_id, environment_id, [], [])


def _is_due(plan: Plan) -> bool:
    return plan.get("look_at") is not None and plan["look_at"] <= now()


def _first(queue: dict[str, float]) -> str | None:
    return min(queue, key=queue.__getitem__, default=None)
