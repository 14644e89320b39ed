"""What an API server refuses leads back to the line of the file that says it."""

from __future__ import annotations

from typing import Any

import pytest

from clusters.domain.objects import Ref
from imports.domain.ledger import Became, Entry, Outcome
from imports.domain.locating import READ_MOST_BYTES, Written, field_path, fields_in, place_of
from imports.domain.sources import Place
from tests.unit.kinds.samples import the_catalog
from workflows.domain.fitting.wanting import wanted_by

WEB = Ref("apps/v1", "Deployment", "shop", "web")
MANIFEST: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "annotations": {"a/b": "x"}},
    "spec": {
        "replicas": 2,
        "template": {
            "spec": {
                "containers": [
                    {
                        "name": "web",
                        "image": "nginx",
                        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
                        "ports": [{"name": "http", "containerPort": 80}, {"name": "admin", "containerPort": 0}],
                    }
                ]
            }
        },
    },
}


def key(line: int, *path: str | int, became: str = "", node: str = "web") -> Entry:
    fields = (Became(node, became),) if became else ()
    return Entry(path, Place("compose.yaml", line, 1), Outcome.CONVERTED, fields)


COMPOSE = [
    key(3, "services", "web"),
    key(4, "services", "web", "image", became="parameters.image"),
    key(5, "services", "web", "environment", became="parameters.env"),
    key(6, "services", "web", "environment", "A", became="parameters.env.A"),
    key(7, "services", "web", "environment", "B", became="parameters.env.B"),
    key(8, "services", "web", "deploy", "replicas", became="parameters.replicas"),
    key(9, "services", "web", "hostname", became="patch.spec.template.spec.hostname"),
    key(10, "services", "other", "image", became="parameters.image", node="other"),
]


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ('Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be more', ["spec.replicas"]),
        (
            "spec.template.spec.containers[0].ports[1].containerPort: Required value, "
            "spec.template.spec.hostname: Invalid value",
            ["spec.template.spec.containers[0].ports[1].containerPort", "spec.template.spec.hostname"],
        ),
        (
            "failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): .spec.replica: not declared",
            ["spec.replica"],
        ),
        ('strict decoding error: unknown field "spec.template.spec.container"', ["spec.template.spec.container"]),
        ("metadata.annotations[a/b]: Too long: may not be more than 262144 bytes", ["metadata.annotations[a/b]"]),
        ("admission webhook denied the request: see https://example.com/spec.html: no", []),
        ("etcdserver: request is too large", []),
        ("", []),
    ],
)
def test_the_fields_that_an_answer_names_are_found(detail: str, expected: list[str]) -> None:
    assert fields_in(detail, MANIFEST) == [field_path(one) for one in expected]


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("spec.template.spec.containers[0].image", 4),
        ("spec.template.spec.containers[0].env[1].name", 7),
        ("spec.template.spec.containers[0].env[0].value", 6),
        ("spec.template.spec.containers[0].env", 5),
        ("spec.replicas", 8),
        ("spec.template.spec.hostname", 9),
        ("spec.strategy.type", None),
    ],
)
def test_a_field_of_a_converted_service_leads_to_the_key_that_gives_it(field: str, line: int | None) -> None:
    paths = the_catalog().kinds["deployment"].api_paths
    found = place_of(COMPOSE, "web", WEB, MANIFEST, field_path(field), paths)
    assert (found and found.line) == line


def test_a_field_of_a_manifest_leads_to_its_nearest_key() -> None:
    entries = [
        key(1, "Deployment", "shop", "web"),
        key(2, "Deployment", "shop", "web", "spec"),
        key(3, "Deployment", "shop", "web", "spec", "template", "spec", "containers", 0, "image"),
        key(4, "Deployment", "elsewhere", "web", "spec", "template", "spec", "containers", 0, "image"),
        key(5, "Service", "shop", "web", "spec", "template"),
    ]
    for field, line in [("spec.template.spec.containers[0].image", 3), ("spec.template.metadata", 2)]:
        found = place_of(entries, "n1", WEB, MANIFEST, field_path(field), {})
        assert found is not None
        assert found.line == line


LISTED = """\
# two documents
apiVersion: v1
kind: Service
metadata: {name: a}
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Service
    metadata: {name: b}
    spec:
      ports:
        - port: 80
        - {port: 81, name: two}
"""


@pytest.mark.parametrize(
    ("begins", "field", "place"),
    [
        (9, "spec.ports[1].name", (15, 22)),
        (9, "spec.ports[1].protocol", (15, 11)),
        (9, "spec.type", (12, 5)),
        (2, "metadata.name", (4, 12)),
        (2, "status", None),
    ],
)
def test_a_field_of_an_object_that_is_kept_whole_is_looked_up_in_its_file(
    begins: int, field: str, place: tuple[int, int] | None
) -> None:
    found = Written({"a.yaml": LISTED.encode()}).place_below(Place("a.yaml", begins, 1), field_path(field))
    assert found == (place and Place("a.yaml", *place))


def test_files_are_read_again_for_places_only_so_far() -> None:
    large = f"spec: {{x: '{'a' * READ_MOST_BYTES}'}}\n---\nspec: {{y: 1}}\n"
    written = Written({"a.yaml": large.encode()})
    assert written.place_below(Place("a.yaml", 1, 1), ("spec", "x")) is None
    assert written.place_below(Place("a.yaml", 3, 1), ("spec", "y")) is None
    assert written.place_below(Place("b.yaml", 3, 1), ("spec", "y")) is None


def test_what_objects_expect_of_a_cluster_is_named_with_its_field() -> None:
    pod = {
        "serviceAccountName": "robot",
        "priorityClassName": "high",
        "imagePullSecrets": [{"name": "registry"}],
        "containers": [
            {
                "name": "a",
                "envFrom": [{"configMapRef": {"name": "conf"}}, {"secretRef": {"name": "maybe", "optional": True}}],
                "env": [{"name": "P", "valueFrom": {"secretKeyRef": {"name": "password", "key": "p"}}}],
            }
        ],
        "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}],
    }
    manifest = {"spec": {"template": {"spec": pod}, "volumeClaimTemplates": [{"spec": {}}]}}

    found = {(one.ref.kind, one.ref.namespace, one.ref.name) for one in wanted_by(manifest, WEB)}

    assert found == {
        ("ServiceAccount", "shop", "robot"),
        ("PriorityClass", "", "high"),
        ("Secret", "shop", "registry"),
        ("ConfigMap", "shop", "conf"),
        ("Secret", "shop", "password"),
        ("PersistentVolumeClaim", "shop", "data"),
        ("StorageClass", "", ""),
    }
    assert list(wanted_by(manifest, Ref("example.com/v1", "Widget", "shop", "web"))) == []


def test_a_default_class_is_wanted_where_none_is_named() -> None:
    ingress = Ref("networking.k8s.io/v1", "Ingress", "shop", "web")
    claim = Ref("v1", "PersistentVolumeClaim", "shop", "data")
    assert [one.ref.name for one in wanted_by({"spec": {"ingressClassName": "nginx"}}, ingress)] == ["nginx"]
    assert [one.ref.name for one in wanted_by({"spec": {}}, ingress)] == [""]
    assert [one.ref.name for one in wanted_by({"spec": {"storageClassName": "fast"}}, claim)] == ["fast"]
    assert list(wanted_by({"spec": {"storageClassName": ""}}, claim)) == [], "a claim without a class asks for none"
