"""What others made in a cluster is taken over without a ripple: drawn and applied, its objects stay as they are."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from clusters.domain.labels import is_ours
from clusters.domain.objects import is_cluster_scoped
from imports.domain.manifests.read import read
from imports.domain.sources import SourceFile
from kubeorch.base.yaml import load_all_strict
from tests.support.control_plane import ControlPlane, Manifest, folder_of, path_of
from tests.support.seeds import SEED
from tests.support.wait import until
from tests.unit.imports.manifests.generated import objects
from tests.unit.kinds.samples import the_catalog
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.rendering.render import render_graph

FOLDER = Path(__file__).parent.parent / "examples" / "manifests"
EXAMPLES = sorted(path for path in FOLDER.glob("*") if path.stem != "bookinfo-gateway")
"""Each but the one whose kinds the sandbox lacks."""
LISTED = (
    *(("apps/v1", kind) for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ControllerRevision")),
    *(("v1", kind) for kind in ("Service", "Endpoints", "ConfigMap", "Secret", "ServiceAccount", "Pod")),
    *(("v1", kind) for kind in ("PersistentVolumeClaim", "ReplicationController", "Event")),
    *(("batch/v1", kind) for kind in ("Job", "CronJob")),
    *(("networking.k8s.io/v1", kind) for kind in ("Ingress", "NetworkPolicy")),
    ("discovery.k8s.io/v1", "EndpointSlice"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("policy/v1", "PodDisruptionBudget"),
    *(("rbac.authorization.k8s.io/v1", kind) for kind in ("Role", "RoleBinding")),
)
"""What `kubectl get` lists of a namespace."""


def created(plane: ControlPlane, manifests: list[Manifest], namespace: str) -> list[Manifest]:
    """Create the objects as kubectl does, in one namespace; those that the API server takes."""
    found = []
    for manifest in manifests:
        own = {**manifest, "metadata": {**manifest["metadata"], "namespace": namespace}}
        if is_cluster_scoped(own["apiVersion"], own["kind"]):
            continue
        folder = folder_of(own["apiVersion"], own["kind"], namespace)
        status, answer = plane.call("POST", f"{folder}?fieldManager=kubectl-create", json.dumps(own).encode())
        assert status in (201, 422), (own["kind"], own["metadata"]["name"], answer)
        found += [manifest] if status == 201 else []
    return found


def listed(plane: ControlPlane, namespace: str) -> list[Manifest]:
    return [
        {"apiVersion": api_version, "kind": kind, **one}
        for api_version, kind in LISTED
        for one in plane.list(api_version, kind, namespace)
    ]


def plain(manifest: Manifest) -> Manifest:
    """An object without what an apply always changes: its owners of fields, and our labels on it."""
    metadata = {
        key: value for key, value in manifest["metadata"].items() if key not in ("managedFields", "resourceVersion")
    }
    labels = {key: value for key, value in metadata.pop("labels", {}).items() if not is_ours(key)}
    return {
        **{key: value for key, value in manifest.items() if key not in ("status", "apiVersion", "kind")},
        "metadata": {**metadata, "labels": labels},
    }


def applied(plane: ControlPlane, manifest: Manifest, *, dry: bool) -> Manifest:
    query = "fieldManager=kubeorch&force=true&fieldValidation=Strict" + ("&dryRun=All" if dry else "")
    body = json.dumps(manifest).encode()
    status, answer = plane.call(
        "PATCH", f"{path_of(manifest)}?{query}", body, content_type="application/apply-patch+yaml"
    )
    assert status == 200, (manifest["kind"], manifest["metadata"]["name"], answer)
    found: Manifest = json.loads(answer)
    return found


def check_without_a_ripple(plane: ControlPlane, manifests: list[Manifest], namespace: str) -> None:
    scoped = created(plane, manifests, namespace)
    assert len(scoped) >= len(manifests) // 2
    workloads = [one for one in scoped if one["kind"] == "Deployment" and not one["spec"].get("paused")]
    until(
        lambda: len(plane.list("apps/v1", "ReplicaSet", namespace)) == len(workloads),
        what="each Deployment has its pods",
    )
    content = json.dumps({"apiVersion": "v1", "kind": "List", "items": listed(plane, namespace)}).encode()
    reading = read([SourceFile("live.json", content)], the_catalog(), namespace=namespace)
    graph = parse_graph(reading.draft.graph({}), the_catalog())
    rendered = render_graph(graph, the_catalog(), namespace=namespace, environment_id="e1")

    drawn = {(one.ref.kind, one.ref.name) for one in rendered}
    assert drawn == {(one["kind"], one["metadata"]["name"]) for one in scoped}
    for dry in (True, False):
        for one in rendered:
            before = plane.get(one.ref.api_version, one.ref.kind, one.ref.name, namespace)
            assert before is not None
            after = applied(plane, one.manifest, dry=dry)
            assert plain(after) == plain(before), (one.ref, changes(plain(before), plain(after)))
    assert len(plane.list("apps/v1", "ReplicaSet", namespace)) == len(workloads)


def changes(before: Any, after: Any, path: str = "") -> list[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            row
            for key in before.keys() | after.keys()
            for row in changes(before.get(key), after.get(key), f"{path}.{key}")
        ]
    return [] if before == after else [f"{path}: {before!r} -> {after!r}"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_public_application_is_taken_over_without_a_change(control_plane: ControlPlane, path: Path):
    documents = [one for one in load_all_strict(path.read_bytes()) if one]
    manifests = [item for one in documents for item in one.get("items", [one])]
    check_without_a_ripple(control_plane, manifests, control_plane.namespace("live"))


@pytest.mark.parametrize("number", range(2))
def test_a_random_application_is_taken_over_without_a_change(control_plane: ControlPlane, number: int):
    manifests = objects(Random(SEED * 100 + number))
    check_without_a_ripple(control_plane, manifests, control_plane.namespace("live"))
