"""The list of plans that wait for an approval: whose, in what order, and what ends the wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from bson import ObjectId

from tests.mongo.test_plan_rights import planned, unasked  # noqa: F401  (plans of no object)
from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_node, a_workflow, an_environment


@dataclass
class Place:
    """A protected environment of a team of two operators."""

    anna: Person
    olga: Person
    workflow: dict[str, Any]
    environment: dict[str, Any]

    def plan(self, person: Person | None = None) -> str:
        return planned(person or self.anna, self.workflow, self.environment)


def a_place(name: str = "prod") -> Place:
    anna = a_user("operator", name="Anna")
    olga = a_user("operator", team=anna.team_id, name="Olga")
    workflow = a_workflow(anna, a_node("web"))
    environment = an_environment(anna, workflow, a_cluster(anna.team_id), name, name)
    assert anna.patch(f"environments/{environment['id']}", {"protected": True}).status == 200
    return Place(anna, olga, workflow, environment)


def ids(person: Person, query: str = "") -> list[str]:
    answer = person.get(f"approvals{query}")
    assert answer.status == 200, answer.body
    return [row["id"] for row in answer.body["results"]]


def test_a_plan_waits_where_another_operator_of_its_team_sees_it_and_strangers_do_not(mongo: Any):
    place, other = a_place(), a_place("elsewhere")
    plan, theirs = place.plan(), other.plan()

    assert ids(place.olga) == ids(place.anna) == [plan]
    assert ids(place.olga, f"?team={other.anna.team_id}") == []
    [row] = place.olga.get("approvals").body["results"]
    assert (row["environment"]["name"], row["by"]["name"]) == ("prod", "Anna")
    assert (row["mine"], row["may_decide"], row["approval"]["required"]) == (False, True, True)
    [own] = place.anna.get("approvals").body["results"]
    assert (own["mine"], own["may_decide"]) == (True, False)
    viewer = a_user("viewer", team=place.anna.team_id)
    [seen] = viewer.get("approvals").body["results"]
    assert (seen["id"], seen["may_decide"]) == (plan, False)
    assert ids(viewer, "?for_me=1") == ids(place.anna, "?for_me=1") == []
    assert ids(place.olga, "?for_me=1") == [plan]
    assert ids(other.olga) == [theirs]


@pytest.mark.parametrize("end", ["approved", "refused", "moved", "replaced", "unprotected"])
def test_a_plan_waits_until_it_is_decided_untrue_replaced_or_needs_no_approval(
    end: str, mongo: Any, monkeypatch: pytest.MonkeyPatch
):
    from workflows.approvals import actions
    from workflows.plans import judged_store, store

    monkeypatch.setattr(actions, "moved", lambda *_: [])
    place = a_place()
    plan = place.plan()
    left = []
    if end == "approved":
        assert place.olga.post(f"plans/{plan}/approve", {}).status == 200
    elif end == "refused":
        assert place.olga.post(f"plans/{plan}/refuse", {"reason": "not today"}).status == 200
    elif end == "moved":
        judged_store.note_judged(store.find(ObjectId(plan), {}), [{"what": "replicas"}])
        [told] = mongo.plans.find_one({"_id": ObjectId(plan)})["told"][1:]
        assert (told["topic"], told["data"]["still_true"]) == (f"team:{place.anna.team_id}", False)
    elif end == "replaced":
        left = [place.plan()]
    else:
        assert place.anna.patch(f"environments/{place.environment['id']}", {"protected": False}).status == 200

    assert ids(place.olga) == left
    if end == "moved":  # and true again
        judged_store.note_judged(store.find(ObjectId(plan), {}), [])
        assert ids(place.olga) == [plan]


def test_the_team_is_told_when_a_plan_begins_to_wait_and_when_it_ends(mongo: Any, monkeypatch: pytest.MonkeyPatch):
    from workflows.approvals import actions

    monkeypatch.setattr(actions, "moved", lambda *_: [])
    place = a_place()
    plan = place.plan()
    assert place.olga.post(f"plans/{plan}/approve", {}).status == 200

    told = list(mongo.events.find({"topic": f"team:{place.anna.team_id}", "key": f"approval:{plan}"}).sort("_id", 1))
    assert [(one["rev"], one["data"]["state"], one["data"]["decided_by"]) for one in told] == [
        (0, "none", None),
        (1, "approved", "Olga"),
    ]


def test_no_number_of_plans_of_others_ends_what_waits_or_was_approved(mongo: Any, monkeypatch: pytest.MonkeyPatch):
    from workflows.approvals import actions
    from workflows.plans.store import KEPT

    monkeypatch.setattr(actions, "moved", lambda *_: [])
    place = a_place()
    approved = place.plan()
    assert place.olga.post(f"plans/{approved}/approve", {}).status == 200
    waiting = place.plan(place.olga)
    looked_at = place.plan(editor := a_user("editor", team=place.anna.team_id))
    viewer = a_user("viewer", team=place.anna.team_id)
    theirs = [place.plan(viewer) for _ in range(KEPT + 2)]

    assert [place.olga.get(f"plans/{plan}").status for plan in (approved, waiting, looked_at)] == [200, 200, 200]
    assert ids(place.anna) == [looked_at, waiting]
    assert [viewer.get(f"plans/{plan}").status for plan in theirs[:3]] == [404, 404, 200]

    later = [place.plan() for _ in range(KEPT)]
    assert place.olga.get(f"plans/{approved}").status == 200
    assert place.olga.post(f"plans/{later[-1]}/approve", {}).status == 200
    place.plan(editor)
    for _ in range(KEPT):
        place.plan(viewer)
    assert place.olga.get(f"plans/{approved}").status == 404, "of one person the newest that was approved"
    assert place.olga.get(f"plans/{later[-1]}").status == 200
    assert mongo.plans.count_documents({}) <= KEPT + 3 * 4, "three of each person at most"


def test_plans_of_who_may_not_run_and_of_unprotected_environments_ask_nobody(mongo: Any):
    place = a_place()
    place.plan(a_user("viewer", team=place.anna.team_id))
    free = an_environment(place.anna, place.workflow, place.environment["cluster"]["id"], "free", "free")
    planned(place.anna, place.workflow, free)
    assert ids(place.olga) == []


def test_the_list_is_searched_sorted_and_paged(mongo: Any):
    place = a_place()
    people = [a_user("editor", team=place.anna.team_id, name=f"Editor {number}") for number in range(3)]
    plans = [place.plan(person) for person in people]

    assert ids(place.olga) == plans[::-1]
    assert ids(place.olga, "?sort=created_at") == plans
    assert ids(place.olga, "?q=editor 1") == [plans[1]]
    assert ids(place.olga, "?q=PROD") == plans[::-1]
    assert ids(place.olga, "?q=.*") == []
    first = place.olga.get("approvals?limit=2").body
    assert [row["id"] for row in first["results"]] == plans[:0:-1]
    assert ids(place.olga, f"?limit=2&cursor={first['next']}") == [plans[0]]
    assert place.olga.get("approvals?sort=name").status == 400
    assert place.olga.get("approvals?for_me=yes").status == 400


def test_what_waits_for_an_approval_or_has_one_is_followed_however_many_plan_later(
    mongo: Any, monkeypatch: pytest.MonkeyPatch
):
    from datetime import timedelta

    from kubeorch.base.clock import now
    from workflows.approvals import actions
    from workflows.plans.judged_store import unrun_plans

    monkeypatch.setattr(actions, "moved", lambda *_, **__: [])
    place = a_place()
    approved = place.plan(place.olga)
    assert place.anna.post(f"plans/{approved}/approve", {}).status == 200
    waiting, refused = place.plan(), place.plan(place.olga)
    assert place.anna.post(f"plans/{refused}/refuse", {"reason": "no"}).status == 200
    old = now() - timedelta(days=3)
    mongo.plans.update_many({}, {"$set": {"created_at": old}})
    viewer = a_user("viewer", team=place.anna.team_id)
    later = [place.plan(viewer) for _ in range(5)]
    mongo.runs.insert_one({"environment_id": ObjectId(place.environment["id"]), "plan": {"id": ObjectId(later[4])}})
    earlier = {"$subtract": ["$created_at", 20 * 60 * 1000]}
    mongo.plans.update_many({"created_by": ObjectId(viewer.user_id)}, [{"$set": {"created_at": earlier}}])

    found = unrun_plans(ObjectId(place.environment["id"]), now() - timedelta(days=1), 3, 20)

    ids = [str(plan["_id"]) for plan in found]
    assert ids[:3] == [later[3], later[2], later[1]], "what was run does not count"
    assert sorted(ids[3:]) == sorted([approved, waiting])
    mongo.plans.update_one({"_id": ObjectId(later[0])}, {"$set": {"opened_at": now()}})
    found = unrun_plans(ObjectId(place.environment["id"]), now() - timedelta(days=1), 3, 20)
    assert [str(plan["_id"]) for plan in found][3] == later[0], "somebody reads it"
    assert len(unrun_plans(ObjectId(place.environment["id"]), old, 3, 4)) == 4


def test_a_plan_at_which_the_watch_has_not_looked_is_not_called_true(mongo: Any):
    from kubeorch.realtime import topics

    place = a_place()
    topic, rest = topics.find(f"plan:{place.plan()}")
    assert topic.snapshot(rest, place.anna.principal)["plan"].data == {
        "still_true": None,
        "moved": [],
        "at": None,
        "looked_at": None,
    }


def test_the_list_says_when_a_plan_was_found_true(mongo: Any):
    from workflows.plans import judged_store, store

    place = a_place()
    plan = place.plan()
    assert place.olga.get("approvals").body["results"][0]["looked_at"] is None
    judged_store.note_judged(store.find(ObjectId(plan), {}), [])
    assert place.olga.get("approvals").body["results"][0]["looked_at"] is not None
