"""One measurement of a cluster for all who look at it, at most every FRESH_S seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock

from bson import ObjectId

from clusters.domain.prometheus import BadPrometheus
from clusters.domain.usage import Usage
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiAnswer
from clusters.kube.metrics import NoMetrics, measure, measure_namespace
from clusters.metrics.prometheus import Prometheus, PrometheusUnavailable
from kubeorch.base.clock import now

FRESH_S = 15.0
"""metrics-server itself measures that often."""
FAILED_S = 5.0
"""Who waited for a cluster that did not answer is told so, and does not ask it once more."""
KEPT_S = 600.0


@dataclass(frozen=True, slots=True)
class Measured:
    at: datetime
    usage: Usage | None
    why: str
    """Why nothing was measured."""
    is_forbidden: bool = False
    """That is for want of rights in the whole cluster."""
    namespace: str = ""
    """The only one that was measured."""


@dataclass(slots=True)
class _Held:
    lock: Lock = field(default_factory=Lock)
    asked_at: float = field(default_factory=time.monotonic)
    measured: Measured | None = None
    failure: ApiAnswer | None = None


_lock = Lock()
_held: dict[tuple[ObjectId, str], _Held] = {}
"""By cluster, and the namespace that is measured alone, or ""."""


def current(
    client: KubeClient, cluster_id: ObjectId, prometheus: Prometheus | None = None, *, namespace: str = ""
) -> Measured:
    """The last measurement, or a new one; who comes meanwhile waits for that. Raises what `measure` raises.

    `prometheus` is asked where nothing in the cluster measures, and `namespace` is measured alone where the credentials
    have no rights in the whole cluster.
    """
    whole = _current((cluster_id, ""), lambda held: _measured(client, held, prometheus))
    if whole.usage is None and whole.is_forbidden and namespace:
        return _current((cluster_id, namespace), lambda held: _measured(client, held, None, namespace))
    return whole


def _current(of: tuple[ObjectId, str], measured: Callable[[_Held], Measured]) -> Measured:
    moment = time.monotonic()
    with _lock:
        held = _held.setdefault(of, _Held())
        for old in [key for key, one in _held.items() if key != of and moment - one.asked_at > KEPT_S]:
            del _held[old]
    with held.lock:
        age_s = time.monotonic() - held.asked_at
        if held.failure is not None and age_s < FAILED_S:
            raise held.failure
        if held.measured is None or held.failure is not None or age_s >= FRESH_S:
            held.measured = measured(held)
        return held.measured


def _measured(client: KubeClient, held: _Held, prometheus: Prometheus | None, namespace: str = "") -> Measured:
    held.failure = None
    try:
        timeout_s = client.limits.question_s
        if namespace:
            return Measured(now(), measure_namespace(client, namespace, timeout_s=timeout_s), "", namespace=namespace)
        return Measured(now(), measure(client, timeout_s=timeout_s), "")
    except NoMetrics as error:
        return replace(_by_prometheus(prometheus, str(error)), is_forbidden=error.forbidden)
    except ApiAnswer as error:
        held.failure = error
        raise
    finally:
        held.asked_at = time.monotonic()


def _by_prometheus(prometheus: Prometheus | None, otherwise: str) -> Measured:
    if prometheus is None:
        return Measured(now(), None, otherwise)
    try:
        return Measured(now(), prometheus.usage(), "")
    except (PrometheusUnavailable, BadPrometheus) as error:
        return Measured(now(), None, f"{otherwise}. {error.detail}")
