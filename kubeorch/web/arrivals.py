"""Bounds on requests while they arrive: how long, how large, and how many at once.

Twisted's own timeout starts again at each byte, so a client that sends a byte a second holds a connection forever;
and daphne stores every body in memory or on disk before anybody looks at it. Here a connection has a total time to
deliver a request, bodies that will be refused are discarded as they come, and when too many connections are still
delivering, the oldest is closed.

daphne 4.2.3 has no setting for its HTTP factory, so `install` replaces the name in `daphne.server`. The gain is a
bound, not speed: without it a client fills the disk with one request, or takes every file descriptor with a thousand
slow ones. tests/mongo/test_slow_clients.py and tests/cluster/product/test_hostile_peers.py fail without it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import daphne.server
from daphne import http_protocol
from django.conf import settings
from twisted.internet.protocol import connectionDone
from twisted.web import http

from kubeorch.mongo.encoding import dumps
from kubeorch.web import problems

POLITE_FACTOR = 4
"""Bodies up to this many times the limit are read, discarded and refused: a client that is cut off sees no reason."""


@dataclass(frozen=True, slots=True)
class ArrivalLimits:
    head_s: float = 20.0
    """From the first byte that may belong to a request to the end of its head; also from connecting."""
    idle_s: float = 75.0
    """From the end of an answer to the end of the next request's head, on a connection that is kept."""
    body_s: float = 30.0
    """For the first bytes of a body, before its rate counts."""
    body_bytes_per_s: int = 64 * 1024
    """The slowest average rate of a body: 16 MB may take 4 min 46 s."""
    at_once: int = 400
    """Connections that are still delivering a request; one more closes the oldest of them."""


PATIENT = ArrivalLimits()


class Arrivals:
    """The connections of this process that have not delivered their request yet, oldest first."""

    def __init__(self, limits: ArrivalLimits) -> None:
        self.limits = limits
        self._waiting: OrderedDict[Channel, asyncio.TimerHandle] = OrderedDict()

    def expect(self, channel: Channel, within_s: float) -> None:
        """Close the connection unless `arrived` is called for it in time."""
        self.arrived(channel)
        while len(self._waiting) >= self.limits.at_once:
            oldest = next(iter(self._waiting))
            self.arrived(oldest)
            oldest.close()
        self._waiting[channel] = asyncio.get_running_loop().call_later(within_s, self._overdue, channel)

    def arrived(self, channel: Channel) -> None:
        timer = self._waiting.pop(channel, None)
        if timer is not None:
            timer.cancel()

    def _overdue(self, channel: Channel) -> None:
        self._waiting.pop(channel, None)
        channel.close()


class Request(http_protocol.WebRequest):
    """Refuses bodies of unknown or excessive length without storing them."""

    refusal: bytes | None = None
    channel: Channel

    def gotLength(self, length: int | None) -> None:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        arrivals = self.channel.arrivals
        limits = arrivals.limits
        if length is None:
            self._refuse(411, "input.length_required", "send the body with a Content-Length, not in chunks")
            self._end()
        elif length > limit:
            self._refuse(413, "input.too_large", f"a request body may be {limit // 1024**2} MB at most")
            if length > POLITE_FACTOR * limit:
                self._end()
        if self.channel.is_open:
            arrivals.expect(self.channel, limits.body_s + (length or 0) / limits.body_bytes_per_s)
        super().gotLength(0 if self.refusal else length)

    def handleContentChunk(self, data: bytes) -> None:
        if self.refusal is None:
            super().handleContentChunk(data)

    def process(self) -> Any:
        self.channel.arrivals.arrived(self.channel)
        if self.refusal is None:
            return super().process()
        self._end()
        return None

    def _refuse(self, status: int, code: str, detail: str) -> None:
        document = problems.document(status, code, detail)
        body = dumps(document)
        head = (
            f"HTTP/1.1 {status} {document['title']}\r\nContent-Type: {problems.CONTENT_TYPE}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.refusal = head.encode() + body

    def _end(self) -> None:
        """Answer with the refusal and close, once."""
        if self.channel.is_open:
            self.channel.transport.write(self.refusal)
            self.channel.is_open = False
            self.channel.arrivals.arrived(self.channel)
            self.channel.loseConnection()


class Channel(http.HTTPChannel):
    """One connection. Speaks HTTP/1.1; a proxy in front of us speaks TLS and HTTP/2."""

    arrivals: Arrivals
    site: Any
    transport: Any
    is_open = False

    def connectionMade(self) -> None:
        super().connectionMade()
        self.is_open = True
        self.arrivals.expect(self, self.arrivals.limits.head_s)

    def connectionLost(self, reason: Any = connectionDone) -> None:
        self.is_open = False
        self.arrivals.arrived(self)
        super().connectionLost(reason)

    def requestDone(self, request: Any) -> None:
        super().requestDone(request)
        if self.is_open:
            self.arrivals.expect(self, self.arrivals.limits.idle_s)

    def close(self) -> None:
        """End the connection now: an orderly end would wait for a client that does not read."""
        self.is_open = False
        self.transport.abortConnection()


class Factory(http_protocol.HTTPFactory):
    """daphne's factory, with our channels and requests."""

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self.arrivals = Arrivals(getattr(settings, "ARRIVAL_LIMITS", PATIENT))

    def buildProtocol(self, addr: Any) -> Channel:
        channel = Channel()
        channel.factory = self
        channel.site = self
        channel.requestFactory = Request
        channel.callLater = self.reactor.callLater  # type: ignore[method-assign]  # as Twisted's factory does
        channel.timeOut = self.timeOut
        channel.arrivals = self.arrivals
        return channel


def install() -> None:
    """Make daphne accept connections with this factory."""
    daphne.server.HTTPFactory = Factory
