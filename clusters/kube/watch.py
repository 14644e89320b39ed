"""A reflector: keeps a local copy of one collection equal to the API server's, whatever happens in between.

It follows the rules of client-go (tools/cache/reflector.go), which no Python client follows: streaming lists with a
paged fallback, bookmarks, 410 in both forms, back-off without a new list for 429 and refused connections, a deadline
for silence, and a new list that reports what vanished meanwhile. Each runs in a thread of its own.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, cast

from clusters.domain.reading import mapping, mappings
from clusters.kube.client import METADATA_LIST, METADATA_ONE
from clusters.kube.decoding import document
from clusters.kube.errors import (
    AnswerTooLarge,
    ApiForbidden,
    ApiInvalid,
    ApiNotFound,
    ClusterTimeout,
    Expired,
    NotKubernetes,
    error_from_status,
)
from clusters.kube.holding import Copy, Held, Key, Pace, TooMuch, checked_name, weight
from clusters.kube.pacing import USUAL, Retries, Timing
from kubeorch.base.errors import KubeOrchError

log = logging.getLogger(__name__)

PAGE = 500
INITIAL_EVENTS_END = "k8s.io/initial-events-end"
TOO_LARGE = "ResourceVersionTooLarge"
RETRY_AFTER_MOST_S = 60.0
"""However long the server asks us to stay away."""
UNREADABLE_REMEMBERED = 100
PAGES_MOST = 1000
VERSION_MOST = 64
"""Characters of a resourceVersion; Kubernetes' are decimal numbers of 64 bits."""


class Versioned(Protocol):
    @property
    def resource_version(self) -> str: ...
    @property
    def uid(self) -> str: ...


T = TypeVar("T", bound=Versioned)


class Api(Protocol):
    """The part of `KubeClient` that a reflector uses."""

    held: Held
    pace: Pace

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
        age_s: float = 3600.0,
    ) -> Any: ...


@dataclass(frozen=True, slots=True)
class Listing:
    """What to follow: the path of a collection, and which of its objects."""

    path: str
    label_selector: str = ""
    field_selector: str = ""
    metadata_only: bool = False
    """Ask for metadata alone: the data of ConfigMaps and Secrets never enters this process."""

    def query(self) -> dict[str, str]:
        found = {"labelSelector": self.label_selector, "fieldSelector": self.field_selector}
        return {key: value for key, value in found.items() if value}


class ListTooOld(Exception):
    """A list from before what was already observed."""


