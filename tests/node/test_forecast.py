"""How many pods end, or start their containers anew: what a plan foresees of edits, and what real pods then do.

All edits are one drawing, one plan and one run; each node has one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.node.readers import READY, SERVE, STAY, restarts_of
from tests.support.node.node import IMAGES, ROOT
from tests.support.node.product import NodeBench, Product
from tests.support.workflows import a_config_map, a_manifest, a_node, an_edge

Parameters = dict[str, Any]
NEW = {"image": IMAGES[1]}
TWO = {"replicas": 2, **READY}
RECREATE = {"strategy": "Recreate"}
SIDE = {"name": "side", "image": IMAGES[0], "command": ["sh", "-c", STAY]}
CLASS = "by-hand"
"""Of volumes that this test makes: no such StorageClass is there."""

EDITS: dict[str, tuple[str, Parameters, Parameters]] = {
    # node: (kind, how it is drawn first, what is then changed; None takes a parameter away)
    "image": ("deployment", TWO, NEW),
    "one-image": ("deployment", {}, NEW),
    "command": ("deployment", TWO, {"command": ["sh", "-c", f"true; {SERVE}"]}),
    "variable": ("deployment", {"env": {"A": "1"}, **TWO}, {"env": {"A": "2"}}),
    "reference": ("deployment", READY, {"env_refs": [{"name": "A", "source": "field", "field": "metadata.name"}]}),
    "more": ("deployment", READY, {"replicas": 3}),
    "fewer": ("deployment", {"replicas": 3, **READY}, {"replicas": 1}),
    "none": ("deployment", TWO, {"replicas": 0}),
    "resources": ("deployment", READY, {"resources": {"limits": {"memory": "64Mi"}}}),
    "label": ("deployment", READY, {"labels": {"tier": "front"}}),
    "note": ("deployment", READY, {"annotations": {"example.com/note": "a"}}),
    "pod-note": ("deployment", READY, {"pod_annotations": {"example.com/note": "a"}}),
    "probe": ("deployment", READY, {"readiness_probe": {"type": "tcp", "period_s": 2}}),
    "sidecar": ("deployment", READY, {"sidecars": [SIDE]}),
    "init": ("deployment", READY, {"init_containers": [{"name": "first", "image": IMAGES[0], "command": ["true"]}]}),
    "grace": ("deployment", READY, {"termination_grace_s": 2}),
    "to-recreate": ("deployment", TWO, RECREATE),
    "recreated": ("deployment", {**TWO, **RECREATE}, NEW),
    "history": ("deployment", TWO, {"revision_history_limit": 3, "progress_deadline_s": 300}),
    "min-ready": ("deployment", TWO, {"min_ready_s": 1}),
    "disk": ("deployment", {**READY, **RECREATE}, NEW),
    "digest": ("deployment", TWO, {}),
    "apart": ("deployment", TWO, {}),
    "set": ("statefulset", TWO, NEW),
    "set-part": ("statefulset", {**TWO, "update_strategy": "RollingUpdate", "partition": 1}, NEW),
    "set-by-hand": ("statefulset", {**TWO, "update_strategy": "OnDelete"}, NEW),
    "set-fewer": ("statefulset", TWO, {"replicas": 1}),
    "agent": ("daemonset", READY, NEW),
    "agent-by-hand": ("daemonset", {**READY, "update_strategy": "OnDelete"}, NEW),
    "paused": ("deployment", TWO, {**NEW, "paused": True}),
    "resumed": ("deployment", {**TWO, "paused": True}, {"paused": False}),
    "once": ("job", {"command": ["true"]}, NEW),
    "nightly": ("cronjob", {"schedule": "0 0 1 1 *"}, NEW),
}
NOT_SAID = {"to-recreate"}
"""What no dry run can foresee; the plan says so, and nothing of its pods."""
IN_PLACE = ("none", "in_place")


@dataclass(frozen=True, slots=True)
class Pods:
    """Of one node: how often the containers of each pod have started again, by UID."""

    restarts: Mapping[str, int]

    def touched(self, after: Pods) -> int:
        """How many of these are gone, or have started a container again."""
        return sum(after.restarts.get(uid) != count for uid, count in self.restarts.items())


NOBODY = Pods({})


def drawn(is_edited: bool) -> list[dict[str, Any]]:
    nodes = []
    for name, (kind, first, change) in EDITS.items():
        common = {"image": IMAGES[0], "command": ["sh", "-c", SERVE], "termination_grace_s": 1}
        nodes.append(a_node(name, kind=kind, **{**common, **first, **(change if is_edited else {})}))
    value = "2" if is_edited else "1"
    claim = {"storage": "1Gi", "access_modes": ["ReadWriteOnce"], "storage_class": CLASS}
    nodes += [a_config_map("settings", A=value), a_node("data", kind="persistentvolumeclaim", **claim)]
    main = {"name": "main", "image": IMAGES[1 if is_edited else 0], "command": ["sh", "-c", STAY]}
    spec = {"containers": [main], "terminationGracePeriodSeconds": 1}
    return [*nodes, a_manifest("pod", apiVersion="v1", kind="Pod", metadata={"name": "pod"}, spec=spec)]


EDGES = (
    {**an_edge("settings", "digest", "sets_env"), "parameters": {}},
    {**an_edge("settings", "apart", "sets_env"), "parameters": {"restart": False}},
    {**an_edge("data", "disk", "stores"), "parameters": {}},
)


def pods_of(bench: NodeBench) -> dict[str, Pods]:
    """By node; without those that are about to end, or have run to their end."""
    found: dict[str, dict[str, int]] = {}
    for pod in bench.pods():
        if pod["status"]["phase"] in ("Succeeded", "Failed"):
            continue
        of_node = found.setdefault(pod["metadata"]["labels"]["kubeorch.dev/node"], {})
        of_node[pod["metadata"]["uid"]] = restarts_of(pod)
    return {node: Pods(restarts) for node, restarts in found.items()}


@dataclass(frozen=True, slots=True)
class Outcome:
    plan: Mapping[str, Mapping[str, Any]]
    """What it says of each node's object."""
    before: Mapping[str, Pods]
    after: Mapping[str, Pods]

    def touched(self, node: str) -> int:
        return self.before.get(node, NOBODY).touched(self.after.get(node, NOBODY))


