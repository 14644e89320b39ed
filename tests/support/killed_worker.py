"""Workers that are killed at a point of their code.

They are forked from one process that has everything loaded, so that each of them starts in milliseconds.
"""

from __future__ import annotations

import multiprocessing
from multiprocessing.context import ForkServerProcess

LEASE_S = "2"

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.support.killed_worker_preload"])


def worker_killed_at(point: str) -> ForkServerProcess:
    """A worker in a process of its own that is killed, or halts, at `point`. The caller kills and joins it."""
    process = _context.Process(target=_work, args=(point,), daemon=True)
    process.start()
    return process


def _work(point: str) -> None:
    from django.core.management import call_command

    from kubeorch.base import failpoint

    failpoint.arm(point)
    call_command("worker")
