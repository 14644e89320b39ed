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
from typing import Any, Generic, TypeVar

from clusters.domain.reading import mappings
from clusters.kube.client import METADATA_ONE
from clusters.kube.decoding import event_of, is_end_of_initial
from clusters.kube.errors import (
    AnswerTooLarge,
    ApiForbidden,
    ApiInvalid,
    ApiNotFound,
    ClusterTimeout,
    Expired,
    error_from_status,
)
from clusters.kube.holding import Copy, Objects, TooMuch
from clusters.kube.listing import PAGE, Api, Listing, pages
from clusters.kube.mirror import ListTooOld, Mirror, Versioned, key_of, version_of
from clusters.kube.pacing import USUAL, Retries, Timing
from kubeorch.base.errors import KubeOrchError

log = logging.getLogger(__name__)

TOO_LARGE = "ResourceVersionTooLarge"
SHORT_ENDS = 2
RETRY_AFTER_MOST_S = 60.0
"""However long the server asks us to stay away."""


T = TypeVar("T", bound=Versioned)


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
        self._is_fresh = False
        self._short_ends = 0
        """Watches in a row that ended at once; after SHORT_ENDS, one proves nothing before its first line."""
        self._expired_at = float("-inf")
        self.mirror: Mirror[T] = Mirror(api.held, listing.path, decode, changed, stores=stores)
        self.synced = threading.Event()
        self.heard_at = time.monotonic()

    @property
    def store(self) -> Objects[T]:
        """The stored values by namespace and name."""
        return self.mirror.store

    @property
    def is_listing(self) -> bool:
        """What comes is part of a list, so that several writes may lie between it and what is stored."""
        return self._relist

    def run(self) -> None:
        """The loop; returns after `stop`."""
        while not self._stop.is_set():
            self.step()
        self.mirror.give_back()

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
        with self.mirror.successor() as fresh:
            try:
                with self._open(query, "" if self._quorum else self.mirror.version) as lines:
                    watchdog = threading.Timer(self._timing.initial_s, lines.close)
                    watchdog.daemon = True
                    watchdog.start()
                    try:
                        for kind, body in self._events(lines):
                            if is_complete:
                                self.mirror.take(kind, body)
                            elif kind == "BOOKMARK":
                                if is_end_of_initial(body):
                                    watchdog.cancel()
                                    is_complete = True
                                    self._complete(fresh, version_of(body))
                            elif kind == "DELETED":
                                fresh.pop(key_of(body))
                            else:
                                self.mirror.add(fresh, body)
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
        query: dict[str, str] = {}
        if self._quorum:
            query["limit"] = str(PAGE)
        elif self.mirror.version:
            query["resourceVersion"] = self.mirror.version  # without pages, so that the watch cache answers
        else:
            query = {"resourceVersion": "0", "limit": str(PAGE)}
        version = ""
        with self.mirror.successor() as fresh:
            for page in pages(self._api, self.listing, query, within_s=self._timing.list_s, wait=self._wait):
                if page is None:
                    fresh.clear()
                    continue
                for item in mappings(page.get("items")):
                    self.mirror.add(fresh, item)
                version = version_of(page)
            self._complete(fresh, version)

    def _complete(self, fresh: Copy[T], version: str) -> None:
        """A list is complete: it is the copy from here on."""
        self.mirror.replace(fresh, version, from_quorum=self._quorum)
        self._relist = self._quorum = False
        self.synced.set()
        self._call(self._settled)
        self._report_fresh()

    def _watch(self) -> None:
        started, events = time.monotonic(), 0
        with self._open({}, self.mirror.version) as lines:
            for kind, body in self._events(lines):
                events += 1
                self.mirror.take(kind, body)
                del body  # the next event may be long in coming
        is_short = events == 0 and time.monotonic() - started < self._timing.short_watch_s
        self._short_ends = self._short_ends + 1 if is_short else 0
        if is_short and not self._stop.is_set():
            log.info("%s: the watch ended at once, without an event", self.listing.path)
            if self._short_ends >= SHORT_ENDS:
                self._report_broken(error_from_status(0, {"message": "the API server ends every watch at once"}))
            self._pause()

    def _open(self, query: Mapping[str, str], version: str) -> Any:
        timing = self._timing
        server_timeout_s = timing.server_timeout_s * (1 + self._dice.random())
        read_timeout_s = timing.silence_s if self.mirror.sees_bookmarks else server_timeout_s + timing.read_slack_s
        lines = self._api.stream(
            self.listing.path,
            query={**self.listing.watch_query(version, server_timeout_s), **query},
            headers={"Accept": METADATA_ONE} if self.listing.metadata_only else None,
            read_timeout_s=read_timeout_s,
            age_s=server_timeout_s + timing.read_slack_s,  # a server that does not end it itself
        )
        self._stream = lines
        if self._stop.is_set():
            lines.close()
        self.heard_at = time.monotonic()
        if not self._relist and self._short_ends < SHORT_ENDS:
            self._report_fresh()
        return lines

    def _events(self, lines: Iterator[bytes]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Events of a stream; an ERROR event is raised as the error it holds."""
        for line in lines:
            if self._stop.is_set():
                return
            event = event_of(line)
            self.heard_at = time.monotonic()
            self._short_ends = 0
            if not self._relist:
                self._report_fresh()
            yield event
            del line, event

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
        self._short_ends = 0  # it says what is wrong
        causes = getattr(error, "causes", ())
        if isinstance(error, Expired) or any(cause.reason == TOO_LARGE for cause in causes):
            log.info("%s: version %s has expired; listing again", self.listing.path, self.mirror.version)
            again = self._quorum or time.monotonic() - self._expired_at < self._timing.expires_again_s
            self._relist = self._quorum = True
            self._expired_at = time.monotonic()
            if again:  # a server that forgets at once would be listed without end
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
