"""A rollback is planned as any run is; after it our fields are what they were, and those of others are kept."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from bson import ObjectId

from clusters.domain.objects import ref_from_json
from clusters.domain.ownership.owners import owners
from tests.support.plans import effects, fields_of, looked_at, made, planned
from tests.support.runs import Bench
from tests.support.seeds import SEED
from tests.support.workflows import a_config_map, a_node

ROUNDS = 6
SETTINGS = 18
"""Of each round, beside three workloads; all objects are edited, taken back and compared at once."""
LEAST = 300
"""Fields that must have been edited in all rounds."""
MERGE = "application/merge-patch+json"


def test_a_rollback_is_planned_object_by_object_and_run_as_it_was_planned(bench: Bench) -> None:
    bench.draw(a_config_map("settings", mode="fast"), a_config_map("old"), a_node("web", replicas=1))
    first = bench.applied()
    bench.draw(a_config_map("settings", mode="slow"), a_config_map("new"), a_node("web", replicas=2))
    second = made(bench)
    assert (second["kind"], second["to_run"]) == ("apply", None)
    bench.applied(plan=second["id"])

    back = made(bench, to_run=first["id"])

    assert (back["kind"], back["version"]) == ("rollback", first["version"])
    assert back["to_run"] == {"id": first["id"], "number": first["number"], "version": first["version"]}
    assert effects(back) == {"settings": "update", "old": "create", "new": "delete", "web": "update"}
    assert (second["undo"]["way"], second["undo"]["partly"]) == ("rollback", False)
    assert second["undo"]["to_run"] == back["to_run"], "and to which run"
    foreseen = {one["ref"]["name"]: one["effect"] for one in second["undo"]["objects"]}
    assert foreseen == effects(back), "the plan has said so before its run"
    assert fields_of(planned(back, "settings"))["data.mode"] == ("slow", "fast")
    assert looked_at(bench, back)["still_true"] is True

    run = bench.applied(plan=back["id"])

    assert (run["kind"], run["to_run"]["id"]) == ("rollback", first["id"])
    assert run["as_planned"] == {"equal": 4, "different": 0, "not_foreseen": 0}, run["steps"]
    assert bench.get("v1", "ConfigMap", "settings")["data"] == {"mode": "fast"}
    assert bench.get("v1", "ConfigMap", "new") is None


def test_a_deletion_says_what_of_others_goes_with_it(bench: Bench) -> None:
    from workflows.environments import store as environment_store
    from workflows.plans import store as plan_store
    from workflows.triggers.firing import Held, check_unattended

    bench.draw(a_config_map("kept"))
    bench.applied()
    bench.draw(a_config_map("kept"), a_config_map("bad", ours="1"), a_config_map("plain"))
    bench.applied()
    path = f"/api/v1/namespaces/{bench.namespace}/configmaps/bad?fieldManager=kubectl"
    theirs = json.dumps({"data": {"theirs": "1", "more": "2"}, "metadata": {"annotations": {"note": "mine"}}})
    assert bench.plane.call("PATCH", path, theirs.encode(), content_type=MERGE)[0] == 200
    bench.draw(a_config_map("kept"))

    plan = made(bench)

    bad, plain = planned(plan, "bad"), planned(plan, "plain")
    assert (bad["effect"], bad["reason"]) == ("delete", "3 fields of kubectl go with it")
    assert [one["path"] for one in bad["added"]["fields"]] == ["data.more", "data.theirs", "metadata.annotations.note"]
    assert (plain["reason"], plain["added"]["count"]) == ("", 0)
    cannot = [one["reason"] for one in plan["undo"]["cannot"] if one["ref"]["name"] == "bad"]
    assert "data.theirs of kubectl does not come back" in cannot
    row = plan_store.find(ObjectId(plan["id"]), {})
    environment = environment_store.find(row["environment_id"], {})
    with pytest.raises(Held, match="takes fields of others away with ConfigMap bad"):
        check_unattended(environment, row, plan_store.objects_of(row["_id"]), may_delete=True)
    run = bench.applied(plan=plan["id"])
    lines = [one["message"] for one in bench.person.get(f"runs/{run['id']}/logs").body["results"]]
    assert "deleted ConfigMap bad; 3 fields of kubectl go with it" in lines


def test_a_plan_says_by_what_its_run_is_taken_back_as_the_environment_stands(bench: Bench) -> None:
    broken = a_node("svc", kind="service", ports=[{"port": 80, "node_port": 1}], type="NodePort")
    bench.draw(a_config_map("settings", mode="fast"))
    assert [made(bench)["undo"][one] for one in ("way", "to_run", "partly")] == ["destroy", None, False]
    first = bench.applied()
    bench.draw(a_config_map("settings", mode="slow"), broken)
    bench.until(bench.start(), "failed")
    bench.draw(a_config_map("settings", mode="other"))

    undo = made(bench)["undo"]

    assert (undo["way"], undo["to_run"]["id"], undo["partly"]) == ("rollback", first["id"], True)
    bench.applied()
    assert made(bench, kind="rollback")["to_run"]["id"] == first["id"]


def test_a_rollback_that_has_moved_is_refused_and_one_to_nothing_is_not_planned(bench: Bench) -> None:
    bench.draw(a_config_map("settings", mode="fast"))
    first = bench.applied()
    nothing = {"environment": bench.environment["id"], "kind": "rollback"}
    refused = bench.person.post(f"workflows/{bench.workflow['id']}/plans", nothing)
    assert (refused.status, refused.body["code"]) == (409, "run.nothing_to_return_to"), refused.body
    bench.draw(a_config_map("settings", mode="slow"))
    bench.applied()
    back = made(bench, kind="rollback")
    assert back["to_run"]["id"] == first["id"], "the newest that succeeded before"
    assert effects(back) == {"settings": "update"}
    write(bench, "settings", {"data": {"mode": "other"}})
    answer = bench.ask(plan=back["id"])
    assert (answer.status, answer.body["code"]) == (409, "plan.moved"), answer.body
    body = {"environment": bench.environment["id"], "to_run": "0" * 24}
    refused = bench.person.post(f"workflows/{bench.workflow['id']}/plans", body)
    assert (refused.status, refused.body["code"]) == (409, "run.not_returnable"), refused.body
    both = bench.person.post(f"workflows/{bench.workflow['id']}/plans", {**body, "to_run": first["id"], "version": 1})
    assert (both.status, both.body["code"]) == (400, "plan.version_and_run")


def write(bench: Bench, name: str, change: dict[str, Any]) -> None:
    folder = "apis/apps/v1" if name.startswith("web") else "api/v1"
    plural = "deployments" if name.startswith("web") else "configmaps"
    path = f"/{folder}/namespaces/{bench.namespace}/{plural}/{name}?fieldManager=kubectl-edit"
    status, said = bench.plane.call("PATCH", path, json.dumps(change).encode(), content_type=MERGE)
    assert status == 200, said


def a_drawing(rng: random.Random) -> dict[str, dict[str, Any]]:
    """ConfigMaps and Deployments with what people change of them."""
    found: dict[str, dict[str, Any]] = {}
    for number in range(SETTINGS):
        name = f"settings-{number}"
        data = {f"key-{each}": str(rng.randrange(3)) for each in range(4) if rng.random() < 0.7}
        if rng.random() < 0.8:
            found[name] = a_config_map(name, **(data or {"a": "1"}))
    for number in range(3):
        more: dict[str, Any] = {"min_ready_s": rng.randrange(1, 5)} if rng.random() < 0.5 else {}
        image = rng.choice(["nginx:1.27", "nginx:1.28"])
        found[f"web-{number}"] = a_node(f"web-{number}", image=image, replicas=rng.randrange(3), **more)
    return found


def ours(live: dict[str, Any]) -> dict[str, Any]:
    """Every field that is ours by apply, with its value."""
    from workflows.domain.planning.paths import leaves, our_fields, value_at

    return {"/".join(path): value_at(live, path) for path in leaves(our_fields(live))}


def snapshot(bench: Bench, plan: dict[str, Any]) -> dict[str, dict[str, Any]]:
    refs = [ref_from_json(one["ref"]) for one in plan["objects"]]
    found = {ref.name: bench.plane.get(ref.api_version, ref.kind, ref.name, ref.namespace) for ref in refs}
    return {name: ours(live) for name, live in found.items() if live is not None}


def test_after_taking_back_random_edits_our_fields_are_as_before_and_those_of_others_are_kept(bench: Bench) -> None:
    rng = random.Random(SEED)
    edited = 0
    for number in range(ROUNDS):
        before_it, after_it = a_drawing(rng), a_drawing(rng)
        edited += edits(before_it, after_it)
        bench.draw(*before_it.values())
        first = bench.applied()
        before = snapshot(bench, made(bench))
        bench.draw(*after_it.values())
        plan = made(bench)
        foreseen = {one["ref"]["name"]: one["effect"] for one in plan["undo"]["objects"]}
        if not foreseen:
            continue
        bench.applied(plan=plan["id"], confirm_deletions=plan["deletions"]["count"])
        kept = [name for name in before_it if name in after_it]
        for name in kept:
            theirs = {"data": {"theirs": str(number)}} if name.startswith("settings") else {"spec": {"paused": True}}
            write(bench, name, {**theirs, "metadata": {"annotations": {"example.com/by": name}}})

        back = made(bench, to_run=first["id"])
        changed = {name: effect for name, effect in effects(back).items() if effect not in ("unchanged", "keep")}
        assert changed == foreseen, "how it is taken back was said before"
        bench.applied(plan=back["id"], confirm_deletions=back["deletions"]["count"])

        assert snapshot(bench, back) == before
        for name in kept:
            check_theirs(bench, name, str(number))
    assert edited >= LEAST


def edits(before: dict[str, Any], after: dict[str, Any]) -> int:
    """How many fields of objects differ between two drawings."""
    found = 0
    for name in {*before, *after}:
        one, other = (dict(_fields(drawing.get(name, {}).get("parameters", {}))) for drawing in (before, after))
        found += sum(one.get(path) != other.get(path) for path in {*one, *other})
    return found


def _fields(value: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, below in value.items():
        here = f"{path}/{name}"
        yield from _fields(below, here) if isinstance(below, dict) else [(here, below)]


def check_theirs(bench: Bench, name: str, value: str) -> None:
    """What others have written since is as they wrote it, and theirs."""
    is_settings = name.startswith("settings")
    live = bench.get("v1", "ConfigMap", name) if is_settings else bench.get("apps/v1", "Deployment", name)
    assert live["metadata"]["annotations"]["example.com/by"] == name
    path = ("f:data", "f:theirs") if is_settings else ("f:spec", "f:paused")
    assert (live["data"]["theirs"] if is_settings else live["spec"]["paused"]) == (value if is_settings else True)
    assert [owner.manager for owner in owners(live).who(path)] == ["kubectl-edit"]
