"""Trying a run again: only while what it is about is still as the run left it, and by who may do the same anew."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from tests.support.people import Person, a_user, call
from tests.support.workflows import a_cluster, a_node, a_workflow, an_environment, graph_of, owns, save


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


@pytest.fixture
def workflow(anna: Person) -> dict[str, Any]:
    return a_workflow(anna, a_node("web"))


@pytest.fixture
def environment(anna: Person, workflow: dict[str, Any]) -> dict[str, Any]:
    return an_environment(anna, workflow, a_cluster(anna.team_id))


def a_canceled_deletion(anna: Person, path: str) -> str:
    [run] = anna.delete(f"{path}?objects=destroy").body["runs"]
    assert anna.post(f"runs/{run['id']}/cancel").body["state"] == "canceled"
    return str(run["id"])


def refused(answer: Any) -> str:
    assert (answer.status, answer.body["code"]) == (409, "run.not_retryable"), answer.body
    return str(answer.body["detail"])


def test_a_canceled_deletion_goes_on_while_the_workflow_is_still_archived_by_it(
    anna: Person, workflow: Any, environment: Any
):
    owns(environment)
    run_id = a_canceled_deletion(anna, f"workflows/{workflow['id']}")
    assert anna.post(f"runs/{run_id}/retry").status == 202


@pytest.mark.parametrize("archived_again", [False, True])
def test_a_deletion_is_not_tried_again_once_its_workflow_was_unarchived(
    anna: Person, workflow: Any, environment: Any, mongo: Any, archived_again: bool
):
    owns(environment)
    path = f"workflows/{workflow['id']}"
    run_id = a_canceled_deletion(anna, path)
    assert anna.post(f"{path}/unarchive").status == 200
    assert save(anna, workflow, graph_of(anna, workflow)["rev"], a_node("web", replicas=3)).status == 200
    if archived_again:
        assert anna.post(f"{path}/archive", {"objects": "keep"}).status == 200

    assert "unarchived" in refused(anna.post(f"runs/{run_id}/retry"))
    assert mongo.jobs.count_documents({"state": "queued", "payload.epoch": 1}) == 0


def test_removing_an_environment_is_not_tried_again_once_somebody_has_changed_it(
    anna: Person, workflow: Any, environment: Any
):
    owns(environment)
    path = f"environments/{environment['id']}"
    run_id = a_canceled_deletion(anna, path)
    assert anna.patch(path, {"name": "live"}).status == 200

    assert "changed" in refused(anna.post(f"runs/{run_id}/retry"))


@pytest.mark.parametrize("what", ["workflows", "environments"])
def test_a_token_that_may_only_run_tries_no_deletion_again(anna: Person, workflow: Any, environment: Any, what: str):
    owns(environment)
    thing = workflow if what == "workflows" else environment
    run_id = a_canceled_deletion(anna, f"{what}/{thing['id']}")
    token = anna.post("auth/tokens", {"name": "ci", "scope": "run", "expires_in_days": 1}).body["token"]

    answer = call("POST", f"runs/{run_id}/retry", {}, token=token)

    assert (answer.status, answer.body["code"]) == (403, "token.scope")
    assert anna.post(f"runs/{run_id}/retry").status == 202


def test_a_workflow_is_not_unarchived_while_its_deletion_runs(anna: Person, workflow: Any, environment: Any):
    owns(environment)
    path = f"workflows/{workflow['id']}"
    [run] = anna.delete(f"{path}?objects=destroy").body["runs"]

    answer = anna.post(f"{path}/unarchive")

    assert (answer.status, answer.body["code"]) == (409, "workflow.being_deleted")
    assert f"run {run['number']}" in answer.body["detail"]
    assert anna.get(path).body["state"] == "archived"
    anna.post(f"runs/{run['id']}/cancel")
    assert anna.post(f"{path}/unarchive").body["state"] == "active"


def the_end_of(mongo: Any, run_id: str) -> None:
    """What a worker does at the end of a destroy run."""
    from workflows.runs import jobs
    from workflows.runs.ending import end_run
    from workflows.runs.states import RunState, Who

    run = mongo.runs.find_one_and_update({"_id": ObjectId(run_id)}, {"$set": {"state": "applying"}})
    mongo.inventory.delete_many({"environment_id": run["environment_id"]})
    assert end_run(run, RunState.SUCCEEDED, Who.HOLDER, fence=run["fence"], then=jobs._destroyed)


def test_the_end_of_a_deletion_leaves_a_workflow_that_is_active(
    anna: Person, workflow: Any, environment: Any, mongo: Any
):
    owns(environment)
    [run] = anna.delete(f"workflows/{workflow['id']}?objects=destroy").body["runs"]
    mongo.workflows.update_one({"_id": ObjectId(workflow["id"])}, {"$set": {"state": "active"}})

    the_end_of(mongo, run["id"])

    assert anna.get(f"workflows/{workflow['id']}").body["state"] == "active"


def test_the_end_of_a_deletion_leaves_a_workflow_for_which_a_run_is_queued(
    anna: Person, workflow: Any, environment: Any, mongo: Any
):
    owns(environment)
    path = f"workflows/{workflow['id']}"
    [run] = anna.delete(f"{path}?objects=destroy").body["runs"]
    behind = anna.post(f"{path}/runs", {"kind": "destroy"})
    assert behind.status == 202, behind.body

    the_end_of(mongo, run["id"])

    assert anna.get(path).body["state"] == "archived"
    assert anna.get(f"runs/{behind.body['id']}").body["state"] == "queued"


@pytest.mark.parametrize("moved", ["cluster", "namespace"])
def test_a_run_is_not_tried_again_once_its_environment_has_moved(
    anna: Person, workflow: Any, environment: Any, moved: str
):
    run = anna.post(f"workflows/{workflow['id']}/runs", {}).body
    assert anna.post(f"runs/{run['id']}/cancel").body["state"] == "canceled"
    change = {"cluster": a_cluster(anna.team_id)} if moved == "cluster" else {"namespace": "elsewhere"}
    assert anna.patch(f"environments/{environment['id']}", change).status == 200

    detail = refused(anna.post(f"runs/{run['id']}/retry"))

    assert "has moved" in detail
    assert "start a new run" in detail


def test_a_worker_plans_nothing_for_an_environment_that_has_moved(
    anna: Person, workflow: Any, environment: Any, mongo: Any
):
    from workflows.environments import store as environment_store
    from workflows.runs import claiming, planning
    from workflows.runs.retrying import EnvironmentMoved

    run_id = ObjectId(anna.post(f"workflows/{workflow['id']}/runs", {}).body["id"])
    run = claiming.claim_run(run_id, 0, job_fence=1)
    assert run
    mongo.environments.update_one({"_id": run["environment_id"]}, {"$set": {"namespace": "elsewhere"}})
    nobody: Any = None  # neither the job nor the cluster is asked

    with pytest.raises(EnvironmentMoved):
        planning.plan(nobody, run, environment_store.find(run["environment_id"], {}), [], nobody, nobody)


def test_a_cancel_is_kept_though_the_worker_died_right_after_the_last_object(
    anna: Person, workflow: Any, environment: Any, mongo: Any
):
    """The run is verifying, the cancel was accepted before; the job comes back to another worker."""
    from kubeorch.base.clock import now
    from workflows.runs import claiming, jobs

    run_id = ObjectId(anna.post(f"workflows/{workflow['id']}/runs", {}).body["id"])
    assert claiming.claim_run(run_id, 0, job_fence=1)
    assert anna.post(f"runs/{run_id}/cancel").status == 202
    mongo.runs.update_one({"_id": run_id}, {"$set": {"state": "verifying", "applied_at": now(), "deadline_at": now()}})

    jobs._settle_if_verifying(run_id)

    assert anna.get(f"runs/{run_id}").body["state"] == "canceled"


def test_the_end_of_a_removal_leaves_an_environment_that_somebody_has_changed(
    anna: Person, workflow: Any, environment: Any, mongo: Any
):
    owns(environment)
    path = f"environments/{environment['id']}"
    [run] = anna.delete(f"{path}?objects=destroy").body["runs"]
    assert anna.patch(path, {"name": "live"}).status == 200

    the_end_of(mongo, run["id"])

    assert anna.get(path).body["name"] == "live"


def test_nothing_runs_in_an_environment_while_it_is_being_removed_and_a_run_after_that_keeps_it(
    anna: Person, workflow: Any, environment: Any, mongo: Any
):
    owns(environment)
    path, runs = f"environments/{environment['id']}", f"workflows/{workflow['id']}/runs"
    [removal] = anna.delete(f"{path}?objects=destroy").body["runs"]
    for kind in ("apply", "destroy"):
        behind = anna.post(runs, {"kind": kind})
        assert (behind.status, behind.body["code"]) == (409, "environment.being_removed")
    assert mongo.runs.count_documents({}) == 1
    anna.post(f"runs/{removal['id']}/cancel")

    run = anna.post(runs, {"kind": "destroy"})

    assert run.status == 202
    the_end_of(mongo, run.body["id"])
    assert anna.get(path).status == 200


def test_the_end_of_a_removal_leaves_an_environment_for_which_a_run_is_queued(
    anna: Person, workflow: Any, environment: Any, mongo: Any
):
    """As a release before may have queued it."""
    owns(environment)
    path = f"environments/{environment['id']}"
    [removal] = anna.delete(f"{path}?objects=destroy").body["runs"]
    mongo.environments.update_one({"_id": ObjectId(environment["id"])}, {"$unset": {"removing": ""}})
    behind = anna.post(f"workflows/{workflow['id']}/runs", {"kind": "destroy"})
    assert behind.status == 202, behind.body
    mongo.environments.update_one({"_id": ObjectId(environment["id"])}, {"$set": {"removing": True}})

    the_end_of(mongo, removal["id"])

    assert anna.get(path).body["active_run"]["id"] == behind.body["id"]


def test_a_token_that_may_only_run_deletes_nothing_by_name_and_keeps_no_secrets(
    anna: Person, workflow: Any, environment: Any, mongo: Any
):
    owns(environment)
    token = anna.post("auth/tokens", {"name": "ci", "scope": "run", "expires_in_days": 1}).body["token"]
    path = f"workflows/{workflow['id']}"
    refused_at: list[Any] = [
        call("POST", f"{path}/runs", {"kind": "destroy"}, token=token),
        call("POST", f"{path}/runs", {"keep_secrets": True}, token=token),
    ]
    assert anna.post(f"{path}/archive", {"objects": "destroy"}).status == 200
    [run] = mongo.runs.find({})
    anna.post(f"runs/{run['_id']}/cancel")
    assert anna.post(f"{path}/unarchive").status == 200
    refused_at.append(call("POST", f"runs/{run['_id']}/retry", {}, token=token))

    assert [(answer.status, answer.body["code"]) for answer in refused_at] == [(403, "token.scope")] * 3
    assert call("POST", f"{path}/runs", {"confirm_deletions": 0}, token=token).status == 202
    assert mongo.secret_values.count_documents({}) == 0
