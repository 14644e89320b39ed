"""Connections that write a request in one piece, right after asking whether they may.

Asked any earlier (before a connection is free, before TLS), a process that is halted in between might write long after
it has lost the right to; in two pieces, it would leave half a request behind. One request of a cluster at a time asks
and writes: with eight at once, a halt found one of them between its question and its write in 7 of 24 runs, with one in
none of 32 (tests/cluster/test_kill_points.py, a worker that was halted past its lease).

What depends on urllib3's inside, checked with 2.8.0: its pools make our connections (`ConnectionCls`), connect through
`connect`, and their `request` hands head and body to `send` one after the other. The test "a request goes out in one
piece right after its guard" fails when a release changes this. Nothing is faster for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

CheckPeer = Callable[[str], None]
"""Takes the address a connection leads to, and raises to forbid it."""


class Outgoing(threading.local):
    """Of the request that this thread is sending."""

    guard: Callable[[], None] | None = None
    """Called when the request is about to be written; raises to forbid it."""
    silence_s: float | None = None
    """How long the body of the answer may pause, where that is not the time its head may take."""


outgoing = Outgoing()


class _Asking:
    """What both kinds of connection do."""

    sock: Any
    _parts: list[bytes] | None = None
    _check_peer: CheckPeer | None

    def __init__(self, *args: Any, turn: threading.Lock, check_peer: CheckPeer | None = None, **options: Any) -> None:
        """`turn` is held while a request asks and writes; the connections of one cluster share it."""
        super().__init__(*args, **options)
        self._turn = turn
        self._check_peer = check_peer

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        if self._check_peer is not None:
            self._check_peer(self.sock.getpeername()[0])

    def request(self, *args: Any, **options: Any) -> None:
        self._parts = []
        try:
            super().request(*args, **options)  # type: ignore[misc]
            whole = b"".join(self._parts)
        finally:
            self._parts = None
        if self.sock is None:
            self.connect()
        if outgoing.guard is None:
            self.send(whole)
            return
        with self._turn:
            outgoing.guard()
            self.send(whole)

    def send(self, data: Any) -> None:
        if self._parts is None:
            super().send(data)  # type: ignore[misc]
        else:
            self._parts.append(data)

    def getresponse(self) -> Any:
        connected = self.sock  # an answer that ends the connection takes it away
        response = super().getresponse()  # type: ignore[misc]
        if connected is not None and outgoing.silence_s is not None and response.status == 200:
            connected.settimeout(outgoing.silence_s)
        return response


class _HTTP(_Asking, HTTPConnection):
    pass


class _HTTPS(_Asking, HTTPSConnection):
    pass


class HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HTTP


class HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HTTPS
