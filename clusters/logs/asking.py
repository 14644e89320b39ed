"""Whose logs may be read by whom, and what pods they are of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clusters import checks, store
from clusters.connections import asking, client_for
from clusters.domain.logs.containers import PodLogs, pod_logs
from clusters.domain.objects import Ref
from clusters.domain.reading import mapping, mappings, text
from clusters.kube.client import KubeClient
from clusters.kube.logs import pods_of
from clusters.logs.cron_jobs import LABEL, JobsOf
from clusters.logs.feed import Subject
from clusters.pods import NoSuchContainer, NoSuchPod, Simulated
from clusters.scope import Access, require_on
from kubeorch.accounts.principal import Principal
from kubeorch.base.errors import NotFound
from kubeorch.base.names import is_dns_label, is_dns_subdomain

READ = "log.read"
PODS_MOST = 200
"""Of a workload, that are looked at first."""
SHOWN_MOST = 253
WORKLOADS = {
    **dict.fromkeys(("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"), "apps/v1"),
    **dict.fromkeys(("Job", "CronJob"), "batch/v1"),
    **dict.fromkeys(("Service", "ReplicationController"), "v1"),
}
"""Kinds with pods, by the apiVersion in which they are read."""


class NoPods(NotFound):
    code = "log.no_pods"

    def __init__(self, kind: str) -> None:
        super().__init__(f"objects of kind {kind} have no pods of their own, so there are no logs")


@dataclass(frozen=True, slots=True)
class Found:
    """What a person may read."""

    cluster: store.Cluster
    access: Access
    client: KubeClient
    subject: Subject
    pods: Sequence[PodLogs]
    has_more: bool = False
    """There are more pods than PODS_MOST."""


def may_read(principal: Principal, cluster_id: object, namespace: str) -> tuple[store.Cluster, Access]:
    """The cluster, and by what the person may. Raises NoSuchCluster, NamespaceHidden or Forbidden."""
    cluster = store.find(cluster_id, principal)
    return cluster, require_on(principal, READ, cluster, namespace)


def of_pod(principal: Principal, cluster_id: object, namespace: str, name: str, container: str) -> Found:
    """Raises as `may_read`, NoSuchPod, NoSuchContainer, Simulated, ClusterBusy, and what the cluster says."""
    cluster, access = may_read(principal, cluster_id, namespace)
    check_names("Pod", namespace, name)
    client = _client(cluster, access)
    with asking(cluster["_id"], access.team_id), checks.evenly(client):
        found = client.get(Ref("v1", "Pod", namespace, name))
    if found is None:
        raise NoSuchPod("Pod", name)
    pod = pod_logs(found)
    _check_container(container, [pod])
    subject = Subject(namespace, field_selector=f"metadata.name={name}", container=container)
    return Found(cluster, access, client, subject, [pod])


def of_workload(
    principal: Principal, cluster_id: object, kind: str, namespace: str, name: str, container: str
) -> Found:
    """`kind` may have its group behind it (`Deployment.apps`). Raises as `of_pod`, and NoPods."""
    cluster, access = may_read(principal, cluster_id, namespace)
    kind, _, group = kind.partition(".")
    api_version = WORKLOADS.get(kind)
    if api_version is None or group not in ("", api_version.rpartition("/")[0]):
        raise NoPods(f"{kind}.{group}" if group else kind)
    check_names(kind, namespace, name)
    client = _client(cluster, access)
    with asking(cluster["_id"], access.team_id), checks.evenly(client):
        found = client.get(Ref(api_version, kind, namespace, name))
        if found is None:
            raise NoSuchPod(kind, name)
        jobs = JobsOf(client, namespace, text(found["metadata"].get("uid"))) if kind == "CronJob" else None
        followed = selector = _selector(found, kind) if jobs is None else ""
        if jobs is not None:
            names = jobs.take(client.list("batch/v1", "Job", namespace=namespace, metadata_only=True)[0])
            followed, selector = LABEL, f"{LABEL} in ({','.join(names)})" if names else ""
        items, has_more = pods_of(client, namespace, selector, most=PODS_MOST) if selector else ([], False)
        pods = [pod_logs(item) for item in items]
    if pods:
        _check_container(container, pods)
    pods.sort(key=lambda pod: (pod.is_over, pod.name))
    subject = Subject(namespace, label_selector=followed, container=container, jobs=jobs)
    return Found(cluster, access, client, subject, pods, has_more)


def check_names(kind: str, namespace: str, name: str) -> None:
    """Raises NoSuchPod for what can be the name of nothing, and would be another path of the API server."""
    if not (is_dns_label(namespace) and is_dns_subdomain(name)):
        raise NoSuchPod(kind, name[:SHOWN_MOST])


def _client(cluster: store.Cluster, access: Access) -> KubeClient:
    if cluster["is_sandbox"]:
        raise Simulated
    return client_for(cluster["_id"], access.acting)


def _check_container(container: str, pods: Sequence[PodLogs]) -> None:
    names = {one.name: None for pod in pods for one in pod.containers}
    if container and container not in names:
        raise NoSuchContainer(container, list(names))


def _selector(found: Mapping[str, object], kind: str) -> str:
    """Of the pods that belong to an object. Source: Kubernetes API, `LabelSelector`."""
    spec = mapping(found.get("spec"))
    selector = mapping(spec.get("selector"))
    if not selector:
        raise NoPods(kind)
    is_plain = kind in ("ReplicationController", "Service")
    parts = [
        f"{key}={value}" for key, value in (selector if is_plain else mapping(selector.get("matchLabels"))).items()
    ]
    for row in mappings(selector.get("matchExpressions")):
        key, values = text(row.get("key")), ",".join(map(str, row.get("values") or ()))
        word = {"In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})", "Exists": key}
        parts.append(word.get(text(row.get("operator")), f"!{key}"))
    if not parts:
        raise NoPods(kind)
    return ",".join(parts)
