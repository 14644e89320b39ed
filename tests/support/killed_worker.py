"""Workers that are killed at a point of their code.

They are forked from one process that has everything loaded, so that each of them starts in milliseconds.
"""

from __future__ import annotations

import multiprocessing
from multiprocessing.context import ForkServerProcess

LONG_LEASE_S = 60.0
"""On a busy machine a short lease may end before the point is reached; see `expire_leases`."""

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.support.killed_worker_preload"])


def worker_killed_at(point: str, *, lease_s: float = LONG_LEASE_S) -> ForkServerProcess:
    """A worker in a process of its own that is killed, or halts, at `point`. The caller kills and joins it."""
    process = _context.Process(target=_work, args=(point, lease_s), daemon=True)
    process.start()
    return process


def _work(point: str, lease_s: float) -> None:
    from kubeorch.base import failpoint
    from kubeorch.handlers import HANDLERS
    from kubeorch.jobs.worker import Timing, run_worker

    failpoint.arm(point)
    run_worker(HANDLERS, timing=Timing(lease_s=lease_s))
