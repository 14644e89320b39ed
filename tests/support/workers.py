"""Workers in threads of the test's own process."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.support.wait import PATIENCE_S

LONG_LEASE_S = 120.0
"""A worker whose lease ends also ends its process, which is pytest here."""


@contextmanager
def working(
    count: int = 1, handlers: Mapping[str, Any] | None = None, *, concurrency: int = 4, poll_s: float = 1.0
) -> Iterator[None]:
    """The product's own workers while the block lasts; they do the product's jobs unless `handlers` are given."""
    from kubeorch.handlers import HANDLERS
    from kubeorch.jobs.worker import Timing, Worker

    timing = Timing(lease_s=LONG_LEASE_S, poll_s=poll_s, hard_grace_s=PATIENCE_S)
    workers = [
        Worker(HANDLERS if handlers is None else handlers, concurrency=concurrency, timing=timing) for _ in range(count)
    ]
    ended: list[bool] = []

    def work(worker: Worker) -> None:
        ended.append(worker.run())

    threads = [threading.Thread(target=work, args=(worker,), daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for worker in workers:
            worker.stop()
        for thread in threads:
            thread.join(2 * PATIENCE_S)
        assert not any(thread.is_alive() for thread in threads), "a worker does not end"
        assert all(ended), "a job does not end when its worker is asked to stop; the worker's log names it"


def expire_leases(database: Any) -> None:
    """As if time had passed: the lease of every running job has ended by the clock of the database."""
    database.jobs.update_many({"state": "running"}, [{"$set": {"lease_until": {"$subtract": ["$$NOW", 1]}}}])
