"""What becomes of a request for an approval: approved and to be run, refused with the reason, withdrawn; and the
history of it all."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from tests.mongo.test_plan_rights import start, unasked  # noqa: F401  (plans of no object)
from tests.mongo.test_waiting_approvals import Place, a_place, ids
from tests.support.people import Person, a_user


@pytest.fixture(autouse=True)
def nothing_moves(mongo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from workflows.approvals import actions
    from workflows.plans import starting
    from workflows.views import approvals

    for module in (actions, starting, approvals):
        monkeypatch.setattr(module, "moved", lambda *_, **__: [])


def approve(place: Place, plan: str, reason: str = "") -> None:
    answer = place.olga.post(f"plans/{plan}/approve", {"reason": reason})
    assert answer.status == 200, answer.body


def refuse(place: Place, plan: str, reason: str = "not today") -> None:
    answer = place.olga.post(f"plans/{plan}/refuse", {"reason": reason})
    assert answer.status == 200, answer.body


def withdraw(person: Person, plan: str, status: int = 200) -> dict[str, Any]:
    answer = person.post(f"plans/{plan}/withdraw", {})
    assert answer.status == status, answer.body
    return dict(answer.body)


def decided(person: Person, query: str = "") -> list[tuple[str | None, str, str]]:
    answer = person.get(f"approvals/decisions{query}")
    assert answer.status == 200, answer.body
    return [(row["plan"], row["state"], row["reason"]) for row in answer.body["results"]]


def test_an_approved_plan_is_found_by_its_maker_until_it_is_run(mongo: Any) -> None:
    place = a_place()
    plan = place.plan()
    assert ids(place.anna, "?state=approved") == []
    approve(place, plan)

    assert ids(place.anna, "?state=approved") == ids(place.anna, "?state=approved&mine=1") == [plan]
    assert ids(place.anna, f"?state=approved&environment={place.environment['id']}") == [plan]
    assert ids(place.olga, "?state=approved&mine=1") == []
    [row] = place.anna.get("approvals?state=approved").body["results"]
    assert (row["mine"], row["waits"], row["run"], row["approval"]["by"]["name"]) == (True, False, None, "Olga")

    run = start(place.anna, place.workflow, plan)
    assert run.status == 202, run.body
    assert ids(place.anna, "?state=approved") == []
    [row] = place.anna.get("approvals?state=all").body["results"]
    assert row["run"] == {"id": run.body["id"], "number": run.body["number"], "state": run.body["state"]}


@pytest.mark.parametrize("end", ["moved", "unprotected", "refused", "withdrawn"])
def test_an_approved_plan_is_to_be_run_while_that_is_so(end: str, mongo: Any) -> None:
    from workflows.plans import judged_store, store

    place = a_place()
    plan = place.plan()
    approve(place, plan)
    if end == "moved":
        judged_store.note_judged(store.find(ObjectId(plan), {}), [{"what": "replicas"}])
        [row] = place.anna.get("approvals?state=all").body["results"]
        assert row["still_true"] is False
    elif end == "unprotected":
        assert place.anna.patch(f"environments/{place.environment['id']}", {"protected": False}).status == 200
    elif end == "refused":
        refuse(place, plan)
    else:
        withdraw(place.anna, plan)
    assert ids(place.anna, "?state=approved") == []


def test_a_refusal_is_found_with_its_reason_by_its_maker_in_the_environment_and_later_in_the_history(
    mongo: Any,
) -> None:
    place = a_place()
    plan = place.plan()
    refuse(place, plan, "the image has no tag")

    [row] = place.anna.get(f"approvals?state=all&mine=1&environment={place.environment['id']}").body["results"]
    assert (row["id"], row["approval"]["state"], row["approval"]["reason"]) == (plan, "refused", "the image has no tag")
    assert decided(place.anna) == [(plan, "refused", "the image has no tag")]
    mongo.plans.delete_many({})
    [row] = place.anna.get("approvals/decisions").body["results"]
    assert (row["plan"], row["reason"], row["decided_by"]["name"]) == (None, "the image has no tag", "Olga")
    assert (row["by"]["name"], row["environment"]["name"], row["mine"]) == ("Anna", "prod", True)


def test_the_history_is_filtered_searched_sorted_and_paged_and_others_do_not_see_it(mongo: Any) -> None:
    place, other = a_place(), a_place("elsewhere")
    first, second, third = place.plan(), place.plan(), place.plan()
    approve(place, first)
    refuse(place, second)
    withdraw(place.anna, third)
    approve(other, other.plan())

    newest = [(third, "withdrawn", ""), (second, "refused", "not today"), (first, "approved", "")]
    assert decided(place.olga) == newest
    assert decided(place.olga, "?sort=at") == newest[::-1]
    assert decided(place.olga, "?state=refused") == [newest[1]]
    assert decided(place.olga, "?q=ANNA") == newest
    assert decided(place.olga, "?q=olga") == []
    assert decided(place.olga, "?mine=1") == []
    assert decided(place.olga, f"?team={other.anna.team_id}") == []
    assert decided(place.olga, f"?environment={other.environment['id']}") == []
    page = place.olga.get("approvals/decisions?limit=2").body
    assert [row["plan"] for row in page["results"]] == [third, second]
    assert decided(place.olga, f"?limit=2&cursor={page['next']}") == [newest[2]]
    for wrong in ("sort=name", "state=none", "mine=yes"):
        assert place.olga.get(f"approvals/decisions?{wrong}").status == 400
    assert place.olga.get("approvals?state=refused").status == 400


def test_a_request_is_withdrawn_by_who_made_it_and_asked_again(mongo: Any) -> None:
    place = a_place()
    plan = place.plan()
    assert withdraw(place.olga, plan, 403)["code"] == "approval.not_yours"
    assert withdraw(place.anna, plan)["approval"]["state"] == "withdrawn"
    assert ids(place.olga) == []
    for verb, given in (("approve", {}), ("refuse", {"reason": "no"})):
        answer = place.olga.post(f"plans/{plan}/{verb}", given)
        assert (answer.status, answer.body["code"]) == (409, "approval.withdrawn")
    assert withdraw(place.anna, plan, 409)["code"] == "approval.not_asked"

    assert place.olga.post(f"plans/{plan}/ask").status == 403
    again = place.anna.post(f"plans/{plan}/ask")
    assert (again.status, again.body["approval"]["state"], again.body["approval"]["by"]) == (200, "none", None)
    assert ids(place.olga, "?for_me=1") == [plan]
    approve(place, plan)
    assert place.anna.post(f"plans/{plan}/ask").body["code"] == "approval.not_asked"
    assert start(place.anna, place.workflow, plan).status == 202
    assert {row["action"] for row in mongo.audit.find({"action": {"$regex": "^plan"}})} == {
        *("plan.withdraw", "plan.ask", "plan.approve")
    }
    told = mongo.events.find({"topic": f"team:{place.anna.team_id}", "key": f"approval:{plan}"}).sort("_id", 1)
    assert [(one["rev"], one["data"]["state"]) for one in told] == [
        *((0, "none"), (1, "withdrawn"), (2, "none"), (3, "approved"))
    ]


def test_an_approval_that_is_withdrawn_runs_nothing_and_one_that_was_run_is_not_withdrawn(mongo: Any) -> None:
    place = a_place()
    plan = place.plan()
    approve(place, plan)
    withdraw(place.anna, plan)
    answer = start(place.anna, place.workflow, plan)
    assert (answer.status, answer.body["code"]) == (409, "environment.protected"), answer.body

    ran = place.plan()
    approve(place, ran)
    run = start(place.anna, place.workflow, ran)
    said = withdraw(place.anna, ran, 409)
    assert said["code"] == "approval.not_asked"
    assert f"run #{run.body['number']} was started" in said["detail"]


def test_a_plan_asked_for_again_takes_the_place_of_a_later_one_and_needs_a_protected_environment(mongo: Any) -> None:
    place = a_place()
    first = place.plan()
    withdraw(place.anna, first)
    later, others = place.plan(), place.plan(a_user("editor", team=place.anna.team_id))
    assert place.anna.post(f"plans/{first}/ask").status == 200
    assert set(ids(place.olga)) == {first, others}
    withdraw(place.anna, first)
    assert later not in ids(place.olga), "what was replaced stays so"
    assert place.anna.patch(f"environments/{place.environment['id']}", {"protected": False}).status == 200
    assert place.anna.post(f"plans/{first}/ask").body["code"] == "approval.not_asked"


def test_of_two_decisions_at_one_moment_the_second_is_told_so(mongo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from workflows.approvals import actions

    place = a_place()
    plan = place.plan()

    def meanwhile(*_: Any, **__: Any) -> list[Any]:
        monkeypatch.setattr(actions, "moved", lambda *_, **__: [])
        withdraw(place.anna, plan)
        return []

    monkeypatch.setattr(actions, "moved", meanwhile)
    answer = place.olga.post(f"plans/{plan}/approve", {})
    assert (answer.status, answer.body["code"]) == (409, "approval.decided_meanwhile")
    assert place.anna.get(f"plans/{plan}").body["approval"]["state"] == "withdrawn"


@pytest.mark.parametrize("step", ["withdraw", "ask"])
def test_a_field_that_is_not_known_is_refused_of_makers_too(mongo: Any, step: str) -> None:
    place = a_place()
    plan = place.plan()
    if step == "ask":
        withdraw(place.anna, plan)
    refused = place.anna.post(f"plans/{plan}/{step}", {"nmae": "x"})
    assert (refused.status, [(one["field"], one["code"]) for one in refused.body["errors"]]) == (
        400,
        [("nmae", "unknown")],
    )
    assert place.anna.post(f"plans/{plan}/{step}", {}).status == 200
