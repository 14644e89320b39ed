"""A TCP proxy before an API server: passes on, refuses, stays silent, or answers with errors."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import yaml

from tests.support.control_plane import ControlPlane

REFUSED, HOLE, ERRORS, UNAUTHORIZED, OPEN = "refused", "hole", "errors", "unauthorized", "open"


class FaultProxy:
    """Passes everything on to `port`, until `become` says otherwise. A change cuts what is connected."""

    def __init__(self, port: int, address: str = "127.0.0.1") -> None:
        """Of this machine; the proxy is at the same address."""
        self._to = port
        self.address = address
        self._mode = OPEN
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = self._listen(0)
        self.port = int(self._listener.getsockname()[1])
        self.accepted = 0
        """How many connections were made to it."""

    def become(self, mode: str) -> None:
        was, self._mode = self._mode, mode
        if mode == REFUSED:
            self._close(self._listener)
        elif was == REFUSED:
            self._listener = self._listen(self.port)
        with self._lock:
            cut, self._sockets = self._sockets, set()
        for connection in cut:
            self._close(connection)

    def stop(self) -> None:
        self.become(REFUSED)

    def _listen(self, port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.address, port))
        listener.listen(64)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self._sockets.add(connection)
                self.accepted += 1
            threading.Thread(target=self._serve, args=(connection, self._mode), daemon=True).start()

    def _serve(self, near: socket.socket, mode: str) -> None:
        with suppress(OSError):
            if mode == HOLE:
                while near.recv(65_536):
                    pass
            elif mode in (ERRORS, UNAUTHORIZED):
                while near.recv(65_536):
                    near.sendall(_answer(500 if mode == ERRORS else 401))
            else:
                far = socket.create_connection((self.address, self._to))
                with self._lock:
                    self._sockets.add(far)
                threading.Thread(target=self._pump, args=(far, near), daemon=True).start()
                self._pump(near, far)

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
        self._close(source)
        self._close(target)

    def _close(self, connection: socket.socket) -> None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()


@contextmanager
def door_to(control_plane: ControlPlane) -> Iterator[tuple[FaultProxy, str]]:
    """A proxy before the API server, and a kubeconfig that leads through it. What is on the wire is TLS."""
    config = yaml.safe_load(control_plane.kubeconfig)
    cluster = config["clusters"][0]["cluster"]
    proxy = FaultProxy(int(cluster["server"].rpartition(":")[2]))
    cluster["server"] = f"https://127.0.0.1:{proxy.port}"
    try:
        yield proxy, yaml.safe_dump(config)
    finally:
        proxy.stop()


def _answer(status: int) -> bytes:
    reason, message = ("InternalError", "etcdserver: no leader") if status == 500 else ("Unauthorized", "Unauthorized")
    body = json.dumps({"kind": "Status", "code": status, "reason": reason, "message": message}).encode()
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
