"""A port of this machine's loopback, reachable at the same address and port of another network namespace.

A socket belongs to the namespace that its thread was in when it was made, whoever uses it afterwards: it listens there,
and connects from here.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import threading

HOST = "127.0.0.1"
CONNECT_S = 10.0
CONNECTIONS_MOST = 64
_CHUNK = 262_144
_CLONE_NEWNET = 0x40000000


class Relay:
    """From its making until `close`."""

    def __init__(self, namespace: str, port: int) -> None:
        """Raises OSError."""
        self._port = port
        self._listening = _listening(namespace, port)
        self._places = threading.Semaphore(CONNECTIONS_MOST)
        threading.Thread(target=self._accept, name=f"relay-{port}", daemon=True).start()

    def close(self) -> None:
        """Nobody new comes; connections that are open end with either of their ends."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # wakes whoever waits for somebody
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return  # closed
            self._places.acquire()
            threading.Thread(target=self._serve, args=(near,), name=f"relay-{self._port}", daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        try:
            with near, socket.create_connection((HOST, self._port), CONNECT_S) as far:
                far.settimeout(None)
                back = threading.Thread(target=_pump, args=(far, near), daemon=True)
                back.start()
                _pump(near, far)
                back.join()
        except OSError:
            pass  # nothing listens there: the connection ends, as it would have without us
        finally:
            self._places.release()


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Until either ends; then the other is told that nothing more comes."""
    with contextlib.suppress(OSError):
        while chunk := source.recv(_CHUNK):
            target.sendall(chunk)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _listening(namespace: str, port: int) -> socket.socket:
    """A socket that listens in that namespace. Its thread ends there, since it stays in the namespace."""
    made: list[socket.socket | OSError] = []

    def make() -> None:
        try:
            _enter(namespace)
            made.append(socket.create_server((HOST, port)))
        except OSError as error:
            made.append(error)

    thread = threading.Thread(target=make, name="relay")
    thread.start()
    thread.join()
    found = made[0]
    if isinstance(found, OSError):
        raise found
    return found


def _enter(namespace: str) -> None:
    """This thread alone. Source: setns(2)."""
    handle = os.open(namespace, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(handle, _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "the network namespace cannot be entered")
    finally:
        os.close(handle)
