"""The sandbox as a process of its own: it runs the control plane and stores its progress for the product.

The control plane starts at once; Django is loaded beside it, only to store the progress.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from clusters.sandbox.control_plane import Sandbox
from clusters.sandbox.errors import SandboxError
from kubeorch.programs.progress import Phase, Progress

RETRY_FAILED_AFTER_S = 60.0
QUIET_START_S = 3.0
"""A sandbox that starts as usual is ready by then; loading Django beside it would only make both slower."""


def main() -> int:
    """Run until SIGTERM. A sandbox that failed is started again after a minute: the cause may be gone."""
    reports: queue.SimpleQueue[Progress | None] = queue.SimpleQueue()
    data_dir = Path(os.environ.get("DATA_DIR", ".data")).absolute()
    runner = _SandboxRunner(data_dir, reports)

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        runner.ask_to_stop()
        reports.put(None)

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    runner.start()
    try:
        _store_reports(reports, data_dir / "sandbox" / "kubeconfig", runner.is_stopping)
    finally:
        runner.ask_to_stop()
        runner.join(timeout=8)
    return 0


class _SandboxRunner(threading.Thread):
    """Runs the sandbox until asked to stop; starts it again when it failed to start."""

    def __init__(self, data_dir: Path, reports: queue.SimpleQueue[Progress | None]) -> None:
        super().__init__(name="sandbox-runner", daemon=True)
        self._data_dir = data_dir
        self._reports = reports
        self._asked = threading.Event()

    def run(self) -> None:
        while not self._asked.is_set():
            sandbox = Sandbox(self._data_dir, self._report, os.environ, self._asked)
            try:
                sandbox.start()
            except SandboxError:
                self._asked.wait(RETRY_FAILED_AFTER_S)
            else:
                self._asked.wait()
                sandbox.stop()

    def ask_to_stop(self) -> None:
        self._asked.set()

    def is_stopping(self) -> bool:
        return self._asked.is_set()

    def _report(self, progress: Progress) -> None:
        print(f"sandbox: {progress.line()}", flush=True)
        self._reports.put(progress)


def _store_reports(
    reports: queue.SimpleQueue[Progress | None], kubeconfig_path: Path, is_stopping: Callable[[], bool]
) -> None:
    """Store every report until None comes; one that is followed by a newer one is skipped."""
    first = _first_of_interest(reports)
    if first is None:
        return
    reports.put(first)

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
        while not is_stopping():
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


def _first_of_interest(reports: queue.SimpleQueue[Progress | None]) -> Progress | None:
    """The first report that is not part of a usual start, or the latest one when the start takes long."""
    until = time.monotonic() + QUIET_START_S
    latest = reports.get()
    while latest and latest.phase in (Phase.FINDING, Phase.STARTING):
        try:
            latest = reports.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            break
    return latest
