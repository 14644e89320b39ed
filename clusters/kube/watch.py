"""A reflector: keeps a local picture of one kind equal to the API server's, through whatever happens between.

Written to the contract of client-go (tools/cache/reflector.go), since no Python client keeps it: streaming
lists with a paged fallback, bookmarks, 410 in both forms, back-off without a relist for 429 and refused
connections, a deadline for silence, and a replace that tells what vanished meanwhile. One thread each.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import orjson

from clusters.kube.client import METADATA_LIST, METADATA_ONE
from clusters.kube.errors import ApiForbidden, ApiInvalid, ApiNotFound, ClusterTimeout, Expired, error_from_status
from kubeorch.base.errors import KubeOrchError

log = logging.getLogger(__name__)

PAGE = 500
INITIAL_EVENTS_END = "k8s.io/initial-events-end"
TOO_LARGE = "ResourceVersionTooLarge"
Key = tuple[str, str]
"""Namespace and name."""


class Versioned(Protocol):
    @property
    def resource_version(self) -> str: ...
    @property
    def uid(self) -> str: ...


T = TypeVar("T", bound=Versioned)


class Lines(AbstractContextManager["Lines"], Iterator[bytes], Protocol):
    def close(self) -> None: ...


class Api(Protocol):
    """What is used of `KubeClient`."""

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 30.0,
    ) -> tuple[int, dict[str, Any]]: ...

    def stream(
        self,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        read_timeout_s: float = 330.0,
    ) -> Any: ...


@dataclass(frozen=True, slots=True)
class Timing:
    """Every figure of the loop, in seconds, so that tests can turn a day into a second."""

    back_off_first_s: float = 0.8
    back_off_most_s: float = 30.0
    back_off_reset_s: float = 120.0
    server_timeout_s: int = 300
    """Asked of the server at random up to twice this; the read deadline lies beyond."""
    read_slack_s: float = 30.0
    silence_s: float = 100.0
    """Once a server is seen to send bookmarks (every minute), silence longer than this is a dead connection."""
    initial_s: float = 60.0
    """A streaming list must have said its end by then, or the server does not know it."""
    short_watch_s: float = 1.0


@dataclass(slots=True)
class BackOff:
    """Twice as long each time, with jitter; from the start again after a healthy while."""

    timing: Timing
    clock: Callable[[], float] = time.monotonic
    dice: random.Random = field(default_factory=random.Random)
    _next_s: float = 0.0
    _last: float = float("-inf")

    def delay_s(self) -> float:
        now = self.clock()
        if now - self._last > self.timing.back_off_reset_s:
            self._next_s = self.timing.back_off_first_s
        self._last = now
        base = self._next_s
        self._next_s = min(base * 2, self.timing.back_off_most_s)
        return min(base * (1 + self.dice.random()), self.timing.back_off_most_s * 2)


@dataclass(frozen=True, slots=True)
class Listing:
    """What to follow: a collection's path, and which of it."""

    path: str
    label_selector: str = ""
    field_selector: str = ""
    metadata_only: bool = False
    """Ask for metadata alone: data of ConfigMaps and Secrets never comes into memory."""

    def query(self) -> dict[str, str]:
        found = {"labelSelector": self.label_selector, "fieldSelector": self.field_selector}
        return {key: value for key, value in found.items() if value}


class WentBack(Exception):
    """A list older than what was already seen."""


