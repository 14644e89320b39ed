"""Drift on a real API server: none of what controllers and defaults do, and every foreign edit with who made it."""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from clusters.domain.managers import FIELD_MANAGER
from clusters.domain.ownership.drift import Drifted, drift, same
from clusters.domain.ownership.known import Sort, known
from clusters.domain.ownership.owners import owners
from clusters.domain.ownership.paths import Path, children, path_text
from tests.support.control_plane import ControlPlane, path_of
from tests.support.edits import Edit, edited, edits_of
from tests.support.seeds import SEED
from tests.support.wait import until
from tests.unit.kinds.samples import SAMPLES, a_graph, object_kinds, sample_node, the_catalog
from workflows.domain.rendering.render import render_graph

Manifest = dict[str, Any]
EDITS = 150 if SEED == 1 else 450
TRIES = 30
NOTHING = object()


class Applied:
    """One object that we applied, and what becomes of it."""

    def __init__(self, plane: ControlPlane, manifest: Manifest) -> None:
        self.plane, self.manifest = plane, manifest
        self.apply()

    def apply(self, manager: str = FIELD_MANAGER) -> None:
        path = f"{path_of(self.manifest)}?fieldManager={manager}&force=true&fieldValidation=Strict"
        body = json.dumps(self.manifest).encode()
        status, answer = self.plane.call("PATCH", path, body, content_type="application/apply-patch+yaml", timeout_s=60)
        assert status < 300, answer

    def live(self) -> Manifest:
        meta = self.manifest["metadata"]
        found = self.plane.get(self.manifest["apiVersion"], self.manifest["kind"], meta["name"], meta.get("namespace"))
        assert found is not None
        return found

    def settled(self) -> Manifest:
        """The object after its controller has seen it, where one reports that."""

        def seen() -> Manifest | None:
            live = self.live()
            observed = live.get("status", {}).get("observedGeneration")
            return live if observed is None or observed >= live["metadata"]["generation"] else None

        return until(seen, every_s=0.1, what=f"{self.manifest['kind']} {self.manifest['metadata']['name']} is observed")

    def drift(self) -> list[Drifted]:
        return drift(self.manifest, self.live())

    def put(self, content: Manifest, manager: str) -> Manifest | None:
        """The object after somebody else has written it; None where the API server refuses that."""
        kept = {
            key: value for key, value in content["metadata"].items() if key not in ("resourceVersion", "managedFields")
        }
        wanted = {**content, "metadata": kept}
        status, answer = self.plane.call(
            "PUT",
            f"{path_of(self.manifest)}?fieldManager={manager}",
            json.dumps(wanted).encode(),
            content_type="application/json",
            timeout_s=60,
        )
        return json.loads(answer) if status == 200 else None


@pytest.fixture(scope="module")
def applied(control_plane: ControlPlane) -> list[Applied]:
    namespace = control_plane.namespace("drift")
    manifests = []
    for kind in object_kinds():
        for sample in SAMPLES:
            graph = a_graph({**sample_node(kind, sample), "name": f"{kind}-{sample}"})
            for one in render_graph(graph, the_catalog(), namespace=namespace, environment_id="env1"):
                manifest = json.loads(json.dumps(one.manifest))
                for port in manifest["spec"]["ports"] if manifest["kind"] == "Service" else ():
                    port.pop("nodePort", None)  # other tests of the same cluster may want that very one
                pod = (manifest.get("spec") or {}).get("template") or {}
                for name in ("runtimeClassName", "priorityClassName"):
                    pod.get("spec", {}).pop(name, None)
                if manifest["kind"] == "Secret":
                    manifest["data"] = dict.fromkeys(("tls.crt", "tls.key"), "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==")
                manifests.append(manifest)
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda one: Applied(control_plane, one), manifests))


def test_nothing_that_controllers_and_defaults_do_is_drift(applied: list[Applied]) -> None:
    with ThreadPoolExecutor(8) as pool:
        lives = list(pool.map(lambda one: one.settled(), applied))
    found = {
        f"{one.manifest['kind']} {one.manifest['metadata']['name']}": drift(one.manifest, live)
        for one, live in zip(applied, lives, strict=True)
    }
    assert {name: rows for name, rows in found.items() if rows} == {}


