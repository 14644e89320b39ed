"""Objects that were seen to change, until somebody writes down what changed: the newest look of each, within bounds."""

from __future__ import annotations

import threading
import time
import zlib
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
WAITING_BYTES = 4 * 1024 * 1024
"""That wait at once, packed; what is seen while they are so many is compared when it changes again."""
WEIGHT = 500
"""Bytes that one takes beside what is written of it."""
TAKEN_AT_ONCE = 50
VERSION_DIGITS = 18
"""Of a resourceVersion: what the database can hold."""
SAME_EVERY_S, SAME_REST_MOST_S = 2.0, 32.0
"""An object that changes all the time is looked at this often: twice as long from turn to turn, up to the second."""

_RESTED = (float("-inf"), 0.0)


@dataclass(frozen=True, slots=True)
class Waiting:
    uid: str
    environment_id: str
    mark: int
    version: int
    """Its resourceVersion; 0 where that is not a number."""
    written: bytes
    """The object without its status, as JSON, packed: a list comes faster than it is compared."""
    is_new: bool
    is_one_write: bool
    """It was written once since its content had the mark `before`."""
    before: int
    seen_at: datetime

    def manifest(self) -> dict[str, Any]:
        return dict(orjson.loads(zlib.decompress(self.written)))

    @property
    def weight(self) -> int:
        return len(self.written) + WEIGHT


class Pending:
    """Safe to use from any thread."""

    def __init__(self, *, moment: Callable[[], float] = time.monotonic) -> None:
        self._moment = moment
        self._lock = threading.Lock()
        self._waiting: dict[str, Waiting] = {}
        self._bytes = 0
        self._gone: set[str] = set()
        self._rests: dict[str, tuple[float, float]] = {}
        """(until when it is left alone, for how long) of each that was taken a while ago."""

    def add(self, noticed: Noticed, *, is_first: bool = False) -> None:
        """From the thread of a watch: no longer than it takes to write the object as JSON and to pack it.

        `is_first`: there is nothing to compare it with, so that it does not matter who owns which field.
        """
        seen = noticed.seen
        uid = seen.uid
        with self._lock:
            if self._bytes >= WAITING_BYTES and uid not in self._waiting:
                return
        written = orjson.dumps(_as_kept(noticed, with_fields=not is_first))
        if len(written) > OBJECT_BYTES:
            return
        written = zlib.compress(written, 1)
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
                self._bytes -= before.weight
                new = replace(new, is_new=before.is_new, is_one_write=False)
            self._gone.discard(uid)
            self._waiting[uid] = new
            self._bytes += new.weight

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
            self._rests = {uid: (until, rest) for uid, (until, rest) in self._rests.items() if until + rest > moment}
            due = [uid for uid in self._waiting if self._rests.get(uid, _RESTED)[0] <= moment][:TAKEN_AT_ONCE]
            found = [self._waiting[uid] for uid in due]
            for uid in due:
                self._drop(uid)
                rest = min(max(2 * self._rests.get(uid, _RESTED)[1], SAME_EVERY_S), SAME_REST_MOST_S)
                self._rests[uid] = moment + rest, rest
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
                    self._bytes += one.weight

    def _drop(self, uid: str) -> None:
        found = self._waiting.pop(uid, None)
        if found is not None:
            self._bytes -= found.weight


def _as_kept(noticed: Noticed, *, with_fields: bool) -> dict[str, Any]:
    """Items of lists do not say their kind, and what is watched as metadata calls itself so."""
    manifest, seen = noticed.manifest, noticed.seen
    metadata = mapping(manifest.get("metadata"))
    managed = [row for row in mappings(metadata.get("managedFields")) if text(row.get("subresource")) != "status"]
    if not with_fields:
        managed = [{**row, "fieldsV1": {}} for row in managed]
    found = {name: value for name, value in manifest.items() if name != "status"}
    head = {"apiVersion": seen.api_version, "kind": seen.kind}
    return {**found, **head, "metadata": {**metadata, "managedFields": managed}}
