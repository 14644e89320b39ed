"""Stored drift is what a comparison with the cluster says, whoever writes; and only what was touched is read."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from typing import Any

import pytest
from bson import ObjectId

from tests.cluster.runs.test_drift import fields, the_drift
from tests.support.runs import Bench
from tests.support.seeds import SEED
from tests.support.wait import until
from tests.support.watching import watching
from tests.support.workflows import a_config_map, a_node

WRITES = int(os.environ.get("DRIFT_WRITES", "40"))
LOOK_EVERY = 20
STATUS_WRITES = 40
NAMES = ("one", "two", "three")


@pytest.fixture
def gets(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that the drift checker asks for; its requests go out as ever."""
    from clusters.kube.client import KubeClient

    asked: list[str] = []
    request = KubeClient.request

    def counted(self: Any, method: str, path: str, **more: Any) -> Any:
        if threading.current_thread().name.startswith("drift-"):
            assert method == "GET"
            asked.append(path)
        return request(self, method, path, **more)

    monkeypatch.setattr(KubeClient, "request", counted)
    return asked


class Others:
    """Two managers beside us, who write what comes to their minds."""

    def __init__(self, bench: Bench, dice: random.Random) -> None:
        self.bench = bench
        self.dice = dice
        self.writes = 0

    def patch(self, path: str, patch: Any, manager: str, kind: str = "merge-patch", query: str = "") -> None:
        answer = self.bench.plane.call(
            "PATCH",
            f"{path}?fieldManager={manager}{query}",
            json.dumps(patch).encode(),
            content_type=f"application/{kind}{'+yaml' if kind == 'apply-patch' else '+json'}",
        )
        assert answer[0] == 200, answer

    def deployment(self, name: str) -> str:
        return f"/apis/apps/v1/namespaces/{self.bench.namespace}/deployments/{name}"

    def config_map(self, name: str) -> str:
        return f"/api/v1/namespaces/{self.bench.namespace}/configmaps/conf-{name}"

    def write(self) -> None:
        name, manager, dice = self.dice.choice(NAMES), self.dice.choice(("alice", "bob")), self.dice
        self.writes += 1
        match dice.randrange(6):
            case 0:
                self.patch(self.deployment(name), {"spec": {"replicas": dice.randrange(4)}}, manager)
            case 1:
                scale = {"spec": {"replicas": dice.randrange(4)}}
                self.patch(f"{self.deployment(name)}/scale", scale, manager)
            case 2:
                team = dice.choice(("a", "b", None))
                self.patch(self.deployment(name), {"metadata": {"labels": {"team": team}}}, manager)
            case 3:
                containers = [{"name": name, "image": f"nginx:{dice.randrange(3)}"}]
                content = {"spec": {"template": {"spec": {"containers": containers}}}}
                self.patch(self.deployment(name), content, manager, "strategic-merge-patch")
                self.writes += 1  # the controller notes the new revision
            case 4:
                self.patch(self.config_map(name), {"data": {"a": dice.choice(("1", "2", None))}}, manager)
            case 5:
                head = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"conf-{name}"}}
                content = {**head, "data": {"b": dice.choice(("1", "2"))}}
                self.patch(self.config_map(name), content, manager, "apply-patch", "&force=true")

    def rolled_out(self) -> bool:
        """Whether the Deployment controller is done with every one. It says that it has seen a change when it has
        scaled, and notes the new revision only as it makes the pods of it."""
        seen = [self.bench.get("apps/v1", "Deployment", name) for name in NAMES]
        return all(
            one["status"].get("observedGeneration") == one["metadata"]["generation"]
            and one["spec"]["replicas"] == one["status"].get("replicas", 0) == one["status"].get("updatedReplicas", 0)
            for one in seen
        )

    def status(self) -> None:
        name = self.dice.choice(NAMES)
        condition = {"type": f"Odd{self.dice.randrange(9)}", "status": "True"}
        self.patch(f"{self.deployment(name)}/status", {"status": {"conditions": [condition]}}, "alice")


def shown(bench: Bench, query: str = "") -> dict[str, Any]:
    rows = the_drift(bench, query)["results"]
    return {f"{row['ref']['kind']}/{row['ref']['name']}": fields(row) for row in rows if row["state"] == "drifted"}


def test_what_is_stored_is_what_a_comparison_says_and_only_what_was_touched_is_read(
    bench: Bench, cluster: str, gets: list[str]
) -> None:
    dice = random.Random(SEED)
    others = Others(bench, dice)
    bench.draw(
        *(a_node(name, image="nginx:0", replicas=2, labels={"team": "a"}) for name in NAMES),
        *(a_config_map(f"conf-{name}", a="1", b="1") for name in NAMES),
    )
    bench.applied()
    lags: list[float] = []

    def settled() -> None:
        last_at = time.monotonic()

        def agrees() -> bool:
            fresh = shown(bench, "?fresh=1")
            return shown(bench) == fresh and shown(bench, "?fresh=1") == fresh

        until(agrees, every_s=0.1, what=f"seed {SEED}: rows are as the cluster is")
        lags.append(time.monotonic() - last_at)

    with watching(ObjectId(cluster)):
        for number in range(1, WRITES + 1):
            others.write()
            if number % LOOK_EVERY == 0:
                settled()
            if number % (2 * LOOK_EVERY) == 0:
                bench.until(bench.start(take_over=True), "succeeded", "superseded", "verifying")
                settled()
                assert shown(bench) == {}, "our own run leaves no drift"
        assert len(gets) <= others.writes, f"{len(gets)} reads for {others.writes} writes of others"

        until(others.rolled_out, what="the controller has noted the revisions of our run")
        for name in NAMES:  # once it is known, what came before is read
            others.patch(others.deployment(name), {"metadata": {"labels": {"team": "z"}}}, "alice")
        settled()
        before = len(gets)
        for _ in range(STATUS_WRITES):
            others.status()
        others.patch(others.config_map("two"), {"data": {"a": "zz"}}, "bob")
        until(lambda: "ConfigMap/conf-two" in shown(bench), what="what was written after the statuses is known")
        settled()
        assert gets[before:] == [others.config_map("two")], "nothing is read for a status"
    print(f"lags {[round(lag, 2) for lag in lags]} s, {len(gets)} reads for {others.writes} writes")
