"""Fields that are said to be immutable are those that a real API server refuses to change, of every kind.

An edit that it takes for a new object and refuses for the existing one is one of an immutable field.
"""

from __future__ import annotations

import copy
import json
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from clusters.domain.objects import GroupKind, group_of, is_cluster_scoped
from clusters.domain.ownership.paths import path_text
from tests.support.control_plane import ControlPlane, folder_of, path_of
from tests.support.edits import Edit, edited, edits_of
from tests.support.seeds import SEED
from tests.support.wait import until
from tests.unit.kinds.samples import SAMPLES, a_graph, object_kinds, sample_node, the_catalog
from workflows.domain.forecast.changes import changes_of
from workflows.domain.forecast.rules import FIELDS, immutable_change
from workflows.domain.rendering.render import render_graph

Manifest = dict[str, Any]
EVERY_KIND = Path(__file__).parents[1] / "support" / "every_kind.yaml"
EDITS = 15 if SEED == 1 else 40
"""So many fields of each object are edited, others with each seed."""
TRIES = 30
"""Values for one field until the API server takes one."""
ASSIGNED = (
    *("uid", "resourceVersion", "creationTimestamp", "managedFields", "generation", "finalizers", "ownerReferences"),
)
LATER_RELEASES = (".resources",)
"""Since 1.36 a suspended Job may get other resources; releases before refuse it, and so is it foreseen."""


def the_objects(namespace: str) -> list[Manifest]:
    """All golden examples, and an object of every kind without a form."""
    found: list[Manifest] = []
    for kind in object_kinds():
        for sample in SAMPLES:
            graph = a_graph(sample_node(kind, sample))
            for one in render_graph(graph, the_catalog(), namespace=namespace, environment_id="env1"):
                manifest = json.loads(json.dumps(one.manifest))
                manifest["metadata"]["name"] = f"{sample}-{kind}-{manifest['kind'].lower()}"
                for port in manifest["spec"]["ports"] if manifest["kind"] == "Service" else ():
                    port.pop("nodePort", None)  # other tests of the same cluster may want that very one
                if manifest["kind"] == "Secret":
                    manifest["data"] = dict.fromkeys(("tls.crt", "tls.key"), "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==")
                found.append(manifest)
    for manifest in yaml.safe_load_all(EVERY_KIND.read_text()):
        if not is_cluster_scoped(manifest["apiVersion"], manifest["kind"]):
            manifest["metadata"]["namespace"] = namespace
        found.append(manifest)
    return found


def pod_of(manifest: Manifest) -> Manifest:
    spec = manifest.get("spec") or {}
    spec = (spec.get("jobTemplate") or {}).get("spec") or spec
    return (spec.get("template") or {}).get("spec") or {}


