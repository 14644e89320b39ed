"""Objects whose names are alike stay apart in an export, and nothing is said at another place than it stands."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from imports.domain.exporting.compose import ComposeFile, compose_file
from imports.domain.exporting.folders import kustomize
from imports.domain.manifests.read import read
from imports.domain.sources import SourceFile
from kubeorch.base.yaml_writing import dump_all
from tests.unit.imports.convert.apps import of_text
from tests.unit.imports.convert.test_containers import objects_of
from tests.unit.kinds.samples import the_catalog
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.rendering.render import render_graph


def drawn(*objects: dict[str, Any]) -> Graph:
    reading = read([SourceFile("all.yaml", dump_all(list(objects)).encode())], the_catalog())
    return parse_graph(reading.draft.graph({}), the_catalog())


def exported(*objects: dict[str, Any]) -> tuple[ComposeFile, dict[str, Any]]:
    file = compose_file(drawn(*objects), the_catalog(), "shop", {})
    content: dict[str, Any] = yaml.safe_load(file.text)
    return file, content


def workload(kind: str, name: str, container: dict[str, Any], **pod: Any) -> dict[str, Any]:
    labels = {"app": f"{name}-{kind}".lower()}
    spec = {"containers": [{"name": "main", "image": "example/app:1", **container}], **pod}
    template = {"metadata": {"labels": labels}, "spec": spec}
    if kind == "Job":
        spec["restartPolicy"] = "Never"
        return {
            "apiVersion": "batch/v1",
            "kind": kind,
            "metadata": {"name": name},
            "spec": {"template": template, "backoffLimit": 0},
        }
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }


def config(name: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def secret(name: str, *keys: str) -> dict[str, Any]:
    data = dict.fromkeys(keys, "x")
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data}


def test_files_whose_keys_are_alike_keep_their_own_content():
    mounts = [{"name": "a", "mountPath": "/etc/a"}, {"name": "b", "mountPath": "/etc/b"}]
    volumes = [{"name": "a", "configMap": {"name": "conf"}}, {"name": "b", "configMap": {"name": "conf-a"}}]
    _, found = exported(
        config("conf", **{"a.b": "ONE", "a-b": "TWO", "a": "THREE"}),
        config("conf-a", z="FOUR"),
        workload("Deployment", "web", {"volumeMounts": mounts}, volumes=volumes),
    )
    contents = {
        row["target"]: found["configs"][row["source"]]["content"] for row in found["services"]["web"]["configs"]
    }
    assert contents == {"/etc/a/a.b": "ONE", "/etc/a/a-b": "TWO", "/etc/a/a": "THREE", "/etc/b/z": "FOUR"}


def test_keys_of_secrets_that_are_alike_get_variables_of_their_own():
    env = [
        {"name": f"V{number}", "valueFrom": {"secretKeyRef": {"name": name, "key": key}}}
        for number, (name, key) in enumerate(
            (("s1", "db-password"), ("s2", "DB_PASSWORD"), ("s1", "db.password"), ("x", "y_z"), ("x-y", "z"))
        )
    ]
    file, found = exported(
        secret("s1", "db-password", "db.password"),
        secret("s2", "DB_PASSWORD"),
        secret("x", "y_z", "z"),
        secret("x-y", "z"),
        workload("Deployment", "web", {"env": env}),
    )
    values = found["services"]["web"]["environment"]
    names = {value[2:].partition(":")[0] for value in values.values()}
    assert len(names) == len(values) == 5
    assert {*file.variables} == names


def test_workloads_of_one_name_are_all_there():
    _, found = exported(
        workload("Deployment", "web", {}),
        workload("Deployment", "web-job", {"args": ["serve"]}),
        workload("Job", "web", {"args": ["migrate"]}),
    )
    assert len(found["services"]) == 3
    assert found["services"]["web-job"]["command"] == ["serve"]


def test_a_claim_of_a_set_and_a_claim_of_that_name_are_two_volumes():
    def claim(name: str, size: str) -> dict[str, Any]:
        spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
        return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": spec}

    database = workload("StatefulSet", "db", {"volumeMounts": [{"name": "data", "mountPath": "/data"}]})
    database["spec"] |= {"serviceName": "db", "volumeClaimTemplates": [claim("data", "1Gi")]}
    mounts = [{"name": "a", "mountPath": "/x"}, {"name": "b", "mountPath": "/y"}]
    volumes = [
        {"name": "a", "persistentVolumeClaim": {"claimName": "data"}},
        {"name": "b", "persistentVolumeClaim": {"claimName": "db-data"}},
    ]
    _, found = exported(
        claim("data", "2Gi"),
        claim("db-data", "2Gi"),
        database,
        workload("Deployment", "web", {"volumeMounts": mounts}, volumes=volumes),
    )
    of = {name: {row["source"] for row in found["services"][name]["volumes"]} for name in ("web", "db")}
    assert of["web"] == {"data", "db-data"}
    assert not of["web"] & of["db"]


def mounting(claim: str, name: str, image: str, path: str, inner: str = "") -> dict[str, Any]:
    mount = {"name": "v", "mountPath": path, **({"subPath": inner} if inner else {})}
    volumes = [{"name": "v", "persistentVolumeClaim": {"claimName": claim}}]
    return workload("Deployment", name, {"image": image, "volumeMounts": [mount]}, volumes=volumes)


@pytest.mark.parametrize(
    ("other", "alike"),
    [("data", ("", "")), ("data/dumps", ("", "dumps")), ("", ("data", "")), ("dumps", ("data", "dumps"))],
)
def test_all_that_mount_a_volume_see_the_same_of_it(other: str, alike: tuple[str, str]):
    """The directory that an import made for a database is taken back for all that mount its volume, or for none."""
    postgres = "/var/lib/postgresql/data"
    file, found = exported(
        mounting("db", "backup", "example/backup:1", "/from", other),
        mounting("db", "db", "postgres:16", postgres, "data"),
    )
    rows = {name: found["services"][name]["volumes"][0] for name in ("db", "backup")}
    assert tuple(rows[name].get("volume", {}).get("subpath", "") for name in ("db", "backup")) == alike
    again = {
        one["metadata"]["name"]: one["spec"]["template"]["spec"]["containers"][0]["volumeMounts"][0].get("subPath", "")
        for one in objects_of(of_text(file.text))
        if one["kind"] in ("Deployment", "StatefulSet")
    }
    assert again == {"db": "data", "backup": other}


def test_ports_of_the_machine_keep_their_address_and_protocol():
    ports = [
        {"containerPort": 53, "hostPort": 53, "protocol": "UDP", "hostIP": "127.0.0.1"},
        {"containerPort": 9000, "hostPort": 9000, "hostIP": "127.0.0.1"},
        {"containerPort": 90, "hostPort": 91},
        {"containerPort": 92, "hostPort": 92, "hostIP": "::1"},
    ]
    _, found = exported(workload("Deployment", "web", {"ports": ports}))
    assert found["services"]["web"]["ports"] == [
        "127.0.0.1:53:53/udp",
        "127.0.0.1:9000:9000",
        "91:90",
        "[::1]:92:92",
    ]


def test_a_load_balancer_is_published_at_its_own_port():
    labels = {"app": "web-deployment"}
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {
            "type": "LoadBalancer",
            "selector": labels,
            "ports": [{"port": 443, "targetPort": 8443, "nodePort": 31443}],
        },
    }
    _, found = exported(service, workload("Deployment", "web", {"ports": [{"containerPort": 8443}]}))
    assert found["services"]["web"]["ports"] == ["443:8443"]


def test_what_a_compose_file_does_not_say_of_ways_in_is_listed():
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "annotations": {"example.com/tier": "gold"}},
        "spec": {
            "type": "LoadBalancer",
            "selector": {"app": "web-deployment"},
            "sessionAffinity": "ClientIP",
            "loadBalancerSourceRanges": ["10.0.0.0/8"],
            "ports": [{"port": 80, "nodePort": 31443}],
        },
    }

    def path(at: str, type_: str) -> dict[str, Any]:
        return {"path": at, "pathType": type_, "backend": {"service": {"name": "web", "port": {"number": 80}}}}

    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "in", "annotations": {"example.com/limit": "5"}},
        "spec": {
            "tls": [{"hosts": ["a.example.com"], "secretName": "s1"}, {"hosts": ["b.example.com"], "secretName": "s2"}],
            "rules": [
                {"host": "a.example.com", "http": {"paths": [path("/x", "Prefix"), path("/e", "Exact")]}},
                {"http": {"paths": [path("/y", "Prefix")]}},
            ],
        },
    }
    scaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "maxReplicas": 5,
            "behavior": {"scaleDown": {"stabilizationWindowSeconds": 60}},
        },
    }
    file, _ = exported(service, ingress, scaler, workload("Deployment", "web", {}))
    assert {note for note in file.notes if not note.startswith("Deployment ")} == {
        "Service web: metadata.annotations.example.com/tier",
        "Service web: spec.sessionAffinity",
        "Service web: spec.loadBalancerSourceRanges",
        "Service web: spec.ports[0].nodePort",
        "Ingress in: metadata.annotations.example.com/limit",
        "Ingress in: /e of a.example.com, pathType Exact",
        "Ingress in: /y of any host",
        "Ingress in: spec.tls[1]",
        "HorizontalPodAutoscaler web: spec.behavior.scaleDown.stabilizationWindowSeconds",
    }


def test_a_mount_of_which_no_file_is_said_is_listed():
    items = [{"key": "k", "path": "conf/k"}]
    mounts = [
        {"name": "v", "mountPath": "/etc/c/sub", "subPath": "conf"},
        {"name": "v", "mountPath": "/etc/c/other", "subPath": "k"},
        {"name": "v", "mountPath": "/etc/all"},
    ]
    volumes = [{"name": "v", "configMap": {"name": "conf", "items": items}}]
    file, found = exported(
        config("conf", k="ONE"), workload("Deployment", "web", {"volumeMounts": mounts}, volumes=volumes)
    )
    assert [row["target"] for row in found["services"]["web"]["configs"]] == ["/etc/all/conf/k"]
    listed = [note for note in file.notes if "volumeMounts" in note]
    assert [one for one in ("/etc/c/sub", "/etc/c/other") if not any(one in note for note in listed)] == []


def test_environments_whose_names_are_alike_have_an_overlay_each_and_a_patch_meets_its_object_alone():
    graph = parse_graph(
        {
            "nodes": [
                {"id": "a", "kind": "configmap", "name": "app.conf", "parameters": {"data": {"k": "${V}"}}},
                {"id": "b", "kind": "configmap", "name": "app-conf", "parameters": {"data": {"k": "fixed"}}},
            ],
            "edges": [],
        },
        the_catalog(),
    )
    environments = {
        name: render_graph(graph, the_catalog(), namespace="shop", variables={"V": name})
        for name in ("dev", "Prod", "prod")
    }
    files = kustomize(environments)
    overlays = {path: yaml.safe_load(text) for path, text in files.items() if path.startswith("overlays/")}
    said = {json.loads(one["patches"][0]["patch"])[0]["value"] for one in overlays.values() if "patches" in one}
    assert len(overlays) == 3
    assert said == {"Prod", "prod"}
    [target] = {json.dumps(one["patches"][0]["target"]) for one in overlays.values() if "patches" in one}
    assert json.loads(target)["name"] == r"app\.conf"
    assert json.loads(target)["group"] == "^$", "without a group it would meet the same kind of every group"