@pytest.fixture(scope="module")
def outcome(product: Product) -> Outcome:
    bench = product.bench("forecast")
    bench.plane.apply(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": f"{bench.namespace}-data"},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "capacity": {"storage": "1Gi"},
                "storageClassName": CLASS,
                "hostPath": {"path": str(ROOT / "volume"), "type": "DirectoryOrCreate"},
            },
        }
    )
    bench.draw(*drawn(False), edges=EDGES)
    bench.deployed()
    before = pods_of(bench)
    bench.draw(*drawn(True), edges=EDGES)
    answer = bench.person.post(f"workflows/{bench.workflow['id']}/plans", {"environment": bench.environment["id"]})
    assert answer.status == 201, answer.body
    plan = {one["node_id"]: one for one in answer.body["objects"] if one["ref"]["kind"] != "Service"}
    bench.deployed()
    return Outcome(plan, before, pods_of(bench))


@pytest.mark.parametrize("name", [name for name in (*EDITS, "pod") if name != "nightly"])
def test_as_many_pods_end_or_start_again_as_the_plan_says(outcome: Outcome, name: str) -> None:
    planned = outcome.plan[name]
    impact = planned["impact"]
    if impact is None:
        assert name in NOT_SAID
        assert planned["proof"] == "at_apply"
        return
    assert outcome.touched(name) == (impact["pods"] or 0), impact
    assert impact["pods"] is not None or impact["level"] in IN_PLACE, "what ends pods says how many"
