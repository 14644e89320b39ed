"""The sandbox as a process of its own: it runs the control plane and tells the product how that goes.

The control plane starts at once; Django is loaded beside it, only to write the reports down.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from clusters.sandbox.errors import SandboxError
from clusters.sandbox.progress import Phase, Progress
from clusters.sandbox.run import Sandbox

RETRY_FAILED_AFTER_S = 60.0


def main() -> int:
    """Run until SIGTERM. A sandbox that failed is tried again after a minute: its cause may have gone."""
    reports: queue.SimpleQueue[Progress | None] = queue.SimpleQueue()
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        reports.put(None)

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)

    data_dir = Path(os.environ.get("DATA_DIR", ".data")).absolute()
    keeper = _Keeper(data_dir, reports, stop)
    keeper.start()
    try:
        _write_down(reports, data_dir / "sandbox" / "kubeconfig")
    finally:
        stop.set()
        keeper.finish()
    return 0


class _Keeper(threading.Thread):
    """Starts the sandbox, and again when that failed; stops it at the end."""

    def __init__(self, data_dir: Path, reports: queue.SimpleQueue[Progress | None], stop: threading.Event) -> None:
        super().__init__(name="sandbox-keeper", daemon=True)
        self._data_dir = data_dir
        self._reports = reports
        self._stop_asked = stop
        self._sandbox: Sandbox | None = None

    def run(self) -> None:
        while not self._stop_asked.is_set():
            try:
                self._sandbox = Sandbox(self._data_dir, self._report, os.environ)
                self._sandbox.start()
                return
            except SandboxError:
                self._stop_asked.wait(RETRY_FAILED_AFTER_S)

    def finish(self) -> None:
        if self._sandbox:
            self._sandbox.stop()
        self.join(timeout=5)

    def _report(self, progress: Progress) -> None:
        print(f"sandbox: {progress.line()}", flush=True)
        self._reports.put(progress)


def _write_down(reports: queue.SimpleQueue[Progress | None], kubeconfig_path: Path) -> None:
    """Hand every report to the product until None comes; skips what is overtaken by a newer one."""
    import django
    from django.db import DatabaseError
    from pymongo.errors import PyMongoError

    django.setup()
    from clusters import actions

    while (progress := reports.get()) is not None:
        while not reports.empty():
            newer = reports.get()
            if newer is None:
                return
            progress = newer
        while True:
            try:
                if progress.phase is Phase.READY:
                    actions.register_sandbox(kubeconfig_path.read_text())
                actions.report_sandbox(progress.as_dict())
                break
            except (PyMongoError, DatabaseError) as error:
                print(f"the database does not answer, trying again: {error}", file=sys.stderr, flush=True)
                if not reports.empty():
                    break
                time.sleep(0.5)
