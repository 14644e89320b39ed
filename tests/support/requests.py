"""Requests to clusters for people and runs, counted: the same on a busy machine as on an idle one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest


@dataclass(slots=True)
class Requests:
    seen: list[tuple[str, str]] = field(default_factory=list)
    """(method, path without its query)."""
    in_flight: int = 0
    most_in_flight: int = 0

    def dry_runs(self) -> int:
        return sum(method == "PATCH" for method, _ in self.seen)


@contextmanager
def counted_requests() -> Iterator[Requests]:
    """Count what this process's clients ask of clusters in the block."""
    from clusters.kube.transport import Transport

    counted, lock = Requests(), threading.Lock()
    through = Transport._exchange

    def exchange(self: Transport, method: str, path: str, *more: Any, **named: Any) -> Any:
        if self.alive is None:  # the sandbox's own, or a test's
            return through(self, method, path, *more, **named)
        with lock:
            counted.seen.append((method, path))
            counted.in_flight += 1
            counted.most_in_flight = max(counted.most_in_flight, counted.in_flight)
        try:
            return through(self, method, path, *more, **named)
        finally:
            with lock:
                counted.in_flight -= 1

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Transport, "_exchange", exchange)
        yield counted
