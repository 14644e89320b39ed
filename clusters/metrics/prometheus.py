"""Asks the Prometheus server of a cluster: at an address of its own, judged as addresses of clusters are, or behind a
Service, to which the API server passes requests on (Kubernetes docs, "Access Services Running on Clusters").
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol

import orjson

from clusters.addresses import AddressRefused, tells_causes
from clusters.domain.credentials import Credentials
from clusters.domain.prometheus import (
    Address,
    BadPrometheus,
    OtherClusters,
    address_of,
    before,
    clusters_query,
    clusters_told,
    labels_of,
    now_queries,
    said,
    series,
    succeeded,
    usage,
)
from clusters.domain.reading import mapping
from clusters.domain.usage import Usage
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiAnswer
from clusters.kube.limits import LIMITS
from clusters.kube.transport import Transport
from clusters.metrics.store import Point
from clusters.reaching import allowed_addresses
from clusters.rows import Cluster
from kubeorch.base.errors import Unavailable

LIMITS_OF_PROMETHEUS = replace(LIMITS, answer_bytes=8 * 1024 * 1024, connect_s=2.0, answer_s=4.0)
"""For all that is asked at once, so that a server that is away holds nobody up for long."""


class PrometheusUnavailable(Unavailable):
    """It does not answer, or not as Prometheus does."""

    code = "prometheus.unavailable"


class _Exchanges(Protocol):
    def exchange(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, timeout_s: float | None = None
    ) -> tuple[int, Mapping[str, str], bytes]: ...


class Prometheus:
    """The server of one cluster."""

    def __init__(self, written: str, labels: str, client: KubeClient) -> None:
        """`client` asks the cluster's API server, for a Service. Raises BadPrometheus, BadLabels."""
        self._written = written
        self._labels = labels_of(labels)
        self._address: Address = address_of(written)
        self._client = client

    def usage(self) -> Usage:
        """What is used now. Raises PrometheusUnavailable, and AddressRefused."""
        found = usage(self._answers("query", now_queries(self._labels), {}))
        if not found.pods and not found.nodes:
            raise self._nothing()
        return found

    def history(
        self, kind: str, objects: Sequence[tuple[str, str]], since: datetime, until: datetime, step_s: int
    ) -> list[Point]:
        """What these objects (namespace, name), of one namespace, used in all. Raises as `usage`."""
        times = {"start": f"{since.timestamp():.0f}", "end": f"{until.timestamp():.0f}", "step": str(step_s)}
        rows = series(self._answers("query_range", before(kind, objects, self._labels), times))
        return [
            Point(at=datetime.fromtimestamp(at, UTC), cpu=used.cpu, memory=used.memory, objects=None)
            for at, used in rows
        ]

    def check(self) -> None:
        """Ask whether it has figures of containers, and of one cluster. Raises as `usage`, and OtherClusters."""
        answers = self._answers("query", {"clusters": clusters_query(self._labels)}, {})
        found = clusters_told(answers["clusters"])
        if not found:
            raise self._nothing()
        if len(found) > 1:
            raise OtherClusters(found)

    def _nothing(self) -> PrometheusUnavailable:
        named = "".join(f" with {name}={value}" for name, value in self._labels.items())
        return PrometheusUnavailable(
            f"the Prometheus server {self._written} has no figures of containers{named}; let it scrape the kubelets' "
            "/metrics/cadvisor of this cluster"
        )

    def _answers(self, what: str, queries: Mapping[str, str], times: Mapping[str, str]) -> dict[str, Mapping[str, Any]]:
        until = time.monotonic() + LIMITS_OF_PROMETHEUS.answer_s
        if not self._address.server:
            return {
                name: self._answer(self._client, what, {"query": query, **times}, until)
                for name, query in queries.items()
            }
        transport = Transport(
            Credentials(server=self._address.server),
            limits=LIMITS_OF_PROMETHEUS,
            connections=1,
            addresses=allowed_addresses,
            tells_causes=tells_causes,
        )
        try:
            return {
                name: self._answer(transport, what, {"query": query, **times}, until) for name, query in queries.items()
            }
        finally:
            transport.close()

    def _answer(self, asks: _Exchanges, what: str, query: Mapping[str, str], until: float) -> Mapping[str, Any]:
        left_s = until - time.monotonic()
        try:
            status, _, data = asks.exchange(
                "GET", f"{self._address.path}/api/v1/{what}", query=query, timeout_s=max(left_s, 0.001)
            )
        except AddressRefused as error:
            raise BadPrometheus(error.detail) from error
        except ApiAnswer as error:
            detail = error.detail.replace("the cluster's API server", "it").replace("the cluster's", "its")
            raise PrometheusUnavailable(f"the Prometheus server {self._written} cannot be asked: {detail}") from error
        try:
            answer = mapping(orjson.loads(data))
        except ValueError:
            answer = {}
        if status != 200 or not succeeded(answer):
            why = f" ({said(answer)})" if said(answer) else ""
            raise PrometheusUnavailable(f"{self._written} answers {status}{why}, and not as Prometheus does")
        return answer


def prometheus_of(cluster: Cluster, client: KubeClient) -> Prometheus | None:
    """Of a cluster for which somebody has named one."""
    written = cluster.get("prometheus") or ""
    return Prometheus(written, cluster.get("prometheus_labels") or "", client) if written else None
