"""What is used: told by the metrics API where there is one, kept while somebody looks, and else said to be missing."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from bson import ObjectId

from tests.cluster.test_diagnosing import cluster, deployment, person
from tests.cluster.test_nodes import place
from tests.support.control_plane import ControlPlane
from tests.support.narrow import an_account, grant
from tests.support.people import Person, a_user
from tests.support.prometheus_server import prometheus_server
from tests.support.wait import until
from tests.support.workers import working

__all__ = ["cluster", "person"]

GROUP = "metrics.k8s.io"
RESOURCES = {"cpu": "100m", "memory": "64Mi"}


def definition(plural: str, kind: str, scope: str) -> dict[str, Any]:
    """metrics-server's own API, served from objects that the test writes."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1beta1", "served": True, "storage": True, "schema": schema}
    names = {"plural": plural, "kind": kind, "listKind": f"{kind}List", "singular": kind.lower()}
    metadata = {
        "name": f"{plural}.{GROUP}",
        "annotations": {"api-approved.kubernetes.io": "unapproved, a test"},
    }
    spec = {"group": GROUP, "names": names, "scope": scope, "versions": [version]}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": metadata,
        "spec": spec,
    }


def ask(person: Person, cluster: str, query: str) -> dict[str, Any]:
    answer = person.get(f"clusters/{cluster}/metrics?{query}")
    assert answer.status == 200, answer.body
    return dict(answer.body)


def running(plane: ControlPlane, namespace: str) -> str:
    place(plane, namespace, deployment("web", container={"resources": {"requests": RESOURCES, "limits": RESOURCES}}))
    [pod] = until(lambda: plane.list("v1", "Pod", namespace), what="its pod")
    return str(pod["metadata"]["name"])


def test_where_nothing_measures_it_is_said_with_the_cure(
    person: Person, cluster: str, control_plane: ControlPlane
) -> None:
    namespace = control_plane.namespace("unmeasured")
    running(control_plane, namespace)
    found = ask(person, cluster, f"kind=Deployment&namespace={namespace}&name=web")
    assert found["source"] is None
    assert "Install metrics-server" in found["why"]
    [cpu, memory] = found["resources"]
    assert (cpu["used"], cpu["requested"], memory["limit"]) == (None, 0.1, 64 * 2**20)
    assert (found["measured_parts"], found["all_parts"]) == (0, 1)
    nodes = person.get(f"clusters/{cluster}/metrics/nodes").body
    assert (nodes["source"], nodes["why"], nodes["results"]) == (None, found["why"], [])
    assert person.get(f"clusters/{cluster}/metrics?kind=Secret&namespace={namespace}&name=x").status == 400


def check_narrow(plane: ControlPlane, namespace: str) -> None:
    """With rights in a namespace alone, what is used there is told, and nobody is told to install what is there."""
    kubeconfig, owner = an_account(plane, namespace), a_user("admin")
    read = {"apiGroups": ["", "apps"], "resources": ["pods", "deployments"], "verbs": ["get", "list"]}
    metadata = {"name": "narrow", "namespace": namespace}
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": metadata}
    grant(plane, [{**role, "rules": [read]}], namespace)
    query = f"kind=Deployment&namespace={namespace}&name=web"
    made = owner.post("clusters", {"name": "narrow", "kubeconfig": kubeconfig})
    assert made.status == 201, made.body
    narrow = made.body["id"]
    found = ask(owner, narrow, query)
    assert found["source"] is None
    assert "may not read the metrics API" in found["why"]
    assert "Install" not in found["why"]
    use = {"apiGroups": [GROUP], "resources": ["pods"], "verbs": ["get", "list"]}
    grant(plane, [{**role, "rules": [read, use]}], namespace)
    found = until(lambda: (one := ask(owner, narrow, query))["source"] and one, what="it is measured", every_s=1)
    assert found["resources"][0]["used"] == 0.025