class Reflector(Generic[T]):
    """Follows one collection until `stop`.

    `decode` makes the kept value of an object; what it refuses with ValueError is set aside, not followed.
    `changed(old, new)` is called for every change in the reflector's thread, `settled` once a list is complete;
    an error in either is logged and lives no longer. `broken` is told when the picture may be old, with the
    monotonic time it was last true; `fresh` when it is kept up again.
    """

    def __init__(
        self,
        api: Api,
        listing: Listing,
        decode: Callable[[dict[str, Any]], T],
        *,
        changed: Callable[[T | None, T | None], None],
        settled: Callable[[], None] = lambda: None,
        fresh: Callable[[], None] = lambda: None,
        broken: Callable[[float, KubeOrchError], None] = lambda since, error: None,
        timing: Timing = Timing(),
        keep: bool = True,
        seed: int | None = None,
    ) -> None:
        self._api = api
        self.listing = listing
        self._decode = decode
        self._changed = changed
        self._settled = settled
        self._fresh = fresh
        self._broken = broken
        self._timing = timing
        self._keep = keep
        self._dice = random.Random(seed)  # noqa: S311  (jitter)
        self._back_off = BackOff(timing, dice=self._dice)
        self._stop = threading.Event()
        self._stream: Any = None
        self._relist = True
        self._quorum = False
        """Read through the watch cache: the last version is unknown to it or expired."""
        self._streaming = True
        self._sees_bookmarks = False
        self._is_fresh = False
        self.store: dict[Key, T] = {}
        self.version = ""
        self.synced = threading.Event()
        self.lists = 0
        self.refused: dict[str, str] = {}
        """Objects set aside, by name, with the reason; bounded."""
        self.heard_at = time.monotonic()
        self.error: KubeOrchError | None = None
        self.is_watching = False

    def run(self) -> None:
        """The loop; returns after `stop`."""
        while not self._stop.is_set():
            self.step()

    def step(self) -> None:
        """List if need be, then watch until the stream ends or breaks, and recover from that."""
        try:
            self._round()
        except WentBack:
            log.warning("%s: a list older than what was seen; reading from the quorum", self.listing.path)
            self._relist = self._quorum = True
        except KubeOrchError as error:
            if not self._stop.is_set():
                self._recover(error)
        except Exception:
            if not self._stop.is_set():
                log.exception("following %s failed; listing again", self.listing.path)
                self._relist = True
                self._pause()
        finally:
            self.is_watching = False

    def stop(self) -> None:
        self._stop.set()
        stream = self._stream
        if stream is not None:
            stream.close()

    # One round

    def _round(self) -> None:
        if self._relist and self._streaming:
            self._stream_list()
            return
        if self._relist:
            self._paged_list()
        self._watch()

    def _stream_list(self) -> None:
        """A watch that begins with everything there is, then goes on as a watch."""
        query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
        fresh_store: dict[Key, T] = {}
        is_complete = False
        try:
            with self._open(query, "" if self._quorum else self.version) as lines:
                watchdog = threading.Timer(self._timing.initial_s, lines.close)
                watchdog.daemon = True
                watchdog.start()
                try:
                    for kind, body in self._events(lines):
                        if is_complete:
                            self._take(kind, body)
                        elif kind == "BOOKMARK":
                            if _is_end_of_initial(body):
                                watchdog.cancel()
                                is_complete = True
                                self._replace(fresh_store, _version(body))
                                fresh_store = {}
                        elif kind == "DELETED":
                            fresh_store.pop(_key(body), None)
                        else:
                            self._add(fresh_store, body)
                finally:
                    watchdog.cancel()
        except ApiInvalid:
            self._streaming = False
            return
        except ClusterTimeout:
            if is_complete:
                raise
        if not is_complete and not self._stop.is_set():
            log.info("%s: no streaming lists here; listing by pages", self.listing.path)
            self._streaming = False

    def _paged_list(self) -> None:
        query = self.listing.query()
        if self._quorum:
            query["limit"] = str(PAGE)
        elif self.version:
            query["resourceVersion"] = self.version  # unpaged, so that the watch cache answers
        else:
            query |= {"resourceVersion": "0", "limit": str(PAGE)}
        headers = {"Accept": METADATA_LIST} if self.listing.metadata_only else None
        fresh_store: dict[Key, T] = {}
        while True:
            try:
                _, page = self._api.request("GET", self.listing.path, query=query, headers=headers, timeout_s=60.0)
            except Expired:
                if "continue" not in query:
                    raise
                query = self.listing.query()  # the pages' snapshot is gone: once more, whole
                fresh_store = {}
                continue
            for item in page.get("items") or ():
                self._add(fresh_store, item)
            metadata = page.get("metadata") or {}
            if not metadata.get("continue"):
                break
            query = {**self.listing.query(), "limit": str(PAGE), "continue": metadata["continue"]}
        self._replace(fresh_store, str(metadata.get("resourceVersion") or ""))

    def _watch(self) -> None:
        started, events = time.monotonic(), 0
        with self._open({}, self.version) as lines:
            for kind, body in self._events(lines):
                events += 1
                self._take(kind, body)
        if events == 0 and time.monotonic() - started < self._timing.short_watch_s and not self._stop.is_set():
            log.info("%s: the watch ended at once without an event", self.listing.path)
            self._pause()

    def _open(self, query: Mapping[str, str], version: str) -> Any:
        timing = self._timing
        server_timeout_s = timing.server_timeout_s * (1 + self._dice.random())
        read_timeout_s = timing.silence_s if self._sees_bookmarks else server_timeout_s + timing.read_slack_s
        lines = self._api.stream(
            self.listing.path,
            query={
                "watch": "true",
                "allowWatchBookmarks": "true",
                "timeoutSeconds": str(max(1, int(server_timeout_s))),
                **({"resourceVersion": version} if version else {}),
                **self.listing.query(),
                **query,
            },
            headers={"Accept": METADATA_ONE} if self.listing.metadata_only else None,
            read_timeout_s=read_timeout_s,
        )
        self._stream = lines
        if self._stop.is_set():
            lines.close()
        self.is_watching = True
        self.heard_at = time.monotonic()
        if not self._relist:
            self._is_up()
        return lines

    def _events(self, lines: Iterator[bytes]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Events of a stream; an ERROR event is raised as what it says."""
        for line in lines:
            if self._stop.is_set():
                return
            try:
                event = orjson.loads(line)
                kind, body = event["type"], event["object"]
            except (ValueError, KeyError, TypeError):
                # Cut in the middle: nothing after it can be trusted. The version was not moved, so nothing is lost.
                raise error_from_status(0, {"message": "the watch sent a line that is no event"}) from None
            self.heard_at = time.monotonic()
            if kind == "ERROR":
                body = body if isinstance(body, dict) else {}
                code = body.get("code")
                raise error_from_status(code if isinstance(code, int) else 500, body)
            if not isinstance(body, dict):
                raise error_from_status(0, {"message": "the watch sent an event without an object"})
            yield kind, body

    # The picture

    def _take(self, kind: str, body: dict[str, Any]) -> None:
        version = _version(body)
        if (kind != "BOOKMARK" and version == self.version) or _is_older(version, self.version):
            return  # repeated or out of order: a watch only moves forward
        if kind == "BOOKMARK":
            self._sees_bookmarks = True
        elif kind == "DELETED":
            self._remove(body)
        elif kind in ("ADDED", "MODIFIED"):
            self._put(body)
        else:
            log.warning("%s: an event of unknown type %.40r is skipped", self.listing.path, kind)
        self.version = version or self.version

    def _put(self, body: dict[str, Any]) -> None:
        new = self._decoded(body)
        if new is None:
            return
        key = _key(body)
        old = self.store.get(key)
        if self._keep:
            self.store[key] = new
        self._tell(old, new)

    def _remove(self, body: dict[str, Any]) -> None:
        old = self.store.pop(_key(body), None)
        if old is not None:
            self._tell(old, None)

    def _replace(self, fresh: dict[Key, T], version: str) -> None:
        """Take a complete list; what it lacks was deleted while nobody looked."""
        if not self._quorum and self.version and _is_older(version, self.version):
            raise WentBack
        old_store = self.store
        self.lists += 1
        self.version = version
        self._relist = False
        self._quorum = False
        if self._keep:
            self.store = fresh
            for key, old in old_store.items():
                if key not in fresh:
                    self._tell(old, None)
        for key, new in fresh.items():
            known = old_store.get(key)
            if known is None or known.resource_version != new.resource_version or known.uid != new.uid:
                self._tell(known, new)
        self.synced.set()
        self._call(self._settled)
        self._is_up()

    def _add(self, store: dict[Key, T], body: dict[str, Any]) -> None:
        new = self._decoded(body)
        if new is not None:
            store[_key(body)] = new

    def _decoded(self, body: dict[str, Any]) -> T | None:
        try:
            return self._decode(body)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            name = "/".join(_key(body))
            if name not in self.refused and len(self.refused) < 100:
                self.refused[name] = str(error)[:200]
                log.warning("%s: %s cannot be read and is set aside: %.200s", self.listing.path, name, error)
            return None

    def _tell(self, old: T | None, new: T | None) -> None:
        self._call(self._changed, old, new)

    def _call(self, function: Callable[..., None], *args: Any) -> None:
        try:
            function(*args)
        except Exception:
            log.exception("%s: a change could not be handled", self.listing.path)

    # When something breaks

    def _is_up(self) -> None:
        self.error = None
        if not self._is_fresh:
            self._is_fresh = True
            self._call(self._fresh)

    def _is_down(self, error: KubeOrchError) -> None:
        self.error = error
        self._is_fresh = False
        since = self.heard_at if isinstance(error, ClusterTimeout) else time.monotonic()
        self._call(self._broken, since, error)

    def _recover(self, error: KubeOrchError) -> None:
        causes = getattr(error, "causes", ())
        if isinstance(error, Expired) or any(cause.reason == TOO_LARGE for cause in causes):
            log.info("%s: version %s is not kept any more; listing again", self.listing.path, self.version)
            again = self._quorum
            self._relist = self._quorum = True
            if again:
                self._is_down(error)
                self._pause()
            return
        status = getattr(error, "status", 0)
        if status not in (0, 429, 503):
            self._relist = True  # an answer, not the network: look at everything again
        self._is_down(error)
        if isinstance(error, (ApiForbidden, ApiNotFound)):
            self._wait(self._timing.back_off_most_s)
        else:
            self._pause(at_least_s=getattr(error, "retry_after_s", None) or 0.0)

    def _pause(self, at_least_s: float = 0.0) -> None:
        self._wait(max(self._back_off.delay_s(), min(at_least_s, 60.0)))

    def _wait(self, seconds: float) -> None:
        self._stop.wait(seconds)

    # For tests

    def differences(self) -> list[str]:
        """List once more, from the quorum, and say where the picture differs. The loop must be at rest."""
        _, page = self._api.request(
            "GET",
            self.listing.path,
            query=self.listing.query(),
            headers={"Accept": METADATA_LIST} if self.listing.metadata_only else None,
            timeout_s=60.0,
        )
        truth = {_key(item): _version(item) for item in page.get("items") or ()}
        ours = {key: value.resource_version for key, value in self.store.items()}
        return [
            f"{'/'.join(key)}: {ours.get(key)} here, {truth.get(key)} there"
            for key in sorted({*truth, *ours})
            if truth.get(key) != ours.get(key)
        ]


def _is_end_of_initial(body: Mapping[str, Any]) -> bool:
    annotations = (body.get("metadata") or {}).get("annotations") or {}
    return annotations.get(INITIAL_EVENTS_END) == "true"


def _key(body: Mapping[str, Any]) -> Key:
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        return "", ""
    return str(metadata.get("namespace") or ""), str(metadata.get("name") or "")


def _version(body: Mapping[str, Any]) -> str:
    metadata = body.get("metadata")
    found = metadata.get("resourceVersion") if isinstance(metadata, dict) else None
    return found if isinstance(found, str) else ""


def _is_older(version: str, known: str) -> bool:
    """Whether `version` lies before `known`. Source: Kubernetes 1.35 API concepts: versions are comparable integers."""
    if version.isdigit() and known.isdigit():
        return (len(version.lstrip("0")), version.lstrip("0")) < (len(known.lstrip("0")), known.lstrip("0"))
    return False
