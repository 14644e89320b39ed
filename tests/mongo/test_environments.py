"""Environments over the API: made, changed, removed; namespaces, variables, what they own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bson import ObjectId

from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_node, a_workflow, an_environment, owns


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


@pytest.fixture
def workflow(anna: Person) -> dict[str, Any]:
    return a_workflow(anna, a_node("web"))


def add(person: Person, workflow: dict[str, Any], **given: Any) -> Any:
    return person.post(f"workflows/{workflow['id']}/environments", {"name": "prod", "namespace": "shop", **given})


def test_an_environment_is_a_cluster_a_namespace_and_typed_variables(anna: Person, workflow: dict[str, Any]):
    cluster = a_cluster(anna.team_id, "north")
    variables = {
        "HOST": {"type": "string", "value": "shop.test"},
        "COUNT": {"type": "integer", "value": 0},
        "DEBUG": {"type": "boolean", "value": False},
    }

    made = add(anna, workflow, cluster=cluster, variables=variables)

    assert made.status == 201, made.body
    assert made.body == {
        "id": made.body["id"],
        "workflow_id": workflow["id"],
        "name": "prod",
        "cluster": {"id": cluster, "name": "north", "state": "ready"},
        "namespace": "shop",
        "variables": variables,
        "deployed": None,
        "health": None,
        "active_run": None,
        "auto_rollback": False,
        "undeployed_at": None,
        "partly": None,
        "quarantined": [],
        "protected": False,
        "self_heal": False,
        "deletion_budget": {"objects": 10, "percent": 20},
    }
    assert anna.get(f"environments/{made.body['id']}").body == made.body
    assert anna.get(f"workflows/{workflow['id']}/environments").body == {"results": [made.body], "next": None}
    assert anna.get(f"workflows/{workflow['id']}").body["environments"] == [made.body]


def test_a_cluster_may_be_given_by_name_and_the_teams_own_is_preferred_to_a_shared_one(
    anna: Person, workflow: dict[str, Any]
):
    a_cluster(a_user("admin").team_id, "north", shared=True)
    own = a_cluster(anna.team_id, "north")

    assert add(anna, workflow, cluster="north").body["cluster"]["id"] == own


def test_the_sandbox_is_there_for_every_team(anna: Person, workflow: dict[str, Any]):
    a_cluster(None, "sandbox", is_sandbox=True)

    assert add(anna, workflow, cluster="sandbox").status == 201


def test_another_teams_cluster_can_be_used_only_when_it_is_shared(anna: Person, workflow: dict[str, Any]):
    other = a_user("admin").team_id
    closed, shared = a_cluster(other, "closed"), a_cluster(other, "shared", shared=True)

    for given in (closed, "closed", str(ObjectId()), "nothing"):
        refused = add(anna, workflow, cluster=given)
        assert (refused.status, refused.body["code"]) == (400, "environment.cluster"), given
    assert add(anna, workflow, cluster=shared).status == 201


def test_a_namespace_of_a_shared_cluster_belongs_to_the_team_that_used_it_first(anna: Person, workflow: dict[str, Any]):
    cluster = a_cluster(None, shared=True)
    bert = a_user("editor")
    his = a_workflow(bert)
    first = an_environment(bert, his, cluster, "shop")

    refused = add(anna, workflow, cluster=cluster)

    assert (refused.status, refused.body["code"]) == (409, "environment.namespace_taken")
    assert refused.body["errors"][0]["field"] == "namespace"
    assert add(bert, his, cluster=cluster, name="second").status == 201, "his own team may use it again"
    for environment in bert.get(f"workflows/{his['id']}/environments").body["results"]:
        bert.delete(f"environments/{environment['id']}")
    assert bert.get(f"environments/{first['id']}").status == 404
    assert add(anna, workflow, cluster=cluster).status == 201, "free again once the last of them is gone"


def test_a_guest_that_has_only_named_a_namespace_does_not_keep_the_owner_of_the_cluster_out(
    anna: Person, workflow: dict[str, Any], mongo: Any
):
    from workflows.environments import namespace_store

    bert = a_user("editor")
    his = a_workflow(bert)
    cluster = a_cluster(anna.team_id, shared=True)
    first = an_environment(bert, his, cluster, "shop")
    assert add(anna, workflow, cluster=cluster).status == 201, "his runs have made nothing there"
    assert namespace_store.note_made(ObjectId(cluster), "shop", bert.team_id, "uid") is False
    bert.delete(f"environments/{first['id']}")
    [claim] = mongo.namespaces.find()
    assert (claim["team_id"], claim["environments"]) == (anna.team_id, 1), "his leaving ends no claim of others"

    an_environment(bert, his, cluster, "made")
    namespace_store.note_made(ObjectId(cluster), "made", bert.team_id, "uid")
    refused = add(anna, workflow, cluster=cluster, name="second", namespace="made")
    assert refused.body["code"] == "environment.namespace_taken", "what a guest's run has made is not free for a name"
    assert namespace_store.made_by(ObjectId(cluster), [bert.team_id]) == {"made": "uid"}


def test_what_a_teams_runs_have_made_is_remembered_until_another_team_comes(
    anna: Person, workflow: dict[str, Any], mongo: Any
):
    from workflows.environments import namespace_store

    bert = a_user("editor")
    cluster = a_cluster(a_user("admin").team_id, shared=True)
    first = add(anna, workflow, cluster=cluster).body
    namespace_store.note_made(ObjectId(cluster), "shop", anna.team_id, "uid")
    anna.delete(f"environments/{first['id']}")
    assert namespace_store.made_by(ObjectId(cluster), [anna.team_id]) == {"shop": "uid"}
    an_environment(bert, a_workflow(bert), cluster, "shop")
    assert namespace_store.made_by(ObjectId(cluster), [anna.team_id, bert.team_id]) == {}, "a name makes nothing"


def test_of_many_teams_claiming_a_namespace_at_once_one_succeeds(mongo: Any):
    cluster = a_cluster(None, shared=True)
    people = [a_user("editor") for _ in range(8)]
    workflows = [a_workflow(person) for person in people]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda pair: add(*pair, cluster=cluster), zip(people, workflows, strict=True)))

    assert sorted(answer.status for answer in answers) == [201] + [409] * 7
    assert mongo.environments.count_documents({}) == 1


def test_one_team_may_use_a_namespace_many_times_at_once(anna: Person, mongo: Any):
    cluster = a_cluster(anna.team_id)
    workflows = [a_workflow(anna) for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda workflow: add(anna, workflow, cluster=cluster), workflows))

    assert [answer.status for answer in answers] == [201] * 8
    [claim] = mongo.namespaces.find()
    assert claim["environments"] == 8


@pytest.mark.parametrize(
    "namespace", ["", "Shop", "a_b", "-a", "a-", "a.b", "x" * 64, "kube-system", "kube-public", "{}", "a\nb", "${NS}"]
)
def test_an_invalid_or_reserved_namespace_is_refused(anna: Person, workflow: dict[str, Any], namespace: str):
    refused = add(anna, workflow, cluster=a_cluster(anna.team_id), namespace=namespace)

    assert refused.status == 400, refused.body
    assert refused.body["errors"][0]["field"] == "namespace"


@pytest.mark.parametrize(
    "variables",
    [
        [],
        {"A": 1},
        {"A": {"type": "string"}},
        {"A": {"type": "string", "value": 1}},
        {"A": {"type": "string", "value": "x", "more": 1}},
        {"A": {"type": "integer", "value": True}},
        {"A": {"type": "integer", "value": 1.5}},
        {"A": {"type": "integer", "value": 2**53}},
        {"A": {"type": "boolean", "value": 0}},
        {"A": {"type": ["string"], "value": "x"}},
        {"A": {"type": "secret", "value": "x"}},
        {"1A": {"type": "string", "value": "x"}},
        {"A-B": {"type": "string", "value": "x"}},
        {"": {"type": "string", "value": "x"}},
        {"A" * 64: {"type": "string", "value": "x"}},
        {"A": {"type": "string", "value": "x" * 65537}},
        {f"A{number}": {"type": "boolean", "value": True} for number in range(201)},
    ],
)
def test_variables_out_of_bounds_are_refused(anna: Person, workflow: dict[str, Any], variables: Any):
    refused = add(anna, workflow, cluster=a_cluster(anna.team_id), variables=variables)

    assert refused.status == 400, refused.body
    assert refused.body["errors"][0]["field"].startswith("variables")


def test_names_are_unique_in_a_workflow(anna: Person, workflow: dict[str, Any]):
    cluster = a_cluster(anna.team_id)
    an_environment(anna, workflow, cluster)
    other = an_environment(anna, workflow, cluster, name="test")

    refused = add(anna, workflow, cluster=cluster, namespace="elsewhere")

    assert (refused.status, refused.body["code"]) == (409, "environment.name_taken")
    assert anna.patch(f"environments/{other['id']}", {"name": "prod"}).body["code"] == "environment.name_taken"
    assert an_environment(anna, a_workflow(anna), cluster)["name"] == "prod"


def test_a_new_name_of_an_environment_is_shown_in_its_workflow(anna: Person, workflow: dict[str, Any], mongo: Any):
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))

    assert anna.patch(f"environments/{environment['id']}", {"name": "live"}).body["name"] == "live"

    assert [row["name"] for row in anna.get(f"workflows/{workflow['id']}").body["environments"]] == ["live"]
    stored = mongo.workflows.find_one()
    assert [row["name"] for row in stored["environments"]] == ["live"]


def test_an_environment_without_objects_can_move_and_frees_its_old_namespace(
    anna: Person, workflow: dict[str, Any], mongo: Any
):
    cluster = a_cluster(None, shared=True)
    environment = an_environment(anna, workflow, cluster, "shop")

    moved = anna.patch(f"environments/{environment['id']}", {"namespace": "store"})

    assert moved.body["namespace"] == "store"
    bert = a_user("editor")
    assert add(bert, a_workflow(bert), cluster=cluster, namespace="shop").status == 201
    assert add(bert, a_workflow(bert), cluster=cluster, namespace="store").status == 409


@pytest.mark.parametrize("move", ["namespace", "cluster"])
def test_an_environment_that_owns_objects_can_be_renamed_but_not_moved(
    anna: Person, workflow: dict[str, Any], move: str
):
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    owns(environment)
    to = "store" if move == "namespace" else a_cluster(anna.team_id)

    refused = anna.patch(f"environments/{environment['id']}", {move: to})

    assert (refused.status, refused.body["code"]) == (409, "environment.rooted")
    same = {"namespace": "shop", "cluster": environment["cluster"]["id"], "name": "live"}
    assert anna.patch(f"environments/{environment['id']}", same).body["name"] == "live"


def test_removing_an_environment_asks_what_to_do_with_its_objects(anna: Person, workflow: dict[str, Any], mongo: Any):
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    owns(environment)
    path = f"environments/{environment['id']}"

    refused = anna.delete(path)

    assert (refused.status, refused.body["code"]) == (409, "environment.owns_objects")
    assert [row["ref"]["name"] for row in refused.body["owned"]] == ["web"]
    assert anna.delete(f"{path}?objects=keep").status == 204
    assert anna.get(path).status == 404
    assert mongo.inventory.count_documents({}) == 0
    assert anna.get(f"workflows/{workflow['id']}").body["environments"] == []


def test_an_environment_with_an_open_run_cannot_be_removed(anna: Person, workflow: dict[str, Any], mongo: Any):
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    started = anna.post(f"workflows/{workflow['id']}/runs", {"environment": environment["id"]})
    assert started.status == 202, started.body

    refusals = [
        anna.delete(f"environments/{environment['id']}?objects=keep"),
        anna.patch(f"environments/{environment['id']}", {"namespace": "store"}),
        anna.delete(f"workflows/{workflow['id']}?objects=keep"),
        anna.post(f"workflows/{workflow['id']}/archive", {"objects": "keep"}),
    ]

    assert [(answer.status, answer.body["code"]) for answer in refusals] == [(409, "environment.busy")] * 4


def test_the_status_is_the_live_topics_snapshot(anna: Person, workflow: dict[str, Any]):
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))

    answer = anna.get(f"environments/{environment['id']}/status")

    assert answer.status == 200, answer.body
    assert (answer.body["topic"], answer.body["type"]) == (f"environment:{environment['id']}", "snapshot")
    assert answer.body["data"].get("run") is None
    run = anna.post(f"workflows/{workflow['id']}/runs", {"environment": environment["id"]})
    assert run.status == 202, run.body
    shown = anna.get(f"environments/{environment['id']}/status").body["data"]
    assert shown["run"]["id"] == run.body["id"]
    assert a_user("admin").get(f"environments/{environment['id']}/status").status == 404


def test_viewers_and_other_teams_cannot_change_an_environment(anna: Person, workflow: dict[str, Any]):
    cluster = a_cluster(None, shared=True)
    environment = an_environment(anna, workflow, cluster)
    path = f"environments/{environment['id']}"
    viewer, stranger = a_user("viewer", team=anna.team_id), a_user("admin")

    assert viewer.get(path).status == 200
    assert viewer.get(f"{path}/inventory").status == 200
    for person, status in ((viewer, 403), (stranger, 404)):
        assert add(person, workflow, cluster=cluster, name="x").status == status
        assert person.patch(path, {"name": "x"}).status == status
        assert person.delete(path).status == status
    assert stranger.get(path).status == 404
    assert stranger.get(f"{path}/inventory").status == 404
    assert stranger.get(f"workflows/{workflow['id']}/environments").status == 404
