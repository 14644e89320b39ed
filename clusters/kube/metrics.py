"""Asks a cluster what its pods and nodes use: the metrics API, or else each kubelet through the API server."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

from clusters.domain.reading import mapping, mappings, text
from clusters.domain.usage import PodKey, Usage, Used, nodes_of_metrics_api, of_summary, pods_of_metrics_api
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiAnswer, ApiForbidden, ApiNotFound, ClusterTimeout, ClusterUnavailable, NotKubernetes
from kubeorch.base.errors import NotFound

METRICS = "/apis/metrics.k8s.io/v1beta1"
KUBELETS_MOST = 50
AT_ONCE = 4


class NoMetrics(NotFound):
    """Nothing measures."""

    code = "metrics.not_installed"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"nothing in this cluster says what is used: {why}. Install metrics-server: kubectl apply -f "
            "https://github.com/kubernetes-sigs/metrics-server/releases/latest/download/components.yaml"
        )


def measure(client: KubeClient, *, timeout_s: float) -> Usage:
    """What is used now, in that time in all. Raises NoMetrics, and API errors where the cluster does not answer."""
    until = time.monotonic() + timeout_s
    try:
        nodes = _items(client, "nodes", until)
        pods = pods_of_metrics_api(_items(client, "pods", until))
        return Usage("metrics.k8s.io", nodes_of_metrics_api(nodes), pods)
    except (ApiNotFound, ApiForbidden):
        why = "the metrics API is not installed"
    except NotKubernetes:
        why = "what answers for the metrics API is not one"
    except ClusterUnavailable as error:
        if error.status != 503:
            raise
        why = "the metrics API is registered, and nothing answers it"
    return _of_kubelets(client, why, until)


def _items(client: KubeClient, what: str, until: float) -> list[dict[str, object]]:
    """All of them: metrics-server does not page, so a `limit` would be no help."""
    _, answer = client.request("GET", f"{METRICS}/{what}", timeout_s=_left_s(until))
    return [dict(row) for row in mappings(answer.get("items"))]


def _of_kubelets(client: KubeClient, why: str, until: float) -> Usage:
    try:
        query = {"limit": str(KUBELETS_MOST)}
        _, listed = client.request("GET", "/api/v1/nodes", query=query, timeout_s=_left_s(until))
    except ApiForbidden as error:
        raise NoMetrics(f"{why}, and these credentials may not ask the nodes") from error
    names = [text(mapping(row.get("metadata")).get("name")) for row in mappings(listed.get("items"))]

    def ask(name: str) -> tuple[str, Used | None, dict[PodKey, dict[str, Used]]] | None:
        path = f"/api/v1/nodes/{quote(name, safe='')}/proxy/stats/summary"
        try:
            return (name, *of_summary(client.request("GET", path, timeout_s=_left_s(until))[1]))
        except ApiAnswer:
            return None  # one kubelet that does not answer leaves the others as they are

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="kubelets") as pool:
        answers = [one for one in pool.map(ask, names[:KUBELETS_MOST]) if one is not None]
    if not answers:
        raise NoMetrics(f"{why}, and no kubelet answers through the API server")
    # Of a pod that two kubelets tell of, the first counts, so that no node changes what another one says.
    pods: dict[PodKey, dict[str, Used]] = {}
    for _, _, some in answers:
        pods = {**some, **pods}
    return Usage("kubelet", {name: used for name, used, _ in answers if used is not None}, pods)


def _left_s(until: float) -> float:
    left_s = until - time.monotonic()
    if left_s <= 0:
        raise ClusterTimeout
    return left_s
