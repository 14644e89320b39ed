"""What is wrong, as a real API server with its controllers and scheduler shows it, asked over the product's API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.control_plane import ControlPlane
from tests.support.people import Person, a_user
from tests.support.wait import until

CLASS = "kubeorch-nothing"


def deployment(name: str, **pod: Any) -> dict[str, Any]:
    container = {"name": "main", "image": "nginx:1", "ports": [{"containerPort": 8080}], **pod.pop("container", {})}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container], **pod}}
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def service(name: str, selector: dict[str, str], target: Any) -> dict[str, Any]:
    spec = {"selector": selector, "ports": [{"name": "http", "port": 80, "targetPort": target}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def ingress() -> dict[str, Any]:
    backend = {"service": {"name": "nowhere", "port": {"number": 80}}}
    rule = {"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    metadata = {"name": "site"}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": {"rules": [rule]}}


BROKEN: list[dict[str, Any]] = [
    deployment("web"),
    deployment("huge", container={"resources": {"requests": {"cpu": "9000"}}}),
    deployment("unread", container={"envFrom": [{"secretRef": {"name": "nowhere"}}]}),
    service("lost", {"app": "wbe"}, 8080),
    service("deaf", {"app": "web"}, 9090),
    ingress(),
    {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": CLASS,
            "resources": {"requests": {"storage": "1Gi"}},
        },
    },
]
EXPECTED = {
    ("Deployment", "huge"): "unschedulable.resources",
    ("Deployment", "unread"): "missing.secret",
    ("Service", "lost"): "service.selects_nothing",
    ("Service", "deaf"): "service.port",
    ("Ingress", "site"): "ingress.backend_missing",
    ("PersistentVolumeClaim", "data"): "claim.class_missing",
}


@pytest.fixture
def person(mongo: Any) -> Person:
    return a_user("admin")


@pytest.fixture
def cluster(mongo: Any, control_plane: ControlPlane) -> str:
    from clusters import actions

    return str(actions.register_sandbox(control_plane.kubeconfig))


def ask(person: Person, cluster: str, query: str) -> dict[str, Any]:
    answer = person.get(f"clusters/{cluster}/diagnosis?{query}")
    assert answer.status == 200, answer.body
    return dict(answer.body)


def test_what_a_cluster_shows_is_led_back_to_its_causes(
    person: Person, cluster: str, control_plane: ControlPlane
) -> None:
    namespace = control_plane.namespace("wrong")
    for one in BROKEN:
        control_plane.apply({**one, "metadata": {**one["metadata"], "namespace": namespace}})

    def told() -> dict[tuple[str, str], list[dict[str, Any]]]:
        found: dict[tuple[str, str], list[dict[str, Any]]] = {}
        answer = ask(person, cluster, f"namespace={namespace}")
        assert not answer["unread"]
        for one in answer["findings"]:
            found.setdefault((one["ref"]["kind"], one["ref"]["name"]), []).append(one)
        return found

    def untold() -> set[Any]:
        return set(EXPECTED.items()) - {(key, one["code"]) for key, rows in told().items() for one in rows}

    until(lambda: not untold(), what="every cause is told", every_s=0.3)
    assert ("Deployment", "web") not in told()

    # The same, asked for one object; with what mends it.
    answer = ask(person, cluster, f"kind=Service&namespace={namespace}&name=lost")
    assert answer["cut_off"] == [], "all that was to be looked at was"
    lost = answer["findings"]
    assert [one["code"] for one in lost] == ["service.selects_nothing"]
    assert lost[0]["fix"] is None, "three Deployments are as likely"
    [deaf] = ask(person, cluster, f"kind=Service&namespace={namespace}&name=deaf")["findings"]
    assert deaf["fix"]["settings"] == [{"field": "spec.ports[http].targetPort", "value": 8080}]
    [huge] = ask(person, cluster, f"kind=apps/Deployment&namespace={namespace}&name=huge")["findings"]
    assert huge["since"], "the scheduler says since when"
    assert any("it requests 9000 CPU" in words for words in huge["details"])
    assert huge["evidence"][0]["field"] == "status.conditions[PodScheduled]"
    assert person.get(f"clusters/{cluster}/diagnosis?kind=Pod&namespace={namespace}&name=none").status == 404
    assert person.get(f"clusters/{cluster}/diagnosis?kind=Pod").status == 400


def test_pods_that_nobody_lets_in_are_told_of_though_there_is_none(
    person: Person, cluster: str, control_plane: ControlPlane
) -> None:
    namespace = control_plane.namespace("quota")
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "spec": {"hard": {"pods": "0"}}}
    control_plane.apply({**quota, "metadata": {"name": "none", "namespace": namespace}})
    until(lambda: (control_plane.get("v1", "ResourceQuota", "none", namespace) or {}).get("status", {}).get("hard"))
    one = deployment("web")
    control_plane.apply({**one, "metadata": {**one["metadata"], "namespace": namespace}})

    def told() -> Any:
        query = f"kind=apps/Deployment&namespace={namespace}&name=web"
        return [one for one in ask(person, cluster, query)["findings"] if one["code"] == "quota.exceeded"]

    [found] = until(told, what="the quota is named")
    assert "quota: none" in found["sentence"]
    assert found["since"]


def test_others_are_told_nothing(person: Person, cluster: str, control_plane: ControlPlane) -> None:
    """A second team has environments on the cluster: neither sees more than its own namespaces."""
    from tests.support.workflows import a_workflow, an_environment

    namespace = control_plane.namespace("theirs")
    control_plane.apply(
        {**BROKEN[3], "metadata": {"name": "lost", "namespace": namespace}},
    )
    other = a_user("admin")
    for one, place in ((person, namespace), (other, control_plane.namespace("ours"))):
        an_environment(one, a_workflow(one), cluster=cluster, namespace=place)
    assert ask(person, cluster, f"namespace={namespace}")["findings"]
    assert other.get(f"clusters/{cluster}/diagnosis?namespace={namespace}").status == 404
    assert other.get(f"clusters/{cluster}/diagnosis?kind=Service&namespace={namespace}&name=lost").status == 404
    assert ask(other, cluster, "")["findings"] == []
