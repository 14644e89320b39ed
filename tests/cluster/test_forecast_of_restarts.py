"""What is foreseen of a change and what a real control plane then does: revisions, and the very pods."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from clusters.domain.objects import Ref
from clusters.domain.ownership.paths import path_text
from tests.support.control_plane import ControlPlane, folder_of, path_of
from tests.support.edits import Edit, edited, edits_of
from tests.support.seeds import SEED
from tests.support.wait import until
from tests.unit.kinds.samples import SAMPLES, a_graph, sample_node, the_catalog
from workflows.domain.forecast.forecast import impact_of
from workflows.domain.forecast.impact import Impact, Level
from workflows.domain.rendering.render import render_graph

Manifest = dict[str, Any]
RUNS_ON = (Level.NONE, Level.IN_PLACE)
"""Levels that promise that no pod is replaced."""
TEMPLATE_EDITS = 5 if SEED == 1 else 15
"""Of each sample: edits of its pod template that are tried, others with each seed; all others are tried."""


def ref_of(one: Manifest) -> Ref:
    return Ref(one["apiVersion"], one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"])


class Cluster:
    """Calls that a test makes often."""

    def __init__(self, plane: ControlPlane) -> None:
        self.plane = plane

    def send(self, method: str, path: str, body: Manifest) -> tuple[int, Manifest]:
        status, answer = self.plane.call(
            method, path, json.dumps(body).encode(), content_type="application/json", timeout_s=60
        )
        return status, json.loads(answer)

    def make(self, one: Manifest) -> Manifest:
        meta = one["metadata"]
        status, answer = self.send("POST", folder_of(one["apiVersion"], one["kind"], meta.get("namespace")), one)
        assert status == 201, answer
        return answer

    def change(self, one: Manifest) -> Manifest | None:
        """The object after the write; None where the API server refuses it."""
        meta = {key: value for key, value in one["metadata"].items() if key not in ("resourceVersion", "managedFields")}
        status, answer = self.send("PUT", path_of(one), {**one, "metadata": meta})
        return answer if status == 200 else None

    def observed(self, one: Manifest, generation: int) -> Manifest:
        """The object once its controller has seen this generation."""

        def seen() -> Manifest | None:
            live = self.plane.get(one["apiVersion"], one["kind"], one["metadata"]["name"], one["metadata"]["namespace"])
            assert live is not None
            return live if live.get("status", {}).get("observedGeneration", 0) >= generation else None

        return until(seen, every_s=0.1, what=f"{one['kind']} {one['metadata']['name']} is observed at {generation}")

    def revision(self, live: Manifest) -> str:
        """What changes whenever the pods that the object wants are others."""
        if live["kind"] == "Deployment":
            return live["metadata"]["annotations"]["deployment.kubernetes.io/revision"]
        if live["kind"] == "StatefulSet":
            return live["status"]["updateRevision"]
        uid = live["metadata"]["uid"]
        rows = [
            row
            for row in self.plane.list("apps/v1", "ControllerRevision", live["metadata"]["namespace"])
            if row["metadata"]["ownerReferences"][0]["uid"] == uid
        ]
        return max(rows, key=lambda row: row["revision"])["metadata"]["name"]

    def pods(self, namespace: str, app: str) -> dict[str, Manifest]:
        """The pods of an app that are not about to end, by UID."""
        found = self.plane.list("v1", "Pod", namespace, f"labelSelector=app%3D{app}")
        return {one["metadata"]["uid"]: one for one in found if "deletionTimestamp" not in one["metadata"]}


@pytest.fixture(scope="module")
def cluster(control_plane: ControlPlane) -> Cluster:
    return Cluster(control_plane)


@pytest.fixture(scope="module")
def namespace(control_plane: ControlPlane) -> str:
    return control_plane.namespace("forecast")


WORKLOADS = [(kind, sample) for kind in ("deployment", "statefulset", "daemonset") for sample in SAMPLES]


def a_sample(kind: str, sample: str, namespace: str) -> Manifest:
    """The workload of a golden example, with one pod that no node takes, so that nothing moves by itself."""
    graph = a_graph({**sample_node(kind, sample), "name": f"{kind}-{sample}", "id": f"{kind}-{sample}"})
    rendered = render_graph(graph, the_catalog(), namespace=namespace, environment_id="env1")
    one: Manifest = json.loads(json.dumps(next(row.manifest for row in rendered if "template" in row.manifest["spec"])))
    pod = one["spec"]["template"]["spec"]
    for name in ("runtimeClassName", "priorityClassName", "serviceAccountName", "automountServiceAccountToken"):
        pod.pop(name, None)
    pod["nodeSelector"] = {**pod.get("nodeSelector", {}), "no-such": "node"}
    one["spec"].pop("paused", None)
    if kind != "daemonset":
        one["spec"]["replicas"] = 1
    return one


def chosen(live: Manifest, dice: random.Random) -> Iterator[list[Edit]]:
    """Edits of everything but the pod template, and some of that."""
    content = {name: value for name, value in live.items() if name == "spec"}
    content["metadata"] = {
        "labels": live["metadata"]["labels"],
        "annotations": {"a": "b", **live["metadata"].get("annotations", {})},
    }
    template = []
    for tries in edits_of(content):
        if len(tries[0].path) == 1:
            continue
        if tries[0].path[:2] == ("f:spec", "f:template"):
            template.append(tries)
        elif not path_text(tries[0].path).startswith("metadata.annotations[deployment.kubernetes.io"):
            yield tries
    yield from dice.sample(template, min(TEMPLATE_EDITS, len(template)))


def broken_promises(cluster: Cluster, first: Manifest, seed: int) -> tuple[int, list[str]]:
    """(how many edits were made, those of which it was said that pods go on and that made another revision)."""
    original = cluster.make(first)
    live = cluster.observed(original, original["metadata"]["generation"])
    original = {**original, "metadata": {**live["metadata"], "annotations": {"a": "b"}}}
    made, wrong = 0, []
    for tries in chosen(original, random.Random(seed)):
        before = live
        revision = cluster.revision(before)
        for edit in tries[:40]:
            after = cluster.change(edited(original, edit))
            if after is not None:
                break
        else:
            continue
        made += 1
        live = cluster.observed(after, after["metadata"]["generation"])
        impact = impact_of(ref_of(before), before, after, "update")
        happened = cluster.revision(live) != revision
        if happened and impact.level in RUNS_ON and impact.pods is None:
            wrong.append(f"{first['kind']}: {edit}: {impact}")
        if not happened and impact.level not in RUNS_ON:
            wrong.append(f"{first['kind']}: no new revision: {edit}: {impact}")
    return made, wrong


def test_no_edit_of_a_workload_makes_other_pods_when_it_was_said_that_they_go_on(
    cluster: Cluster, namespace: str
) -> None:
    seed = SEED
    with ThreadPoolExecutor(len(WORKLOADS)) as pool:
        firsts = [a_sample(kind, sample, namespace) for kind, sample in WORKLOADS]
        found = list(pool.map(lambda one: broken_promises(cluster, one, seed), firsts))
    assert sum(made for made, _ in found) > 100, found
    wrong = [line for _, lines in found for line in lines]
    assert not wrong, "\n".join([f"seed {seed}", *wrong])


Change = Callable[[Manifest], None]


def a_workload(kind: str, name: str, namespace: str, replicas: int = 3, **spec: Any) -> Manifest:
    labels = {"app": name}
    probe = {"tcpSocket": {"port": 80}}
    container = {"name": "web", "image": "nginx:1", "readinessProbe": probe}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container], "terminationGracePeriodSeconds": 0}}
    spec = {"selector": {"matchLabels": labels}, "template": template, **spec}
    if kind != "DaemonSet":
        spec["replicas"] = replicas
    if kind == "StatefulSet":
        spec["serviceName"] = name
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": spec,
    }


def image(one: Manifest) -> None:
    one["spec"]["template"]["spec"]["containers"][0]["image"] = "nginx:2"


def note(one: Manifest) -> None:
    one["metadata"]["annotations"] = {"a": "b"}


def sets(path: str, value: Any) -> Change:
    def change(one: Manifest) -> None:
        *way, last = path.split(".")
        for step in way:
            one = one.setdefault(step, {})
        one[last] = value

    return change


SCENARIOS: list[tuple[str, str, dict[str, Any], list[Change], Level, int]] = [
    ("image", "Deployment", {}, [image], Level.RESTART, 3),
    ("recreated", "Deployment", {"strategy": {"type": "Recreate"}}, [image], Level.DOWNTIME, 3),
    ("scaled-up", "Deployment", {}, [sets("spec.replicas", 5)], Level.IN_PLACE, 0),
    ("scaled-down", "Deployment", {}, [sets("spec.replicas", 1)], Level.IN_PLACE, 2),
    ("to-zero", "Deployment", {}, [sets("spec.replicas", 0)], Level.DOWNTIME, 3),
    ("noted", "Deployment", {}, [note], Level.IN_PLACE, 0),
    ("paused", "Deployment", {}, [sets("spec.paused", True), image], Level.IN_PLACE, 0),
    ("resumed", "Deployment", {}, [sets("spec.paused", True), image, sets("spec.paused", False)], Level.RESTART, 3),
    (
        "all-at-once",
        "Deployment",
        {"strategy": {"rollingUpdate": {"maxUnavailable": "100%"}}},
        [image],
        Level.DOWNTIME,
        3,
    ),
    ("set", "StatefulSet", {}, [image], Level.RESTART, 3),
    ("part", "StatefulSet", {"updateStrategy": {"rollingUpdate": {"partition": 2}}}, [image], Level.RESTART, 1),
    ("by-hand", "StatefulSet", {"updateStrategy": {"type": "OnDelete"}}, [image], Level.IN_PLACE, 0),
    (
        *("released", "StatefulSet", {"updateStrategy": {"rollingUpdate": {"partition": 3}}}),
        [image, sets("spec.updateStrategy", {"type": "RollingUpdate"})],
        *(Level.RESTART, 3),
    ),
    ("numbered", "StatefulSet", {}, [sets("spec.ordinals", {"start": 1})], Level.RESTART, 1),
    ("nodes", "DaemonSet", {}, [image], Level.RESTART, 3),
    ("nodes-by-hand", "DaemonSet", {"updateStrategy": {"type": "OnDelete"}}, [image], Level.IN_PLACE, 0),
    (
        *("nodes-released", "DaemonSet", {"updateStrategy": {"type": "OnDelete"}}),
        [image, sets("spec.updateStrategy", {"type": "RollingUpdate"})],
        *(Level.RESTART, 3),
    ),
]


def settled(cluster: Cluster, one: Manifest) -> Manifest | None:
    """The object when its controller has nothing left to do."""
    meta = one["metadata"]
    live = cluster.plane.get(one["apiVersion"], one["kind"], meta["name"], meta["namespace"])
    assert live is not None
    status, spec = live.get("status", {}), live["spec"]
    if status.get("observedGeneration", 0) < live["metadata"]["generation"]:
        return None
    if live["kind"] == "DaemonSet":
        wanted, names = status["desiredNumberScheduled"], ("numberAvailable", "currentNumberScheduled")
        names += ("updatedNumberScheduled",) if spec["updateStrategy"]["type"] == "RollingUpdate" else ()
        done = wanted == 3
    else:
        wanted, names = spec["replicas"], ("availableReplicas", "replicas")
        partition = spec.get("updateStrategy", {}).get("rollingUpdate", {}).get("partition", 0)
        waits = spec.get("paused") or spec.get("updateStrategy", {}).get("type") == "OnDelete"
        updated = 0 if waits else max(0, wanted - partition)
        done = (live["kind"] == "Deployment" and waits) or status.get("updatedReplicas", 0) >= updated
    done = done and all(status.get(name, 0) == wanted for name in names)
    return live if done and len(cluster.pods(meta["namespace"], meta["name"])) == wanted else None


def what_happened(
    cluster: Cluster, namespace: str, scenario: tuple[str, str, dict[str, Any], list[Change], Level, int]
) -> tuple[Impact, int]:
    """(what was foreseen of the last change, how many pods were replaced or ended)."""
    name, kind, spec, steps, _, _ = scenario
    live = cluster.make(a_workload(kind, name, namespace, **copy.deepcopy(spec)))
    impact: Impact | None = None
    before: dict[str, Manifest] = {}
    for step in steps:
        live = until(lambda live=live: settled(cluster, live), every_s=0.3, what=f"{name} is settled")
        before = cluster.pods(namespace, name)
        wanted = copy.deepcopy(live)
        step(wanted)
        after = cluster.change(wanted)
        assert after is not None
        impact = impact_of(ref_of(live), live, after, "update")
        live = after
    until(lambda: settled(cluster, live), every_s=0.3, what=f"{name} is settled at the end")
    assert impact is not None
    return impact, len(before.keys() - cluster.pods(namespace, name).keys())


def test_as_many_pods_are_replaced_as_were_foreseen(cluster: Cluster, namespace: str) -> None:
    with ThreadPoolExecutor(len(SCENARIOS)) as pool:
        found = list(pool.map(lambda one: what_happened(cluster, namespace, one), SCENARIOS))
    seen = {
        one[0]: (impact.level, impact.pods or 0, gone) for one, (impact, gone) in zip(SCENARIOS, found, strict=True)
    }
    assert seen == {one[0]: (one[4], one[5], one[5]) for one in SCENARIOS}
