"""The log of one container, byte by byte as the cluster has it, for a file."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from clusters.domain.logs.containers import PodLogs
from clusters.kube.client import KubeClient
from clusters.kube.logs import Wanted, read_log
from clusters.logs.entries import Left
from kubeorch.base.errors import KubeOrchError
from kubeorch.realtime.produced import Made

WAITING_BYTES = 256 * 1024


class CopyOfLog:
    """What is read waits until it is taken, and the cluster with it."""

    keep_alive = b""

    def __init__(self, client: KubeClient, pod: PodLogs, container: str, wanted: Wanted, *, most_bytes: int) -> None:
        self._client = client
        self._pod = pod
        self._container = container
        self._wanted = replace(wanted, follow=False)
        self._left_bytes = most_bytes
        self._stopped = threading.Event()
        self._room = threading.Condition()
        self._pieces: list[bytes] = []
        self._bytes = 0
        self._is_over = False
        self._wake: Callable[[], None] = lambda: None

    def start(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        threading.Thread(target=self._run, name="log copy", daemon=True).start()

    def take(self, most_bytes: int) -> Made:
        with self._room:
            pieces, self._pieces, self._bytes = self._pieces, [], 0
            self._room.notify_all()
            return Made(pieces, self._is_over and not pieces)

    def refused(self, error: KubeOrchError) -> bytes:
        return f"\n[kubeorch] {error.detail}\n".encode()

    def stop(self) -> None:
        self._stopped.set()
        with self._room:
            self._room.notify_all()

    def _run(self) -> None:
        try:
            pod = self._pod
            for piece in read_log(
                self._client, pod.namespace, pod.name, pod.uid, self._container, self._wanted, alive=self._check
            ):
                self._left_bytes -= len(piece)
                self._put(piece if self._left_bytes >= 0 else b"\n[kubeorch] there is more; it is left out here\n")
                if self._left_bytes < 0:
                    break
        except Left:
            return
        except KubeOrchError as error:
            self._put(f"[kubeorch] {error.detail}\n".encode())
        finally:
            with self._room:
                self._is_over = True
            self._wake()

    def _put(self, piece: bytes) -> None:
        with self._room:
            while self._bytes >= WAITING_BYTES and not self._stopped.is_set():
                self._room.wait(1.0)
            self._pieces.append(piece)
            self._bytes += len(piece)
        self._wake()

    def _check(self) -> None:
        if self._stopped.is_set():
            raise Left
