"""Objects of any form are read, drawn and exported, or refused with a sentence; nothing else happens."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from imports.domain.exporting.compose import compose_file
from imports.domain.exporting.folders import ExportInvalid
from imports.domain.exporting.helm import helm_chart
from imports.domain.manifests.read import read
from imports.domain.sources import SourceFile
from kubeorch.base.errors import InvalidInput
from kubeorch.base.yaml_writing import dump_all
from tests.unit.kinds.samples import the_catalog
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.rendering.claims import UsersOfClaims
from workflows.domain.rendering.render import render_graph

Manifest = dict[str, Any]
Path = tuple[str | int, ...]
CASES = 120
ODD = (None, [], {}, "", 0, -1, True, 1.5, "x", ["x"], [None], [{}], {"a": {"b": 1}}, 2**62, "${X}")
LABELS = {"app": "db"}
OBJECTS: tuple[Manifest, ...] = (
    {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "db", "labels": LABELS},
        "spec": {
            "serviceName": "db",
            "replicas": 2,
            "selector": {"matchLabels": LABELS},
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}},
            "template": {
                "metadata": {"labels": LABELS, "annotations": {"a": "b"}},
                "spec": {
                    "securityContext": {"fsGroup": 5, "sysctls": [{"name": "net.a", "value": "1"}]},
                    "hostAliases": [{"ip": "10.0.0.1", "hostnames": ["a"]}],
                    "topologySpreadConstraints": [{"topologyKey": "zone", "maxSkew": 1}],
                    "volumes": [
                        {"name": "conf", "configMap": {"name": "conf", "items": [{"key": "a", "path": "b"}]}},
                        {"name": "keys", "secret": {"secretName": "keys"}},
                        {"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}},
                    ],
                    "containers": [
                        {
                            "name": "db",
                            "image": "postgres:16",
                            "ports": [{"containerPort": 5432, "name": "sql"}],
                            "env": [
                                {"name": "A", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "k"}}},
                                {"name": "B", "valueFrom": {"configMapKeyRef": {"name": "conf", "key": "a"}}},
                            ],
                            "envFrom": [{"configMapRef": {"name": "conf"}, "prefix": "P_"}],
                            "resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
                            "volumeMounts": [
                                {"name": "data", "mountPath": "/data"},
                                {"name": "conf", "mountPath": "/conf", "subPath": "b"},
                                {"name": "tmp", "mountPath": "/dev/shm"},
                            ],
                            "readinessProbe": {"exec": {"command": ["ok"]}, "periodSeconds": 3},
                        }
                    ],
                },
            },
            "volumeClaimTemplates": [
                {
                    "metadata": {"name": "data"},
                    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
                }
            ],
        },
    },
    {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "data": {"k": "YWJj"}},
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf"}, "data": {"a": "b"}},
    {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "db"},
        "spec": {"selector": LABELS, "type": "NodePort", "ports": [{"port": 80, "targetPort": "sql"}]},
    },
    {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "db"},
        "spec": {
            "tls": [{"secretName": "tls"}],
            "rules": [
                {
                    "host": "a.example.com",
                    "http": {
                        "paths": [
                            {
                                "path": "/",
                                "pathType": "Prefix",
                                "backend": {"service": {"name": "db", "port": {"number": 80}}},
                            }
                        ]
                    },
                }
            ],
        },
    },
    {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "db"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db"},
            "maxReplicas": 3,
            "metrics": [
                {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 5}}},
            ],
        },
    },
)  # fmt: skip


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(item, (*path, key))


def with_odd(number: int) -> list[Manifest]:
    """The objects, one of them with something odd in a place of it."""
    chance = random.Random(number)
    found = copy.deepcopy(list(OBJECTS))
    at = chance.randrange(len(found))
    path = chance.choice([one for one in paths(found[at]) if one])
    holder = found[at]
    for step in path[:-1]:
        holder = holder[step]  # type: ignore[index]
    holder[path[-1]] = chance.choice(ODD)  # type: ignore[index]
    return found


def drawn(objects: list[Manifest]) -> Any:
    file = SourceFile("all.yaml", dump_all(objects).encode())
    return parse_graph(read([file], the_catalog(), namespace="shop").draft.graph({}), the_catalog())


@pytest.mark.parametrize("start", range(0, CASES, 20))
def test_whatever_stands_in_an_object_ends_in_a_graph_files_or_a_sentence(start: int):
    for number in range(start, start + 20):
        try:
            graph = drawn(with_odd(number))
            rendered = render_graph(graph, the_catalog(), namespace="shop", variables={})
        except InvalidInput:
            continue
        UsersOfClaims((one.ref, one.manifest) for one in rendered)
        for write in (
            lambda graph=graph: compose_file(graph, the_catalog(), "shop", {}),
            lambda graph=graph: helm_chart(graph, the_catalog(), "shop", {"dev": {}}),
        ):
            with suppress(InvalidInput):
                write()


@pytest.mark.parametrize(
    ("path", "odd", "says"),
    [
        (("template", "spec", "volumes"), ["x"], "template.spec.volumes[0] of StatefulSet db must be an object"),
        (("template", "metadata", "annotations"), {"a": 5}, "annotations.a of StatefulSet db must be text"),
        (("volumeClaimTemplates", 0, "spec", "resources"), {}, "resources.requests of StatefulSet db must be there"),
        (
            ("template", "spec", "containers", 0, "resources", "limits"),
            {"cpu": "much"},
            "resources.limits.cpu of StatefulSet db must be a quantity",
        ),
    ],
)
def test_a_compose_file_is_refused_for_an_object_of_the_wrong_form_at_its_field(path: Path, odd: Any, says: str):
    objects = copy.deepcopy(list(OBJECTS))
    holder: Any = objects[0]["spec"]
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = odd

    with pytest.raises(ExportInvalid) as refused:
        compose_file(drawn(objects), the_catalog(), "shop", {})

    assert says in refused.value.detail
