"""Workers that are to die: forked from a process that is loaded once, so that a death costs no start."""

from __future__ import annotations

import multiprocessing
from multiprocessing.context import ForkServerProcess

LEASE_S = "2"

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.support.doomed_preload"])


def doomed_worker(point: str) -> ForkServerProcess:
    """A worker in a process of its own that dies, or halts, at `point`. The caller kills and joins it."""
    process = _context.Process(target=_work, args=(point,), daemon=True)
    process.start()
    return process


def _work(point: str) -> None:
    from django.core.management import call_command

    from kubeorch.base import failpoint

    failpoint.arm(point)
    call_command("worker")
