"""A door before a server that stays shut to whoever says a certain word, until it is opened."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from tests.support.fault_proxy import FaultProxy


class HeldDoor(FaultProxy):
    """Passes everything on until `word` comes from either side; from there on that connection waits.

    The word has to stand in one piece, as the head of a request does.
    """

    def __init__(self, port: int, word: bytes, address: str = "127.0.0.1") -> None:
        self._word = word
        self.held = threading.Event()
        """Set once somebody waits."""
        self._opened = threading.Event()
        super().__init__(port, address)

    def open(self) -> None:
        """For everybody, from now on."""
        self._opened.set()

    def stop(self) -> None:
        self.open()
        super().stop()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if self._word in data and not self._opened.is_set():
                    self.held.set()
                    self._opened.wait()
                target.sendall(data)
        self._close(source)
        self._close(target)
