"""What the effects of a plan cost: pods that restart, traffic, data (`domain.forecast`)."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace
from functools import partial
from threading import Lock

from clusters.domain.objects import Manifest
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound, UnknownKind
from clusters.kube.holding import TooMuch
from workflows.domain.forecast.forecast import impact_of
from workflows.domain.forecast.impact import NOBODY, Neighbours
from workflows.domain.planning.effects import Effect
from workflows.domain.planning.undo import undo_of
from workflows.plans.trying import Judged

_COSTS = frozenset({Effect.UPDATE, Effect.RECREATE, Effect.DELETE})
_AROUND = (
    ("v1", "PersistentVolumeClaim", True),
    ("v1", "PersistentVolume", False),
    ("storage.k8s.io/v1", "StorageClass", False),
    ("policy/v1", "PodDisruptionBudget", True),
)
"""(API version, kind, has a namespace) of what decides whether a change costs data or traffic."""


class Around:
    """What is around the objects of a plan: asked for once something changes or goes, beside the trials."""

    def __init__(self, client: KubeClient, pool: Executor, namespace: str) -> None:
        self._client, self._pool, self._namespace = client, pool, namespace
        self._lock = Lock()
        self._asked: list[Future[list[Manifest]]] = []

    def ask(self) -> None:
        """Begin to ask, unless that was done. Safe to call from many threads."""
        with self._lock:
            if not self._asked:
                ask = partial(_list, self._client, self._namespace)
                self._asked = [self._pool.submit(ask, kind) for kind in _AROUND]

    def found(self) -> Neighbours:
        self.ask()
        claims, volumes, classes, budgets = (one.result() for one in self._asked)
        return Neighbours(_by_name(claims), _by_name(volumes), _by_name(classes), budgets)


def with_impacts(around: Around, judged: Sequence[Judged]) -> list[Judged]:
    """The same with impacts and how each is taken back. What is around the objects is asked for only where something
    changes or goes."""
    is_asked = any(one.planned.effect in _COSTS and one.before is not None for one in judged)
    neighbours = around.found() if is_asked else NOBODY
    return [_with_impact(one, neighbours) for one in judged]


def _with_impact(one: Judged, around: Neighbours) -> Judged:
    planned = one.planned
    undo = undo_of(planned, one.before, one.after)
    if planned.effect is Effect.UPDATE and one.after is None:
        return replace(one, undo=undo, before=None)  # the API server has not said what would come of it
    found = impact_of(planned.ref, one.before, one.after, planned.effect.value, around)
    return replace(one, planned=replace(planned, impact=found.as_json()), undo=undo, before=None, after=None)


def _list(client: KubeClient, namespace: str, kind: tuple[str, str, bool]) -> list[Manifest]:
    """What cannot be asked is not known, and the forecast says so."""
    api_version, name, namespaced = kind
    try:
        return client.list(api_version, name, namespace=namespace if namespaced else None)[0]
    except (ApiForbidden, ApiNotFound, UnknownKind, TooMuch):
        return []


def _by_name(items: Sequence[Manifest]) -> dict[str, Manifest]:
    return {item["metadata"]["name"]: item for item in items}
