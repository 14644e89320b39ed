"""What is deployed where, whether the drawing was edited since, and how it does: shown in lists, and filtered by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_node, a_workflow, an_environment, graph_of, save


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


def draw(person: Person, workflow: dict[str, Any], *nodes: dict[str, Any]) -> None:
    assert save(person, workflow, graph_of(person, workflow)["rev"], *nodes).status == 200


def deploy(person: Person, workflow: dict[str, Any], environment: dict[str, Any]) -> None:
    """Run the workflow in the environment, up to the moment when everything is applied."""
    from workflows.runs import claiming, jobs, step_store
    from workflows.runs import store as run_store
    from workflows.runs.recorder import RunRecorder
    from workflows.runs.states import RunState, Who

    started = person.post(f"workflows/{workflow['id']}/runs", {"environment": environment["id"]})
    assert started.status == 202, started.body
    run = claiming.claim_run(ObjectId(started.body["id"]), 0, job_fence=1)
    assert run
    applying = run_store.move(run["_id"], RunState.APPLYING, Who.HOLDER, fence=run["fence"])
    assert applying
    steps = step_store.steps_of(run["_id"])
    with RunRecorder(applying, steps) as record:
        record.leave_rest()
    jobs._end_applying(applying, steps, record)
    person.post(f"runs/{started.body['id']}/cancel")


def observed(
    mongo: Any, environment: dict[str, Any], *found: str, stale_since: datetime | None = None, reason: str = ""
) -> None:
    """Statuses of one node for each health, as a watcher stores them."""
    from kubeorch.base.clock import iso

    mongo.node_statuses.delete_many({"environment_id": ObjectId(environment["id"])})
    for index, health in enumerate(found):
        ref = {"api_version": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": f"app-{index}"}
        why = reason or f"it is {health}"
        status = {
            "node_id": f"n{index}",
            "health": health,
            "reason": why,
            "objects": [{"ref": ref, "health": health, "reason": why}],
            "stale_since": iso(stale_since),
        }
        row = {"_id": f"{environment['id']}/n{index}", "environment_id": ObjectId(environment["id"])}
        mongo.node_statuses.insert_one({**row, "node_id": f"n{index}", "status": status})


def shown(person: Person, workflow: dict[str, Any]) -> dict[str, Any]:
    """The workflow's only environment, as lists show it; the same as when it is asked for by itself."""
    [environment] = person.get(f"workflows/{workflow['id']}").body["environments"]
    assert person.get(f"environments/{environment['id']}").body == environment
    [listed] = [row for row in person.get("workflows?state=all").body["results"] if row["id"] == workflow["id"]]
    assert listed["environments"] == [environment]
    return dict(environment)


def listed(person: Person, query: str) -> set[str]:
    answer = person.get(f"workflows?{query}")
    assert answer.status == 200, answer.body
    return {row["name"] for row in answer.body["results"]}


def test_an_environment_in_which_nothing_runs_has_no_health(anna: Person):
    workflow = a_workflow(anna, a_node("web"))
    an_environment(anna, workflow, a_cluster(anna.team_id))
    environment = shown(anna, workflow)
    assert (environment["deployed"], environment["health"]) == (None, None)


def test_a_deployed_version_is_edited_when_the_drawing_means_something_else_and_not_when_a_node_was_moved(anna: Person):
    workflow = a_workflow(anna, a_node("web"))
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    deploy(anna, workflow, environment)
    assert shown(anna, workflow)["deployed"]["version"] == 1
    assert shown(anna, workflow)["deployed"]["edited_since"] is False

    draw(anna, workflow, a_node("web", x=500, y=20))
    assert shown(anna, workflow)["deployed"]["edited_since"] is False
    draw(anna, workflow, a_node("web", replicas=3))
    assert shown(anna, workflow)["deployed"]["edited_since"] is True
    draw(anna, workflow, a_node("web"))
    assert shown(anna, workflow)["deployed"]["edited_since"] is False, "edited back"


def test_a_restored_version_is_compared_by_its_content(anna: Person):
    workflow = a_workflow(anna, a_node("web"))
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    deploy(anna, workflow, environment)
    draw(anna, workflow, a_node("web", replicas=3))
    deploy(anna, workflow, environment)
    assert anna.post(f"workflows/{workflow['id']}/versions/1/restore").status in (200, 201)
    assert shown(anna, workflow)["deployed"] | {"at": "", "run_id": ""} == {
        "version": 2,
        "edited_since": True,
        "at": "",
        "run_id": "",
    }


