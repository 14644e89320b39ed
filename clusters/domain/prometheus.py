"""What is asked of a Prometheus server about a cluster, and what its answers say.

Sources: Prometheus docs, "HTTP API" (instant and range queries, and their formats) and "Querying basics"; the names of
the metrics are cAdvisor's, as each kubelet serves them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from clusters.domain.credentials import KubeconfigInvalid
from clusters.domain.reading import mapping, mappings, text
from clusters.domain.server_address import check_server
from clusters.domain.usage import PodKey, Usage, Used, usable
from kubeorch.base.errors import InvalidInput
from kubeorch.base.names import is_dns_label

RATE = "[5m]"
ROWS_MOST = 50_000
POINTS_MOST = 5_000
PODS_MOST = 50
"""Of a workload whose history is asked; more make a query that servers refuse."""
_SERVICE = re.compile(r"(?:(https?):)?([a-z0-9-]{1,63})/([a-z0-9-]{1,63}):([a-z0-9-]{1,63})\Z")


class BadPrometheus(InvalidInput):
    code = "cluster.prometheus"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"{why}; write https://prometheus.example.com, or namespace/service:port for a Service of this cluster",
            field="prometheus",
        )


@dataclass(frozen=True, slots=True)
class Address:
    """Where a Prometheus server is: at an address of its own, or behind a Service of the cluster."""

    server: str
    """Scheme, host and port; "" for a Service, which the API server passes requests on to."""
    path: str
    """Of its API without `/api/v1`."""


def address_of(written: str) -> Address:
    """Of `https://host:port/path` or `namespace/service:port`. Raises BadPrometheus."""
    if found := _SERVICE.match(written):
        scheme, namespace, name, port = found.groups()
        if not is_dns_label(namespace) or not is_dns_label(name):
            raise BadPrometheus("this names no Service")
        service = ":".join((scheme, name, port)) if scheme else f"{name}:{port}"
        return Address("", f"/api/v1/namespaces/{namespace}/services/{service}/proxy")
    try:
        # Prometheus is often served without TLS, beside the cluster: the address is judged as that of a cluster is.
        whole = check_server(written.replace("http://", "https://", 1))
    except KubeconfigInvalid as error:
        raise BadPrometheus(error.detail.replace("the server's address", "the address")) from error
    parts = urlsplit(whole)
    scheme = "http" if written.startswith("http://") else "https"
    return Address(f"{scheme}://{parts.netloc}", parts.path)


LABELS_MOST = 5
VALUE_MOST = 200
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,62}\Z")
_OURS = frozenset({"namespace", "pod", "container", "node", "instance", "id"})
"""By which figures are told apart within a cluster."""
_TWICE = "max without (job, prometheus, prometheus_replica, replica, endpoint, service, metrics_path)"
"""One figure that two servers have scraped, or two jobs, is one."""


class BadLabels(InvalidInput):
    code = "cluster.prometheus_labels"

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; write cluster=east, or cluster=east,region=eu", field="labels")


class OtherClusters(InvalidInput):
    """Its figures are those of several clusters, which would be added up."""

    code = "cluster.prometheus_shared"

    def __init__(self, names: Sequence[str]) -> None:
        shown = ", ".join(name or "(none)" for name in names[:8])
        more = f" and {len(names) - 8} more" if len(names) > 8 else ""
        super().__init__(
            f"it has figures of several clusters, by its label cluster: {shown}{more}; name this one, as cluster=east",
            field="labels",
        )


def labels_of(written: str) -> dict[str, str]:
    """By which a server that has several clusters knows this one: `cluster=east,region=eu`. Raises BadLabels."""
    found: dict[str, str] = {}
    for part in filter(None, (one.strip() for one in written.split(","))):
        name, equals, value = (word.strip() for word in part.partition("="))
        value = value.removeprefix('"').removesuffix('"')
        if not equals or not _LABEL.match(name) or name.startswith("__"):
            raise BadLabels(f"'{part[:60]}' is not a label with its value")
        if not value or len(value) > VALUE_MOST or not value.isprintable():
            raise BadLabels(f"the value of {name} is empty, longer than {VALUE_MOST} characters, or not printable")
        if name in _OURS or name in found:
            why = "is chosen by KubeOrch itself" if name in _OURS else "is named twice"
            raise BadLabels(f"the label {name} {why}")
        found[name] = value
    if len(found) > LABELS_MOST:
        raise BadLabels(f"these are more than {LABELS_MOST} labels")
    return found


def now_queries(labels: Mapping[str, str]) -> dict[str, str]:
    """What is used now, by the name of the answer; of a server that knows the cluster by these labels."""
    containers, nodes = _matching('container!=""', labels), _matching('id="/"', labels)
    by_container, by_node = "sum by (namespace, pod, container)", "sum by (node, instance)"
    return {
        "pods_cpu": f"{by_container} ({_cpu(containers)})",
        "pods_memory": f"{by_container} ({_memory(containers)})",
        "nodes_cpu": f"{by_node} ({_cpu(nodes)})",
        "nodes_memory": f"{by_node} ({_memory(nodes)})",
    }


def clusters_query(labels: Mapping[str, str]) -> str:
    """Of how many clusters it has figures of containers, as far as their label `cluster` tells."""
    containers = _matching('container!=""', labels)
    return f"count by (cluster) (container_memory_working_set_bytes{{{containers}}})"


def clusters_told(answer: Mapping[str, Any]) -> list[str]:
    """The names in the answer to `clusters_query`; "" for figures without one."""
    return sorted(text(labels.get("cluster"))[:VALUE_MOST] for labels, _ in _vector(answer))


def before(kind: str, objects: Sequence[tuple[str, str]], labels: Mapping[str, str]) -> dict[str, str]:
    """What was used before, of a Node or of pods (namespace, name) of one namespace, PODS_MOST at most."""
    if kind == "Node":
        [(_, name)] = objects
        # Scrapers that do not write the node's name into `node` leave `instance`, with its port.
        chosen = [f'id="/",node="{_quoted(name)}"', f'id="/",instance=~"{_pattern(name)}(:[0-9]+)?"']
    else:
        names = "|".join(_pattern(name) for _, name in objects[:PODS_MOST])
        chosen = [f'container!="",namespace="{_quoted(objects[0][0])}",pod=~"{names}"']
    of = [_matching(one, labels) for one in chosen]
    return {
        "cpu": " or ".join(f"sum({_cpu(one)})" for one in of),
        "memory": " or ".join(f"sum({_memory(one)})" for one in of),
    }


def _cpu(of: str) -> str:
    return f"{_TWICE} (rate(container_cpu_usage_seconds_total{{{of}}}{RATE}))"


def _memory(of: str) -> str:
    return f"{_TWICE} (container_memory_working_set_bytes{{{of}}})"


def _matching(of: str, labels: Mapping[str, str]) -> str:
    return ",".join([of, *(f'{name}="{_quoted(value)}"' for name, value in labels.items())])


def _pattern(name: str) -> str:
    return _quoted(re.escape(name).replace("\\-", "-"))


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def usage(answers: Mapping[str, Mapping[str, Any]]) -> Usage:
    """From the answers to `now_queries`. What has only one of CPU and memory is left out: it is unknown."""
    cpu = {_container(labels): value for labels, value in _vector(answers["pods_cpu"])}
    pods: dict[PodKey, dict[str, Used]] = {}
    for labels, memory in _vector(answers["pods_memory"]):
        namespace, pod, container = _container(labels)
        used = usable(cpu.get((namespace, pod, container)), memory)
        if used is not None and namespace and pod and container:
            pods.setdefault((namespace, pod), {})[container] = used
    by_node = {_node(labels): value for labels, value in _vector(answers["nodes_cpu"])}
    found = ((_node(labels), value) for labels, value in _vector(answers["nodes_memory"]))
    nodes = {name: used for name, memory in found if name and (used := usable(by_node.get(name), memory)) is not None}
    return Usage("prometheus", nodes, pods)


def series(answers: Mapping[str, Mapping[str, Any]]) -> list[tuple[float, Used]]:
    """(seconds since 1970, used) in the order of time, from the answers to `before`."""
    cpu = dict(_matrix(answers["cpu"]))
    found = ((at, usable(cpu.get(at), memory)) for at, memory in _matrix(answers["memory"]))
    return sorted(((at, used) for at, used in found if used is not None), key=lambda point: point[0])


def succeeded(answer: Mapping[str, Any]) -> bool:
    return answer.get("status") == "success"


def said(answer: Mapping[str, Any]) -> str:
    """Why it did not succeed, in Prometheus' words."""
    return "".join(one if one.isprintable() else " " for one in text(answer.get("error")))[:300]


