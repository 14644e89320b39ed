"""A Compose file says of every object what it says, and lists the rest; a pod gets what is in its namespace."""

from __future__ import annotations

from typing import Any

import pytest

from imports.domain.compose.load import load
from imports.domain.convert.conversion import convert
from imports.domain.sources import Files
from tests.unit.imports.exporting.test_alike import config, exported, workload

LABELS = {"app": "web-deployment"}


def notes(*objects: dict[str, Any]) -> set[str]:
    return set(exported(*objects)[0].notes)


def core(kind: str, name: str, spec: dict[str, Any], version: str = "v1", **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}


def web(container: dict[str, Any] | None = None, **pod: Any) -> dict[str, Any]:
    return workload("Deployment", "web", container or {}, **pod)


@pytest.mark.parametrize(
    ("strategy", "said", "left"),
    [
        ({"rollingUpdate": {"maxSurge": "50%", "maxUnavailable": 0}}, None, {"maxSurge", "maxUnavailable"}),
        ({"rollingUpdate": {"maxSurge": 2, "maxUnavailable": 0}}, {"parallelism": 2, "order": "start-first"}, set()),
        ({"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 3}}, {"parallelism": 3, "order": "stop-first"}, set()),
        ({"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}, None, set()),
        ({"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1}}, None, {"maxSurge", "maxUnavailable"}),
        ({"type": "Recreate"}, {"parallelism": 0, "order": "stop-first"}, set()),
    ],
)
def test_how_pods_are_replaced_is_said_or_listed(strategy: Any, said: Any, left: set[str]):
    one = web()
    one["spec"]["strategy"] = {"type": "RollingUpdate", **strategy}
    file, found = exported(one)
    assert found["services"]["web"].get("deploy", {}).get("update_config") == said
    assert set(file.notes) == {f"Deployment web: spec.strategy.rollingUpdate.{one}" for one in left}


def test_what_is_taken_and_not_written_is_listed():
    one = web(
        {"livenessProbe": {"httpGet": {"path": "/", "port": "admin"}, "periodSeconds": 5}},
        securityContext={"runAsGroup": 3000},
        imagePullSecrets=[{"name": "one"}, {"name": "two"}],
    )
    daemon = workload("DaemonSet", "daemon", {})
    daemon["spec"]["updateStrategy"] = {"type": "OnDelete"}
    assert notes(one, daemon) == {
        "Deployment web: spec.template.spec.securityContext.runAsGroup",
        "Deployment web: spec.template.spec.imagePullSecrets",
        "Deployment web: spec.template.spec.containers[web].livenessProbe.httpGet.port",
        "DaemonSet daemon: spec.updateStrategy.type",
    }


def test_a_port_of_a_probe_is_found_by_its_name():
    ports = [{"name": "admin", "containerPort": 8081}]
    file, found = exported(web({"ports": ports, "livenessProbe": {"httpGet": {"path": "/", "port": "admin"}}}))
    assert found["services"]["web"]["labels"]["kompose.service.healthcheck.liveness.http_get_port"] == "8081"
    assert not file.notes


def test_a_cron_job_is_not_run_by_up_and_comes_back():
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "purge", "image": "example/purge:1"}]}}
    job = core(
        "CronJob", "purge", {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": template}}}, "batch/v1"
    )
    file, found = exported(job)
    assert found["services"]["purge"]["deploy"]["replicas"] == 0
    assert file.notes == ("CronJob purge: its schedule; `docker compose run --rm purge` runs it once",)
    tree = Files({"compose.yaml": file.text.encode()})
    again = convert(load(tree, ["compose.yaml"], folder_name="shop"), tree, {})
    assert [node.kind for node in again.draft.nodes.values()] == ["cronjob"]
    assert not again.ledger.dropped()


def test_what_is_not_said_of_what_services_mount_is_listed():
    claim = core(
        "PersistentVolumeClaim",
        "data",
        {"accessModes": ["ReadWriteMany"], "volumeName": "pv-1", "resources": {"requests": {"storage": "1Gi"}}},
    )
    conf = config("conf", used="1", unused="2")
    one = web(
        {
            "volumeMounts": [{"name": "v", "mountPath": "/v"}],
            "env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "conf", "key": "used"}}}],
        },
        volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}],
    )
    assert notes(claim, conf, one) == {
        "PersistentVolumeClaim data: spec.accessModes",
        "PersistentVolumeClaim data: spec.volumeName",
        "ConfigMap conf: the key unused, which no service reads",
    }


def test_pods_find_what_is_in_their_namespace_alone():
    objects = []
    for space in ("blue", "green"):
        env = [{"name": "COLOR", "valueFrom": {"configMapKeyRef": {"name": "conf", "key": "color"}}}]
        mounts = [{"name": "v", "mountPath": "/v"}]
        volumes = [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]
        storage = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        own = [
            web({"env": env, "volumeMounts": mounts}, volumes=volumes),
            config("conf", color=space),
            core("Service", "front", {"selector": LABELS, "ports": [{"port": 80 if space == "blue" else 81}]}),
            core("PersistentVolumeClaim", "data", storage),
        ]
        for one in own:
            one["metadata"]["namespace"] = space
        objects += own
    file, found = exported(*objects)
    by_color = {one["environment"]["COLOR"]: one for one in found["services"].values()}
    blue, green = by_color["blue"], by_color["green"]
    assert [one["expose"] for one in (blue, green)] == [["80"], ["81"]]
    assert blue["volumes"] != green["volumes"]
    networks = [one["networks"] for one in (blue, green)]
    assert networks[0] != networks[1]
    assert all(network == {name: {"aliases": ["front"]}} for network in networks for name in network)
    assert [note for note in file.notes if note.startswith("the namespaces (")]