def test_the_health_of_an_environment_is_its_worst_node_with_the_reason_and_how_many_have_which(
    anna: Person, mongo: Any
):
    workflow = a_workflow(anna, a_node("web"))
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    deploy(anna, workflow, environment)
    assert shown(anna, workflow)["health"] == {
        "health": "unknown",
        "reason": "nothing has been observed yet",
        "stale_since": None,
        "counts": {},
    }

    observed(mongo, environment, "healthy", "healthy")
    assert shown(anna, workflow)["health"] == {
        "health": "healthy",
        "reason": "2 nodes are healthy",
        "stale_since": None,
        "counts": {"healthy": 2},
    }
    observed(mongo, environment, "healthy", "progressing", "failed", "failed", "degraded")
    health = shown(anna, workflow)["health"]
    assert (health["health"], health["reason"]) == ("failed", "Deployment app-2: it is failed")
    assert health["counts"] == {"healthy": 1, "progressing": 1, "failed": 2, "degraded": 1}


def test_a_status_that_may_be_out_of_date_is_no_health(anna: Person, mongo: Any):
    workflow = a_workflow(anna, a_node("web"))
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    deploy(anna, workflow, environment)
    since = datetime(2026, 11, 25, 12, tzinfo=UTC) - timedelta(minutes=5)
    observed(mongo, environment, "healthy", "failed", stale_since=since)
    health = shown(anna, workflow)["health"]
    assert (health["health"], health["counts"]) == ("unknown", {"unknown": 2})
    assert health["stale_since"].startswith("2026-11-25T11:55:00")
    assert "cannot be observed" in health["reason"]
    assert listed(anna, "health=healthy") == set()
    assert listed(anna, "health=unknown") == {workflow["name"]}


def test_the_list_is_filtered_by_deployment_and_by_health(anna: Person, mongo: Any):
    cluster = a_cluster(anna.team_id)
    for name in ("never", "deployed", "edited", "both"):
        workflow = a_workflow(anna, a_node("web"), name=name)
        environment = an_environment(anna, workflow, cluster, name)
        if name == "both":
            other = an_environment(anna, workflow, cluster, "other", "other")
            deploy(anna, workflow, other)
            observed(mongo, other, "failed")
        if name in ("edited", "both"):
            deploy(anna, workflow, environment)
            draw(anna, workflow, a_node("web", replicas=3))
            observed(mongo, environment, "healthy", "progressing")
        if name == "both":
            deploy(anna, workflow, environment)
        if name == "deployed":
            deploy(anna, workflow, environment)
            observed(mongo, environment, "healthy")
    a_workflow(anna, name="without an environment")
    theirs = a_user("editor", name="Otto")
    a_workflow(theirs, name="theirs")

    assert listed(anna, "deployment=never") == {"never", "without an environment"}
    assert listed(anna, "deployment=deployed") == {"deployed"}
    assert listed(anna, "deployment=edited") == {"edited", "both"}
    assert listed(anna, "health=healthy") == {"deployed"}
    assert listed(anna, "health=progressing") == {"edited", "both"}
    assert listed(anna, "health=failed") == {"both"}
    assert listed(anna, "health=failed&deployment=deployed") == set()
    assert listed(anna, "health=failed&limit=1&sort=name") == {"both"}
    for query in ("deployment=maybe", "health=fine", "state=draft", "state=published"):
        assert anna.get(f"workflows?{query}").status == 400, query


def test_what_was_undeployed_is_not_deployed_any_more_and_says_since_when(anna: Person, mongo: Any):
    from kubeorch.base.clock import now
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.environments import standing_store, store

    workflow = a_workflow(anna, a_node("web"))
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    deploy(anna, workflow, environment)
    observed(mongo, environment, "healthy")
    undeployed: store.Undeployed = {"at": now(), "turn": 2000}
    run_in_transaction(lambda session: standing_store.set_undeployed(ObjectId(environment["id"]), undeployed, session))
    assert shown(anna, workflow)["health"] is None
    assert shown(anna, workflow)["deployed"] is None
    assert shown(anna, workflow)["undeployed_at"] is not None
    assert listed(anna, "deployment=never") == {workflow["name"]}
    assert listed(anna, "health=healthy") == set()


def test_publishing_is_gone_and_what_an_earlier_release_stored_is_brought_up_to_date(anna: Person, mongo: Any):
    from django.core.management import call_command

    drawn = [a_node("web", x=1, replicas=2), a_node("front", kind="service", port=80)]
    old = a_workflow(anna, *drawn)
    environment = an_environment(anna, old, a_cluster(anna.team_id))
    deploy(anna, old, environment)
    expected = anna.get("workflows").body
    mongo.workflows.update_one({}, {"$set": {"state": "published"}, "$unset": {"content": 1}})
    mongo.workflows.update_one({}, {"$unset": {"environments.0.deployed": 1}})
    mongo.environments.update_one({}, {"$unset": {"deployed.content": 1}})

    for _ in range(2):
        call_command("setup", verbosity=0)
        assert anna.get("workflows").body == expected
    assert listed(anna, "deployment=deployed") == {old["name"]}
    for gone in ("publish", "unpublish"):
        assert anna.post(f"workflows/{old['id']}/{gone}").status == 404
