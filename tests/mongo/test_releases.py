"""What runs applied is stored once per content, within bounds, and for as long as somebody may need it."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

import pytest
from bson import ObjectId

from clusters.domain.objects import Ref
from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_node, a_workflow, an_environment
from workflows.domain.rendering.render import Rendered


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor")


@pytest.fixture
def workflow(anna: Person) -> dict[str, Any]:
    return a_workflow(anna, a_node("web"))


@pytest.fixture
def environment(anna: Person, workflow: dict[str, Any]) -> dict[str, Any]:
    return an_environment(anna, workflow, a_cluster(anna.team_id))


def items(*contents: str) -> list[Rendered]:
    """ConfigMaps with these contents."""
    found = []
    for place, content in enumerate(contents):
        ref = Ref("v1", "ConfigMap", "shop", f"c{place}")
        manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": ref.name}, "data": {"a": content}}
        found.append(Rendered(ref.name, ref, manifest, 1))
    return found


def applied(environment: dict[str, Any], number: int, *contents: str, kept: Iterable[ObjectId] = ()) -> ObjectId:
    """Store what a run applied, as its worker does; its id."""
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.releases.store import store_release

    run = {"_id": ObjectId(), "environment_id": ObjectId(environment["id"]), "number": number, "version": number}
    run_in_transaction(lambda session: store_release(run, items(*contents), {}, "", session, kept=lambda: list(kept)))
    return run["_id"]


def contents_of(run_id: ObjectId) -> list[str] | None:
    from workflows.releases.store import release_of

    release = release_of(run_id)
    return None if release is None else [item.manifest["data"]["a"] for item in release.items]


def stored(mongo: Any) -> dict[str, int]:
    """How many different releases use each stored content."""
    rows = mongo.release_manifests.find({})
    return {zlib.decompress(row["content"]).decode().split('"a":"')[1][0]: row["uses"] for row in rows}


def test_what_does_not_change_is_stored_once_and_goes_with_the_last_run_that_applied_it(
    environment: Any, mongo: Any
) -> None:
    from workflows.releases.store import forget, heads

    first, second = applied(environment, 1, "x", "y"), applied(environment, 2, "x", "z")
    third = applied(environment, 3, "x", "z")
    assert stored(mongo) == {"x": 2, "y": 1, "z": 1}
    found = heads([first, second, third])
    assert found[second]["digest"] == found[third]["digest"] != found[first]["digest"]
    forget([first, ObjectId()])
    assert stored(mongo) == {"x": 1, "z": 1}
    assert (contents_of(first), contents_of(second)) == (None, ["x", "z"])
    forget([second])
    assert (contents_of(second), contents_of(third)) == (None, ["x", "z"])
    assert stored(mongo) == {"x": 1, "z": 1}
    forget([third])
    assert stored(mongo) == {}
    assert mongo.releases.count_documents({}) == 0


def test_only_so_many_and_so_much_is_kept_but_for_what_somebody_needs(
    environment: Any, mongo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflows.releases import store

    monkeypatch.setattr(store, "KEPT", 3)
    runs = [applied(environment, 1, "a")]
    runs += [applied(environment, number, content, kept=runs[:1]) for number, content in enumerate("bcdef", 2)]
    assert [contents_of(run) for run in runs] == [["a"], None, None, None, ["e"], ["f"]]
    monkeypatch.setattr(store, "KEPT_BYTES", 1)
    last = applied(environment, 7, "g")
    assert [contents_of(run) for run in (*runs, last)] == [None] * 6 + [["g"]], "at least the newest"
    assert stored(mongo) == {"g": 1}


def test_a_run_that_is_planned_again_replaces_what_it_stored(environment: Any, mongo: Any) -> None:
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.releases.store import store_release

    run_id = applied(environment, 1, "a", "b")
    run = {"_id": run_id, "environment_id": ObjectId(environment["id"]), "number": 1, "version": 1}
    run_in_transaction(lambda session: store_release(run, items("b", "c"), {}, "", session, kept=list))
    assert contents_of(run_id) == ["b", "c"]
    assert stored(mongo) == {"b": 1, "c": 1}


def test_old_runs_take_what_they_applied_along_and_those_that_are_needed_stay(
    anna: Person, workflow: Any, environment: Any, mongo: Any, settings: Any
) -> None:
    from kubeorch.base.clock import now
    from workflows.runs.retention import forget_some

    settings.MAX_RUNS = 1
    path, body = f"workflows/{workflow['id']}/runs", {"environment": environment["id"]}
    runs = []
    for number in range(1, 6):
        run_id = ObjectId(anna.post(path, body).body["id"])
        assert anna.post(f"runs/{run_id}/cancel").status == 202
        mongo.runs.update_one({"_id": run_id}, {"$set": {"state": "succeeded" if number == 2 else "failed"}})
        mongo.releases.insert_one({"_id": run_id, "environment_id": ObjectId(environment["id"]), "number": number})
        mongo.releases.update_one({"_id": run_id}, {"$set": {"content": _no_items(), "digest": "none"}})
        runs.append(run_id)
    held = {"version": 1, "run": {"id": runs[2], "number": 3}, "reason": "", "at": now()}
    mongo.environments.update_one({"_id": ObjectId(environment["id"])}, {"$set": {"quarantined": [held]}})
    forget_some(ObjectId(workflow["id"]), runs[-1])
    left = [runs[1], runs[2], runs[4]]
    assert [row["_id"] for row in mongo.runs.find({}, {"_id": 1}).sort("number", 1)] == left
    assert [row["_id"] for row in mongo.releases.find({}, {"_id": 1}).sort("number", 1)] == left


def _no_items() -> bytes:
    from workflows.releases.release import pack

    return pack([], {}).content


def test_what_was_applied_leaves_the_database_with_its_environment(anna: Person, environment: Any, mongo: Any) -> None:
    applied(environment, 1, "a")
    assert anna.delete(f"environments/{environment['id']}").status == 204
    assert mongo.releases.count_documents({}) == mongo.release_manifests.count_documents({}) == 0


def test_who_may_not_run_may_not_roll_back_and_strangers_learn_nothing(
    anna: Person, workflow: Any, environment: Any
) -> None:
    """Scenario 18."""
    body = {"environment": environment["id"], "kind": "rollback"}
    viewer, stranger = a_user("viewer", anna.team_id), a_user("admin")
    runs = f"workflows/{workflow['id']}/runs"
    assert viewer.post(runs, body).status == 403
    assert stranger.post(runs, body).status == 404
    quarantine = f"environments/{environment['id']}/quarantine/1"
    assert viewer.delete(quarantine).status == 403
    assert stranger.delete(quarantine).status == 404
    assert viewer.patch(f"environments/{environment['id']}", {"auto_rollback": True}).status == 403
    refused = anna.post(runs, body).body
    assert refused["code"] == "run.nothing_to_return_to"
    assert "start a run of what is drawn" in refused["detail"], "nothing is deployed that could be taken back"