def test_what_is_used_is_told_and_kept_minute_by_minute(
    person: Person, cluster: str, control_plane: ControlPlane
) -> None:
    from clusters.metrics import store

    namespace = control_plane.namespace("measured")
    name = running(control_plane, namespace)
    definitions = [definition("nodes", "NodeMetrics", "Cluster"), definition("pods", "PodMetrics", "Namespaced")]
    for one in definitions:
        control_plane.apply(one)
    try:
        usage = {"containers": [{"name": "main", "usage": {"cpu": "25000000n", "memory": "16384Ki"}}]}
        body = {"apiVersion": f"{GROUP}/v1beta1", "kind": "PodMetrics", "metadata": {"name": name}, **usage}
        path = f"/apis/{GROUP}/v1beta1/namespaces/{namespace}/pods"
        until(
            lambda: control_plane.call("POST", path, json.dumps(body).encode())[0] in (201, 409),
            what="the metrics API is served",
            every_s=0.2,
        )
        node = control_plane.list("v1", "Node")[0]["metadata"]["name"]
        metrics = {"kind": "NodeMetrics", "metadata": {"name": node}, "usage": {"cpu": "1500m", "memory": "1Gi"}}
        body = {"apiVersion": f"{GROUP}/v1beta1", **metrics}
        status, said = control_plane.call("POST", f"/apis/{GROUP}/v1beta1/nodes", json.dumps(body).encode())
        assert status == 201, said
        query = f"kind=Deployment&namespace={namespace}&name=web"
        found = ask(person, cluster, query)
        assert found["source"] == GROUP
        [cpu, memory] = found["resources"]
        assert (cpu["used"], cpu["requested"], memory["used"]) == (0.025, 0.1, 16 * 2**20)
        assert [part["name"] for part in found["parts"]] == [name]
        assert (found["measured_parts"], found["all_parts"]) == (1, 1)
        nodes = person.get(f"clusters/{cluster}/metrics/nodes").body
        assert (nodes["source"], nodes["at"]) == (GROUP, found["at"]), "one measurement for all who look"
        assert nodes["results"] == [{"name": node, "cpu": 1.5, "memory": 2.0**30}]
        detail = ask(person, cluster, f"kind=Node&name={node}")["resources"]
        assert [row["used"] for row in detail] == [1.5, 2.0**30]
        check_narrow(control_plane, namespace)
        with working():
            kept = until(lambda: ask(person, cluster, query)["history"], what="a point is kept")
        assert (kept[0]["cpu"], kept[0]["memory"]) == (0.025, 16 * 2**20)
        long = f"{query}&range=fortnight"
        if not ask(person, cluster, long)["history"]:  # else ten minutes have just ended, and the worker has done it
            store.condense(ObjectId(cluster), datetime.fromisoformat(kept[0]["at"]))
        assert [row["cpu"] for row in ask(person, cluster, long)["history"]] == [0.025]
    finally:
        for one in definitions:
            control_plane.delete("apiextensions.k8s.io/v1", "CustomResourceDefinition", one["metadata"]["name"])


def test_a_point_that_was_kept_twice_counts_once(mongo: Any) -> None:
    """The job that keeps it may be killed after any line, and is carried out again."""
    from clusters.domain.usage import Usage, Used
    from clusters.metrics import store
    from kubeorch.base.clock import now

    cluster_id, minute = ObjectId(), now().replace(second=0, microsecond=0)
    usage = Usage("kubelet", pods={("shop", name): {"main": Used(0.5, 100.0)} for name in ("a", "b")})
    for _ in range(2):
        store.keep(cluster_id, minute, usage)
    [point] = store.history(cluster_id, "Pod", [("shop", "a"), ("shop", "b")], store.DAY, now())
    assert (point["cpu"], point["memory"], point["objects"]) == (1.0, 200.0, 2)


@pytest.fixture
def owned(mongo: Any, control_plane: ControlPlane) -> tuple[Person, str]:
    """An administrator whose team owns the cluster."""
    owner = a_user("admin")
    made = owner.post("clusters", {"name": "east", "kubeconfig": control_plane.kubeconfig})
    assert made.status == 201, made.body
    return owner, made.body["id"]


