"""What changes in a list of objects while somebody looks at it.

One watch serves all who look at the same list in the same name. It begins with the first of them and ends with the
last, so that a list that nobody looks at costs nothing. What was followed is the API server's own table again, so a
row that comes is as it would be printed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiInvalid, ApiNotFound, Expired, Unauthorized
from clusters.kube.kinds import ServedKind
from clusters.kube.lines import LineStream
from clusters.kube.tables import Row, table_change, table_page, watch_table
from clusters.resources.healths import is_judged, judged
from clusters.resources.representations import row_json
from kubeorch.base.backoff import Backoff
from kubeorch.base.errors import KubeOrchError

AGAIN = Backoff(first_s=0.5, most_s=15.0, jitter=0.5)
WATCH_S = 240
"""After that the API server ends a watch, and it is asked for anew with the credentials of then."""


class Followed(NamedTuple):
    """Which list, and in whose name; equal ones share a watch."""

    cluster_id: object
    acting: str
    path: str
    labels: str
    fields: str
    kind: ServedKind


class Follower(Protocol):
    """Somebody who looks. Called from the thread of the watch, so it must not wait."""

    def changed(self, uid: str, row: Row | None, shown: Mapping[str, Any]) -> None:
        """A row as it is now, and as the API shows it; None where it is gone."""

    def lost(self) -> None:
        """Something may have been missed: read the list again."""

    def refuse(self, error: KubeOrchError) -> None:
        """The list cannot be followed."""


class Watches:
    """The watches of this process. Safe to share among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[Followed, _Watch] = {}

    def join(self, one: Followed, client_of: Callable[[], KubeClient], version: str, follower: Follower) -> None:
        """Follow the list from `version` on; who comes later than the first reads it once more."""
        with self._lock:
            watch = self._running.get(one)
            if watch is not None and watch.add(follower):
                follower.lost()
                return
            watch = self._running[one] = _Watch(one, client_of, version, follower)
        threading.Thread(target=watch.run, daemon=True, name="list").start()

    def leave(self, one: Followed, follower: Follower) -> None:
        with self._lock:
            watch = self._running.get(one)
            if watch is not None and watch.remove(follower):
                del self._running[one]

    def __len__(self) -> int:
        return len(self._running)


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

    def add(self, follower: Follower) -> bool:
        """Whether it still runs."""
        with self._lock:
            if self._ended.is_set():
                return False
            self._followers.append(follower)
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
        failures = 0
        while not self._ended.is_set():
            try:
                failures = 0 if self._watch() else failures + 1
            except Expired:
                self._version = ""
            except (ApiForbidden, ApiInvalid, ApiNotFound, Unauthorized) as error:
                self._end(error)
                return
            except KubeOrchError:
                failures += 1  # it does not answer now; the list says so itself where it is read
            if failures:
                self._ended.wait(AGAIN.delay_s(failures))

    def _watch(self) -> bool:
        """Until the API server ends it; whether it sent anything."""
        client, one = self._client_of(), self._one
        whole = is_judged(one.kind.group, one.kind.kind)
        if not self._version:
            allowance = client.allowance()
            page = table_page(client, one.path, limit=1, labels=one.labels, fields=one.fields, allowance=allowance)
            self._version = page.resource_version
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
        )
        with self._lock:
            self._lines = lines
        has_sent = False
        with lines:
            for line in lines:
                if self._ended.is_set():
                    return True
                change = table_change(line)
                has_sent = True
                self._version = change.version or self._version
                for row in change.rows:
                    self._tell(row, change.gone)
        return has_sent

    def _tell(self, row: Row, gone: bool) -> None:
        health = judged(self._one.kind, row.object) if is_judged(self._one.kind.group, self._one.kind.kind) else None
        shown = row_json(row, health)
        for follower in self._all():
            follower.changed(shown["uid"], None if gone else row, shown)

    def _end(self, error: KubeOrchError) -> None:
        with self._lock:
            self._ended.set()
        for follower in self._all():
            follower.refuse(error)

    def _all(self) -> list[Follower]:
        with self._lock:
            return list(self._followers)


watches = Watches()
