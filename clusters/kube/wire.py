"""Connections that write a request in one piece, right after asking whether they may, to an address that was checked.

Asked any earlier (before a connection is free, before TLS), a process that is halted in between might write long after
it has lost the right to; in two pieces, it would leave half a request behind. One request of a cluster at a time asks
and writes: with eight at once, a halt found one of them between its question and its write in 7 of 24 runs, with one in
none of 32 (tests/cluster/test_kill_points.py, a worker that was halted past its lease).

A name is resolved at every connection, and the connection goes to the very address that was checked; Host and the name
in TLS stay the name.

What depends on urllib3's inside, checked with 2.8.0: its pools make our connections (`ConnectionCls`), connect through
`connect` to `host`, and their `request` hands head and body to `send` one after the other. The test "a request goes out
in one piece right after its guard" fails when a release changes this. Nothing is faster for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import urllib3
from urllib3 import exceptions as transport
from urllib3.connection import HTTPConnection, HTTPSConnection

from clusters.kube.allowance import Allowance
from clusters.kube.resolving import Addresses, addresses_of
from clusters.kube.sockets import MeteredSocket


class Outgoing(threading.local):
    """Of the request that this thread is sending."""

    allowance: Allowance
    guard: Callable[[], None] | None = None
    """Called when the request is about to be written; raises to forbid it."""


outgoing = Outgoing()


class _Asking:
    """What both kinds of connection do."""

    sock: Any
    host: str
    port: int
    timeout: Any
    _parts: list[bytes] | None = None

    def __init__(self, *args: Any, turn: threading.Lock, addresses: Addresses = addresses_of, **options: Any) -> None:
        """`turn` is held while a request asks and writes; the connections of one cluster share it."""
        super().__init__(*args, **options)
        self._turn = turn
        self._addresses = addresses
        self._name = self.host

    def connect(self) -> None:
        most_s = self.timeout
        found = self._addresses(self._name, self.port, outgoing.allowance)
        for number, address in enumerate(found, start=1):
            self.host = address
            # TCP and TLS may each take as long, and both together what is left.
            self.timeout = min(most_s, outgoing.allowance.left_s() / 2)
            try:
                super().connect()  # type: ignore[misc]
                break
            except transport.ConnectTimeoutError:  # a refused connection too
                if number == len(found):
                    raise
        self.sock = MeteredSocket(self.sock, outgoing.allowance)

    def request(self, *args: Any, **options: Any) -> None:
        self._parts = []
        try:
            super().request(*args, **options)  # type: ignore[misc]
            whole = b"".join(self._parts)
        finally:
            self._parts = None
        if self.sock is None:
            self.connect()
        self.sock.allowance = outgoing.allowance
        if outgoing.guard is None:
            self.send(whole)
            return
        while not self._turn.acquire(timeout=outgoing.allowance.slice_s()):
            pass
        try:
            outgoing.guard()
            self.send(whole)
        finally:
            self._turn.release()

    def send(self, data: Any) -> None:
        if self._parts is None:
            super().send(data)  # type: ignore[misc]
        else:
            self._parts.append(data)


class _HTTP(_Asking, HTTPConnection):
    pass


class _HTTPS(_Asking, HTTPSConnection):
    def connect(self) -> None:
        self.server_hostname = self.server_hostname or self._name
        super().connect()


class HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HTTP


class HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HTTPS
