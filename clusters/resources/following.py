"""What changes in a list of objects while somebody looks at it.

One watch serves all who look at the same list in the same name. It begins with the first of them and ends with the
last, so that a list that nobody looks at costs nothing. What was followed is the API server's own table again, so a
row that comes is as it would be printed.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from pymongo.errors import PyMongoError

from clusters.kube.client import KubeClient
from clusters.kube.errors import (
    ApiForbidden,
    ApiInvalid,
    ApiNotFound,
    ClusterTimeout,
    ClusterUnavailable,
    Expired,
    Unauthorized,
)
from clusters.kube.holding import TooMuch
from clusters.kube.kinds import ServedKind
from clusters.kube.lines import LineStream
from clusters.kube.tables import Row, table_change, table_page, watch_table
from clusters.resources.healths import beside, is_by_pods, is_judged, judged
from clusters.resources.representations import row_json
from kubeorch.base.backoff import Backoff
from kubeorch.base.errors import KubeOrchError, Unavailable

log = logging.getLogger(__name__)

AGAIN = Backoff(first_s=0.5, most_s=15.0, jitter=0.5)
WATCH_S = 240
"""After that the API server ends a watch, and it is asked for anew with the credentials of then."""
SILENCE_S = 90.0
"""Longer silence is a dead connection, or a list without bookmarks; others come each minute. It is asked for anew."""
WATCHES_A_CLUSTER = 90
"""That run at once, with those that nobody follows any more and that have not ended yet: as many as its lists have."""


class Followed(NamedTuple):
    """Which list, and in whose name; equal ones share a watch."""

    cluster_id: object
    credentials_id: object
    """By which of its credentials."""
    acting: str
    path: str
    labels: str
    fields: str
    kind: ServedKind


class Follower(Protocol):
    """Somebody who looks. Called from the thread of the watch, so it must not wait."""

    def changed(self, uid: str, row: Row | None, shown: Mapping[str, Any]) -> None:
        """A row as it is now, and as the API shows it; None where it is gone."""

    def stale(self, in_s: float = 0.0) -> None:
        """How a row is rests on other objects or on the time, and may be otherwise by then: read the list again."""

    def lost(self) -> None:
        """Something may have been missed: read the list again."""

    def interrupted(self, one: Followed, error: KubeOrchError) -> None:
        """It is not followed now, and tried again."""

    def resumed(self, one: Followed) -> None:
        """It is followed again."""

    def refuse(self, error: KubeOrchError) -> None:
        """The list cannot be followed."""


class Watches:
    """The watches of this process. Safe to share among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[Followed, _Watch] = {}
        self._alive: Counter[object] = Counter()

    def join(self, one: Followed, client_of: Callable[[], KubeClient], version: str, follower: Follower) -> None:
        """Follow the list from `version` on; who comes later than the first reads it once more."""
        with self._lock:
            watch = self._running.get(one)
            if watch is not None and watch.add(follower):
                follower.lost()
                return
            if self._alive[one.cluster_id] >= WATCHES_A_CLUSTER:
                follower.refuse(Unavailable("many lists of this cluster are followed; load it again in a minute"))
                return
            self._alive[one.cluster_id] += 1
            watch = self._running[one] = _Watch(one, client_of, version, follower)
        threading.Thread(target=self._run, args=(watch, one), daemon=True, name="list").start()

    def leave(self, one: Followed, follower: Follower) -> None:
        with self._lock:
            watch = self._running.get(one)
            if watch is not None and watch.remove(follower):
                del self._running[one]

    def __len__(self) -> int:
        return len(self._running)

    def _run(self, watch: _Watch, one: Followed) -> None:
        try:
            watch.run()
        finally:
            with self._lock:
                self._alive[one.cluster_id] -= 1
                self._alive += Counter()  # forgets those that have none


