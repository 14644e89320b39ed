"""What the effects of a plan cost: pods that restart, traffic, data (`domain.forecast`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace
from functools import partial
from threading import Lock

import orjson

from clusters.domain.objects import Manifest, Ref
from clusters.kube.apply import is_secret
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound, UnknownKind
from clusters.kube.holding import TooMuch
from workflows.domain.forecast.forecast import impact_of
from workflows.domain.forecast.impact import NOBODY, Impact, Neighbours
from workflows.domain.planning.classify import both_hidden
from workflows.domain.planning.effects import Effect
from workflows.domain.planning.undo import undo_of
from workflows.domain.rendering.render import Rendered
from workflows.plans.judged import Judged
from workflows.plans.store import Body

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


class Impacts:
    """Adds impacts, and how each object's effect is taken back, as objects are judged; `items` are what the plan
    applies."""

    def __init__(self, around: Around, items: Iterable[Rendered]) -> None:
        self._around = around
        scalers = [item.manifest for item in items if item.ref.kind == "HorizontalPodAutoscaler"]
        self._nobody = replace(NOBODY, scalers=scalers)
        self._found: Neighbours | None = None

    def added_to(self, one: Judged) -> Judged:
        """What is around the objects is waited for only where something changes or goes."""
        planned = one.planned
        if planned.impact is None and (impact := self._impact_of(one)) is not None:
            one.planned = replace(planned, impact=impact.as_json())
        one.undo = undo_of(planned, one.before, one.after)
        one.body = body_of(planned.ref, one.before, one.after)
        one.before = one.after = None
        return one

    def _impact_of(self, one: Judged) -> Impact | None:
        """None where the API server has not said what would come of it."""
        planned = one.planned
        if planned.effect is Effect.UPDATE and one.after is None:
            return None
        around = self._neighbours() if planned.effect in _COSTS and one.before is not None else self._nobody
        return impact_of(planned.ref, one.before, one.after, planned.effect.value, around, again=one.again)

    def _neighbours(self) -> Neighbours:
        if self._found is None:
            self._found = replace(self._around.found(), scalers=self._nobody.scalers)
        return self._found


def body_of(ref: Ref, before: Manifest | None, after: Manifest | None) -> Body | None:
    """The object before and after as it is shown: without who manages what, and of a Secret without digests too."""
    if before is None and after is None:
        return None
    shown = [None if one is None else _shown(ref, one) for one in (before, after)]
    if is_secret(ref):
        shown = list(both_hidden(*shown))
    was, becomes = (None if one is None else orjson.dumps(one) for one in shown)
    return was, becomes


def _shown(ref: Ref, content: Manifest) -> Manifest:
    metadata = {name: value for name, value in content["metadata"].items() if name != "managedFields"}
    return {**content, "apiVersion": ref.api_version, "kind": ref.kind, "metadata": metadata}


def _list(client: KubeClient, namespace: str, kind: tuple[str, str, bool]) -> list[Manifest]:
    """What cannot be asked is not known, and the forecast says so."""
    api_version, name, namespaced = kind
    try:
        return client.list(api_version, name, namespace=namespace if namespaced else None)[0]
    except (ApiForbidden, ApiNotFound, UnknownKind, TooMuch):
        return []


def _by_name(items: Sequence[Manifest]) -> dict[str, Manifest]:
    return {item["metadata"]["name"]: item for item in items}
