"""The changes of a list as an event stream, for one person: which list, and what they filter it by."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from bson import ObjectId

from clusters import store
from clusters.connections import client_for
from clusters.domain.diagnosing.surroundings import KIND_VERSIONS
from clusters.domain.kind_names import KindName
from clusters.domain.objects import group_of, is_cluster_scoped
from clusters.domain.sharing import Acting
from clusters.kube.errors import ApiForbidden, ApiNotFound, UnknownKind
from clusters.kube.kinds import ServedKind
from clusters.kube.tables import Row
from clusters.questions.asking import Question
from clusters.resources.following import Followed, watches
from clusters.resources.healths import beside, is_judged
from clusters.resources.listing import WHOLE_CLUSTER, NoHealth, Wanted, asked_for, fields_of, matches
from clusters.scope import OtherName, WholeCluster, require_on
from kubeorch.accounts.principal import Principal
from kubeorch.base.errors import InvalidInput, KubeOrchError
from kubeorch.mongo.encoding import dumps
from kubeorch.realtime.produced import Made

PLACES_MOST = 3
"""Namespaces that are followed at once; each takes a watch."""
ROWS_MOST = 1_000
"""That wait for a reader; who is further behind reads the list again."""
SENT_AT_ONCE = 100
EVERY_S = 0.1
AGAIN_EVERY_S = 3.0
"""A list whose health rests on other objects is read again at most so often while these change."""
LATER_S = 0.5
"""So long after a grace period ends it is looked at again: clocks differ."""


class TooManyPlaces(InvalidInput):
    """More namespaces than are followed."""

    code = "list.not_followed"

    def __init__(self) -> None:
        super().__init__(
            f"a list of more than {PLACES_MOST} namespaces is not followed; load it again to see what has changed",
            field="namespace",
        )


class Place(NamedTuple):
    """One part of a list: a namespace, or "" for the whole cluster."""

    namespace: str
    acting: Acting | None
    followed: Followed
    others: tuple[Followed, ...] = ()
    """On which the health of its objects rests."""


def places_of(question: Question, wanted: Wanted) -> list[Place]:
    """What has to be watched. Raises UnknownKind, WholeCluster, NoHealth, TooManyPlaces."""
    kind = question.kind(wanted.kind)
    if not kind.namespaced and question.namespaces is not None:
        raise WholeCluster
    if wanted.health and not is_judged(kind.group, kind.kind):
        raise NoHealth(kind)
    names = asked_for(question, wanted) if kind.namespaced else WHOLE_CLUSTER
    if len(names) > PLACES_MOST:
        raise TooManyPlaces
    return [_place(question, wanted, kind, name, fields_of(wanted, kind, names)) for name in names]


def _place(question: Question, wanted: Wanted, kind: ServedKind, name: str, fields: str) -> Place:
    acting, cluster = question.acting_in(name), question.cluster
    whose = (cluster["_id"], cluster.get("credentials_id"), str(acting))
    others = []
    for one in beside(kind):
        if is_cluster_scoped(KIND_VERSIONS[one], one):
            continue  # what a claim's class is hardly ever changes
        try:
            other = question.kind(KindName(group_of(KIND_VERSIONS[one]), one))
        except UnknownKind:
            continue  # there are none then
        others.append(Followed(*whose, other.resource.path(name or None), "", "", other))
    path = kind.resource.path(name or None)
    return Place(name, acting, Followed(*whose, path, wanted.labels, fields, kind), tuple(others))


def still_may(principal: Principal, *, cluster_id: ObjectId, places: Sequence[Place]) -> None:
    """Raises unless the person may still read all of it, and in the very name in which it is read."""
    cluster = store.find(cluster_id, principal)
    for place in places:
        access = require_on(principal, "cluster.read", cluster, place.namespace)
        acting = access.acting if place.namespace else None
        if (acting, access.credentials_id) != (place.acting, place.followed.credentials_id):
            raise OtherName


class ListStream:
    """Server-sent events: `changed` (`rows` that came or look otherwise, `gone` uids), `reload` where something may be
    missing, `interrupted` (why) and `resumed` while the cluster does not tell, and `refused`."""

    keep_alive = b": still here\n\n"

    def __init__(self, places: Sequence[Place], wanted: Wanted, version: str) -> None:
        self._places = places
        self._words = wanted.text.lower().split()
        self._health = {state.value for state in wanted.health}
        self._version = version
        self._lock = threading.Lock()
        self._waiting: dict[str, Mapping[str, Any] | None] = {}
        self._is_lost = self._has_begun = False
        self._stale_at: float | None = None
        self._others = _Others(self)
        self._error: KubeOrchError | None = None
        self._broken: dict[Followed, KubeOrchError] = {}
        self._is_told_broken = False
        self._wake: Callable[[], None] = lambda: None
        self._next_at = self._again_at = 0.0

    def start(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        for place in self._places:
            client_of = partial(client_for, place.followed.cluster_id, place.acting)
            watches.join(place.followed, client_of, self._version, self)
            for other in place.others:
                watches.join(other, client_of, "", self._others)

    def stop(self) -> None:
        for place in self._places:
            watches.leave(place.followed, self)
            for other in place.others:
                watches.leave(other, self._others)

    def changed(self, uid: str, row: Row | None, shown: Mapping[str, Any]) -> None:
        health = (shown["health"] or {}).get("state")
        is_wanted = row is not None and matches(row, self._words) and (not self._health or health in self._health)
        with self._lock:
            self._waiting[uid] = shown if is_wanted else None
            if len(self._waiting) > ROWS_MOST:
                self._waiting.clear()
                self._is_lost = True
        self._wake()

    def stale(self, in_s: float = 0.0) -> None:
        at = time.monotonic() + (in_s and in_s + LATER_S)
        with self._lock:
            self._stale_at = at if self._stale_at is None else min(at, self._stale_at)
        self._wake()

    def lost(self) -> None:
        with self._lock:
            self._is_lost = True
        self._wake()

    def interrupted(self, one: Followed, error: KubeOrchError) -> None:
        with self._lock:
            self._broken[one] = error
        self._wake()

    def resumed(self, one: Followed) -> None:
        with self._lock:
            self._broken.pop(one, None)
        self._wake()

    def refuse(self, error: KubeOrchError) -> None:
        with self._lock:
            self._error = error
        self._wake()

    def take(self, most_bytes: int) -> Made:
        """Some changes a moment at most: of an object that changes all the time the last state is sent."""
        if not self._has_begun:
            self._has_begun = True
            return Made([b"retry: 2000\n\n"], False)
        if (left_s := self._next_at - time.monotonic()) > 0:
            return Made([], False, left_s)
        with self._lock:
            if self._error is not None:
                return Made([self.refused(self._error)], True)
            moment = time.monotonic()
            is_stale = self._stale_at is not None and self._stale_at <= moment
            is_lost = self._is_lost or (is_stale and moment >= self._again_at)
            if is_lost:
                self._is_lost = False
                self._stale_at = None if is_stale else self._stale_at
                self._again_at = moment + AGAIN_EVERY_S
            later_s = None if self._stale_at is None else max(self._stale_at, self._again_at) - moment
            broken, was_broken = next(iter(self._broken.values()), None), self._is_told_broken
            self._is_told_broken = broken is not None
            uids = list(self._waiting)[:SENT_AT_ONCE]
            some = {uid: self._waiting.pop(uid) for uid in uids}
        pieces = [_event("reload", {})] if is_lost else []
        if broken is not None and not was_broken:
            pieces.append(_event("interrupted", {"code": broken.code, "detail": broken.detail}))
        elif broken is None and was_broken:
            pieces.append(_event("resumed", {}))
        if some:
            rows = [row for row in some.values() if row is not None]
            pieces.append(_event("changed", {"rows": rows, "gone": [uid for uid, row in some.items() if row is None]}))
        if pieces:
            self._next_at = time.monotonic() + EVERY_S
        return Made(pieces, False, later_s)

    def refused(self, error: KubeOrchError) -> bytes:
        return _event("refused", {"code": error.code, "detail": error.detail})


class _Others:
    """Follows what the health of the rows rests on, for the list."""

    def __init__(self, stream: ListStream) -> None:
        self._stream = stream

    def changed(self, uid: str, row: Row | None, shown: Mapping[str, Any]) -> None:
        self._stream.stale()

    def stale(self, in_s: float = 0.0) -> None:
        self._stream.stale(in_s)

    def lost(self) -> None:
        self._stream.stale()

    def interrupted(self, one: Followed, error: KubeOrchError) -> None:
        self._stream.interrupted(one, error)

    def resumed(self, one: Followed) -> None:
        self._stream.resumed(one)

    def refuse(self, error: KubeOrchError) -> None:
        if not isinstance(error, (ApiForbidden, ApiNotFound)):  # the list itself says what could not be read
            self._stream.refuse(error)


def _event(name: str, data: Mapping[str, Any]) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + dumps(data) + b"\n\n"
