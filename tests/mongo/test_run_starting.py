"""Starting, canceling and retrying runs, up to the moment when a worker takes them."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bson import ObjectId

from tests.support.killed_worker import worker_killed_at
from tests.support.people import Person, a_user
from tests.support.wait import PATIENCE_S
from tests.support.workflows import a_cluster, a_node, a_secret, a_workflow, an_environment


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


@pytest.fixture
def workflow(anna: Person) -> dict[str, Any]:
    return a_workflow(anna, a_node("web"))


@pytest.fixture
def environment(anna: Person, workflow: dict[str, Any]) -> dict[str, Any]:
    return an_environment(anna, workflow, a_cluster(anna.team_id))


def start(person: Person, workflow: dict[str, Any], **given: Any) -> Any:
    return person.post(f"workflows/{workflow['id']}/runs", given)


def active_run(person: Person, environment: dict[str, Any]) -> Any:
    return person.get(f"environments/{environment['id']}").body["active_run"]


def published(mongo: Any, run: dict[str, Any]) -> list[str]:
    """The states that the run's own topic has shown."""
    return [event["data"]["state"] for event in mongo.events.find({"topic": f"run:{run['id']}"}).sort("rev", 1)]


def claim(run: dict[str, Any]) -> Any:
    from workflows.runs import claiming

    return claiming.claim_run(ObjectId(run["id"]), 0, job_fence=1)


def end(claimed: Any, state: str) -> None:
    from workflows.runs.ending import end_run
    from workflows.runs.states import RunState, Who

    assert end_run(claimed, RunState(state), Who.HOLDER, fence=claimed["fence"])


def test_an_environment_is_named_by_its_id_or_its_name_or_not_at_all_where_it_is_the_only_one(
    anna: Person, workflow: dict[str, Any], environment: dict[str, Any]
):
    for given in ({"environment": environment["id"]}, {"environment": environment["name"]}, {}):
        started = start(anna, workflow, **given)
        assert (started.status, started.body["environment"]["id"]) == (202, environment["id"]), given


def test_a_workflow_with_no_environment_or_with_several_asks_for_one(
    anna: Person, workflow: dict[str, Any], mongo: Any
):
    none = start(anna, workflow)
    assert (none.status, none.body["code"]) == (400, "environment.not_chosen")
    assert none.body["detail"] == "the workflow has no environment yet; add one"
    cluster = a_cluster(anna.team_id)
    for name in ("test", "prod"):
        an_environment(anna, workflow, cluster, name, name)
    several = start(anna, workflow)
    assert (several.status, several.body["code"]) == (400, "environment.not_chosen")
    assert [row["field"] for row in several.body["errors"]] == ["environment"]
    assert mongo.runs.count_documents({}) == 0


def test_an_environment_of_another_workflow_is_not_found(
    anna: Person, workflow: dict[str, Any], environment: dict[str, Any]
):
    other = a_workflow(anna, a_node("web"))
    for given in (environment["id"], environment["name"], str(ObjectId())):
        answer = start(anna, other, environment=given)
        assert (answer.status, answer.body["code"]) == (404, "environment.not_found")


def test_one_key_is_one_run_however_its_environment_is_named(
    anna: Person, workflow: dict[str, Any], environment: dict[str, Any], mongo: Any
):
    given = [environment["id"], environment["name"]] * 5
    with ThreadPoolExecutor(10) as pool:
        runs = list(
            pool.map(lambda one: start(anna, workflow, environment=one, idempotency_key="click").body["id"], given)
        )
    assert len({*runs, start(anna, workflow, idempotency_key="click").body["id"]}) == 1
    other = an_environment(anna, workflow, environment["cluster"]["id"], "other", "other")
    refused = start(anna, workflow, environment=other["id"], idempotency_key="click")
    assert (refused.status, refused.body["code"]) == (409, "run.key_reused")
    assert "another environment" in refused.body["detail"]
    assert mongo.runs.count_documents({}) == 1


