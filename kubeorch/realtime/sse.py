"""GET /api/v1/live?topic=…&topic=…: the same envelope as Server-Sent Events, for scripts and curl.

`id` is `<epoch>:<seq>`, joined by commas in the order of the topics asked for, so that a client that comes
back with Last-Event-ID gets only what changed. A comment every 15 s keeps proxies from closing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponseNotAllowed, StreamingHttpResponse
from django.http.response import HttpResponseBase
from pymongo.errors import PyMongoError

from kubeorch.accounts.principal import Principal
from kubeorch.base.errors import InvalidInput, KubeOrchError, Unavailable
from kubeorch.realtime import access, topics
from kubeorch.realtime.hub import hub
from kubeorch.realtime.live_topic import Subscription
from kubeorch.realtime.outlet import http_drain
from kubeorch.realtime.state import Frame
from kubeorch.realtime.timing import StreamTiming
from kubeorch.web import problems
from kubeorch.web.refusals import NotSignedIn, TooManyAttempts

TOPIC_LIMIT = 16
PATIENT = StreamTiming()


class Reader:
    """One event stream: the hub puts the latest frame of each topic in, the response takes them out."""

    def __init__(self, principal: Principal, request: HttpRequest) -> None:
        self.principal = principal
        self._timing: StreamTiming = getattr(settings, "LIVE_STREAM_TIMING", PATIENT)
        self.audiences: dict[str, str] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self.is_open = True
        self._waiting: list[tuple[str, Frame]] = []
        self._wake = asyncio.Event()
        scope: Mapping[str, Any] = getattr(request, "scope", {})
        self._drain = http_drain(scope.get("kubeorch.send"), self._drained)

    @property
    def ready(self) -> bool:
        return self.is_open and not self._waiting and (self._drain is None or self._drain.ready)

    @property
    def topics(self) -> Mapping[str, str]:
        return self.audiences

    def write(self, frame: Frame) -> None:
        self._waiting.append(("", frame))
        self._wake.set()

    def bus_lost(self) -> None:
        self.end(0, "")

    def end(self, code: int, reason: str) -> None:
        self.is_open = False
        self._wake.set()

    async def subscribe(self, name: str, epoch: str | None, seq: int | None) -> None:
        topic, rest = topics.find(name)
        await access.in_thread(topic.authorize, self.principal, rest)
        audience = topic.audience(self.principal)
        self.subscriptions[name] = await hub().subscribe(
            self,
            name,
            audience=audience,
            snapshot=partial(access.in_thread, topic.snapshot, rest, self.principal),
            is_visible=partial(topic.is_visible, audience) if topic.is_visible else None,
            shown=partial(topic.shown, audience) if topic.shown else None,
            caps=topic.caps,
            epoch=epoch,
            seq=seq,
        )
        self.audiences[name] = audience

    async def stream(self) -> AsyncIterator[bytes]:
        access.watchman().add(self)
        stalled_since: float | None = None
        try:
            yield b"retry: 2000\n\n"
            while self.is_open:
                self._drained()
                if self._waiting:
                    stalled_since = None
                    _, frame = self._waiting.pop(0)
                    yield b"id: %s\nevent: %s\ndata: %s\n\n" % (self._id(), frame.kind.encode(), frame.body)
                    continue
                if self._drain is not None and not self._drain.ready:
                    stalled_since = stalled_since or time.monotonic()
                    if time.monotonic() - stalled_since > self._timing.stall_limit_s:
                        self._drain.abort()
                        return
                self._wake.clear()
                try:
                    async with asyncio.timeout(self._timing.keep_alive_s):
                        await self._wake.wait()
                except TimeoutError:
                    if self._drain is None or self._drain.ready:
                        yield b": still here\n\n"
        finally:
            self.leave()

    def leave(self) -> None:
        self.is_open = False
        if self._drain is not None:
            self._drain.stopProducing()
        access.watchman().remove(self)
        for subscription in self.subscriptions.values():
            hub().unsubscribe(subscription)
        self.subscriptions.clear()
        self.audiences.clear()

    def _drained(self) -> None:
        for subscription in self.subscriptions.values():
            subscription.send()
        self._wake.set()

    def _id(self) -> bytes:
        parts = []
        for subscription in self.subscriptions.values():
            seq = -1 if subscription.seq is None else subscription.seq
            parts.append(f"{subscription.live.state.epoch}:{seq}")
        return ",".join(parts).encode()


async def live(request: HttpRequest) -> HttpResponseBase:
    """Follow topics. Signed in by session or bearer token; the answer never ends by itself."""
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    try:
        reader = await _open(request)
    except KubeOrchError as error:
        return problems.from_error(error)
    except (DatabaseError, PyMongoError, TimeoutError):
        return problems.from_error(
            Unavailable("live updates are not available now; try again", code="live.unavailable")
        )
    response = StreamingHttpResponse(reader.stream(), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _open(request: HttpRequest) -> Reader:
    names = list(dict.fromkeys(request.GET.getlist("topic")))
    headers = [(name.lower().encode(), value.encode("latin1", "replace")) for name, value in request.headers.items()]
    proof = access.proof_of(headers)
    principal = await access.in_thread(access.principal_of, proof) if proof else None
    if proof is None or principal is None:
        raise NotSignedIn("sign in, or send a bearer token")
    if not 0 < len(names) <= TOPIC_LIMIT:
        raise InvalidInput(f"give ?topic= between 1 and {TOPIC_LIMIT} times", code="live.topics", field="topic")
    if not access.watchman().has_room_for(principal):
        raise TooManyAttempts(
            f"a person may hold at most {access.CONNECTIONS_A_PERSON} live connections; close some and try again",
            retry_after_s=30,
        )
    positions = _positions(request.headers.get("Last-Event-ID", ""), len(names))
    reader = Reader(principal, request)
    try:
        for name, (epoch, seq) in zip(names, positions, strict=True):
            await reader.subscribe(name, epoch, seq)
    except BaseException:
        reader.leave()
        raise
    return reader


def _positions(last_event_id: str, count: int) -> list[tuple[str | None, int | None]]:
    """The position the client had reached in each topic, as far as the header names it."""
    parts = last_event_id[:4096].split(",")
    if len(parts) != count:
        return [(None, None)] * count
    found: list[tuple[str | None, int | None]] = []
    for part in parts:
        epoch, _, seq = part.partition(":")
        is_number = seq.isascii() and seq.isdigit() and len(seq) < 16
        found.append((epoch, int(seq)) if epoch and is_number else (None, None))
    return found
