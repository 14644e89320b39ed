"""How much a team may have; what happens to environments when their cluster is removed or withdrawn."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest
from bson import ObjectId

from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_node, a_workflow, an_environment, graph_of, owns, save


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("admin", name="Anna")


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status, answer.body["code"]


def test_a_team_has_as_many_workflows_as_the_settings_say_and_other_teams_have_their_own(
    anna: Person, mongo: Any, settings: Any
):
    settings.MAX_WORKFLOWS = 2
    first, _ = a_workflow(anna), a_workflow(anna)
    refused = anna.post("workflows", {"name": "third"})
    assert refusal(refused) == (409, "workflow.too_many")
    assert "your team has 2 workflows" in refused.body["detail"]
    assert "KUBEORCH_MAX_WORKFLOWS" in refused.body["detail"]
    assert refusal(anna.post(f"workflows/{first['id']}/clone", {"name": "c"})) == (409, "workflow.too_many")
    file = anna.call("GET", f"workflows/{first['id']}/export").body
    assert refusal(anna.post("workflows/import", {"file": str(file)}))[0] in (400, 409)
    a_workflow(a_user("admin"))
    assert anna.delete(f"workflows/{first['id']}").status == 204
    a_workflow(anna)
    assert mongo.workflows.count_documents({"team_id": anna.team_id}) == 2


def test_a_team_has_as_many_environments_as_the_settings_say(anna: Person, mongo: Any, settings: Any):
    settings.MAX_ENVIRONMENTS = 2
    cluster = a_cluster(anna.team_id)
    for name in ("one", "two"):
        an_environment(anna, a_workflow(anna), cluster, name)
    given = {"name": "x", "cluster": cluster, "namespace": "three"}
    refused = anna.post(f"workflows/{a_workflow(anna)['id']}/environments", given)
    assert refusal(refused) == (409, "environment.too_many_in_team")
    assert refusal(anna.post("workflows", {"name": "y", "environment": given})) == (409, "environment.too_many_in_team")
    assert mongo.workflows.count_documents({"name": "y"}) == 0


def test_a_team_has_as_many_open_runs_as_the_settings_say(anna: Person, mongo: Any, settings: Any):
    settings.MAX_OPEN_RUNS = 2
    workflow = a_workflow(anna, a_node("web"))
    an_environment(anna, workflow, a_cluster(anna.team_id))
    runs = [anna.post(f"workflows/{workflow['id']}/runs", {}).body for _ in range(2)]
    refused = anna.post(f"workflows/{workflow['id']}/runs", {})
    assert refusal(refused) == (409, "run.too_many")
    assert "cancel them" in refused.body["detail"]
    anna.post(f"runs/{runs[1]['id']}/cancel")
    assert anna.post(f"workflows/{workflow['id']}/runs", {}).status == 202


def test_the_oldest_versions_that_runs_made_make_room_and_those_in_use_or_saved_by_people_stay(
    anna: Person, mongo: Any, settings: Any
):
    workflow = a_workflow(anna, a_node("web"))
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    path = f"workflows/{workflow['id']}"
    settings.MAX_VERSIONS = 4

    def version(number: int) -> None:
        rev = graph_of(anna, workflow)["rev"]
        save(anna, workflow, rev, a_node("web", replicas=number))
        run = anna.post(f"{path}/runs", {}).body
        anna.post(f"runs/{run['id']}/cancel")
        mongo.runs.delete_many({})

    assert anna.post(f"{path}/versions", {"name": "by hand"}).status == 201
    for number in (2, 3):
        version(number)
    deployed = {"version": 2, "content": "", "run_id": ObjectId(), "at": None}
    mongo.environments.update_one({"_id": ObjectId(environment["id"])}, {"$set": {"deployed": deployed}})
    for number in (4, 5, 6):
        version(number)
    numbers = sorted(row["number"] for row in mongo.versions.find({}))
    assert numbers == [1, 2, 5, 6]
    mongo.versions.update_many({}, {"$set": {"automatic": False}})
    refused = anna.post(f"{path}/versions", {"name": "one more"})
    assert refusal(refused) == (409, "version.too_many")
    assert "KUBEORCH_MAX_VERSIONS" in refused.body["detail"]


def test_the_version_of_an_environments_last_run_stays_however_many_runs_others_have(
    anna: Person, mongo: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    from workflows import store

    monkeypatch.setattr(store, "NEWEST_RUNS", 2)
    settings.MAX_VERSIONS = 4
    workflow = a_workflow(anna, a_node("web"))
    cluster = a_cluster(anna.team_id)
    quiet = an_environment(anna, workflow, cluster, "quiet", "quiet")
    busy = an_environment(anna, workflow, cluster, "busy", "busy")
    path = f"workflows/{workflow['id']}"
    waiting = anna.post(f"{path}/runs", {"environment": quiet["id"]}).body

    for number in range(2, 9):
        assert save(anna, workflow, number - 1, a_node("web", replicas=number)).status == 200
        run = anna.post(f"{path}/runs", {"environment": busy["id"]}).body
        anna.post(f"runs/{run['id']}/cancel")

    numbers = sorted(row["number"] for row in mongo.versions.find({}))
    assert waiting["version"] in numbers, "an open run has lost what it applies"
    assert len(numbers) == 4


def test_a_cluster_that_is_removed_gets_no_environment_at_the_same_moment(anna: Person, mongo: Any):
    """Whoever comes second learns of the first: the environment has no cluster, or the cluster is in use."""
    from clusters import actions
    from workflows.environments.placement import uses_of_cluster

    cluster, workflow = a_cluster(anna.team_id), a_workflow(anna)
    mongo.clusters.update_one({}, {"$set": {"rev": 1}})
    given = {"name": "late", "cluster": cluster, "namespace": "late"}
    with ThreadPoolExecutor(1) as pool:
        added = []

        def uses(cluster_id: Any, session: Any) -> Any:
            found = uses_of_cluster(cluster_id, session)
            if not added:
                added.append(pool.submit(anna.post, f"workflows/{workflow['id']}/environments", given))
                wait(added, timeout=2)  # it may end now only if nothing keeps it from it
            return found

        actions.delete_cluster(anna.principal, cluster, uses_of=uses, engines_in=lambda *_: [])
        answer = added[0].result()

    assert refusal(answer) == (400, "environment.cluster")
    assert mongo.environments.count_documents({}) == 0


@pytest.fixture
def guest(mongo: Any, anna: Person) -> tuple[Person, dict[str, Any], dict[str, Any], str]:
    """A guest's environment with an object on Anna's cluster, which is not shared any more."""
    cluster = a_cluster(anna.team_id, shared=True)
    person = a_user("admin", name="Guest")
    workflow = a_workflow(person, a_node("web"))
    environment = an_environment(person, workflow, cluster)
    owns(environment)
    mongo.clusters.update_one({"_id": ObjectId(cluster)}, {"$set": {"shared": False}})
    return person, workflow, environment, cluster


def test_objects_on_a_cluster_that_is_withdrawn_cannot_be_destroyed_and_the_answer_says_what_stays(
    guest: tuple[Person, dict[str, Any], dict[str, Any], str], mongo: Any
):
    person, workflow, environment, _ = guest
    for refused in (
        person.delete(f"environments/{environment['id']}?objects=destroy"),
        person.delete(f"workflows/{workflow['id']}?objects=destroy"),
        person.post(f"workflows/{workflow['id']}/archive", {"objects": "destroy"}),
    ):
        assert refusal(refused) == (409, "environment.out_of_reach")
        assert f"kubeorch.dev/environment={environment['id']}" in refused.body["detail"]
        assert "objects=keep" in refused.body["detail"]
    assert mongo.runs.count_documents({}) == 0
    assert person.delete(f"environments/{environment['id']}?objects=keep").status == 204
    assert mongo.inventory.count_documents({}) == 0


def test_the_owner_of_a_cluster_can_remove_it_with_what_guests_had_there(
    anna: Person, guest: tuple[Person, dict[str, Any], dict[str, Any], str]
):
    person, workflow, environment, cluster = guest
    assert anna.delete(f"clusters/{cluster}").status == 204
    assert person.get(f"environments/{environment['id']}").body["cluster"]["name"] == "removed cluster"
    refused = person.delete(f"environments/{environment['id']}?objects=destroy")
    assert refusal(refused) == (409, "environment.out_of_reach")
    assert person.delete(f"workflows/{workflow['id']}?objects=keep").status == 204
