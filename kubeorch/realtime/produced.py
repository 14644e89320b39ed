"""An answer that goes on for as long as somebody reads it, made of pieces that threads have ready.

What a slow reader does not take stays where it is made, which waits; one who takes nothing for a minute is
disconnected. Whether the person may still have it is asked again every few seconds.
"""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import HttpRequest, StreamingHttpResponse
from pymongo.errors import PyMongoError

from kubeorch.accounts import authentication
from kubeorch.accounts.principal import Principal
from kubeorch.base.errors import KubeOrchError, Unavailable
from kubeorch.realtime import access
from kubeorch.realtime.outlet import http_drain
from kubeorch.realtime.rooms import Held
from kubeorch.realtime.timing import StreamTiming
from kubeorch.web.refusals import NotSignedIn

UNKNOWN_MOST_S = 20.0
"""So long a stream goes on while the database does not say whether the person may still have it."""
PIECE_BYTES = 64 * 1024


class Made(NamedTuple):
    """What there is to send by now, whether it is all, and after how long to look again though nobody wakes us."""

    pieces: Sequence[bytes]
    is_over: bool
    again_in_s: float | None = None
    gather_s: float = 0.0
    """So long more is gathered before the next look, however often somebody wakes us."""


class Maker(Protocol):
    """Makes the pieces. `start` and `take` are called in the server's loop, so they must not wait."""

    keep_alive: bytes
    """What is sent when nothing else was for a time; b"" for nothing."""

    def start(self, wake: Callable[[], None]) -> None:
        """`wake` may be called from any thread whenever there may be something to take."""

    def take(self, most_bytes: int) -> Made: ...

    def refused(self, error: KubeOrchError) -> bytes:
        """The last piece for somebody who may not have more of it."""

    def stop(self) -> None:
        """Nobody takes any more."""


class Stream:
    """One reader of one maker."""

    def __init__(
        self,
        request: HttpRequest,
        principal: Principal,
        maker: Maker,
        *,
        still_may: Callable[[Principal], None],
        held: Held,
    ) -> None:
        """`still_may` raises what the person is told who may not have it any more; it runs in a thread.

        `held` is given back at the end, also of a stream that nobody ever began to read.
        """
        self._principal = principal
        self._maker = maker
        self._still_may = still_may
        self._held = held
        weakref.finalize(self, held.give_back)
        self._timing: StreamTiming = getattr(settings, "LIVE_STREAM_TIMING", StreamTiming())
        self._scope: Mapping[str, Any] = getattr(request, "scope", {})
        self._refused: KubeOrchError | None = None

    def answer(self, content_type: str) -> StreamingHttpResponse:
        response = StreamingHttpResponse(self._pieces(), content_type=content_type)
        response["Cache-Control"] = "no-store"
        response["X-Accel-Buffering"] = "no"
        return response

    async def _pieces(self) -> AsyncIterator[bytes]:
        loop, woken = asyncio.get_running_loop(), asyncio.Event()
        is_waking = False

        def wake() -> None:
            nonlocal is_waking
            if not is_waking:
                is_waking = True
                loop.call_soon_threadsafe(woken.set)

        drain = http_drain(self._scope.get("kubeorch.send"), woken.set)
        watching = asyncio.ensure_future(self._watch(woken))
        stalled_since: float | None = None
        sent_at = time.monotonic()
        try:
            self._maker.start(wake)
            while True:
                if self._refused is not None:
                    yield self._maker.refused(self._refused)
                    return
                is_waking = False
                woken.clear()
                again_in_s: float | None = None
                if drain is None or drain.ready:
                    stalled_since = None
                    made = self._maker.take(PIECE_BYTES)
                    for piece in made.pieces:
                        yield piece
                    if made.pieces:
                        sent_at = time.monotonic()
                        await asyncio.sleep(made.gather_s)
                        continue
                    if made.is_over:
                        return
                    again_in_s = made.again_in_s
                    if self._maker.keep_alive and time.monotonic() - sent_at >= self._timing.keep_alive_s:
                        yield self._maker.keep_alive
                        sent_at = time.monotonic()
                else:
                    stalled_since = stalled_since or time.monotonic()
                    if time.monotonic() - stalled_since > self._timing.stall_limit_s:
                        drain.abort()
                        return
                try:
                    async with asyncio.timeout(min(again_in_s or self._timing.keep_alive_s, 1.0)):
                        await woken.wait()
                except TimeoutError:
                    continue
        finally:
            self._maker.stop()
            watching.cancel()
            self._held.give_back()
            if drain is not None:
                drain.stopProducing()

    async def _watch(self, woken: asyncio.Event) -> None:
        """Ask again and again whether the person may still have it."""
        known_at = time.monotonic()
        while self._refused is None:
            await asyncio.sleep(access.RECHECK_S)
            try:
                self._principal = await access.in_thread(self._now, self._principal)
                known_at = time.monotonic()
            except KubeOrchError as error:
                self._refused = error
            except (DatabaseError, PyMongoError) as error:
                if time.monotonic() - known_at > UNKNOWN_MOST_S:
                    self._refused = Unavailable("it is not known whether you may still read this; try again")
                    self._refused.__cause__ = error
        woken.set()

    def _now(self, principal: Principal) -> Principal:
        found = authentication.refreshed(principal)
        if found is None:
            raise NotSignedIn("you are signed out; sign in again")
        self._still_may(found)
        return found
