"""Trying a run again: only while what it is about is still as the run left it, and by who may do the same anew."""

from __future__ import annotations

from typing import Any

import pytest

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
