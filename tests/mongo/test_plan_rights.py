"""Plans: whose cluster may be asked, what stays while a run needs it, and what making one writes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from bson import ObjectId

from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_node, a_workflow, an_environment, save


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


@pytest.fixture
def workflow(anna: Person) -> dict[str, Any]:
    return a_workflow(anna, a_node("web"))


@pytest.fixture(autouse=True)
def unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan of no object, for which no cluster is asked."""
    from workflows.domain.rendering.budget import Deletions
    from workflows.plans import actions
    from workflows.plans.making import Made

    monkeypatch.setattr(actions, "make", lambda *_: Made((), (), Deletions(0, 10), "", {}, None))


def planned(person: Person, workflow: dict[str, Any], environment: dict[str, Any]) -> str:
    answer = person.post(f"workflows/{workflow['id']}/plans", {"environment": environment["id"]})
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


def with_token(person: Person, scope: str) -> Person:
    made = person.post("auth/tokens", {"name": scope, "scope": scope, "expires_in_days": 1})
    assert made.status == 201, made.body
    return replace(person, token=made.body["token"])


def start(person: Person, workflow: dict[str, Any], plan: str, **given: Any) -> Any:
    return person.post(f"workflows/{workflow['id']}/runs", {"plan": plan, **given})


def test_a_token_that_may_only_read_plans_no_taking_over_of_what_is_there(anna: Person, workflow: Any) -> None:
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    path, body = f"workflows/{workflow['id']}/plans", {"environment": environment["id"], "adopt": True}
    answer = with_token(anna, "read").post(path, body)
    assert (answer.status, answer.body["code"]) == (403, "token.scope")
    assert with_token(anna, "run").post(path, body).status == 201


def test_a_cluster_that_is_no_longer_shared_is_not_asked_about_a_plan_from_before(
    anna: Person, mongo: Any, monkeypatch: pytest.MonkeyPatch
):
    from workflows.plans import judging

    asked: list[Any] = []

    class _Client:
        def while_alive(self, _: Any) -> _Client:
            return self

    def client_of(environment: Any) -> Any:
        asked.append(environment["cluster_id"])
        return _Client()

    monkeypatch.setattr(judging, "client_of", client_of)
    monkeypatch.setattr(judging, "moved_in", lambda *_, **__: [])
    cluster = a_cluster(anna.team_id, shared=True)
    guest = a_user("editor", name="Guest")
    workflow = a_workflow(guest, a_node("web"))
    plan = planned(guest, workflow, an_environment(guest, workflow, cluster))
    assert guest.get(f"plans/{plan}").body["still_true"]
    asked.clear()
    mongo.clusters.update_one({"_id": ObjectId(cluster)}, {"$set": {"shared": False}})

    shown = guest.get(f"plans/{plan}").body

    assert not asked, "the cluster was asked with its owner's credentials"
    assert not shown["still_true"]
    assert "no longer shared" in shown["moved"][0]["what"]
    assert start(guest, workflow, plan).status in (403, 409)
    assert not asked


def test_a_plan_stays_while_a_run_of_it_is_open_however_many_others_plan(
    anna: Person, workflow: Any, mongo: Any, monkeypatch: pytest.MonkeyPatch
):
    from workflows.plans import starting, store

    monkeypatch.setattr(starting, "moved", lambda *_: [])
    monkeypatch.setattr(store, "KEPT", 2)
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    plan = planned(anna, workflow, environment)
    run = start(anna, workflow, plan, idempotency_key="k")
    assert run.status == 202, run.body
    viewer = a_user("viewer", team=anna.team_id)
    newest = planned(anna, workflow, environment)

    for _ in range(4):
        planned(viewer, workflow, environment)

    assert anna.get(f"plans/{plan}").status == 200, "the run would fail, since its plan is gone"
    assert start(anna, workflow, plan, idempotency_key="k").body["id"] == run.body["id"]
    assert mongo.plans.count_documents({}) == 4
    assert anna.post(f"runs/{run.body['id']}/cancel").body["state"] == "canceled"
    planned(viewer, workflow, environment)
    assert mongo.plans.count_documents({}) == 3
    assert [anna.get(f"plans/{one}").status for one in (plan, newest)] == [404, 200], "a person's newest one stays"


def test_who_may_only_read_makes_no_version_and_locks_nothing_where_there_is_a_version(
    anna: Person, workflow: Any, mongo: Any
):
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    planned(anna, workflow, environment)
    before = mongo.workflows.find_one({"_id": ObjectId(workflow["id"])})

    planned(a_user("viewer", team=anna.team_id), workflow, environment)

    assert mongo.workflows.find_one({"_id": ObjectId(workflow["id"])}) == before
    assert mongo.versions.count_documents({}) == 1


def test_plans_go_with_their_workflow_and_their_environment(anna: Person, workflow: Any, mongo: Any):
    cluster = a_cluster(anna.team_id)
    environment = an_environment(anna, workflow, cluster)
    other = an_environment(anna, workflow, cluster, "other", "other")
    planned(anna, workflow, environment)
    kept = planned(anna, workflow, other)

    assert anna.delete(f"environments/{environment['id']}?objects=keep").status in (200, 204)
    assert [str(row["_id"]) for row in mongo.plans.find({})] == [kept]

    assert anna.delete(f"workflows/{workflow['id']}?objects=keep").status in (200, 204)
    assert mongo.plans.count_documents({}) == 0


