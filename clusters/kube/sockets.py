"""A socket that waits no longer than the request it serves may take, nor receives more."""

from __future__ import annotations

import io
import socket
from typing import Any

from clusters.kube.allowance import Allowance

BUFFER_BYTES = 65_536


class MeteredSocket:
    """What http.client and urllib3 use of a socket, TCP or TLS. `allowance` is that of the request it serves now.

    It stays open until its reader is closed too, as sockets do: an answer may outlive its connection.
    """

    def __init__(self, sock: Any, allowance: Allowance) -> None:
        self._sock = sock
        self._readers = 0
        self._is_closed = False
        self.allowance = allowance

    def recv_into(self, buffer: Any) -> int:
        while True:
            self._sock.settimeout(self.allowance.slice_s())
            try:
                count: int = self._sock.recv_into(buffer)
            except TimeoutError:
                continue  # the allowance says whether that was too long
            self.allowance.take(count)
            return count

    def sendall(self, data: Any) -> None:
        left = memoryview(data)
        while left:
            self._sock.settimeout(self.allowance.slice_s())
            try:
                sent = self._sock.send(left)
            except TimeoutError:
                continue  # the same bytes again, as TLS demands
            left = left[sent:]

    def makefile(self, mode: str, *_: Any) -> io.BufferedReader:
        if mode != "rb":
            raise ValueError(mode)
        self._readers += 1
        return io.BufferedReader(_Reader(self), BUFFER_BYTES)

    def settimeout(self, _: float | None) -> None:
        """The allowance counts."""

    def fileno(self) -> int:
        return int(self._sock.fileno())

    def shutdown(self, how: int = socket.SHUT_RDWR) -> None:
        self._sock.shutdown(how)

    def close(self) -> None:
        self._is_closed = True
        if self._readers == 0:
            self._sock.close()

    def reader_closed(self) -> None:
        self._readers -= 1
        if self._is_closed and self._readers == 0:
            self._sock.close()


class _Reader(io.RawIOBase):
    def __init__(self, sock: MeteredSocket) -> None:
        super().__init__()
        self._sock = sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._sock.recv_into(buffer)

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._sock.reader_closed()
