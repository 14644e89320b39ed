"""What a graph may not run is said when the run is started, with every problem by its node, and nothing is stored."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_config_map, a_manifest, a_node, a_workflow, an_environment, save

RBAC = "rbac.authorization.k8s.io/v1"


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("admin", name="Anna")


def start(person: Person, workflow: dict[str, Any]) -> Any:
    return person.post(f"workflows/{workflow['id']}/runs")


def problems(answer: Any) -> list[tuple[str, list[str]]]:
    return sorted((row["code"], row["node_ids"]) for row in answer.body["errors"])


def written_for(name: str, namespace: str) -> dict[str, Any]:
    return a_manifest(name, apiVersion="v1", kind="ConfigMap", metadata={"name": name, "namespace": namespace})


def test_yaml_of_another_namespace_is_refused_at_the_start_by_node(anna: Person, mongo: Any):
    nodes = [written_for("one", "kube-system"), written_for("two", "shop"), written_for("three", "elsewhere")]
    workflow = a_workflow(anna, *nodes)
    an_environment(anna, workflow, a_cluster(anna.team_id), "shop")

    refused = start(anna, workflow)

    assert (refused.status, refused.body["code"]) == (400, "run.graph_invalid")
    assert problems(refused) == [("manifest.namespace", ["one"]), ("manifest.namespace", ["three"])]
    assert "the YAML has the namespace 'kube-system' and the object is applied to 'shop'" in refused.body["detail"]
    assert mongo.runs.count_documents({}) == mongo.versions.count_documents({}) == mongo.jobs.count_documents({}) == 0


def test_problems_of_fields_and_of_the_environment_come_together(anna: Person):
    nodes = [a_node("bad", image=""), written_for("one", "other"), a_node("many", replicas="${COUNT}"), a_node("x")]
    workflow = a_workflow(anna, *nodes)
    environment = an_environment(anna, workflow, a_cluster(anna.team_id), "shop")
    variables = {"COUNT": {"type": "string", "value": "three"}}
    assert anna.patch(f"environments/{environment['id']}", {"variables": variables}).status == 200

    refused = start(anna, workflow)

    assert refused.status == 400
    assert {node for _, node_ids in problems(refused) for node in node_ids} == {"bad", "one", "many"}
    told = [(row["code"], row["field"]) for row in refused.body["errors"]]
    assert len(told) == len(set(told)), "each problem is told once"


def test_a_guest_is_told_at_the_start_what_it_may_not_make_and_the_owner_is_not_asked(anna: Person, mongo: Any):
    cluster = a_cluster(anna.team_id, shared=True)
    guest = a_user("admin", name="Gus")
    nodes = [
        a_config_map("conf"),
        a_manifest("all", apiVersion=RBAC, kind="ClusterRole", rules=[]),
        a_manifest("mine", apiVersion=RBAC, kind="Role", rules=[]),
        {
            **a_manifest("far", apiVersion="v1", kind="ConfigMap"),
            "parameters": {
                "manifest": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: far}\n",
                "namespace": "kube-system",
            },
        },
    ]
    owns, theirs = a_workflow(anna, *nodes), a_workflow(guest, *nodes)
    an_environment(anna, owns, cluster, "shop")
    an_environment(guest, theirs, cluster, "guest")

    refused = start(guest, theirs)

    assert (refused.status, refused.body["code"]) == (400, "run.reaches_too_far")
    assert problems(refused) == [("run.reaches_too_far", [name]) for name in ("all", "far", "mine")]
    assert "only the team that owns the cluster may create it" in refused.body["detail"]
    assert mongo.runs.count_documents({}) == 0
    assert start(anna, owns).status == 202


def test_a_run_that_is_tried_again_is_refused_for_what_has_come_to_be_beyond_its_team(anna: Person, mongo: Any):
    cluster = a_cluster(None, is_sandbox=True)
    workflow = a_workflow(anna, a_manifest("all", apiVersion=RBAC, kind="ClusterRole", rules=[]))
    an_environment(anna, workflow, cluster, "shop")
    run = start(anna, workflow).body
    assert anna.post(f"runs/{run['id']}/cancel").status == 202
    neighbour = a_user("admin")
    an_environment(neighbour, a_workflow(neighbour), cluster, "theirs")

    refused = anna.post(f"runs/{run['id']}/retry")

    assert (refused.status, refused.body["code"]) == (400, "run.reaches_too_far")
    assert mongo.runs.find_one({"_id": ObjectId(run["id"])})["state"] == "canceled"


def test_a_graph_that_is_corrected_runs(anna: Person):
    workflow = a_workflow(anna, written_for("one", "other"))
    an_environment(anna, workflow, a_cluster(anna.team_id), "shop")
    assert start(anna, workflow).status == 400
    assert save(anna, workflow, 1, written_for("one", "shop")).status == 200
    assert start(anna, workflow).status == 202
