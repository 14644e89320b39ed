"""Objects that were seen to change, until somebody writes down what changed: the newest look of each, within bounds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from clusters.domain.reading import mapping, mappings, text
from clusters.kube.noticing import Noticed
from kubeorch.base import clock

OBJECT_BYTES = 256 * 1024
"""Of a larger object no history is kept."""
WAITING_BYTES = 2 * 1024 * 1024
"""That wait at once; what is seen while they are so many is compared when it changes again."""
TAKEN_AT_ONCE = 50
VERSION_DIGITS = 18
"""Of a resourceVersion: what the database can hold."""
SAME_EVERY_S = 2.0
"""An object that changes all the time is looked at this often."""


@dataclass(frozen=True, slots=True)
class Waiting:
    uid: str
    environment_id: str
    mark: int
    version: int
    """Its resourceVersion; 0 where that is no number."""
    written: bytes
    """The object without its status, as JSON."""
    is_new: bool
    is_one_write: bool
    """It was written once since its content had the mark `before`."""
    before: int
    seen_at: datetime

    def manifest(self) -> dict[str, Any]:
        return dict(orjson.loads(self.written))


class Pending:
    """Safe to use from any thread."""

    def __init__(self, *, moment: Callable[[], float] = time.monotonic) -> None:
        self._moment = moment
        self._lock = threading.Lock()
        self._waiting: dict[str, Waiting] = {}
        self._bytes = 0
        self._gone: set[str] = set()
        self._rests: dict[str, float] = {}
        """Until when each that was taken a moment ago is left alone."""

    def add(self, noticed: Noticed) -> None:
        """From the thread of a watch: no longer than it takes to write the object as JSON."""
        seen = noticed.seen
        uid = seen.uid
        with self._lock:
            if self._bytes >= WAITING_BYTES and uid not in self._waiting:
                return
        written = orjson.dumps(_as_kept(noticed))
        if len(written) > OBJECT_BYTES:
            return
        version = seen.resource_version
        new = Waiting(
            uid,
            seen.environment_id,
            seen.content,
            int(version) if version.isascii() and version.isdigit() and len(version) <= VERSION_DIGITS else 0,
            written,
            noticed.is_new,
            noticed.is_one_write,
            noticed.before,
            clock.now(),
        )
        with self._lock:
            before = self._waiting.get(uid)
            if before is not None:
                self._bytes -= len(before.written)
                new = replace(new, is_new=before.is_new, is_one_write=False)
            self._gone.discard(uid)
            self._waiting[uid] = new
            self._bytes += len(written)

    @property
    def has_some(self) -> bool:
        with self._lock:
            return bool(self._waiting or self._gone)

    def gone(self, uid: str) -> None:
        with self._lock:
            self._drop(uid)
            self._gone.add(uid)

    def take(self) -> tuple[list[Waiting], set[str]]:
        """(some whose turn has come, the uids of what is gone)."""
        moment = self._moment()
        with self._lock:
            self._rests = {uid: until for uid, until in self._rests.items() if until > moment}
            due = [uid for uid in self._waiting if uid not in self._rests][:TAKEN_AT_ONCE]
            found = [self._waiting[uid] for uid in due]
            for uid in due:
                self._drop(uid)
                self._rests[uid] = moment + SAME_EVERY_S
            gone, self._gone = self._gone, set()
        return found, gone

    def give_back(self, some: Sequence[Waiting], gone: Iterable[str]) -> None:
        """What could not be written down now; what was seen since is newer."""
        with self._lock:
            self._gone.update(gone)
            for one in some:
                newer = self._waiting.get(one.uid)
                if newer is not None:
                    self._waiting[one.uid] = replace(newer, is_new=one.is_new, is_one_write=False)
                elif one.uid not in self._gone:
                    self._waiting[one.uid] = one
                    self._bytes += len(one.written)

    def _drop(self, uid: str) -> None:
        found = self._waiting.pop(uid, None)
        if found is not None:
            self._bytes -= len(found.written)


def _as_kept(noticed: Noticed) -> dict[str, Any]:
    """Items of lists do not say their kind, and what is watched as metadata calls itself so."""
    manifest, seen = noticed.manifest, noticed.seen
    metadata = mapping(manifest.get("metadata"))
    managed = [row for row in mappings(metadata.get("managedFields")) if text(row.get("subresource")) != "status"]
    found = {name: value for name, value in manifest.items() if name != "status"}
    head = {"apiVersion": seen.api_version, "kind": seen.kind}
    return {**found, **head, "metadata": {**metadata, "managedFields": managed}}
