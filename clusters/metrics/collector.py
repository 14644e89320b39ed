"""One measurement of a cluster for all who look at it, at most every FRESH_S seconds."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from bson import ObjectId

from clusters.domain.usage import Usage
from clusters.kube.client import KubeClient
from clusters.kube.metrics import NoMetrics, measure
from kubeorch.base.clock import now

FRESH_S = 15.0
"""metrics-server itself measures that often."""
KEPT_S = 600.0


@dataclass(frozen=True, slots=True)
class Measured:
    at: datetime
    usage: Usage | None
    why: str
    """Why nothing was measured."""


@dataclass(slots=True)
class _Held:
    lock: Lock = field(default_factory=Lock)
    asked_at: float = 0.0
    measured: Measured | None = None


_lock = Lock()
_held: dict[ObjectId, _Held] = {}


def current(client: KubeClient, cluster_id: ObjectId) -> Measured:
    """The last measurement, or a new one; who comes meanwhile waits for that. Raises what `measure` raises."""
    moment = time.monotonic()
    with _lock:
        held = _held.setdefault(cluster_id, _Held())
        for old in [key for key, one in _held.items() if key != cluster_id and moment - one.asked_at > KEPT_S]:
            del _held[old]
    with held.lock:
        if held.measured is None or time.monotonic() - held.asked_at >= FRESH_S:
            try:
                usage = measure(client, timeout_s=client.limits.question_s)
                held.measured = Measured(now(), usage, "")
            except NoMetrics as error:
                held.measured = Measured(now(), None, str(error))
            held.asked_at = time.monotonic()
        return held.measured