def test_who_may_only_read_plans_a_graph_that_is_in_no_version_without_making_one(
    anna: Person, workflow: Any, mongo: Any
):
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    before = mongo.workflows.find_one({"_id": ObjectId(workflow["id"])})
    viewer = a_user("viewer", team=anna.team_id)
    reader = with_token(anna, "read")

    for person in (viewer, reader):
        made = person.post(f"workflows/{workflow['id']}/plans", {"environment": environment["id"]})
        assert (made.status, made.body["version"]) == (201, None), made.body
        assert person.get(f"plans/{made.body['id']}").body["still_true"] is not None
        [listed, *_] = person.get(f"workflows/{workflow['id']}/plans").body["results"]
        assert listed["version"] is None

    assert mongo.versions.count_documents({}) == 0
    assert mongo.workflows.find_one({"_id": ObjectId(workflow["id"])}) == before


def test_who_may_run_freezes_the_graph_of_such_a_plan_when_it_is_started(
    anna: Person, workflow: Any, mongo: Any, monkeypatch: pytest.MonkeyPatch
):
    from workflows.plans import starting

    monkeypatch.setattr(starting, "moved", lambda *_: [])
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    viewer = a_user("viewer", team=anna.team_id)
    plan = planned(viewer, workflow, environment)
    later = planned(viewer, workflow, environment)

    run = start(anna, workflow, plan)

    assert (run.status, run.body["version"]) == (202, 1), run.body
    save(anna, workflow, 1, a_node("other"))
    assert start(anna, workflow, later).body["version"] == 1, "by now its content is a version"


def test_a_plan_of_a_graph_that_is_nowhere_kept_is_not_run(
    anna: Person, workflow: Any, monkeypatch: pytest.MonkeyPatch
):
    from workflows.plans import starting

    monkeypatch.setattr(starting, "moved", lambda *_: [])
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    plan = planned(a_user("viewer", team=anna.team_id), workflow, environment)
    assert save(anna, workflow, 1, a_node("other")).status == 200

    answer = start(anna, workflow, plan)

    assert (answer.status, answer.body["code"]) == (409, "plan.moved"), answer.body
    assert "never run or saved" in answer.body["moved"][0]["what"]


def test_an_archived_workflow_gets_no_plan_of_any_of_its_versions(anna: Person, workflow: Any):
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    planned(anna, workflow, environment)
    assert anna.post(f"workflows/{workflow['id']}/archive").status in (200, 204)

    for given in ({}, {"version": 1}):
        answer = anna.post(f"workflows/{workflow['id']}/plans", {"environment": environment["id"], **given})
        assert (answer.status, answer.body["code"]) == (409, "workflow.archived"), answer.body


def test_a_run_of_a_plan_under_another_workflow_tells_nothing_of_that_one(
    anna: Person, workflow: Any, monkeypatch: pytest.MonkeyPatch
):
    from workflows.plans import starting

    monkeypatch.setattr(starting, "moved", lambda *_: [])
    plan = planned(anna, workflow, an_environment(anna, workflow, a_cluster(anna.team_id)))
    other, stranger = a_workflow(anna, a_node("web")), a_user("editor")
    theirs = a_workflow(stranger, a_node("web"))
    an_environment(stranger, theirs, a_cluster(stranger.team_id), name="hidden")

    for name in ("hidden", "nowhere"):
        answers = [start(anna, one, plan, environment=name) for one in (other, theirs)]
        assert [answer.body["code"] for answer in answers] == ["plan.elsewhere", "workflow.not_found"]


def test_a_repeated_key_gives_its_run_although_its_plan_is_no_longer_kept(
    anna: Person, workflow: Any, mongo: Any, monkeypatch: pytest.MonkeyPatch
):
    from workflows.plans import starting

    monkeypatch.setattr(starting, "moved", lambda *_: [])
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    plan = planned(anna, workflow, environment)
    run = start(anna, workflow, plan, idempotency_key="k")
    assert run.status == 202, run.body
    mongo.plans.delete_many({})
    mongo.plan_objects.delete_many({})

    assert start(anna, workflow, plan, idempotency_key="k").body["id"] == run.body["id"]

    other = start(anna, workflow, str(ObjectId()), idempotency_key="k")
    assert (other.status, other.body["code"]) == (409, "run.key_reused")
    taken_over = start(anna, workflow, plan, idempotency_key="k", take_over=True)
    assert (taken_over.status, taken_over.body["code"]) == (409, "run.key_reused")
    assert start(anna, workflow, plan, idempotency_key="new").status == 404


def test_a_plan_that_is_refused_while_its_run_waits_does_not_run(
    workflow: Any, anna: Person, mongo: Any, monkeypatch: pytest.MonkeyPatch
):
    from workflows.approvals import actions as approval_actions
    from workflows.plans import jobs, starting
    from workflows.runs import store as run_store
    from workflows.runs.permission import EnvironmentProtected

    for module in (starting, approval_actions):
        monkeypatch.setattr(module, "moved", lambda *_: [])
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    olga, oleg = a_user("operator", anna.team_id), a_user("operator", anna.team_id)
    assert olga.patch(f"environments/{environment['id']}", {"protected": True}).status == 200
    plan = planned(olga, workflow, environment)
    assert oleg.post(f"plans/{plan}/approve", {}).status == 200
    started = start(olga, workflow, plan)
    assert started.status == 202, started.body
    assert oleg.post(f"plans/{plan}/refuse", {"reason": "not today"}).status == 200

    watched = jobs._Watched(ObjectId(plan), environment["id"])
    with pytest.raises(EnvironmentProtected):
        watched.check(run_store.find(ObjectId(started.body["id"]), {}), [], None)  # type: ignore[arg-type]