class Reflector(Generic[T]):
    """Follows one collection until `stop`.

    `decode` makes the stored value of an object, None for one of no interest; an object it refuses with ValueError is
    left out, with a note, and so is one whose name or numbers no object can have. What is stored of one cluster is
    bounded (`holding`); beyond that the kind is broken with TooMuch, whose sentence says why, and what was known of it
    stays as it was.
    In the reflector's thread, `changed(old, new)` is called for every change, `settled()` once a list is complete,
    `broken(since, error)` when the copy may be out of date (`since` is the monotonic time it was last current), and
    `fresh()` when it is current again. An error in one of them is logged, and the watch goes on.
    """

    def __init__(
        self,
        api: Api,
        listing: Listing,
        decode: Callable[[dict[str, Any]], T | None],
        *,
        changed: Callable[[T | None, T | None], None],
        settled: Callable[[], None] = lambda: None,
        fresh: Callable[[], None] = lambda: None,
        broken: Callable[[float, KubeOrchError], None] = lambda since, error: None,
        timing: Timing = USUAL,
        stores: bool = True,
        seed: int | None = None,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self._api = api
        self.listing = listing
        self._decode = decode
        self._changed = changed
        self._settled = settled
        self._fresh = fresh
        self._broken = broken
        self._timing = timing
        self.stores = stores
        """False: objects are passed on and not stored, so nothing is reported when they vanish."""
        self._dice = random.Random(seed)  # noqa: S311  (jitter)
        self._retries = Retries(timing.retry, timing.retry_reset_s, dice=self._dice.random)
        self._stop = threading.Event()
        self._wait = wait or self._stop.wait
        self._stream: Any = None
        self._relist = True
        self._quorum = False
        """List past the watch cache: it does not know the last version, or that version has expired."""
        self._streaming = True
        self._sees_bookmarks = False
        self._is_fresh = False
        self._met_unknown_type = False
        self._copy: Copy[T] = Copy(api.held, listing.path)
        self.version = ""
        self.synced = threading.Event()
        self.lists = 0
        self.unreadable: dict[str, str] = {}
        """Objects left out, by name, with the reason; bounded."""
        self.heard_at = time.monotonic()

    @property
    def store(self) -> dict[Key, T]:
        """The stored values by namespace and name."""
        return self._copy.objects

    def run(self) -> None:
        """The loop; returns after `stop`."""
        while not self._stop.is_set():
            self.step()
        self._copy.give_back()

    def step(self) -> None:
        """List if necessary, then watch until the stream ends or breaks, and recover from that."""
        try:
            self._round()
        except ListTooOld:
            log.warning("%s: the list is older than what was observed; listing from the quorum", self.listing.path)
            self._relist = self._quorum = True
        except KubeOrchError as error:
            if not self._stop.is_set():
                self._recover(error)
        except Exception as error:
            if not self._stop.is_set():
                log.exception("following %s failed; listing again", self.listing.path)
                self._relist = True
                self._report_broken(error_from_status(0, {"message": f"following it failed: {error}"}))
                self._pause()

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
        """A watch that begins with every object there is, then goes on as a watch."""
        query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
        is_complete = False
        with self._copy.successor() as fresh:
            try:
                with self._open(query, "" if self._quorum else self.version) as lines:
                    watchdog = threading.Timer(self._timing.initial_s, lines.close)
                    watchdog.daemon = True
                    watchdog.start()
                    try:
                        for kind, body in self._events(lines):
                            if is_complete:
                                self._handle(kind, body)
                            elif kind == "BOOKMARK":
                                if _is_end_of_initial(body):
                                    watchdog.cancel()
                                    is_complete = True
                                    self._replace(fresh, _version(body))
                            elif kind == "DELETED":
                                fresh.pop(_key(body))
                            else:
                                self._add(fresh, body)
                            del body  # the next event may be long in coming
                    finally:
                        watchdog.cancel()
            except ApiInvalid:
                self._streaming = False
                return
            except ClusterTimeout:
                if is_complete:
                    raise
        if not is_complete and not self._stop.is_set():
            log.info("%s: the server has no streaming lists; listing by pages", self.listing.path)
            self._streaming = False

    def _paged_list(self) -> None:
        size = PAGE
        query = self.listing.query()
        if self._quorum:
            query["limit"] = str(size)
        elif self.version:
            query["resourceVersion"] = self.version  # without pages, so that the watch cache answers
        else:
            query |= {"resourceVersion": "0", "limit": str(size)}
        headers = {"Accept": METADATA_LIST} if self.listing.metadata_only else None
        until = time.monotonic() + self._timing.list_s
        with self._copy.successor() as fresh:
            for _ in range(PAGES_MOST):
                if delay_s := self._api.pace.delay_s(0):
                    self._wait(delay_s)
                left_s = until - time.monotonic()
                if left_s <= 0:
                    raise ClusterTimeout
                try:
                    _, page = self._api.request(
                        "GET", self.listing.path, query=query, headers=headers, timeout_s=min(left_s, 60.0)
                    )
                except Expired:
                    if "continue" not in query:
                        raise
                    query = self.listing.query()  # the snapshot of the pages has expired: once more, without pages
                    fresh.clear()
                    continue
                except AnswerTooLarge:
                    if size == 1:
                        raise
                    size = max(1, size // 8)
                    query["limit"] = str(size)
                    continue
                for item in mappings(page.get("items")):
                    self._add(fresh, item)
                metadata = mapping(page.get("metadata"))
                token = metadata.get("continue")
                if not token or not isinstance(token, str):
                    self._replace(fresh, _version(page))
                    return
                query = {**self.listing.query(), "limit": str(size), "continue": token}
        raise TooMuch(f"the cluster answers {self.listing.path} in more than {PAGES_MOST} pages")

    def _watch(self) -> None:
        started, events = time.monotonic(), 0
        with self._open({}, self.version) as lines:
            for kind, body in self._events(lines):
                events += 1
                self._handle(kind, body)
                del body  # the next event may be long in coming
        if events == 0 and time.monotonic() - started < self._timing.short_watch_s and not self._stop.is_set():
            log.info("%s: the watch ended at once, without an event", self.listing.path)
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
            age_s=server_timeout_s + timing.read_slack_s,  # a server that does not end it itself
        )
        self._stream = lines
        if self._stop.is_set():
            lines.close()
        self.heard_at = time.monotonic()
        if not self._relist:
            self._report_fresh()
        return lines

    def _events(self, lines: Iterator[bytes]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Events of a stream; an ERROR event is raised as the error it holds."""
        for line in lines:
            if self._stop.is_set():
                return
            try:
                event = document(line)
                kind, body = event["type"], event["object"]
            except (NotKubernetes, ValueError, KeyError, TypeError):
                # Cut in the middle: nothing after it can be trusted. The version has not advanced, so nothing is lost.
                raise error_from_status(0, {"message": "the watch sent a line that is not an event"}) from None
            self.heard_at = time.monotonic()
            if kind == "ERROR":
                body = body if isinstance(body, dict) else {}
                code = body.get("code")
                raise error_from_status(code if isinstance(code, int) else 500, body)
            if not isinstance(body, dict):
                raise error_from_status(0, {"message": "the watch sent an event without an object"})
            yield kind, body
            del line, event, body

    # The copy

    def _handle(self, kind: str, body: dict[str, Any]) -> None:
        version = _version(body)
        if (kind != "BOOKMARK" and version == self.version) or _is_older(version, self.version):
            return  # repeated or out of order: a watch only moves forward
        if kind == "BOOKMARK":
            self._sees_bookmarks = True
        elif kind == "DELETED":
            self._remove(body)
        elif kind in ("ADDED", "MODIFIED"):
            self._put(body)
        elif not self._met_unknown_type:
            self._met_unknown_type = True
            log.warning("%s: events of unknown type are skipped, as %.40r", self.listing.path, kind)
        self.version = version or self.version

    def _put(self, body: dict[str, Any]) -> None:
        new = self._decoded(body)
        if new is None:
            self._remove(body)  # or what it was before would be taken for what it is
            return
        key = _key(body)
        old = self.store.get(key)
        if self.stores:
            self._copy.put(key, new)
        self._notify(old, new)

    def _remove(self, body: dict[str, Any]) -> None:
        old = self._copy.pop(_key(body))
        if old is not None:
            self._notify(old, None)

    def _replace(self, fresh: Copy[T], version: str) -> None:
        """Take a complete list; what it lacks was deleted while nobody watched."""
        if not self._quorum and self.version and _is_older(version, self.version):
            raise ListTooOld
        old_store = self.store
        self.lists += 1
        self.version = version
        self._relist = False
        self._quorum = False
        found = fresh.objects
        if self.stores:
            fresh.take_over()
            self._copy = fresh
            for key, old in old_store.items():
                if key not in found:
                    self._notify(old, None)
        for key, new in found.items():
            known = old_store.get(key)
            if known is None or known.resource_version != new.resource_version or known.uid != new.uid:
                self._notify(known, new)
        self.synced.set()
        self._call(self._settled)
        self._report_fresh()

    def _add(self, copy: Copy[T], body: Mapping[str, Any]) -> None:
        new = self._decoded(body)
        if new is not None:
            copy.put(_key(body), new)

    def _decoded(self, body: Mapping[str, Any]) -> T | None:
        key = _key(body)
        try:
            for part in key:
                checked_name(part)
            value = self._decode(cast("dict[str, Any]", body))
            if value is None:
                return None
            weight(value)
            if self.unreadable:
                self.unreadable.pop("/".join(key), None)
            return value
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            name = ascii("/".join(key))[1:-1][:300]
            if name not in self.unreadable and len(self.unreadable) < UNREADABLE_REMEMBERED:
                self.unreadable[name] = str(error)[:200]
                log.warning("%s: %s cannot be read and is left out: %.200s", self.listing.path, name, error)
            return None

    def _notify(self, old: T | None, new: T | None) -> None:
        self._call(self._changed, old, new)

    def _call(self, function: Callable[..., None], *args: Any) -> None:
        try:
            function(*args)
        except Exception:
            log.exception("%s: a change could not be handled", self.listing.path)

    # When something breaks

    def _report_fresh(self) -> None:
        if not self._is_fresh:
            self._is_fresh = True
            self._call(self._fresh)

    def _report_broken(self, error: KubeOrchError) -> None:
        self._is_fresh = False
        since = self.heard_at if isinstance(error, ClusterTimeout) else time.monotonic()
        self._call(self._broken, since, error)

    def _recover(self, error: KubeOrchError) -> None:
        causes = getattr(error, "causes", ())
        if isinstance(error, Expired) or any(cause.reason == TOO_LARGE for cause in causes):
            log.info("%s: version %s has expired; listing again", self.listing.path, self.version)
            again = self._quorum
            self._relist = self._quorum = True
            if again:
                self._report_broken(error)
                self._pause()
            return
        status = getattr(error, "status", 0)
        if status not in (0, 429, 503):
            self._relist = True  # an answer, not the network: list everything again
        self._report_broken(error)
        if isinstance(error, (TooMuch, AnswerTooLarge)):
            self._relist = True
            self._wait(self._timing.too_much_s)
        elif isinstance(error, (ApiForbidden, ApiNotFound)):
            self._wait(self._timing.refused_s)
        else:
            self._pause(at_least_s=getattr(error, "retry_after_s", None) or 0.0)

    def _pause(self, at_least_s: float = 0.0) -> None:
        self._wait(max(self._retries.next_delay_s(), min(at_least_s, RETRY_AFTER_MOST_S)))


def _is_end_of_initial(body: Mapping[str, Any]) -> bool:
    annotations = mapping(mapping(body.get("metadata")).get("annotations"))
    return annotations.get(INITIAL_EVENTS_END) == "true"


def _key(body: Mapping[str, Any]) -> Key:
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        return "", ""
    return str(metadata.get("namespace") or ""), str(metadata.get("name") or "")


def _version(body: Mapping[str, Any]) -> str:
    metadata = body.get("metadata")
    found = metadata.get("resourceVersion") if isinstance(metadata, dict) else None
    return found if isinstance(found, str) and len(found) <= VERSION_MOST else ""


def _is_older(version: str, known: str) -> bool:
    """Whether `version` is before `known`: both are integers. Source: Kubernetes 1.35, "API concepts"."""
    if version.isdigit() and known.isdigit():
        return (len(version.lstrip("0")), version.lstrip("0")) < (len(known.lstrip("0")), known.lstrip("0"))
    return False
