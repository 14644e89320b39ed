"""CPU time of one piece of work, without what is not its own."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

TRIES = 3


def cpu_s(work: Callable[[], object]) -> float:
    """Seconds of CPU of this thread. What is in memory already is not searched for garbage meanwhile: in the whole
    suite that takes several times as long as the work."""
    gc.freeze()
    try:
        began = time.thread_time()
        work()
        return time.thread_time() - began
    finally:
        gc.unfreeze()


def takes_less_than(limit_s: float, work: Callable[[], object]) -> bool:
    """Whether one of three tries does: a neighbour on the same core can double the CPU time of a moment, not of all."""
    return any(cpu_s(work) < limit_s for _ in range(TRIES))
