"""A scripted API server for one collection: a history of versions, a watch cache, and faults on demand.

In process and without threads: a stream yields what the history holds and then ends the way the script says.
So a whole life of cuts, expiries and relists is played in a millisecond, and the same seed plays it again.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from clusters.kube.errors import ClusterTimeout, ClusterUnavailable, error_from_status
from clusters.kube.holding import Held, Pace

PATH = "/api/v1/pods"


@dataclasses.dataclass
class Step:
    version: int
    kind: str
    object: dict[str, Any]


@dataclasses.dataclass
class Faults:
    """What goes wrong next; each is used up once it has struck."""

    open_errors: list[Exception] = dataclasses.field(default_factory=list)
    list_errors: list[Exception] = dataclasses.field(default_factory=list)
    cut_after: int | None = None
    """Events until the connection is cut."""
    cut: str = "fin"
    """fin, rst, silence, half_line, expired, error_500, error_429."""
    repeat: bool = False
    """Every event of the next stream is sent twice, and an old one again."""


class ScriptedApiServer:
    """Objects by name with the history of their changes, from `compacted` on."""

    def __init__(self, *, streaming_lists: bool = True, bookmarks: bool = True, page: int | None = None) -> None:
        self.version = 100
        self.held = Held()
        self.pace = Pace()
        self.compacted = 0
        self.objects: dict[str, dict[str, Any]] = {}
        self.history: list[Step] = []
        self.faults = Faults()
        self.streaming_lists = streaming_lists
        self.ignores_streaming = False
        """An old server: it begins with everything there is and never says where that ends."""
        self.bookmarks = bookmarks
        self.page = page
        self.expire_pages = 0
        self.stale_cache_by = 0
        """Lists that may come from the cache are that many changes old."""
        self.lists: list[dict[str, str]] = []
        self.watches: list[dict[str, str]] = []

    # What happens in the cluster

    def put(self, name: str, **content: Any) -> dict[str, Any]:
        self.version += 1
        known = self.objects.get(name)
        metadata = {
            "name": name,
            "namespace": "shop",
            "uid": known["metadata"]["uid"] if known else f"uid-{name}-{self.version}",
            "resourceVersion": str(self.version),
        }
        found = {"metadata": metadata, **content}
        self.objects[name] = found
        self.history.append(Step(self.version, "MODIFIED" if known else "ADDED", found))
        return found

    def delete(self, name: str) -> None:
        known = self.objects.pop(name, None)
        if known is not None:
            self.version += 1
            gone = {**known, "metadata": {**known["metadata"], "resourceVersion": str(self.version)}}
            self.history.append(Step(self.version, "DELETED", gone))

    def compact(self) -> None:
        self.compacted = self.version

    # What the client sees

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 30.0,
    ) -> tuple[int, dict[str, Any]]:
        query = dict(query or {})
        self.lists.append(query)
        if self.faults.list_errors:
            raise self.faults.list_errors.pop(0)
        asked = query.get("resourceVersion")
        objects, version = dict(self.objects), self.version
        if asked == "0" and self.stale_cache_by:
            objects, version = self._as_of(self.version - self.stale_cache_by)
        items = [objects[name] for name in sorted(objects)]
        start = int(query.get("continue") or 0)
        size = self.page if self.page and ("limit" in query or start) else len(items) or 1
        if start and self.expire_pages:
            self.expire_pages -= 1
            raise error_from_status(410, {"message": "continue token expired"})
        metadata: dict[str, Any] = {"resourceVersion": str(version)}
        if start + size < len(items):
            metadata["continue"] = str(start + size)
        return 200, {"metadata": metadata, "items": items[start : start + size]}

    def stream(
        self,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        read_timeout_s: float = 330.0,
        age_s: float = 3600.0,
    ) -> FakeStream:
        query = dict(query or {})
        self.watches.append(query)
        if self.faults.open_errors:
            raise self.faults.open_errors.pop(0)
        asked = query.get("resourceVersion")
        if query.get("sendInitialEvents") == "true" and not self.ignores_streaming:
            if not self.streaming_lists:
                raise error_from_status(
                    422, {"message": "sendInitialEvents is forbidden for watch unless the WatchList gate is enabled"}
                )
            if asked and int(asked) > self.version:
                causes = [{"reason": "ResourceVersionTooLarge"}]
                raise error_from_status(504, {"message": "Too large resource version", "details": {"causes": causes}})
            return FakeStream(self, self._initial(), self.version)
        if not asked or (self.ignores_streaming and query.get("sendInitialEvents") == "true"):
            return FakeStream(self, [_line("ADDED", found) for found in self.objects.values()], self.version)
        if int(asked) < self.compacted:
            raise error_from_status(410, {"message": "too old resource version", "reason": "Expired"})
        return FakeStream(self, [], int(asked))

    def _initial(self) -> list[bytes]:
        lines = [_line("ADDED", found) for found in self.objects.values()]
        annotations = {"k8s.io/initial-events-end": "true"}
        end = {"metadata": {"resourceVersion": str(self.version), "annotations": annotations}}
        return [*lines, _line("BOOKMARK", end)]

    def _as_of(self, version: int) -> tuple[dict[str, dict[str, Any]], int]:
        objects: dict[str, dict[str, Any]] = {}
        for step in self.history:
            if step.version > version:
                break
            if step.kind == "DELETED":
                objects.pop(step.object["metadata"]["name"], None)
            else:
                objects[step.object["metadata"]["name"]] = step.object
        return objects, version


class FakeStream:
    """A watch: what it was opened with, then the history after `version`, then the end the script wants."""

    def __init__(self, server: ScriptedApiServer, lines: list[bytes], version: int) -> None:
        faults, server.faults = server.faults, Faults(server.faults.open_errors, server.faults.list_errors)
        events = [_line(step.kind, step.object) for step in server.history if step.version > version]
        if faults.repeat:
            events = [line for event in events for line in (event, event)] + events[:1]
        if server.bookmarks and not faults.repeat:
            events.append(_line("BOOKMARK", {"metadata": {"resourceVersion": str(server.version)}}))
        self._lines = [*lines, *events]
        if faults.cut_after is not None:
            self._lines = self._lines[: faults.cut_after]
        self._cut = faults.cut
        self._is_closed = False

    def __enter__(self) -> FakeStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            if self._is_closed:
                return
            yield line
        if self._cut == "rst":
            raise ClusterUnavailable("connection reset")
        if self._cut == "silence":
            raise ClusterTimeout("silence")
        if self._cut == "half_line":
            yield b'{"type":"MODIFIED","object":{"metadata":{"na'
        if self._cut == "expired":
            yield _line("ERROR", {"code": 410, "reason": "Expired", "message": "too old resource version"})
        if self._cut == "error_500":
            yield _line("ERROR", {"code": 500, "reason": "InternalError", "message": "etcd is not well"})
        if self._cut == "error_429":
            yield _line("ERROR", {"code": 429, "reason": "TooManyRequests", "message": "storage is initialising"})

    def close(self) -> None:
        self._is_closed = True


def _line(kind: str, found: Any) -> bytes:
    return orjson.dumps({"type": kind, "object": found})


CUTS = ("fin", "rst", "silence", "half_line", "expired", "error_500", "error_429")


def play(server: ScriptedApiServer, dice: random.Random) -> None:
    """One random thing: a change in the cluster, a fault on the way, or history being dropped."""
    names = [f"pod-{number}" for number in range(8)]
    what = dice.random()
    if what < 0.45:
        server.put(dice.choice(names), spec={"n": dice.randint(0, 99)})
    elif what < 0.65:
        server.delete(dice.choice(names))
    elif what < 0.75:
        server.compact()
    elif what < 0.95:
        cut_after = dice.choice([None, 0, 1, 2, 5])
        server.faults.cut_after, server.faults.cut = cut_after, dice.choice(CUTS)
        server.faults.repeat = dice.random() < 0.2
    else:
        status = dice.choice([429, 500, 503, 410])
        error = error_from_status(status, {"message": "no"})
        dice.choice([server.faults.open_errors, server.faults.list_errors]).append(error)
