"""Asks a cluster what its pods and nodes use: the metrics API, or else each kubelet through the API server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import quote

from clusters.domain.reading import mapping, mappings, text
from clusters.domain.usage import PodKey, Usage, Used, nodes_of_metrics_api, of_summary, pods_of_metrics_api
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiAnswer, ApiForbidden, ApiNotFound, ClusterTimeout, ClusterUnavailable, NotKubernetes
from kubeorch.base.errors import NotFound

METRICS = "/apis/metrics.k8s.io/v1beta1"
KUBELETS_MOST = 50
AT_ONCE = 4


INSTALL = (
    "Install metrics-server: kubectl apply -f "
    "https://github.com/kubernetes-sigs/metrics-server/releases/latest/download/components.yaml"
)
ALLOW = "Whoever administers the cluster can give them the verbs get and list on nodes and pods of metrics.k8s.io"


class NoMetrics(NotFound):
    """Nothing measures, or it may not be read."""

    code = "metrics.not_installed"

    def __init__(self, why: str, *, forbidden: bool = False) -> None:
        super().__init__(f"nothing tells what is used in this cluster: {why}. {ALLOW if forbidden else INSTALL}")
        self.why = why
        self.forbidden = forbidden
        """The metrics API may not be read for the whole cluster: whether there is one, a namespace may tell."""


def measure(client: KubeClient, *, timeout_s: float) -> Usage:
    """What is used now, in that time in all. Raises NoMetrics, and API errors where the cluster does not answer."""
    until = time.monotonic() + timeout_s
    try:
        with _translated():
            nodes = _items(client, "nodes", until)
            pods = pods_of_metrics_api(_items(client, "pods", until))
            return Usage("metrics.k8s.io", nodes_of_metrics_api(nodes), pods)
    except NoMetrics as error:
        return _of_kubelets(client, error, until)


def measure_namespace(client: KubeClient, namespace: str, *, timeout_s: float) -> Usage:
    """What the pods of a namespace use now, for credentials with rights there alone. Raises as `measure`."""
    with _translated():
        rows = _items(client, f"namespaces/{quote(namespace, safe='')}/pods", time.monotonic() + timeout_s)
        found = pods_of_metrics_api(rows)
        return Usage("metrics.k8s.io", {}, {key: used for key, used in found.items() if key[0] == namespace})


@contextmanager
def _translated() -> Iterator[None]:
    """Raises NoMetrics where what was asked of the metrics API says that there is none, or that it may not be asked."""
    try:
        yield
    except ApiForbidden as error:
        raise NoMetrics("these credentials may not read the metrics API", forbidden=True) from error
    except ApiNotFound as error:
        raise NoMetrics("the metrics API is not installed") from error
    except NotKubernetes as error:
        raise NoMetrics("what answers for the metrics API is not one") from error
    except ClusterUnavailable as error:
        if error.status != 503:
            raise
        raise NoMetrics("the metrics API is registered, and nothing answers it") from error


def _items(client: KubeClient, what: str, until: float) -> list[dict[str, object]]:
    """All of them: metrics-server does not page, so a `limit` would be no help."""
    _, answer = client.request("GET", f"{METRICS}/{what}", timeout_s=_left_s(until))
    return [dict(row) for row in mappings(answer.get("items"))]


def _of_kubelets(client: KubeClient, otherwise: NoMetrics, until: float) -> Usage:
    """Raises NoMetrics, with the reason of `otherwise` before it."""
    try:
        query = {"limit": str(KUBELETS_MOST)}
        _, listed = client.request("GET", "/api/v1/nodes", query=query, timeout_s=_left_s(until))
    except ApiForbidden as error:
        why = f"{otherwise.why}, and these credentials may not ask the nodes"
        raise NoMetrics(why, forbidden=otherwise.forbidden) from error
    names = [text(mapping(row.get("metadata")).get("name")) for row in mappings(listed.get("items"))]

    forbidden: list[str] = []

    def ask(name: str) -> tuple[str, Used | None, dict[PodKey, dict[str, Used]]] | None:
        path = f"/api/v1/nodes/{quote(name, safe='')}/proxy/stats/summary"
        try:
            return (name, *of_summary(client.request("GET", path, timeout_s=_left_s(until))[1]))
        except ApiForbidden:
            forbidden.append(name)
        except ApiAnswer:
            pass  # one kubelet that does not answer leaves the others as they are
        return None

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="kubelets") as pool:
        answers = [one for one in pool.map(ask, names[:KUBELETS_MOST]) if one is not None]
    if not answers:
        said = "these credentials may not ask the kubelets" if forbidden else "no kubelet answers"
        raise NoMetrics(f"{otherwise.why}, and {said}", forbidden=otherwise.forbidden)
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