def test_prometheus_tells_what_is_used_and_was_used_where_nothing_in_the_cluster_measures(
    owned: tuple[Person, str], control_plane: ControlPlane
) -> None:
    owner, cluster = owned
    namespace = control_plane.namespace("prometheus")
    pod = running(control_plane, namespace)
    query = f"kind=Deployment&namespace={namespace}&name=web"
    with prometheus_server() as server:
        server.container = {"namespace": namespace, "pod": pod, "container": "main"}
        named = owner.put(f"clusters/{cluster}/prometheus", {"prometheus": f"{server.url}/"})
        assert (named.status, named.body["prometheus"]) == (200, f"{server.url}/")
        found = ask(owner, cluster, query)
        assert (found["source"], found["resources"][0]["used"], found["resources"][1]["used"]) == (
            "prometheus",
            0.25,
            2**20,
        )
        assert (found["history_source"], [row["cpu"] for row in found["history"]]) == ("prometheus", [0.5, 0.5])
        assert any(
            f'pod=~"{pod}"' in one["query"] and f'namespace="{namespace}"' in one["query"] for one in server.asked
        )
        server.container = {}
        found = ask(owner, cluster, query)
        assert found["history_source"] == "kubeorch"
        assert "has no figures of it" in found["history_why"]
        server.body = b"<html>not Prometheus</html>"
        found = ask(owner, cluster, query)
        assert found["history_source"] == "kubeorch"
        assert "not as Prometheus does" in found["history_why"]
    assert owner.put(f"clusters/{cluster}/prometheus", {"prometheus": ""}).body["prometheus"] == ""


def test_a_prometheus_of_several_clusters_is_asked_for_this_one_alone(
    owned: tuple[Person, str], control_plane: ControlPlane
) -> None:
    owner, cluster = owned
    path = f"clusters/{cluster}/prometheus"
    namespace = control_plane.namespace("of-several")
    pod = running(control_plane, namespace)
    with prometheus_server() as server:
        server.container = {"namespace": namespace, "pod": pod, "container": "main"}
        server.clusters = ["east", "west"]
        mixed = owner.put(path, {"prometheus": server.url})
        assert (mixed.status, mixed.body["code"]) == (400, "cluster.prometheus_shared")
        assert "several clusters, by its label cluster: east, west" in mixed.body["detail"]
        unknown = owner.put(path, {"prometheus": server.url, "labels": "cluster=north"})
        assert (unknown.status, unknown.body["code"]) == (400, "prometheus.no_answer")
        assert "no figures of containers with cluster=north" in unknown.body["detail"]
        assert owner.put(path, {"prometheus": server.url, "labels": "north"}).body["errors"][0]["field"] == "labels"
        assert owner.get(f"clusters/{cluster}").body["prometheus"] == "", "none of these was stored"
        named = owner.put(path, {"prometheus": server.url, "labels": "cluster=west"})
        assert (named.status, named.body["prometheus_labels"]) == (200, "cluster=west")
        server.asked.clear()
        assert ask(owner, cluster, f"kind=Deployment&namespace={namespace}&name=web")["source"] == "prometheus"
        assert len(server.asked) == 6
        assert all('cluster="west"' in one["query"] for one in server.asked)
    emptied = owner.put(path, {"prometheus": "", "labels": "cluster=west"})
    assert (emptied.body["prometheus"], emptied.body["prometheus_labels"]) == ("", "")


def test_an_address_of_prometheus_is_judged_asked_and_only_then_stored(
    owned: tuple[Person, str], control_plane: ControlPlane, settings: Any
) -> None:
    owner, cluster = owned
    path = f"clusters/{cluster}/prometheus"

    def refused(written: str) -> tuple[int, str, str]:
        answer = owner.put(path, {"prometheus": written})
        return answer.status, answer.body["code"], answer.body["errors"][0]["field"]

    assert refused("prometheus.example.com") == (400, "cluster.prometheus", "prometheus")
    assert refused("http://169.254.169.254") == (400, "cluster.prometheus", "prometheus")
    assert refused("monitoring/no-such-service:9090") == (400, "prometheus.no_answer", "prometheus")
    with prometheus_server() as server:
        server.body = b"x" * (9 * 1024 * 1024)
        assert refused(server.url) == (400, "prometheus.no_answer", "prometheus")
        server.body = None
        settings.HOST = "0.0.0.0"
        assert refused(server.url)[:2] == (400, "cluster.prometheus"), "loopback is for a private server alone"
    assert owner.get(f"clusters/{cluster}").body["prometheus"] == ""
    editor = a_user("editor", team=owner.team_id)
    assert editor.put(path, {"prometheus": ""}).status == 403
