"""A proxy before the product that cuts connections, as those of clouds do after a minute: one over which nothing has
come from the server for a time, and any other one after a longer time."""

from __future__ import annotations

import math
import socket
import threading
import time
from contextlib import suppress

from tests.support.fault_proxy import FaultProxy


class ImpatientProxy(FaultProxy):
    def __init__(self, port: int, *, idle_s: float, most_s: float = math.inf) -> None:
        self._idle_s, self._most_s = idle_s, most_s
        self.idle = self.old = 0
        """How many connections were cut since nothing had come, and for their age."""
        self._began: dict[int, float] = {}
        super().__init__(port)

    def dial(self) -> socket.socket:
        return socket.create_connection((self.address, self.port), timeout=10)

    def all_last(self, count: int, for_s: float) -> bool:
        """Whether so many connections are open, each for that long."""
        ages = [time.monotonic() - began for began in list(self._began.values())]
        return len(ages) == count and min(ages) > for_s

    def _serve(self, near: socket.socket, mode: str) -> None:
        with suppress(OSError):
            far = socket.create_connection((self.address, self._to))
            with self._lock:
                self._sockets.add(far)
            threading.Thread(target=self._pump, args=(near, far), daemon=True).start()
            self._began[id(far)] = time.monotonic()
            try:
                self._answer(far, near)
            finally:
                del self._began[id(far)]
        self._close(near)

    def _answer(self, far: socket.socket, near: socket.socket) -> None:
        began = self._began[id(far)]
        while (age_s := time.monotonic() - began) < self._most_s:
            far.settimeout(min(self._idle_s, self._most_s - age_s))
            try:
                data = far.recv(65_536)
            except TimeoutError:
                break
            if not data:
                self._close(far)
                return
            near.sendall(data)
        is_old = time.monotonic() - began >= self._most_s
        self.old, self.idle = self.old + is_old, self.idle + (not is_old)
        self._close(far)
