"""Whether a plan is still true after others have written: the verdict is what a fresh plan says, object by object."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import orjson
from bson import ObjectId

from tests.support.plans import Plan, looked_at, made, planned
from tests.support.runs import Bench
from tests.support.seeds import SEED
from tests.support.workflows import a_config_map, a_held_config_map, a_node, a_secret

OBJECTS = 200
WRITES = 200 if SEED == 1 else 1000
ROUNDS = WRITES // 50
"""So often the writes of others stop, and all is planned anew."""
MERGE = "application/merge-patch+json"
Write = Callable[["Foreign", random.Random], None]


class Foreign:
    """One object, and what others do to it."""

    def __init__(self, bench: Bench, ref: dict[str, str]) -> None:
        self.plane, self.ref = bench.plane, ref
        folder = {"ConfigMap": "api/v1", "Service": "api/v1", "Deployment": "apis/apps/v1", "Secret": "api/v1"}
        plural = f"{ref['kind'].lower()}s"
        self.folder = f"/{folder[ref['kind']]}/namespaces/{bench.namespace}/{plural}"
        self.path = f"{self.folder}/{ref['name']}"

    def patch(self, manager: str, change: dict[str, Any], subresource: str = "") -> None:
        path = f"{self.path}{subresource}?fieldManager={manager}"
        status, answer = self.plane.call("PATCH", path, json.dumps(change).encode(), content_type=MERGE)
        assert status in (200, 404, 422), answer

    def read(self) -> dict[str, Any] | None:
        status, answer = self.plane.call("GET", self.path)
        return json.loads(answer) if status == 200 else None

    def delete(self) -> None:
        status, answer = self.plane.call("DELETE", self.path)
        assert status in (200, 404), answer

    def create(self, manifest: dict[str, Any]) -> None:
        kept = ("name", "namespace", "labels", "annotations")
        metadata = {name: manifest["metadata"][name] for name in kept if name in manifest["metadata"]}
        body = {**manifest, "metadata": metadata, "status": {}}
        path = f"{self.folder}?fieldManager=kubectl-create"
        status, answer = self.plane.call("POST", path, json.dumps(body).encode(), content_type="application/json")
        assert status in (201, 409, 422), answer


def label(one: Foreign, rng: random.Random) -> None:
    one.patch("kubectl-label", {"metadata": {"labels": {f"team-{rng.randrange(3)}": f"t{rng.randrange(9)}"}}})


def annotate(one: Foreign, rng: random.Random) -> None:
    one.patch("kubectl-annotate", {"metadata": {"annotations": {"example.com/seen": str(rng.random())}}})


def write_status(one: Foreign, rng: random.Random) -> None:
    if one.ref["kind"] == "Deployment":
        one.patch("controller", {"status": {"replicas": rng.randrange(4), "observedGeneration": 1}}, "/status")


def scale(one: Foreign, rng: random.Random) -> None:
    if one.ref["kind"] == "Deployment":
        one.patch("horizontal-pod-autoscaler", {"spec": {"replicas": rng.randrange(1, 5)}}, "/scale")


def change_ours(one: Foreign, rng: random.Random) -> None:
    changes: dict[str, dict[str, Any]] = {
        "ConfigMap": {"data": {"mode": rng.choice(["fast", "slow", "other"])}},
        "Service": {"spec": {"type": rng.choice(["ClusterIP", "NodePort"])}},
        "Deployment": {"spec": {"revisionHistoryLimit": rng.randrange(3), "replicas": rng.randrange(1, 4)}},
        "Secret": {"data": {"token": "b3RoZXI="}},
    }
    one.patch("kubectl-edit", changes[one.ref["kind"]])


def change_image(one: Foreign, rng: random.Random) -> None:
    live = one.read() if one.ref["kind"] == "Deployment" else None
    if live is not None:
        containers = live["spec"]["template"]["spec"]["containers"]
        containers[0]["image"] = rng.choice(["nginx:1.27", "nginx:1.28", "nginx:1.29"])
        one.patch("kubectl-set", {"spec": {"template": {"spec": {"containers": containers}}}})


def take_our_label_away(one: Foreign, rng: random.Random) -> None:
    one.patch("kubectl-label", {"metadata": {"labels": {"app": None}}})


def add_what_we_do_not_own(one: Foreign, rng: random.Random) -> None:
    changes: dict[str, dict[str, Any]] = {
        "ConfigMap": {"data": {"extra": str(rng.randrange(5))}},
        "Service": {"spec": {"sessionAffinity": rng.choice(["None", "ClientIP"])}},
        "Deployment": {"spec": {"minReadySeconds": rng.randrange(5)}},
        "Secret": {"data": {"extra": "eA=="}},
    }
    one.patch("kubectl-edit", changes[one.ref["kind"]])


def delete(one: Foreign, rng: random.Random) -> None:
    one.delete()


def make_again(one: Foreign, rng: random.Random) -> None:
    live = one.read()
    if live is not None:
        one.delete()
        one.create(live)


def share(one: Foreign, rng: random.Random) -> None:
    """Another manager applies a value that may be ours."""
    if one.ref["kind"] == "ConfigMap":
        version = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": one.ref["name"]}}
        body = {**version, "data": {"mode": rng.choice(["fast", "slow"])}}
        path = f"{one.path}?fieldManager=flux&force=true"
        one.plane.call("PATCH", path, json.dumps(body).encode(), content_type="application/apply-patch+yaml")


KINDS_OF_WRITES: tuple[tuple[Write, int], ...] = (
    (label, 4),
    (annotate, 2),
    (write_status, 3),
    (scale, 3),
    (change_ours, 4),
    (change_image, 2),
    (take_our_label_away, 1),
    (add_what_we_do_not_own, 4),
    (delete, 2),
    (make_again, 1),
    (share, 2),
)


def drawn(second: bool) -> list[dict[str, Any]]:
    """Two states of the drawing: some objects change, some go, some come."""
    nodes: list[dict[str, Any]] = []
    for index in range(OBJECTS // 2):
        if index % 10 == 9 and second:
            continue
        mode = "slow" if second and index % 3 == 0 else "fast"
        nodes.append(a_config_map(f"settings-{index}", mode=mode, same="1"))
    for index in range(OBJECTS * 3 // 10):
        more: dict[str, Any] = {"replicas": 2} if index % 2 else {}
        image = "nginx:1.28" if second and index % 3 == 0 else "nginx:1.27"
        nodes.append(a_node(f"web-{index}", image=image, **more))
    count = OBJECTS // 10
    nodes += [a_node(f"front-{index}", kind="service", ports=[{"port": 80 + index % 3}]) for index in range(count)]
    nodes += [a_secret(f"keys-{index}", "token") for index in range(4)]
    if second:
        nodes += [a_config_map(f"new-{index}", mode="fast") for index in range(OBJECTS // 10)]
    return nodes


def outcomes(plan: Plan) -> dict[str, Any]:
    """What a plan says of each object, as it is stored."""
    from workflows.plans import store

    rows = store.objects_of(ObjectId(plan["id"]))
    return {
        f"{one['planned']['ref']['kind']}/{one['planned']['ref']['name']}": orjson.dumps(
            [one["planned"]["proof"], one["outcome"]], option=orjson.OPT_SORT_KEYS
        )
        for one in rows
    }


def test_the_verdict_is_what_a_fresh_plan_says_after_hundreds_of_writes_of_others(bench: Bench) -> None:
    secrets = {f"keys-{index}": {"token": "first"} for index in range(4)}
    bench.draw(*drawn(second=False))
    bench.applied(secrets=secrets)
    bench.draw(*drawn(second=True))
    rng = random.Random(SEED)
    kinds, weights = zip(*KINDS_OF_WRITES, strict=True)
    base = made(bench)
    assert len(base["objects"]) >= OBJECTS
    wrong: list[str] = []
    true, written = 0, set()
    for _ in range(ROUNDS):
        refs = [one["ref"] for one in base["objects"]]
        writes: dict[str, list[str]] = {}
        for _ in range(WRITES // ROUNDS):
            ref, write = rng.choice(refs), rng.choices(kinds, weights)[0]
            write(Foreign(bench, ref), rng)
            written.add(write)
            writes.setdefault(f"{ref['kind']}/{ref['name']}", []).append(write.__name__)
        seen = looked_at(bench, base)
        fresh = made(bench)
        before, after = outcomes(base), outcomes(fresh)
        differ = {name for name in {**before, **after} if before.get(name) != after.get(name)}
        moved = {f"{one['ref']['kind']}/{one['ref']['name']}" for one in seen["moved"]}
        for name in differ ^ moved:
            verdict = "moved" if name in moved else "still true"
            wrong.append(f"{name}: {verdict}, {writes.get(name)} {before.get(name)!r} {after.get(name)!r}")
        assert seen["still_true"] is (not differ), (differ, moved)
        true += len(writes) - len(differ)
        base = fresh
    assert wrong == []
    assert true > WRITES // 5, "many writes did not matter"
    assert written == set(kinds)


def test_what_is_made_once_it_is_gone_is_still_true_when_it_is_gone(bench: Bench) -> None:
    bench.draw(a_held_config_map("held"), a_config_map("other"))
    bench.applied()
    bench.plane.delete("v1", "ConfigMap", "held", bench.namespace)
    plan = made(bench)
    one = planned(plan, "held")
    assert (one["effect"], one["proof"], one["error"]) == ("create", "at_apply", None)
    Foreign(bench, one["ref"]).patch("kubectl-label", {"metadata": {"labels": {"team": "blue"}}})
    assert looked_at(bench, plan)["moved"] == []

    bench.release("held")

    assert bench.get("v1", "ConfigMap", "held") is None
    assert looked_at(bench, plan)["moved"] == []
    Foreign(bench, one["ref"]).create({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "held"}})
    [moved] = looked_at(bench, plan)["moved"]
    assert moved["ref"]["name"] == "held"


def test_what_is_kept_since_it_is_not_ours_moves_the_plan_once_it_carries_our_label(bench: Bench, mongo: Any) -> None:
    bench.draw(a_config_map("settings"), a_config_map("other"))
    bench.applied()
    ref = planned(made(bench), "settings")["ref"]
    one = Foreign(bench, ref)
    label = "kubeorch.dev/environment"
    one.patch("kubectl-label", {"metadata": {"labels": {label: None}}})
    mongo.inventory.update_one({"ref.name": "settings"}, {"$set": {"uid": None}})
    bench.draw(a_config_map("other"))
    plan = made(bench)
    assert planned(plan, "settings")["effect"] == "keep"
    one.patch("kubectl-label", {"metadata": {"labels": {"team": "blue"}}})
    assert looked_at(bench, plan)["moved"] == []

    one.patch("kubectl-label", {"metadata": {"labels": {label: bench.environment["id"]}}})

    [moved] = looked_at(bench, plan)["moved"]
    assert (moved["ref"]["name"], moved["what"]) == ("settings", "it is ours now, and would be deleted")
    assert planned(made(bench), "settings")["effect"] == "delete"
