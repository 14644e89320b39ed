"""A Unix socket each of whose connections is a command in a container: its input and output, as bytes.

So a program here speaks to one that listens in a pod, with no port open there, and by the API server's rules alone.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Sequence
from pathlib import Path

from clusters.kube.client import KubeClient
from clusters.kube.exec import Exec
from kubeorch.base.errors import KubeOrchError

log = logging.getLogger(__name__)
CONNECTIONS_MOST = 8
WAITING_MOST = 1024 * 1024
"""Bytes of input that the API server has not taken yet."""
STEP_S = 5.0
CHUNK = 64 * 1024


class Tunnel:
    """From its making until `close`, which ends all connections."""

    def __init__(
        self, client: KubeClient, namespace: str, pod: str, container: str, command: Sequence[str], path: Path
    ) -> None:
        """Listens at `path`, in a folder that nobody else enters."""
        self._target = (client, namespace, pod, container, tuple(command))
        self._lock = threading.Lock()
        self._open: set[_Connection] = set()
        self._is_closed = False
        self.why = ""
        """Why the last connection could not be made, or was cut; "" while all is well."""
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen(CONNECTIONS_MOST)
        threading.Thread(target=self._accept, name="tunnel", daemon=True).start()

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            found = list(self._open)
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # wakes whoever waits for somebody
        self._listening.close()
        for one in found:
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._serve, args=(near,), name="tunnel-connection", daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        client, namespace, pod, container, command = self._target
        with near:
            try:
                far = Exec(client, namespace, pod, container, command, has_terminal=False)
            except KubeOrchError as error:
                self.why = error.detail
                log.info("no way into pod %s: %s", pod, error.detail)
                return
            connection = _Connection(near, far)
            with self._lock:
                is_welcome = not self._is_closed and len(self._open) < CONNECTIONS_MOST
                if is_welcome:
                    self._open.add(connection)
            try:
                if is_welcome:
                    self.why = connection.carry()
            finally:
                far.close()
                self._open.discard(connection)


class _Connection:
    """One thread reads what comes from here, another one does the rest."""

    def __init__(self, near: socket.socket, far: Exec) -> None:
        self._near = near
        self._far = far
        self._room = threading.Condition()
        self._is_over = False

    def carry(self) -> str:
        """Until either end closes; why it was cut, or "" where it ended by itself."""
        sender = threading.Thread(target=self._send, name="tunnel-sender", daemon=True)
        sender.start()
        try:
            while not self._is_over and self._far.outcome is None:
                printed = self._far.step(STEP_S)
                with self._room:
                    self._room.notify()
                if printed:
                    self._near.sendall(printed)
        except OSError:
            return ""  # whoever had connected is gone
        finally:
            self.close()
            sender.join()
        outcome = self._far.outcome
        if outcome is None or outcome.exit_code == 0:
            return ""
        return self._far.errors.decode(errors="replace").strip() or outcome.detail

    def close(self) -> None:
        with self._room:
            self._is_over = True
            self._room.notify()
        with contextlib.suppress(OSError):  # the other end was quicker
            self._near.shutdown(socket.SHUT_RDWR)
        self._far.wake()

    def _send(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._near.recv(CHUNK):
                with self._room:
                    while not (self._is_over or self._far.write(data, most=WAITING_MOST)):
                        self._room.wait()
                if self._is_over:
                    return
        with self._room:
            self._is_over = True
        self._far.wake()