def value_at(content: Any, path: Path) -> Any:
    for depth, element in enumerate(path):
        content = dict(children(content, path[:depth])).get(element, NOTHING)
    return content


def content_of(manifest: Manifest) -> Manifest:
    meta = manifest["metadata"]
    kept = {name: meta[name] for name in ("labels", "annotations") if name in meta}
    return {name: one for name, one in manifest.items() if name not in ("apiVersion", "kind")} | {"metadata": kept}


def wrong_about(one: Applied, tries: list[Edit], manager: str) -> str | None:
    """What is wrong about the drift after an edit; "" where nothing is, None where no edit was valid."""
    path = tries[0].path
    if len(path) == 1:
        return None
    ours = value_at(one.manifest, path)
    before = one.live()
    if value_at(before, path) is NOTHING:
        return None
    for edit in tries[:TRIES]:
        after = one.put(edited(before, edit), manager)
        if after is not None:
            break
    else:
        return None
    found = drift(one.manifest, after)
    seen = value_at(after, path)
    one.put(before, manager)  # a list may not have our item beside the one it was made into
    one.apply()
    what = f"{one.manifest['kind']} {edit}: {found}"
    if left := drift(one.manifest, one.live()):
        return f"{what}; and after the next apply {left}"
    if seen is not NOTHING and same(ours, seen):
        return f"{what}, though the API server kept the value" if found else ""
    text = path_text(path)
    near = [row for row in found if row.path.startswith(text) or text.startswith(row.path)]
    if not near and ours in ([], {}):
        return ""
    if not near:
        return f"{what}, not found"
    # Nobody owns what is not there, so of what was taken away nobody is named.
    named = all(row.manager == manager or (row.live is None and not row.manager) for row in found)
    return "" if named else f"{what}, said of somebody else"


def test_every_edit_of_somebody_else_is_found_with_its_path_and_manager(applied: list[Applied]) -> None:
    seed = SEED
    dice = random.Random(seed)
    by_object = [(one, list(edits_of(content_of(one.manifest)))) for one in applied if one.manifest["kind"] != "Job"]
    chosen: dict[int, list[list[Edit]]] = {}
    for turn in range(EDITS):
        number = turn % len(by_object)
        if by_object[number][1]:
            chosen.setdefault(number, []).append(dice.choice(by_object[number][1]))

    def judge(number: int) -> list[str | None]:
        one = by_object[number][0]
        return [wrong_about(one, tries, f"stranger-{index}") for index, tries in enumerate(chosen[number])]

    with ThreadPoolExecutor(8) as pool:
        said = [row for rows in pool.map(judge, chosen) for row in rows]
    assert sum(row is not None for row in said) >= EDITS * 4 // 9, f"seed {seed}"
    assert not any(said), "\n".join([f"seed {seed}", *(row for row in said if row)])


def test_the_number_of_pods_that_an_autoscaler_sets_is_no_drift_and_that_of_a_person_is(
    control_plane: ControlPlane,
) -> None:
    namespace = control_plane.namespace("scaled")
    labels = {"app": "web"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": pod}
    meta = {"name": "web", "namespace": namespace}
    web = Applied(control_plane, {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec})
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    scaler = {"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 3}
    api = "autoscaling/v2"
    Applied(control_plane, {"apiVersion": api, "kind": "HorizontalPodAutoscaler", "metadata": meta, "spec": scaler})
    until(lambda: web.live()["spec"]["replicas"] == 2, what="the autoscaler has set the number of pods")
    assert web.drift() == []
    who = owners(web.live()).who(("f:spec", "f:replicas"))
    assert [known(owner).sort for owner in who] == [Sort.AUTOSCALER]
    status, answer = control_plane.call(
        "PATCH",
        f"{path_of(web.manifest)}/scale?fieldManager=kubectl",
        b'{"spec":{"replicas":3}}',
        content_type="application/merge-patch+json",
    )
    assert status == 200, answer
    assert [(row.path, row.ours, row.live, row.manager) for row in web.drift()] == [("spec.replicas", 1, 3, "kubectl")]