def _vector(answer: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], float]]:
    for row in _rows(answer):
        value = row.get("value")
        if isinstance(value, list) and len(value) == 2 and (number := _number(value[1])) is not None:
            yield mapping(row.get("metric")), number


def _matrix(answer: Mapping[str, Any]) -> Iterator[tuple[float, float]]:
    for row in _rows(answer)[:1]:  # a sum without labels is one row
        values = row.get("values")
        for pair in values[:POINTS_MOST] if isinstance(values, list) else []:
            if not isinstance(pair, list) or len(pair) != 2:
                continue
            at, value = _number(pair[0]), _number(pair[1])
            if at is not None and value is not None and 0 <= at < 2**35:
                yield at, value


def _rows(answer: Mapping[str, Any]) -> list[Any]:
    return list(mappings(mapping(answer.get("data")).get("result"))[:ROWS_MOST])


def _number(value: Any) -> float | None:
    try:
        found = float(value) if isinstance(value, (str, int, float)) and len(str(value)) < 40 else math.nan
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _container(labels: Mapping[str, Any]) -> tuple[str, str, str]:
    return text(labels.get("namespace"))[:253], text(labels.get("pod"))[:253], text(labels.get("container"))[:253]


def _node(labels: Mapping[str, Any]) -> str:
    """Scrapers write the node's name into `node`, or leave `instance`, which may be its name."""
    return (text(labels.get("node")) or text(labels.get("instance")).rpartition(":")[0])[:253]
