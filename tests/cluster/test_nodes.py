"""Nodes of a real API server: what they are, and drains that keep to budgets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.test_diagnosing import cluster, deployment, person
from tests.support.control_plane import ControlPlane
from tests.support.people import Person, a_user
from tests.support.wait import until
from tests.support.workers import working

__all__ = ["cluster", "person"]


def place(plane: ControlPlane, namespace: str, one: dict[str, Any]) -> None:
    plane.apply({**one, "metadata": {**one["metadata"], "namespace": namespace}})


@pytest.fixture
def node(control_plane: ControlPlane) -> Iterator[str]:
    """A node of its own, on which no other test's pods run, and which no other test finds."""
    [template, *_] = control_plane.list("v1", "Node")
    name = f"drained-{template['metadata']['name']}"
    metadata = {key: template["metadata"].get(key, {}) for key in ("labels", "annotations")}
    labels = {**metadata["labels"], "kubernetes.io/hostname": name, "drained": "yes"}
    body = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, **metadata, "labels": labels},
        "spec": {"taints": [{"key": "drained", "effect": "NoSchedule"}]},
    }
    status, answer = control_plane.call("POST", "/api/v1/nodes", json.dumps(body).encode())
    assert status in (201, 409), answer

    def is_ready() -> bool:
        rows = (control_plane.get("v1", "Node", name) or {}).get("status", {}).get("conditions", [])
        return any(row["type"] == "Ready" and row["status"] == "True" for row in rows)

    try:
        until(is_ready, what="the node is ready")
        yield name
    finally:
        control_plane.delete("v1", "Node", name)
        until(lambda: control_plane.get("v1", "Node", name) is None, what="the node is gone")


def test_a_drain_keeps_to_budgets_asks_about_what_is_lost_and_can_be_canceled(
    person: Person, cluster: str, control_plane: ControlPlane, node: str
) -> None:
    namespace = control_plane.namespace("drain")
    tolerations = [{"key": "drained", "operator": "Exists"}]
    there = {"nodeSelector": {"drained": "yes"}, "tolerations": tolerations}
    place(control_plane, namespace, deployment("web", **there))
    place(control_plane, namespace, deployment("cache", **there, volumes=[{"name": "tmp", "emptyDir": {}}]))
    selector = {"matchLabels": {"app": "web"}}
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"}}
    place(control_plane, namespace, {**budget, "spec": {"minAvailable": 1, "selector": selector}})

    def ready() -> bool:
        rows = control_plane.list("v1", "Pod", namespace)
        found = control_plane.get("policy/v1", "PodDisruptionBudget", "web", namespace) or {}
        healthy = found.get("status", {}).get("currentHealthy") == 1
        return healthy and [row["spec"].get("nodeName") for row in rows] == [node, node]

    until(ready, what="both pods run there")
    base = f"clusters/{cluster}/nodes"
    listed = person.get(base)
    assert listed.status == 200, listed.body
    [mine] = [one for one in listed.body["results"] if one["name"] == node]
    assert (mine["ready"], mine["unschedulable"], mine["pods"]) == (True, False, 2)
    assert {row["name"] for row in mine["amounts"]} == {"cpu", "memory", "ephemeral-storage", "pods"}
    detail = person.get(f"{base}/{node}").body
    assert sorted(one["on_drain"] for one in detail["running"]) == ["asks_data", "goes"]

    def drain() -> Any:
        return person.get(f"{base}/{node}").body["drain"]

    with working():
        started = person.post(f"{base}/{node}/drain")
        assert started.status == 202, started.body
        assert person.post(f"{base}/{node}/drain").status == 409
        until(lambda: [one["state"] for one in drain()["pods"]] == ["stays", "blocked"], what="the budget holds")
        assert "disruption budget web needs 1 healthy pods" in drain()["pods"][1]["why"]
        canceled = person.post(f"{base}/{node}/drain/cancel")
        assert canceled.status == 200, canceled.body
        until(lambda: drain()["state"] == "canceled", what="it is canceled")
        assert person.get(f"{base}/{node}").body["unschedulable"], "it stays cordoned"
        assert len(control_plane.list("v1", "Pod", namespace)) == 2

        control_plane.delete("policy/v1", "PodDisruptionBudget", "web", namespace)
        assert person.post(f"{base}/{node}/drain", {"delete_data": True}).status == 202
        until(lambda: drain()["state"] == "done", what="the node is empty", every_s=0.2)
    assert (drain()["total"], drain()["gone"]) == (2, 2)
    opened = person.post(f"{base}/{node}/uncordon")
    assert (opened.status, opened.body["unschedulable"]) == (200, False)

    viewer = a_user("viewer", team=person.team_id)
    assert viewer.post(f"{base}/{node}/cordon").status == 403
    acts = [row["action"] for row in audited()]
    assert acts == ["node.drain", "node.cancel_drain", "node.drain", "node.uncordon"]