class Judge:
    """Asks the API server about edits of one object."""

    def __init__(self, plane: ControlPlane, manifest: Manifest) -> None:
        for name in ("runtimeClassName", "priorityClassName"):
            pod_of(manifest).pop(name, None)
        self.plane = plane
        status, answer = self.send("PATCH", f"{path_of(manifest)}?fieldManager=test&force=true", manifest)
        assert status < 300, answer
        self.live = answer
        if manifest["kind"] == "PersistentVolumeClaim" and manifest["spec"].get("storageClassName") is None:
            self.live = until(self.bound, what="the claim is bound")
        self.key = GroupKind(group_of(manifest["apiVersion"]), manifest["kind"])

    def send(self, method: str, path: str, body: Manifest) -> tuple[int, Manifest]:
        kind = "application/apply-patch+yaml" if method == "PATCH" else "application/json"
        status, answer = self.plane.call(method, path, json.dumps(body).encode(), content_type=kind, timeout_s=60)
        return status, json.loads(answer)

    def now(self) -> Manifest:
        meta = self.live["metadata"]
        found = self.plane.get(self.live["apiVersion"], self.live["kind"], meta["name"], meta.get("namespace"))
        assert found is not None
        return found

    def bound(self) -> Manifest | None:
        found = self.now()
        return found if found["status"].get("phase") == "Bound" else None

    def as_new(self, one: Manifest, edit: Edit) -> Manifest:
        """The object as somebody would make it anew: under another name, without what was assigned to it."""
        new = copy.deepcopy(one)
        new.pop("status", None)
        meta = new["metadata"] = {name: value for name, value in one["metadata"].items() if name not in ASSIGNED}
        meta["name"] += "-new"
        spec, path = new.get("spec"), path_text(edit.path)
        if new["kind"] == "Service" and spec:
            if spec.get("clusterIP") != "None" and "clusterIP" not in path:
                spec.pop("clusterIP", None), spec.pop("clusterIPs", None)
            for holder in (spec, *spec.get("ports", ())):
                for name in ("healthCheckNodePort", "nodePort"):
                    if name not in path:
                        holder.pop(name, None)
        if new["kind"] == "Job" and spec and not spec.get("manualSelector"):
            spec.pop("selector", None)
            labels = spec.get("template", {}).get("metadata", {}).get("labels") or {}
            for name in [name for name in labels if "controller-uid" in name or "job-name" in name]:
                del labels[name]
        if new["kind"] == "CustomResourceDefinition" and spec:
            meta["name"] = f"{spec.get('names', {}).get('plural')}.{spec.get('group')}"
        return new

    def wrong(self, tries: list[Edit]) -> str | None:
        """How the table differs from the API server; "" where it does not, None where no value was a valid one."""
        folder = folder_of(self.live["apiVersion"], self.live["kind"], self.live["metadata"].get("namespace"))
        for edit in tries[:TRIES]:
            if path_text(edit.path) == "spec.completions" and "successPolicy" in self.live["spec"]:
                continue  # Kubernetes 1.36 panics at a Job with a success policy and no completions
            wanted = edited(self.live, edit)
            made, _ = self.send("POST", f"{folder}?dryRun=All&fieldValidation=Strict", self.as_new(wanted, edit))
            if made >= 300:
                continue
            wanted["metadata"] = {name: value for name, value in wanted["metadata"].items() if name != "managedFields"}
            meta = wanted["metadata"]
            for _ in range(10):
                status, answer = self.send("PUT", f"{path_of(self.live)}?dryRun=All&fieldValidation=Strict", wanted)
                if status != 409:
                    break
                meta["resourceVersion"] = self.now()["metadata"]["resourceVersion"]
            after = answer if status < 300 else wanted
            fixed = [
                one.text for one in changes_of(self.live, after) if immutable_change(self.key, one, self.live, after)
            ]
            if (status < 300) == (not fixed) or any(name in one for one in fixed for name in LATER_RELEASES):
                return ""
            return (
                f"{self.live['kind']} {edit}: foreseen as immutable {fixed}, but: {status} {answer.get('message', '')}"
            )
        return None


@pytest.fixture(scope="module")
def judges(control_plane: ControlPlane) -> list[Judge]:
    namespace = control_plane.namespace("fields")
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda one: Judge(control_plane, one), the_objects(namespace)))


def test_what_is_foreseen_as_immutable_is_what_the_api_server_refuses(judges: list[Judge]) -> None:
    seed = SEED
    dice = random.Random(seed)
    work: list[tuple[Judge, list[Edit]]] = []
    for judge in judges:
        content = {
            name: value
            for name, value in judge.live.items()
            if name not in ("apiVersion", "kind", "metadata", "status")
        }
        edits = list(edits_of(content))
        work += [(judge, tries) for tries in dice.sample(edits, min(EDITS, len(edits)))]
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda row: row[0].wrong(row[1]), work))
    assert sum(one is not None for one in said) > 400
    assert not any(said), "\n".join([f"seed {seed}", *(one for one in said if one)])


def test_every_kind_of_the_table_is_tried(judges: list[Judge]) -> None:
    assert FIELDS.keys() - {judge.key for judge in judges} == {GroupKind("apiregistration.k8s.io", "APIService")}
