"""The labels that kompose users know are followed, each as its guide says, or the ledger says why not."""

from __future__ import annotations

from typing import Any

import pytest

from imports.domain.convert.conversion import Conversion
from tests.unit.imports.convert.apps import of_text
from tests.unit.imports.convert.test_containers import objects_of, outcome


def labelled(labels: dict[str, str], *lines: str) -> Conversion:
    rows = [f"      {key}: {value!r}" for key, value in labels.items()]
    text = ["services:", "  web:", "    image: example/web:1", *(f"    {line}" for line in lines), "    labels:", *rows]
    return of_text("\n".join(text))


def container_of(conversion: Conversion) -> dict[str, Any]:
    return dict(pod_of(conversion)["containers"][0])


def pod_of(conversion: Conversion) -> dict[str, Any]:
    [pod] = [one["spec"]["template"]["spec"] for one in objects_of(conversion) if "template" in one.get("spec", {})]
    return dict(pod)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ('["sh", "-c", "echo a, b"]', ["sh", "-c", "echo a, b"]),
        ("bundle exec thin -p 3000", ["bundle", "exec", "thin", "-p", "3000"]),
        ("[a", ["[a"]),
        ("", None),
    ],
)
def test_an_init_container_is_made_of_its_labels(command: str, expected: list[str] | None):
    init = "kompose.init.containers."
    conversion = labelled({f"{init}image": "busybox:1.36", f"{init}command": command})
    [row] = pod_of(conversion)["initContainers"]
    assert (row["name"], row["image"], row.get("command")) == ("init-service", "busybox:1.36", expected)
    assert outcome(conversion, "labels", f"{init}image") == ("converted", "")
    without = labelled({f"{init}command": "true"})
    assert outcome(without, "labels", f"{init}command")[0] == "dropped"


def test_probes_are_made_of_their_labels():
    check = "kompose.service.healthcheck."
    conversion = labelled(
        {
            f"{check}liveness.tcp_port": "8080",
            f"{check}readiness.http_get_path": "/ready",
            f"{check}readiness.http_get_port": "8081",
            f"{check}readiness.interval": "10s",
        }
    )
    container = container_of(conversion)
    assert container["livenessProbe"]["tcpSocket"] == {"port": 8080}
    assert container["readinessProbe"]["httpGet"] == {"path": "/ready", "port": 8081}
    assert container["readinessProbe"]["periodSeconds"] == 10
    off = labelled({f"{check}readiness.disable": "true"}, "healthcheck: {test: [CMD, ok]}")
    assert "readinessProbe" not in container_of(off)
    assert outcome(labelled({f"{check}readiness.retries": "3"}), "labels", f"{check}readiness.retries")[0] == "dropped"


def test_disk_space_of_the_node_is_asked_for():
    for text in ("labels: {K}", "deploy: {labels: {K}}"):
        rows = text.replace("K", "kompose.ephemeral-storage.request: 1Gi, kompose.ephemeral-storage.limit: 2Gi")
        resources = container_of(of_text(f"services: {{web: {{image: a, {rows}}}}}"))["resources"]
        assert resources == {"requests": {"ephemeral-storage": "1Gi"}, "limits": {"ephemeral-storage": "2Gi"}}


def test_published_ports_are_opened_on_the_node_where_that_was_asked_for():
    conversion = labelled({"kompose.controller.port.expose": "true"}, "ports: ['8080:80']")
    assert container_of(conversion)["ports"] == [{"containerPort": 80, "hostPort": 8080, "protocol": "TCP"}]


def test_a_service_is_called_as_its_label_says_and_others_find_it():
    text = """
services:
  web: {image: a, environment: {API: "http://api:80"}}
  api: {image: a, ports: ["80"], labels: {kompose.service.name_override: backend}}
"""
    objects = objects_of(of_text(text))
    assert {one["metadata"]["name"] for one in objects} == {"web", "backend"}
    [web] = [one for one in objects if one["metadata"]["name"] == "web"]
    assert web["spec"]["template"]["spec"]["containers"][0]["env"] == [{"name": "API", "value": "http://backend:80"}]


def test_volumes_follow_their_labels():
    volume = "kompose.volume."
    below = pod_of(labelled({f"{volume}subpath": "/in"}, "volumes: [/data]")) | {}
    assert "subPath" not in below["containers"][0]["volumeMounts"][0]
    claim = {f"{volume}size": "2Gi", f"{volume}storage-class-name": "fast", f"{volume}subpath": "in"}
    objects = objects_of(labelled(claim, "volumes: [/data]"))
    [made] = [one for one in objects if one["kind"] == "PersistentVolumeClaim"]
    assert (made["spec"]["storageClassName"], made["spec"]["resources"]["requests"]["storage"]) == ("fast", "2Gi")
    [mount] = pod_of(labelled(claim, "volumes: [/data]"))["containers"][0]["volumeMounts"]
    assert (mount["mountPath"], mount["subPath"]) == ("/data", "in")
    scratch = pod_of(labelled({f"{volume}type": "emptyDir"}, "volumes: ['./data:/data']"))
    assert [one for one in scratch["volumes"] if "emptyDir" in one]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("kompose.service.type", "sometimes"),
        ("kompose.service.nodeport.port", "33111"),
        ("kompose.controller.type", "pod"),
        ("kompose.cronjob.schedule", "whenever"),
        ("kompose.cronjob.concurrency_policy", "Never"),
        ("kompose.hpa.memory", "200Mi"),
        ("kompose.volume.type", "floppy"),
        ("kompose.volume.size", "large"),
        ("kompose.volume.storage-class-name", "A B"),
        ("kompose.unheard.of", "1"),
    ],
)
def test_a_label_that_cannot_be_followed_is_dropped_with_the_reason(key: str, value: str):
    cron = {} if key.startswith("kompose.cronjob.schedule") else {"kompose.cronjob.schedule": "@daily"}
    labels = {**(cron if "cronjob" in key else {}), key: value}
    conversion = labelled(labels, "ports: ['80']", "volumes: [/data]")
    assert outcome(conversion, "labels", key)[0] == "dropped"
    assert objects_of(conversion)


def test_a_load_balancer_wins_over_an_ingress_and_tls_covers_every_host():
    both = {"kompose.service.type": "loadbalancer", "kompose.service.expose": "a.example.com"}
    kinds = {one["kind"] for one in objects_of(labelled(both, "ports: ['80:80']"))}
    assert "Ingress" not in kinds
    hosts = {"kompose.service.expose": "a.example.com,b.example.com/x", "kompose.service.expose.tls-secret": "s"}
    [ingress] = [one for one in objects_of(labelled(hosts, "ports: ['80:80']")) if one["kind"] == "Ingress"]
    assert ingress["spec"]["tls"] == [{"secretName": "s", "hosts": ["a.example.com", "b.example.com"]}]


def test_an_autoscaler_has_room_above_its_smallest_number():
    labels = {"kompose.hpa.cpu": "70%", "kompose.hpa.replicas.min": "5"}
    [scaler] = [one for one in objects_of(labelled(labels)) if one["kind"] == "HorizontalPodAutoscaler"]
    assert (scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]) == (5, 5)