def test_pods_that_a_budget_holds_hold_no_other_and_the_drain_ends_with_the_right_to_it(
    person: Person, cluster: str, control_plane: ControlPlane, node: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clusters.nodes import jobs
    from kubeorch.mongo.client import db

    monkeypatch.setattr(jobs, "EVICTED_AT_ONCE", 1)
    monkeypatch.setattr(jobs, "BLOCKED_AGAIN_S", 0.1)
    namespace = control_plane.namespace("turns")
    tolerations = [{"key": "drained", "operator": "Exists"}]
    there = {"nodeSelector": {"drained": "yes"}, "tolerations": tolerations}
    for name in ("a-held", "b-free"):
        place(control_plane, namespace, deployment(name, **there))
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "held"}}
    selector = {"matchLabels": {"app": "a-held"}}
    place(control_plane, namespace, {**budget, "spec": {"minAvailable": 1, "selector": selector}})

    def pods() -> dict[str, str]:
        rows = control_plane.list("v1", "Pod", namespace)
        return {row["metadata"]["labels"]["app"]: row["metadata"]["uid"] for row in rows if row["spec"].get("nodeName")}

    def ready() -> bool:
        found = control_plane.get("policy/v1", "PodDisruptionBudget", "held", namespace) or {}
        return len(pods()) == 2 and found.get("status", {}).get("currentHealthy") == 1

    until(ready, what="both pods run there")
    free = pods()["b-free"]
    base = f"clusters/{cluster}/nodes/{node}"

    def drain() -> Any:
        return person.get(base).body["drain"]

    assert person.post(f"{base}/drain").status == 202
    # Canceled while no worker has looked at it: its job is open still, and stands for no other drain.
    db()["drains"].update_one({}, {"$set": {"state": "canceled"}})
    with working():
        assert person.post(f"{base}/drain").status == 202
        until(lambda: pods().get("b-free") != free, what="the pod that nothing holds has left")
        until(lambda: "blocked" in {one["state"] for one in drain()["pods"]}, what="the other one is held")
        refused = person.post(f"{base}/uncordon")
        assert (refused.status, refused.body["code"]) == (409, "drain.running")
        db()["memberships"].update_many({}, {"$set": {"role": "viewer"}})
        until(lambda: drain()["state"] == "failed", what="it ends with the right to it")
    assert "may not drain nodes of this cluster any more; the node stays cordoned" in drain()["message"]
    assert "a-held" in pods()


def audited() -> list[dict[str, Any]]:
    from kubeorch.mongo.client import db

    return list(db()["audit"].find({"action": {"$regex": "^node"}}).sort("_id", 1))


def test_a_pod_of_a_namespace_that_ends_leaves_with_it_and_ends_no_drain(control_plane: ControlPlane) -> None:
    from clusters.domain.kubeconfig import parse_kubeconfig
    from clusters.kube.client import KubeClient
    from clusters.kube.evicting import evict

    namespace = control_plane.namespace("ending")
    pod = {"metadata": {"name": "held", "namespace": namespace, "finalizers": ["example.com/hold"]}}
    spec = {"containers": [{"name": "main", "image": "nginx:1.27"}], "nodeSelector": {"none": "has-it"}}
    control_plane.apply({"apiVersion": "v1", "kind": "Pod", **pod, "spec": spec})
    uid = (control_plane.get("v1", "Pod", "held", namespace) or {})["metadata"]["uid"]
    control_plane.delete("v1", "Namespace", namespace)
    try:
        until(lambda: control_plane.get("v1", "Namespace", namespace)["status"]["phase"] == "Terminating")  # type: ignore[index]
        assert evict(KubeClient(parse_kubeconfig(control_plane.kubeconfig)), namespace, "held", uid) == ""
    finally:
        path = f"/api/v1/namespaces/{namespace}/pods/held"
        body = b'{"metadata":{"finalizers":null}}'
        control_plane.call("PATCH", path, body, content_type="application/merge-patch+json")
