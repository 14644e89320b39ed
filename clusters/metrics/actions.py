"""What an object or a cluster uses now and used before, beside what it requests and may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bson import ObjectId

from clusters.diagnosing.reading import selector_of
from clusters.domain.diagnosing.scheduling import allocatable_of, limits_of, requests_of
from clusters.domain.diagnosing.surroundings import (
    KIND_VERSIONS,
    containers_of,
    labels_of,
    matches,
    ref_of,
    spec_of,
)
from clusters.domain.kind_names import KindName
from clusters.domain.objects import Manifest, group_of
from clusters.domain.prometheus import PODS_MOST as PODS_MOST_OF_PROMETHEUS
from clusters.domain.prometheus import BadPrometheus
from clusters.domain.reading import mapping
from clusters.domain.usage import NOTHING, Used, of_pod
from clusters.kube.gathering import Want, gather
from clusters.metrics import jobs, store
from clusters.metrics.collector import current
from clusters.metrics.prometheus import Prometheus, PrometheusUnavailable, prometheus_of
from clusters.metrics.store import Point
from clusters.questions.asking import NO_NAMESPACE, Question, ask, place_of, read_object, seen_by
from kubeorch.accounts.principal import Principal
from kubeorch.base.clock import now
from kubeorch.base.errors import InvalidInput

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")
PODS_MOST = 1_000


class NothingMeasured(InvalidInput):
    code = "metrics.kind"

    def __init__(self) -> None:
        kinds = ", ".join(("Node", "Pod", *WORKLOADS))
        super().__init__(f"only these kinds use CPU and memory: {kinds}", field="kind")


@dataclass(frozen=True, slots=True)
class Part:
    """A pod of a workload, or a container of a pod."""

    name: str
    used: Used | None
    requested: Mapping[str, Decimal]
    limited: Mapping[str, Decimal]
    is_whole: bool
    """All of it was measured: of a pod, each of its containers."""


@dataclass(frozen=True, slots=True)
class ObjectUsage:
    at: datetime
    source: str
    """"" where nothing measures."""
    why: str
    used: Used | None
    requested: Mapping[str, Decimal]
    limited: Mapping[str, Decimal]
    allocatable: Mapping[str, Decimal]
    """Of a node."""
    parts: Sequence[Part]
    measured_parts: int
    """Those of which all is known, so that `used` holds all of them."""
    all_parts: int
    """PODS_MOST at most."""
    history: Sequence[Point]
    history_source: str
    """`prometheus`, or `kubeorch` for what was kept while somebody looked."""
    history_why: str
    """Why Prometheus, which is named for the cluster, did not tell it."""
    step_s: int


def usage_of(
    principal: Principal, cluster_id: object, kind: str, namespace: str, name: str, series: str
) -> ObjectUsage:
    """Of a Node, a Pod or a workload. Raises NothingMeasured, as `ask` and `read_object`, and API errors."""
    if kind not in ("Node", "Pod", *WORKLOADS):
        raise NothingMeasured
    place = place_of(str(KindName(group_of(KIND_VERSIONS[kind]), kind)), namespace or NO_NAMESPACE, name)
    with ask(principal, cluster_id, "cluster.read", seen_by(place)) as question:
        _, one = read_object(question, place)
        pods = _pods(question, kind, one)
        cluster = question.cluster
        prometheus = prometheus_of(cluster, question.client_in(""))
        measured = current(question.client_in(""), cluster["_id"], prometheus, namespace=place.namespace)
        keys = [(ref_of("Pod", pod).namespace, ref_of("Pod", pod).name) for pod in pods]
        of, objects = ("Node", [("", name)]) if kind == "Node" else ("Pod", keys)
        history, history_source, history_why = _history(cluster["_id"], prometheus, of, objects, series)
    usage = measured.usage
    if usage is not None and not measured.namespace:
        jobs.keep_measuring(cluster["_id"])
    by_pod = usage.pods if usage else {}
    used = usage.nodes.get(name) if usage and kind == "Node" else _sum([by_pod[key] for key in keys if key in by_pod])
    parts = _parts(kind, pods, by_pod) if kind != "Node" else []
    return ObjectUsage(
        at=measured.at,
        source=usage.source if usage else "",
        why=measured.why,
        used=used if usage else None,
        requested=_total([requests_of(pod) for pod in pods]),
        limited=_total([limits_of(pod) for pod in pods]),
        allocatable=allocatable_of(one) if kind == "Node" else {},
        parts=parts,
        measured_parts=sum(one.is_whole for one in parts),
        all_parts=len(parts),
        history=history,
        history_source=history_source,
        history_why=history_why,
        step_s=store.STEP_S[series],
    )


def _history(
    cluster_id: ObjectId, prometheus: Prometheus | None, kind: str, objects: Sequence[tuple[str, str]], series: str
) -> tuple[Sequence[Point], str, str]:
    """Points, who has them, and why not Prometheus."""
    until, why = now(), ""
    if prometheus is not None and len(objects) > PODS_MOST_OF_PROMETHEUS:
        why = f"Prometheus is asked for {PODS_MOST_OF_PROMETHEUS} pods at most, and there are {len(objects)}"
    elif prometheus is not None and objects:
        try:
            points = prometheus.history(kind, objects, until - store.RANGE[series], until, store.STEP_S[series])
            if points:
                return points, "prometheus", ""
            why = "Prometheus has no figures of it; check that it asks the kubelets of this cluster (cAdvisor)"
        except (PrometheusUnavailable, BadPrometheus) as error:
            why = error.detail
    return store.history(cluster_id, kind, objects, series, until), "kubeorch", why


def _pods(question: Question, kind: str, one: Manifest) -> list[Manifest]:
    ref = ref_of(kind, one)
    if kind == "Pod":
        return [one]
    alive = "status.phase!=Succeeded,status.phase!=Failed"
    want = Want("v1", "Pod", ref.namespace, labels=selector_of(kind, one), fields=alive, most=PODS_MOST)
    if kind == "Node":
        want = Want("v1", "Pod", fields=f"spec.nodeName={ref.name},{alive}", most=PODS_MOST)
    pods = gather(lambda _: question.client, [want], within_s=question.allowance.left_s()).objects.get("Pod", [])
    if kind == "Node" or want.labels:
        return pods
    chosen = mapping(spec_of(one).get("selector"))  # too long for a query
    return [pod for pod in pods if chosen and matches(labels_of(pod), chosen)]


def _parts(kind: str, pods: Sequence[Manifest], used: Mapping[tuple[str, str], Mapping[str, Used]]) -> list[Part]:
    if kind != "Pod":
        found = []
        for pod in pods:
            ref = ref_of("Pod", pod)
            mine = used.get((ref.namespace, ref.name))
            whole = mine is not None and all(str(row.get("name")) in mine for row in containers_of(pod))
            used_now = of_pod(mine) if mine is not None else None
            found.append(Part(ref.name, used_now, requests_of(pod), limits_of(pod), whole))
        return found
    [pod] = pods
    ref = ref_of("Pod", pod)
    by_container = used.get((ref.namespace, ref.name), {})
    return [
        Part(name, by_container.get(name), requests_of(alone), limits_of(alone), name in by_container)
        for row in containers_of(pod)
        for name in [str(row.get("name"))]
        for alone in [{"spec": {"containers": [row]}}]
    ]


def _sum(rows: Sequence[Mapping[str, Used]]) -> Used | None:
    return sum((of_pod(row) for row in rows), NOTHING) if rows else None


def _total(rows: Sequence[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    """Added up; without what one of them leaves open."""
    names = set.intersection(*(set(row) for row in rows)) if rows else set()
    return {name: sum((row[name] for row in rows), Decimal(0)) for name in sorted(names)}