def test_a_key_that_was_used_with_other_values_is_refused_rather_than_that_they_are_dropped(
    anna: Person, mongo: Any
) -> None:
    workflow = a_workflow(anna, a_secret("keys", "token"))
    an_environment(anna, workflow, a_cluster(anna.team_id), "prod", "prod")
    one, two = ({"keys": {"token": value}} for value in ("1", "2"))
    first = start(anna, workflow, idempotency_key="k", secrets=one)
    assert first.status == 202, first.body
    assert start(anna, workflow, idempotency_key="k", secrets=one).body["id"] == first.body["id"]
    for given in ({"secrets": two}, {"secrets": one, "keep_secrets": True}, {}):
        refused = start(anna, workflow, idempotency_key="k", **given)
        assert (refused.status, refused.body["code"]) == (409, "run.key_reused"), given
        assert "secrets" in refused.body["detail"]
    assert "token" not in str(mongo.runs.find_one({"_id": ObjectId(first.body["id"])}).get("given"))


def test_a_key_tells_nothing_to_those_who_may_not_start_runs(
    anna: Person, workflow: dict[str, Any], environment: dict[str, Any]
):
    start(anna, workflow, idempotency_key="click")
    viewer, stranger = a_user("viewer", anna.team_id), a_user("admin")
    assert start(viewer, workflow, idempotency_key="click").status == 403
    assert start(stranger, workflow, idempotency_key="click").status == 404


def test_a_refused_run_names_the_environment_that_is_busy(
    anna: Person, workflow: dict[str, Any], environment: dict[str, Any]
):
    start(anna, workflow)
    refused = start(anna, workflow, when_busy="refuse")
    assert (refused.status, refused.body["code"]) == (409, "environment.busy")
    assert f"“{environment['name']}”" in refused.body["detail"]


def test_a_run_without_its_secret_values_is_refused_with_the_keys_to_ask_for(anna: Person, mongo: Any):
    """In the form in which the secrets of a workflow are listed, so that nobody has to list them first."""
    workflow = a_workflow(
        anna, a_node("creds", kind="secret", keys=["USER", "PASSWORD"]), a_node("other", kind="secret", keys=["TOKEN"])
    )
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))

    refused = start(anna, workflow)

    assert (refused.status, refused.body["code"]) == (400, "run.secrets_missing")
    assert (
        refused.body["missing"]
        == anna.get(f"workflows/{workflow['id']}/secrets?environment={environment['id']}").body["nodes"]
    )
    fields = ["secrets.creds.USER", "secrets.creds.PASSWORD", "secrets.other.TOKEN"]
    assert [row["field"] for row in refused.body["errors"]] == fields
    some = start(anna, workflow, secrets={"creds": {"USER": "anna"}, "other": {"TOKEN": "t"}}, keep_secrets=True)
    assert some.body["missing"] == [
        {
            "node_id": "creds",
            "name": "creds",
            "keys": [
                {
                    "key": "PASSWORD",
                    "stored": False,
                    "stored_at": None,
                    "in_cluster": False,
                    "awaits_run": False,
                    "earlier_until": None,
                }
            ],
        }
    ]
    assert mongo.secret_values.count_documents({}) == 0, "a run that is refused stores nothing"
    given = start(anna, workflow, secrets={"creds": {"USER": "anna", "PASSWORD": "p"}, "other": {"TOKEN": "t"}})
    assert given.status == 202


def test_a_claim_shows_the_run_everywhere_at_once(
    anna: Person, workflow: dict[str, Any], environment: dict[str, Any], mongo: Any
):
    first, second = start(anna, workflow).body, start(anna, workflow).body
    assert active_run(anna, environment)["id"] == first["id"]
    claimed = claim(first)
    assert (claimed["state"], claimed["attempt"]) == ("planning", 1)
    assert active_run(anna, environment) == {"id": first["id"], "number": 1, "state": "planning"}
    assert published(mongo, first) == ["queued", "planning"]
    from workflows.runs import claiming

    with pytest.raises(claiming.NotYetItsTurn):
        claim(second)


