"""Workers in threads of the test's own process."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any


@contextmanager
def working(count: int = 1, handlers: Mapping[str, Any] | None = None, **options: Any) -> Iterator[list[Any]]:
    """The product's own workers while the block lasts; they do the product's jobs unless `handlers` are given."""
    from kubeorch.handlers import HANDLERS
    from kubeorch.jobs.worker import Worker

    workers = [Worker(HANDLERS if handlers is None else handlers, **options) for _ in range(count)]
    threads = [threading.Thread(target=worker.run, daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    try:
        yield workers
    finally:
        for worker in workers:
            worker.stop()
        for thread in threads:
            thread.join(30)
        assert not any(thread.is_alive() for thread in threads), "a worker does not end"
