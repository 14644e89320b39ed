"""What an approval lets happen, and until when: asked at the start of a run, when it goes on, and by its worker."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from tests.mongo.test_plan_rights import planned, start, unasked  # noqa: F401  (plans of no object)
from tests.mongo.test_waiting_approvals import Place, a_place
from tests.support.people import a_user
from tests.support.workflows import a_cluster, a_secret, a_workflow, an_environment


@pytest.fixture(autouse=True)
def nothing_moves(mongo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from workflows.approvals import actions
    from workflows.plans import retrying, starting

    for module in (actions, starting, retrying):
        monkeypatch.setattr(module, "moved", lambda *_, **__: [])


def approved(place: Place) -> str:
    plan = place.plan()
    assert place.olga.post(f"plans/{plan}/approve", {}).status == 200
    return plan


def failed(mongo: Any, place: Place, plan: str) -> str:
    """A run of the plan that stopped halfway; its id."""
    answer = start(place.anna, place.workflow, plan)
    assert answer.status == 202, answer.body
    run_id = ObjectId(answer.body["id"])
    error = {"code": "x", "detail": "x", "node_id": None}
    mongo.runs.update_one({"_id": run_id}, {"$set": {"state": "failed", "error": error, "counts.failed": 1}})
    ref = {"api_version": "apps/v1", "kind": "Deployment", "namespace": "prod", "name": "web"}
    step = {
        "index": 0,
        "node_id": "web",
        "ref": ref,
        "action": "apply",
        "state": "failed",
        "wave": 0,
        "rev": 1,
        "started_at": None,
    }
    mongo.run_steps.insert_one({"run_id": run_id, **step})
    return str(run_id)


def refuse(mongo: Any, place: Place, plan: str) -> None:
    assert place.olga.post(f"plans/{plan}/refuse", {"reason": "it breaks prod"}).status == 200


def demote_approver(mongo: Any, place: Place, plan: str) -> None:
    mongo.memberships.update_one({"user_id": ObjectId(place.olga.user_id)}, {"$set": {"role": "editor"}})


def remove_maker(mongo: Any, place: Place, plan: str) -> None:
    mongo.memberships.delete_one({"user_id": ObjectId(place.anna.user_id)})


def demote_maker(mongo: Any, place: Place, plan: str) -> None:
    mongo.memberships.update_one({"user_id": ObjectId(place.anna.user_id)}, {"$set": {"role": "viewer"}})


ENDS = [refuse, demote_approver, remove_maker, demote_maker]


@pytest.mark.parametrize("end", ENDS)
def test_a_run_goes_on_only_while_the_approval_of_its_plan_stands(end: Any, mongo: Any):
    place = a_place()
    plan = approved(place)
    run = failed(mongo, place, plan)
    third = a_user("operator", team=place.anna.team_id)
    end(mongo, place, plan)

    for answer in (start(third, place.workflow, plan), third.post(f"runs/{run}/retry", {})):
        assert (answer.status, answer.body["code"]) == (409, "environment.protected"), answer.body


def test_a_run_goes_on_while_it_stands(mongo: Any):
    place = a_place()
    run = failed(mongo, place, approved(place))
    assert place.anna.post(f"runs/{run}/retry", {}).status == 202


def test_a_run_does_not_go_on_without_its_plan(mongo: Any):
    place = a_place()
    run = failed(mongo, place, approved(place))
    mongo.plans.delete_many({})
    answer = place.anna.post(f"runs/{run}/retry", {})
    assert (answer.status, answer.body["code"]) == (409, "run.not_retryable")
    assert "make a new plan" in answer.body["detail"]


def test_a_run_does_not_go_on_once_what_is_left_of_its_plan_is_untrue(mongo: Any, monkeypatch: pytest.MonkeyPatch):
    from workflows.plans import retrying
    from workflows.plans.verdicts import Moved

    place = a_place()
    run = failed(mongo, place, approved(place))
    monkeypatch.setattr(retrying, "moved", lambda *_, **__: [Moved(None, "it was deleted")])
    answer = place.anna.post(f"runs/{run}/retry", {})
    assert (answer.status, answer.body["code"]) == (409, "plan.moved")


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("steps", [[], [{"ref": {}, "state": "done"}]])
def test_the_worker_asks_again_before_the_run_begins_and_before_it_goes_on(end: Any, steps: Any, mongo: Any):
    from workflows.plans import jobs
    from workflows.runs import store as run_store
    from workflows.runs.permission import EnvironmentProtected

    place = a_place()
    plan = approved(place)
    run = run_store.find(ObjectId(failed(mongo, place, plan)), {})
    end(mongo, place, plan)
    supervision = jobs._supervision_of(run)
    assert supervision is not None
    with pytest.raises(EnvironmentProtected):
        supervision.check(run, steps, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("protected", [False, True])
def test_a_run_of_a_plan_takes_no_value_that_the_plan_did_not_leave_to_it(protected: bool, mongo: Any):
    anna = a_user("operator", name="Anna")
    olga = a_user("operator", team=anna.team_id, name="Olga")
    workflow = a_workflow(anna, a_secret("keys", "token"))
    here = an_environment(anna, workflow, a_cluster(anna.team_id), "prod", "prod")
    path = f"workflows/{workflow['id']}/secrets?environment={here['id']}"
    assert anna.put(path, {"values": {"keys": {"token": "approved"}}}).status == 200
    assert anna.patch(f"environments/{here['id']}", {"protected": protected}).status == 200
    plan = planned(anna, workflow, here)
    if protected:
        assert olga.post(f"plans/{plan}/approve", {}).status == 200

    given = {"keys": {"token": "slipped in"}}
    answer = start(anna, workflow, plan, secrets=given)
    assert (answer.status, answer.body["code"]) == (400, "plan.secrets_given"), answer.body
    assert answer.body["errors"][0]["field"] == "secrets.keys.token"
    assert "make a new plan" in answer.body["detail"]
    assert "slipped in" not in str(answer.body)

    run = failed(mongo, Place(anna, olga, workflow, here), plan)
    answer = anna.post(f"runs/{run}/retry", {"secrets": given})
    assert (answer.status, answer.body["code"]) == (400, "plan.secrets_given"), answer.body
    assert anna.post(f"runs/{run}/retry", {}).status == 202
