"""What keeps objects from their work from outside: limits of a namespace, taints, clocks, webhooks, certificates, nodes
that say nothing, and rights; as a real API server, its controllers and its scheduler show it."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.test_diagnosing import ask, cluster, deployment, person
from tests.cluster.test_nodes import place
from tests.support.client_certificates import Authority
from tests.support.control_plane import ControlPlane
from tests.support.narrow import RBAC, a_narrow_cluster, an_account, grant
from tests.support.people import Person
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workers import working
from tests.support.workflows import a_config_map

__all__ = ["cluster", "person"]

TAINTED = "zz-tainted"
HOOKS = "admissionregistration.k8s.io/v1"
HOOK = "ValidatingWebhookConfiguration"
READS = {"": ["pods", "services"], "apps": ["deployments", "replicasets"]}


def ingress(name: str, secret: str) -> dict[str, Any]:
    spec = {"tls": [{"secretName": secret, "hosts": ["a.test"]}], "defaultBackend": {"service": a_port("nowhere")}}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": name}, "spec": spec}


def a_port(name: str) -> dict[str, Any]:
    return {"name": name, "port": {"number": 80}}


def certificate(name: str, days: int) -> dict[str, Any]:
    pair = Authority().sign("a.test", "a.test", days=days)
    data = {"tls.crt": pair.certificate, "tls.key": pair.key}
    encoded = {key: base64.b64encode(text.encode()).decode() for key, text in data.items()}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/tls",
        "metadata": {"name": name},
        "data": encoded,
    }


def cron_job(name: str) -> dict[str, Any]:
    container = {"name": "main", "image": "nginx:1"}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    spec = {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": template}}}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name}, "spec": spec}


def a_hook(namespace: str) -> dict[str, Any]:
    """It judges what is called `judged` in that namespace alone, and nothing serves it."""
    hook = {
        "name": "judge.example.com",
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "timeoutSeconds": 1,
        "clientConfig": {"service": {"name": "absent", "namespace": namespace}},
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "objectSelector": {"matchLabels": {"app": "judged"}},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
    }
    return {"apiVersion": HOOKS, "kind": HOOK, "metadata": {"name": f"judge-{namespace}"}, "webhooks": [hook]}


def a_node() -> dict[str, Any]:
    """A machine whose kubelet has said once that it is not ready, and nothing since."""
    condition = {
        "type": "Ready",
        "status": "False",
        "reason": "KubeletNotReady",
        "message": "container runtime network not ready: cni plugin not initialized",
        "lastHeartbeatTime": stamp(dt.timedelta()),
        "lastTransitionTime": stamp(dt.timedelta()),
    }
    pressed = {**condition, "type": "DiskPressure", "status": "True", "message": "the disk is full"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": TAINTED, "labels": {"gpu": "yes"}},
        "spec": {"taints": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]},
        "status": {"conditions": [condition, pressed], "allocatable": {"cpu": "8", "memory": "8Gi", "pods": "110"}},
    }


def stamp(ago: dt.timedelta) -> str:
    return (dt.datetime.now(dt.UTC) - ago).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def namespace(control_plane: ControlPlane) -> Iterator[str]:
    name = control_plane.namespace("guarded")
    most = {"type": "Container", "max": {"cpu": "100m"}}
    limits = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "small"}, "spec": {"limits": [most]}}
    place(control_plane, name, limits)
    control_plane.apply(a_hook(name))
    status, said = control_plane.call("POST", "/api/v1/nodes", json.dumps(a_node()).encode())
    assert status == 201, said
    yield name
    control_plane.delete(HOOKS, HOOK, f"judge-{name}")
    control_plane.delete("v1", "Node", TAINTED)


def test_what_guards_a_namespace_is_named_with_what_it_keeps_out(
    person: Person, cluster: str, control_plane: ControlPlane, namespace: str
) -> None:
    large = {"limits": {"cpu": "1"}, "requests": {"cpu": "1"}}
    small = {"resources": {"limits": {"cpu": "100m"}, "requests": {"cpu": "10m"}}}
    for one in (
        deployment("large", container={"resources": large}),
        deployment("wants-gpu", container=small, nodeSelector={"gpu": "yes"}),
        deployment("judged", container=small),
        cron_job("late"),
        certificate("ending", 3),
        certificate("ended", -1),
        ingress("ending", "ending"),
        ingress("ended", "ended"),
    ):
        place(control_plane, namespace, one)
    # As if the controllers had been off for two days.
    missed = json.dumps({"status": {"lastScheduleTime": stamp(dt.timedelta(days=2))}}).encode()
    path = f"/apis/batch/v1/namespaces/{namespace}/cronjobs/late/status"
    status, said = control_plane.call("PATCH", path, missed, content_type="application/merge-patch+json")
    assert status == 200, said
    expected = {
        ("Deployment", "large", "limit_range.refused"),
        ("Deployment", "wants-gpu", "unschedulable"),
        ("Deployment", "judged", "admission.webhook_down"),
        ("CronJob", "late", "cron_job.missed"),
        ("Ingress", "ending", "certificate.expires"),
        ("Ingress", "ended", "certificate.expired"),
    }
    found: dict[tuple[str, str, str], dict[str, Any]] = {}

    def untold() -> set[tuple[str, str, str]]:
        answer = ask(person, cluster, f"namespace={namespace}")
        assert not answer["unread"]
        found.update(((one["ref"]["kind"], one["ref"]["name"], one["code"]), one) for one in answer["findings"])
        return expected - found.keys()

    try:
        until(lambda: not untold(), what="each is told", every_s=0.3)
    except AssertionError:
        raise AssertionError(untold(), sorted(found)) from None
    large_one = found["Deployment", "large", "limit_range.refused"]
    assert "maximum cpu usage per Container is 100m" in large_one["sentence"]
    assert large_one["since"]
    gpu = found["Deployment", "wants-gpu", "unschedulable"]
    assert any("gpu=yes:NoSchedule" in words for words in gpu["details"]), gpu["details"]
    assert "add a toleration" in gpu["cure"]
    assert "judge.example.com" in found["Deployment", "judged", "admission.webhook_down"]["cure"]
    late = found["CronJob", "late", "cron_job.missed"]
    assert late["evidence"][0]["event"] == "TooManyMissedTimes", late
    ended = found["Ingress", "ended", "certificate.expired"]
    assert ended["evidence"][0]["field"] == "spec.tls[0].secretName"
    assert "BEGIN" not in json.dumps(list(found.values())), "nothing of a certificate's Secret is told"

    # The cluster names the webhook itself, with what it blocks, and the machine that is not ready.
    everywhere = ask(person, cluster, "")["findings"]
    codes = {(one["ref"]["name"], one["code"]): one for one in everywhere}
    assert codes[f"judge-{namespace}", "webhook.down"]["details"] == ["blocks create pods"]
    assert "cni plugin not initialized" in codes[TAINTED, "node.not_ready"]["sentence"]
    [node] = [one for one in ask(person, cluster, f"kind=Node&name={TAINTED}")["findings"] if "disk" in one["code"]]
    assert (node["code"], node["sentence"]) == ("node.disk", "The node runs short of disk")
    listed = person.get(f"clusters/{cluster}/nodes").body["results"]
    assert [one["ready"] for one in listed if one["name"] == TAINTED] == [False]


def test_who_may_read_a_part_is_told_what_was_not_read_and_nothing_of_it_is_called_missing(
    person: Person, control_plane: ControlPlane
) -> None:
    namespace = control_plane.namespace("narrow")
    kubeconfig = an_account(control_plane, namespace)
    rules = [{"apiGroups": [group], "resources": kinds, "verbs": ["get", "list"]} for group, kinds in READS.items()]
    role = {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": {"name": "reads", "namespace": namespace}}
    grant(control_plane, [{**role, "rules": rules}], namespace)
    place(control_plane, namespace, deployment("unread", container={"envFrom": [{"secretRef": {"name": "nowhere"}}]}))
    cluster = a_narrow_cluster(kubeconfig, "narrow")

    answer = ask(person, cluster, f"namespace={namespace}")

    unread = {one["kind"]: one["why"] for one in answer["unread"]}
    assert {"Secret", "ConfigMap", "Event", "Ingress"} <= unread.keys(), unread
    assert unread["Secret"] == "these credentials may not list them"
    assert not unread.keys() & {"Pod", "Service", "Deployment"}
    assert "missing.secret" not in {one["code"] for one in answer["findings"]}


def test_what_the_cluster_does_not_let_a_run_apply_is_told_at_its_node(
    person: Person, control_plane: ControlPlane
) -> None:
    namespace = control_plane.namespace("denied")
    kubeconfig = an_account(control_plane, namespace)
    role = {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": {"name": "all", "namespace": namespace}}
    verbs = ["get", "list", "watch", "create", "patch", "delete"]
    rules = [{"apiGroups": ["", "apps"], "resources": ["secrets", "pods", "deployments"], "verbs": verbs}]
    reads = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]}
    grant(control_plane, [{**role, "rules": [*rules, reads]}], namespace)
    bench = Bench(person, a_narrow_cluster(kubeconfig, "narrow"), control_plane, namespace)
    bench.draw(a_config_map("settings", a="1"))
    path = f"workflows/{bench.workflow['id']}/diagnosis"
    with working():
        bench.until(bench.start(), "failed")

    [found] = person.get(path).body["findings"]

    assert (found["node_id"], found["code"]) == ("settings", "rights.missing"), found
    assert "configmaps" in found["sentence"]
    assert found["since"]
    assert person.get(f"{path}?node=other").body["findings"] == []
    # Once the right is there and a run has applied it, nothing is wrong any more.
    grant(control_plane, [{**role, "rules": [*rules, {**reads, "verbs": verbs}]}], namespace)
    with working():
        bench.applied()
    assert person.get(path).body["findings"] == []
