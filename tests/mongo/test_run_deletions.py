"""A run that would delete objects asks first: the answer lists them, and the same request with their number goes on."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_node, a_workflow, an_environment, graph_of, owns, save


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


@pytest.fixture
def workflow(anna: Person) -> dict[str, Any]:
    return a_workflow(anna, a_node("web"))


@pytest.fixture
def environment(anna: Person, workflow: dict[str, Any]) -> dict[str, Any]:
    """It owns a Deployment that is drawn, and a ConfigMap and a claim that are not drawn any more."""
    made = an_environment(anna, workflow, a_cluster(anna.team_id))
    owns(made)
    owns(made, "ConfigMap", "old", "v1")
    owns(made, "PersistentVolumeClaim", "disk", "v1")
    return made


def start(person: Person, workflow: dict[str, Any], **given: Any) -> Any:
    return person.post(f"workflows/{workflow['id']}/runs", given)


def draw(person: Person, workflow: dict[str, Any], *nodes: dict[str, Any]) -> None:
    assert save(person, workflow, graph_of(person, workflow)["rev"], *nodes).status == 200


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [f"{row['ref']['kind']}/{row['ref']['name']}" for row in rows]


def test_a_run_that_would_delete_is_answered_with_what_it_deletes_and_what_it_keeps(
    anna: Person, workflow: dict[str, Any], environment: dict[str, Any], mongo: Any
):
    asked = start(anna, workflow)

    assert (asked.status, asked.body["code"]) == (409, "run.deletions_unconfirmed")
    ref = {"api_version": "v1", "kind": "ConfigMap", "namespace": "shop", "name": "old"}
    assert asked.body["deletions"] == [{"ref": ref, "node_id": "old", "holds_data": False}]
    [kept] = asked.body["kept"]
    assert (kept["ref"]["name"], kept["node_id"], kept["reason"]) == ("disk", "disk", "it holds data")
    assert kept["holds_data"] is True
    both = start(anna, workflow, delete_volumes=True).body
    assert (names(both["deletions"]), both["kept"]) == (["ConfigMap/old", "PersistentVolumeClaim/disk"], [])
    assert "ConfigMap old" in asked.body["detail"]
    assert "confirm_deletions: 1" in asked.body["detail"]
    assert [row["field"] for row in asked.body["errors"]] == ["confirm_deletions"]
    assert mongo.runs.count_documents({}) == mongo.versions.count_documents({}) == mongo.jobs.count_documents({}) == 0


@pytest.mark.parametrize(("number", "status"), [(0, 409), (1, 202), (2, 409), (10, 409)])
def test_only_the_number_of_deletions_that_there_are_confirms_them(
    anna: Person, workflow: dict[str, Any], environment: dict[str, Any], number: int, status: int
):
    assert start(anna, workflow, confirm_deletions=number).status == status


@pytest.mark.parametrize("number", [-1, "one", None, 10**12, True, [1]])
def test_a_confirmation_that_is_no_number_is_refused_by_name(
    anna: Person, workflow: dict[str, Any], environment: dict[str, Any], number: Any
):
    refused = start(anna, workflow, confirm_deletions=number)
    assert refused.status == 400
    assert [row["field"] for row in refused.body["errors"]] == ["confirm_deletions"]


def test_a_run_that_only_keeps_what_holds_data_asks_nothing(anna: Person, workflow: dict[str, Any]):
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    owns(environment)
    owns(environment, "PersistentVolumeClaim", "disk", "v1")
    assert start(anna, workflow).status == 202


def test_data_that_is_kept_for_the_first_time_is_asked_about_where_somebody_can_answer(
    anna: Person, workflow: dict[str, Any]
):
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    owns(environment)
    owns(environment, "PersistentVolumeClaim", "disk", "v1")
    asked = start(anna, workflow, ask_kept=True)
    assert (asked.status, asked.body["code"]) == (409, "run.deletions_unconfirmed")
    assert (asked.body["deletions"], names(asked.body["kept"])) == ([], ["PersistentVolumeClaim/disk"])
    assert "would keep PersistentVolumeClaim disk" in asked.body["detail"]
    gone = start(anna, workflow, ask_kept=True, delete_volumes=True).body
    assert names(gone["deletions"]) == ["PersistentVolumeClaim/disk"]
    assert start(anna, workflow, ask_kept=True, confirmation=asked.body["confirmation"]).status == 202
    assert start(anna, workflow, ask_kept=True).status == 202, "and not again by every run after it"


def test_data_that_is_to_be_deleted_is_asked_about_and_marked(
    anna: Person, workflow: dict[str, Any], environment: dict[str, Any]
):
    asked = start(anna, workflow, delete_volumes=True)
    assert {row["ref"]["name"]: row["holds_data"] for row in asked.body["deletions"]} == {"old": False, "disk": True}
    assert asked.body["kept"] == []
    assert start(anna, workflow, delete_volumes=True, confirm_deletions=1).status == 409
    assert start(anna, workflow, delete_volumes=True, confirm_deletions=2).status == 202


def test_an_object_drawn_under_another_version_of_its_api_group_is_not_deleted(anna: Person):
    workflow = a_workflow(anna, a_node("web"))
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    owns(environment, "Deployment", "web", "apps/v1beta2")
    assert start(anna, workflow).status == 202


def test_a_renamed_node_is_a_deletion(anna: Person, workflow: dict[str, Any]):
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    owns(environment)
    draw(anna, workflow, {**a_node("web"), "name": "front"})
    assert names(start(anna, workflow).body["deletions"]) == ["Deployment/web"]


def test_a_renamed_node_is_told_with_what_it_means(anna: Person, workflow: dict[str, Any]):
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    owns(environment)
    draw(anna, workflow, {**a_node("web"), "name": "front"})
    [rename] = start(anna, workflow).body["renames"]
    assert rename["meaning"] == "web was renamed to front: a new Deployment is made, the old one is deleted"
    assert (rename["node_id"], rename["before"]["name"], rename["after"]["name"]) == ("web", "web", "front")


@pytest.mark.parametrize(("count", "above"), [(10, False), (11, True)])
def test_the_question_says_whether_the_deletions_are_above_the_budget(
    anna: Person, workflow: dict[str, Any], count: int, above: bool
):
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    for number in range(count):
        owns(environment, "ConfigMap", f"old-{number}", "v1")
    asked = start(anna, workflow).body
    assert (asked["budget"], asked["above"]) == (10, above)
    assert ("more than the 10 that may go" in asked["detail"]) is above
    assert start(anna, workflow, confirm_deletions=count - 1).status == 409
    assert start(anna, workflow, confirm_deletions=count).status == 202


def test_a_run_that_nobody_starts_deletes_nothing_above_the_budget(anna: Person, workflow: dict[str, Any], mongo: Any):
    from workflows.domain.run_options import RunOptions
    from workflows.runs.actions import start_run
    from workflows.runs.deletions import DeletionsAboveBudget

    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    for number in range(11):
        owns(environment, "ConfigMap", f"old-{number}", "v1")
    options = RunOptions(confirm_deletions=11)
    with pytest.raises(DeletionsAboveBudget) as held:
        start_run(anna.principal, ObjectId(workflow["id"]), options=options, triggered_by="schedule")
    assert "11 objects would be deleted, more than the 10" in held.value.detail
    assert mongo.runs.count_documents({}) == 0
    assert start_run(anna.principal, ObjectId(workflow["id"]), options=options)["state"] == "queued"


def test_what_a_run_before_it_will_create_counts_though_nothing_stands_there_yet(
    anna: Person, workflow: dict[str, Any], mongo: Any
):
    an_environment(anna, workflow, a_cluster(anna.team_id))
    draw(anna, workflow, a_node("web"), a_node("cron", kind="configmap", data={"a": "1"}))
    assert start(anna, workflow).status == 202
    draw(anna, workflow, a_node("web"))

    asked = start(anna, workflow)

    assert names(asked.body["deletions"]) == ["ConfigMap/cron"]
    assert start(anna, workflow, confirm_deletions=1).status == 202
    assert start(anna, workflow).status == 202, "the run before it deletes that already"


def test_what_a_destroy_run_before_it_deletes_is_not_asked_about_again(
    anna: Person, workflow: dict[str, Any], environment: dict[str, Any]
):
    destroy = start(anna, workflow, kind="destroy")
    assert destroy.status == 202, "a destroy run is asked for by name"
    assert start(anna, workflow).status == 202


def test_the_same_key_gives_the_same_run_after_the_answer_that_asks(
    anna: Person, workflow: dict[str, Any], environment: dict[str, Any], mongo: Any
):
    assert start(anna, workflow, idempotency_key="click").status == 409
    runs = [start(anna, workflow, idempotency_key="click", confirm_deletions=1).body["id"] for _ in range(3)]
    assert len(set(runs)) == mongo.runs.count_documents({}) == 1


def test_secrets_without_values_are_asked_for_first(anna: Person, mongo: Any):
    workflow = a_workflow(anna, a_node("creds", kind="secret", keys=["A"]))
    owns(an_environment(anna, workflow, a_cluster(anna.team_id)))
    assert start(anna, workflow).body["code"] == "run.secrets_missing"
    given = {"secrets": {"creds": {"A": "1"}}}
    assert start(anna, workflow, **given).body["code"] == "run.deletions_unconfirmed"
    assert start(anna, workflow, **given, confirm_deletions=1).status == 202


def test_a_new_run_counts_nothing_yet_and_has_every_count(
    anna: Person, workflow: dict[str, Any], environment: dict[str, Any]
):
    run = start(anna, workflow, confirm_deletions=1).body
    assert set(run["counts"]) == {"total", "done", "changed", "deleted", "kept", "unchanged", "failed", "skipped"}
    assert set(run["counts"].values()) == {0}
    assert names(run["kept"]) == ["PersistentVolumeClaim/disk"]
    assert run["options"]["confirm_deletions"] == 1


def test_a_destroy_run_says_at_once_what_stays(anna: Person, workflow: dict[str, Any], environment: dict[str, Any]):
    owned = anna.get(f"environments/{environment['id']}/inventory").body["results"]
    shown = {row["ref"]["name"]: (row["is_kept_on_destroy"], row["reason"]) for row in owned}
    assert shown == {"web": (False, ""), "old": (False, ""), "disk": (True, "it holds data")}
    asked = anna.delete(f"environments/{environment['id']}")
    assert {row["ref"]["name"]: row["reason"] for row in asked.body["owned"]}["disk"] == "it holds data"

    destroy = start(anna, workflow, kind="destroy")

    assert (destroy.status, names(destroy.body["kept"])) == (202, ["PersistentVolumeClaim/disk"])
    assert names(start(anna, workflow, kind="destroy", delete_volumes=True).body["kept"]) == []


def test_removing_an_environment_says_what_stays_in_its_cluster(
    anna: Person, workflow: dict[str, Any], environment: dict[str, Any]
):
    answer = anna.delete(f"environments/{environment['id']}?objects=destroy")
    assert answer.status == 202
    assert [names(run["kept"]) for run in answer.body["runs"]] == [["PersistentVolumeClaim/disk"]]


# Tried again


def failed(mongo: Any, run: dict[str, Any], *steps: tuple[str, str, str]) -> None:
    """Let the run have failed with these steps: (name of a ConfigMap, action, state)."""
    run_id = ObjectId(run["id"])
    mongo.runs.update_one({"_id": run_id}, {"$set": {"state": "failed"}})
    for index, (name, action, state) in enumerate(steps):
        ref = {"api_version": "v1", "kind": "ConfigMap", "namespace": "shop", "name": name}
        step = {"index": index, "wave": 0, "node_id": name, "ref": ref, "action": action, "state": state, "rev": 1}
        blank = dict.fromkeys(("error", "started_at", "finished_at", "uid"))
        mongo.run_steps.insert_one({"run_id": run_id, **step, **blank})


def test_a_run_that_failed_before_it_was_planned_asks_about_what_is_to_be_deleted_by_now(
    anna: Person, workflow: dict[str, Any], mongo: Any
):
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    run = start(anna, workflow).body
    failed(mongo, run)
    owns(environment, "ConfigMap", "old", "v1")

    asked = anna.post(f"runs/{run['id']}/retry")

    assert (asked.status, asked.body["code"]) == (409, "run.deletions_unconfirmed")
    assert names(asked.body["deletions"]) == ["ConfigMap/old"]
    assert anna.get(f"runs/{run['id']}").body["state"] == "failed"
    retried = anna.post(f"runs/{run['id']}/retry", {"confirm_deletions": 1})
    assert (retried.status, retried.body["options"]["confirm_deletions"]) == (202, 1)


def test_a_run_that_is_tried_again_does_not_ask_about_what_was_confirmed(
    anna: Person, workflow: dict[str, Any], environment: dict[str, Any], mongo: Any
):
    run = start(anna, workflow, confirm_deletions=1).body
    failed(mongo, run, ("web", "apply", "failed"), ("old", "delete", "skipped"))
    assert anna.post(f"runs/{run['id']}/retry").status == 202


def test_a_plan_whose_deletions_nobody_has_confirmed_is_asked_about_when_it_is_tried_again(
    anna: Person, workflow: dict[str, Any], mongo: Any
):
    """As a run has that an earlier release planned."""
    an_environment(anna, workflow, a_cluster(anna.team_id))
    run = start(anna, workflow).body
    failed(mongo, run, ("gone", "delete", "done"), ("old", "delete", "failed"), ("more", "delete", "skipped"))

    asked = anna.post(f"runs/{run['id']}/retry")

    assert names(asked.body["deletions"]) == ["ConfigMap/old", "ConfigMap/more"]
    assert anna.post(f"runs/{run['id']}/retry", {"confirm_deletions": 3}).status == 409
    assert anna.post(f"runs/{run['id']}/retry", {"confirm_deletions": 2}).status == 202


def test_a_confirmation_is_for_the_objects_that_were_listed_and_for_no_others(
    anna: Person, workflow: dict[str, Any], mongo: Any
):
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    owns(environment)
    owns(environment, "ConfigMap", "a", "v1")
    shown = start(anna, workflow).body
    mongo.inventory.update_one({"ref.name": "a"}, {"$set": {"ref.name": "b"}})
    given = {"confirm_deletions": 1, "confirmation": shown["confirmation"]}

    again = start(anna, workflow, **given)

    assert (again.status, names(again.body["deletions"])) == (409, ["ConfigMap/b"])
    confirmed = start(anna, workflow, confirm_deletions=1, confirmation=again.body["confirmation"])
    assert confirmed.status == 202
    failed(mongo, confirmed.body)
    mongo.inventory.update_one({"ref.name": "b"}, {"$set": {"ref.name": "a"}})
    retry = f"runs/{confirmed.body['id']}/retry"
    assert names(anna.post(retry).body["deletions"]) == ["ConfigMap/a"], "as many, but another one"
    assert anna.post(retry, {"confirm_deletions": 1, "confirmation": again.body["confirmation"]}).status == 409
    assert anna.post(retry, given).status == 202