def test_a_worker_killed_in_the_middle_of_a_claim_leaves_the_run_as_it_was(
    anna: Person, workflow: dict[str, Any], environment: dict[str, Any], mongo: Any
):
    run = start(anna, workflow).body
    before = mongo.runs.find_one({"_id": ObjectId(run["id"])})
    dying = worker_killed_at("run.during_claim")
    dying.join(PATIENCE_S)
    assert dying.exitcode == -signal.SIGKILL
    assert mongo.runs.find_one({"_id": ObjectId(run["id"])}) == before
    assert published(mongo, run) == ["queued"]
    mongo.client.admin.command("killAllSessions", [])  # as the server does by itself after ten seconds
    assert claim(run)["state"] == "planning"
    assert published(mongo, run) == ["queued", "planning"]


def test_a_later_worker_takes_a_run_over_and_the_one_before_cannot_move_it(
    anna: Person, workflow: dict[str, Any], environment: dict[str, Any]
):
    from kubeorch.jobs.queue import LeaseLost
    from workflows.runs import claiming
    from workflows.runs import store as run_store
    from workflows.runs.ending import end_run
    from workflows.runs.states import RunState, Who

    run_id = ObjectId(start(anna, workflow).body["id"])
    earlier = claiming.claim_run(run_id, 0, job_fence=1)
    later = claiming.claim_run(run_id, 0, job_fence=2)
    assert earlier
    assert later
    assert later["started_at"] == earlier["started_at"]
    with pytest.raises(LeaseLost):
        claiming.claim_run(run_id, 0, job_fence=1)
    assert end_run(earlier, RunState.CANCELED, Who.HOLDER, fence=earlier["fence"]) is None
    assert end_run(earlier, RunState.FAILED, Who.QUEUE, fence=earlier["fence"]) is None
    assert run_store.move(run_id, RunState.APPLYING, Who.HOLDER, fence=earlier["fence"]) is None
    assert run_store.move(run_id, RunState.APPLYING, Who.HOLDER, fence=later["fence"])


def test_a_retry_has_a_job_of_its_own_though_the_failed_one_is_still_being_recorded(
    anna: Person, workflow: dict[str, Any], environment: dict[str, Any], mongo: Any
):
    from workflows.runs import claiming

    run = start(anna, workflow).body
    mongo.jobs.update_one({}, {"$set": {"state": "running"}})
    end(claim(run), "canceled")

    retried = anna.post(f"runs/{run['id']}/retry")

    assert (retried.status, retried.body["state"]) == (202, "queued")
    [job] = mongo.jobs.find({"state": "queued"})
    assert job["payload"] == {"run_id": run["id"], "epoch": 1}
    assert claim(run) is None, "the job of the try before finds nothing to do"
    assert claiming.claim_run(ObjectId(run["id"]), 1, job_fence=1)


def test_a_job_that_is_given_up_late_does_not_fail_the_run_that_is_tried_again(
    anna: Person, workflow: dict[str, Any], environment: dict[str, Any], mongo: Any
):
    from workflows.runs.ending import end_run
    from workflows.runs.run import fence_of
    from workflows.runs.states import RunState, Who

    run = start(anna, workflow).body
    claimed = claim(run)
    end(claimed, "canceled")
    assert anna.post(f"runs/{run['id']}/retry").status == 202
    late = fence_of(0, job_fence=9)
    assert end_run(claimed, RunState.FAILED, Who.QUEUE, fence=late) is None
    assert anna.get(f"runs/{run['id']}").body["state"] == "queued"


def test_the_end_of_a_run_hands_the_environment_to_the_next_one(
    anna: Person, workflow: dict[str, Any], environment: dict[str, Any], mongo: Any
):
    first, second = start(anna, workflow).body, start(anna, workflow).body
    claimed = claim(first)
    mongo.jobs.update_many({}, {"$set": {"run_at": None}})
    end(claimed, "canceled")
    assert active_run(anna, environment)["id"] == second["id"]
    woken = mongo.jobs.find_one({"payload.run_id": second["id"]})
    assert woken["run_at"] is not None
    assert anna.post(f"runs/{second['id']}/cancel").body["state"] == "canceled"
    assert active_run(anna, environment) is None


def test_the_index_and_the_table_of_states_agree_on_what_is_active():
    from kubeorch.mongo.indexes import RUN_ACTIVE
    from workflows.runs.states import ACTIVE

    assert tuple(RUN_ACTIVE) == ACTIVE