class _Watch:
    """`run` in a thread."""

    def __init__(self, one: Followed, client_of: Callable[[], KubeClient], version: str, first: Follower) -> None:
        self._one = one
        self._client_of = client_of
        self._version = version
        self._lock = threading.Lock()
        self._followers = [first]
        self._ended = threading.Event()
        self._lines: LineStream | None = None
        self._failure: KubeOrchError | None = None
        self._is_given = True  # the version, by a person
        self._has_expired = False

    def add(self, follower: Follower) -> bool:
        """Whether it still runs."""
        with self._lock:
            if self._ended.is_set():
                return False
            self._followers.append(follower)
            if self._failure is not None:
                follower.interrupted(self._one, self._failure)
            return True

    def remove(self, follower: Follower) -> bool:
        """Whether nobody is left; it ends then."""
        with self._lock:
            self._followers = [one for one in self._followers if one is not follower]
            if self._followers:
                return False
            self._ended.set()
            lines = self._lines
        if lines is not None:
            lines.close()
        return True

    def run(self) -> None:
        try:
            self._follow()
        except (ApiForbidden, ApiInvalid, ApiNotFound, Unauthorized) as error:
            self._end(error)
        except Exception:  # the thread's outermost loop
            log.exception("the list %s of cluster %s is not followed any more", self._one.path, self._one.cluster_id)
            self._end(Unavailable("the list is not followed any more, by a fault of this server; load it again"))

    def _follow(self) -> None:
        failures = 0
        while not self._ended.is_set():
            try:
                failures = 0 if self._watch() else failures + 1
            except Expired as error:
                self._start_anew()
                if self._has_expired:
                    failures += 1
                    self._interrupt(error)
                self._has_expired = True
            except ApiInvalid:
                if not self._is_given:
                    raise
                self._start_anew()  # the version may be what is wrong, which is not the fault of who joined
            except (ApiForbidden, ApiNotFound, Unauthorized):
                raise
            except KubeOrchError as error:
                failures += 1
                if not _is_cut(error):
                    self._start_anew()
                self._interrupt(error)
            except PyMongoError as error:
                failures += 1
                log.warning("cluster %s is not known now: %s", self._one.cluster_id, error)
                self._interrupt(Unavailable("the database does not answer; it is tried again"))
            self._ended.wait(AGAIN.delay_s(max(1, failures)))

    def _start_anew(self) -> None:
        self._version, self._is_given = "", False

    def _interrupt(self, error: KubeOrchError) -> None:
        with self._lock:
            self._failure = error
            for follower in self._followers:
                follower.interrupted(self._one, error)

    def _resume(self, lines: LineStream) -> bool:
        """Whether somebody still follows."""
        with self._lock:
            if self._ended.is_set():
                return False
            self._lines = lines
            if self._failure is not None:
                self._failure = None
                for follower in self._followers:
                    follower.resumed(self._one)
            return True

    def _watch(self) -> bool:
        """Until the API server ends it; whether it sent anything."""
        client, one = self._client_of(), self._one
        whole = is_judged(one.kind.group, one.kind.kind)
        if not self._version:
            allowance = client.allowance()
            page = table_page(client, one.path, limit=1, labels=one.labels, fields=one.fields, allowance=allowance)
            self._version = page.resource_version
            self._is_given = False
            for follower in self._all():
                follower.lost()
        lines = watch_table(
            client,
            one.path,
            version=self._version,
            labels=one.labels,
            fields=one.fields,
            whole=whole,
            last_s=WATCH_S,
            silence_s=SILENCE_S,
        )
        with lines:
            return not self._resume(lines) or self._read(lines)

    def _read(self, lines: LineStream) -> bool:
        has_sent = False
        try:
            for line in lines:
                if self._ended.is_set():
                    return True
                try:
                    change = table_change(line)
                except KubeOrchError:
                    self._start_anew()
                    raise
                has_sent, self._has_expired = True, False
                self._version = change.version or self._version
                for row in change.rows:
                    self._tell(row, change.gone)
        except ClusterTimeout:
            return True  # silence; whether it still answers shows at once
        return has_sent

    def _tell(self, row: Row, gone: bool) -> None:
        kind = self._one.kind
        rests_on_others = bool(beside(kind))
        health = judged(kind, row.object) if is_judged(kind.group, kind.kind) and not rests_on_others else None
        shown = row_json(row, health)
        for follower in self._all():
            if rests_on_others and not gone:
                follower.stale()
                continue
            follower.changed(shown["uid"], None if gone else row, shown)
            if health is not None and not gone and is_by_pods(kind, health):
                follower.stale()
            elif health is not None and not gone and health.recheck_s is not None:
                follower.stale(health.recheck_s)

    def _end(self, error: KubeOrchError) -> None:
        with self._lock:
            self._ended.set()
        for follower in self._all():
            follower.refuse(error)

    def _all(self) -> list[Follower]:
        with self._lock:
            return list(self._followers)


def _is_cut(error: KubeOrchError) -> bool:
    """Of the network, so that nothing speaks against the version."""
    return isinstance(error, ClusterUnavailable) and not error.status and not isinstance(error, TooMuch)


watches = Watches()
