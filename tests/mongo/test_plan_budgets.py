"""What a plan deletes is held against the budget as it is when a run of it is started, not when it was made."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from tests.mongo.test_plan_rights import planned, start, unasked  # noqa: F401  (plans of no object)
from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_node, a_workflow, an_environment


@pytest.fixture(autouse=True)
def still_true(monkeypatch: pytest.MonkeyPatch) -> None:
    from workflows.plans import starting
    from workflows.views import plans

    monkeypatch.setattr(starting, "moved", lambda *_: [])
    monkeypatch.setattr(plans, "looked_at", lambda *_: [])


class Place:
    """A plan that deletes nine objects, which was within the budget when it was made."""

    def __init__(self, mongo: Any) -> None:
        self.operator = a_user("operator")
        self.editor = a_user("editor", team=self.operator.team_id)
        self.workflow = a_workflow(self.editor, a_node("web"))
        self.environment = an_environment(self.editor, self.workflow, a_cluster(self.operator.team_id))
        self.plan = planned(self.editor, self.workflow, self.environment)
        stored = {"options.confirm_deletions": 9, "deletions": {"count": 9, "budget": 10, "above": False}}
        mongo.plans.update_one({"_id": ObjectId(self.plan)}, {"$set": stored})

    def set_budget(self, objects: int) -> None:
        budget = {"deletion_budget": {"objects": objects, "percent": 0}}
        answer = self.operator.patch(f"environments/{self.environment['id']}", budget)
        assert answer.status == 200, answer.body

    def shown(self, person: Person) -> Any:
        return person.get(f"plans/{self.plan}").body["deletions"]


def test_a_budget_that_was_lowered_since_asks_for_the_number(mongo: Any) -> None:
    place = Place(mongo)
    assert place.shown(place.editor) == {"count": 9, "budget": 10, "above": False}
    place.set_budget(0)
    assert place.shown(place.editor) == {"count": 9, "budget": 0, "above": True}
    for number in ({}, {"confirm_deletions": 8}):
        refused = start(place.editor, place.workflow, place.plan, **number)
        assert (refused.status, refused.body["code"]) == (409, "plan.above_budget"), refused.body
        assert (refused.body["count"], refused.body["budget"], refused.body["above"]) == (9, 0, True)
    assert mongo.runs.count_documents({}) == 0
    assert start(place.editor, place.workflow, place.plan, confirm_deletions=9).status == 202


def test_a_budget_that_is_lowered_while_the_plan_is_looked_at_counts(
    mongo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflows.plans import starting

    place = Place(mongo)

    def lowered(*_: Any) -> list[Any]:
        place.set_budget(3)
        return []

    monkeypatch.setattr(starting, "moved", lowered)
    refused = start(place.editor, place.workflow, place.plan)
    assert (refused.status, refused.body["code"], refused.body["budget"]) == (409, "plan.above_budget", 3)
    assert mongo.runs.count_documents({}) == 0


def test_a_budget_that_was_raised_since_asks_nobody(mongo: Any) -> None:
    place = Place(mongo)
    mongo.plans.update_one(
        {"_id": ObjectId(place.plan)}, {"$set": {"deletions": {"count": 9, "budget": 2, "above": True}}}
    )
    assert place.shown(place.operator)["above"] is False
    assert start(place.editor, place.workflow, place.plan).status == 202
