"""Workflows over the API: made, listed, described, copied, their states, their file."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from tests.support.people import Person, a_user
from tests.support.workflows import (
    a_cluster,
    a_graph,
    a_node,
    a_workflow,
    an_edge,
    an_environment,
    graph_of,
    owns,
    save,
)


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


def names(answer: Any) -> list[str]:
    assert answer.status == 200, answer.body
    return [row["name"] for row in answer.body["results"]]


def test_a_new_workflow_is_active_with_everything_a_card_shows(anna: Person, mongo: Any):
    cluster = a_cluster(anna.team_id, "north")

    made = a_workflow(
        anna,
        a_node("web"),
        name="  Shop ",
        description="sells",
        tags=["a", "b", "a"],
        environment={"name": "prod", "cluster": cluster, "namespace": "shop"},
    )

    assert made["name"] == "Shop"
    assert made["state"] == "active"
    assert made["tags"] == ["a", "b"]
    assert (made["rev"], made["version"], made["node_count"]) == (1, 0, 1)
    assert made["team"]["id"] == str(anna.team_id)
    assert made["created_by"] == made["updated_by"] == {"id": anna.user_id, "name": "Anna"}
    assert made["last_run"] is None
    [environment] = made["environments"]
    assert environment["cluster"] == {"id": cluster, "name": "north", "state": "ready"}
    assert environment["namespace"] == "shop"
    assert anna.get(f"workflows/{made['id']}").body == made
    assert anna.get("workflows").body == {"results": [made], "next": None}


def test_a_workflow_with_an_invalid_graph_or_environment_is_not_created(anna: Person, mongo: Any):
    bad_graph = {"name": "x", "graph": a_graph(a_node("a", kind="nothing"))}
    bad_place = {"name": "x", "environment": {"name": "p", "cluster": "nowhere", "namespace": "shop"}}

    assert anna.post("workflows", bad_graph).status == 400
    refused = anna.post("workflows", bad_place)

    assert (refused.status, refused.body["code"]) == (400, "environment.cluster")
    assert mongo.workflows.count_documents({}) == 0
    assert mongo.environments.count_documents({}) == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 201},
        {"name": "a\nb"},
        {"name": {"$ne": 1}},
        {"name": ["x"]},
        {"name": "x", "tags": ["t" * 51]},
        {"name": "x", "tags": [f"t{number}" for number in range(21)]},
        {"name": "x", "tags": "t"},
        {"name": "x", "description": "d" * 4001},
        {"name": "x", "graph": []},
        {"name": "x", "graph": {"nodes": 1}},
        {"name": "x", "environment": {"name": "p"}},
    ],
)
def test_a_body_out_of_bounds_is_refused_with_a_problem_document(anna: Person, mongo: Any, body: dict[str, Any]):
    refused = anna.post("workflows", body)

    assert refused.status == 400, refused.body
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert mongo.workflows.count_documents({}) == 0


def test_a_viewer_cannot_create_a_workflow(anna: Person):
    assert a_user("viewer").post("workflows", {"name": "x"}).status == 403


def test_a_member_of_two_teams_must_choose_one(anna: Person, mongo: Any):
    other = a_user("viewer").team_id
    mongo.memberships.insert_one({"user_id": ObjectId(anna.user_id), "team_id": other, "role": "editor"})

    unsaid = anna.post("workflows", {"name": "x"})
    said = anna.post("workflows", {"name": "x", "team": str(other)})

    assert (unsaid.status, unsaid.body["code"]) == (400, "team.required")
    assert said.body["team"]["id"] == str(other)
    assert anna.post("workflows", {"name": "x", "team": str(ObjectId())}).status == 404


def test_a_list_holds_only_the_teams_workflows_and_no_archived_ones(anna: Person):
    a_workflow(anna, name="ours")
    old = a_workflow(anna, name="old")
    anna.post(f"workflows/{old['id']}/archive")
    stranger = a_user("editor")
    a_workflow(stranger, name="theirs")

    assert names(anna.get("workflows")) == ["ours"]
    assert names(anna.get("workflows?state=archived")) == ["old"]
    assert set(names(anna.get("workflows?state=all"))) == {"ours", "old"}
    assert names(anna.get(f"workflows?team={stranger.team_id}")) == []


def test_search_covers_name_description_and_tags_ignores_case_and_takes_symbols_literally(anna: Person):
    a_workflow(anna, name="Web (shop)")
    a_workflow(anna, name="other", description="the SHOP's back office")
    a_workflow(anna, name="third", tags=["Shopping"])
    a_workflow(anna, name="unrelated")

    assert set(names(anna.get("workflows?search=shop"))) == {"Web (shop)", "other", "third"}
    assert names(anna.get("workflows?search=(shop)")) == ["Web (shop)"]
    assert names(anna.get("workflows?search=.*")) == []
    assert names(anna.get("workflows?tag=Shopping")) == ["third"]
    assert anna.get("workflows?search=" + "x" * 201).status == 400


@pytest.mark.parametrize("sort", ["name", "-name", "updated_at", "-updated_at", "created_at", "-created_at"])
def test_pages_walk_the_whole_list_once_in_every_sort(anna: Person, sort: str):
    made = [a_workflow(anna, name=name)["name"] for name in ("b", "A", "d", "C", "b")]

    walked: list[str] = []
    cursor = ""
    while True:
        page = anna.get(f"workflows?sort={sort}&limit=2&cursor={cursor}")
        walked += names(page)
        cursor = page.body["next"]
        if cursor is None:
            break

    assert sorted(walked) == sorted(made)
    if sort == "name":
        assert walked == ["A", "b", "b", "C", "d"]
    if sort == "created_at":
        assert walked == made


@pytest.mark.parametrize(("field", "down"), [("name", 1), ("name", -1), ("updated_at", -1), ("created_at", 1)])
def test_lists_are_read_in_the_order_of_an_index_and_never_sorted_in_memory(
    anna: Person, mongo: Any, field: str, down: int
):
    from kubeorch.mongo.indexes import ANY_CASE

    a_workflow(anna)
    found = mongo.workflows.find({"team_id": {"$in": [anna.team_id]}, "state": "active"})
    plan = found.sort([(field, down), ("_id", down)]).collation(ANY_CASE).explain()["queryPlanner"]["winningPlan"]

    assert "IXSCAN" in str(plan)
    assert "'SORT'" not in str(plan)


@pytest.mark.parametrize("field", ["created_at", "number"])
@pytest.mark.parametrize("down", [1, -1])
def test_runs_of_several_teams_are_read_in_the_order_of_an_index(mongo: Any, field: str, down: int):
    found = mongo.runs.find({"team_id": {"$in": [ObjectId(), ObjectId()]}})
    plan = found.sort([(field, down), ("_id", down)]).explain()["queryPlanner"]["winningPlan"]

    assert "IXSCAN" in str(plan)
    assert "'SORT'" not in str(plan)


@pytest.mark.parametrize("query", ["sort=owner", "limit=0", "limit=101", "limit=x", "cursor=abc", "state=gone"])
def test_a_query_out_of_bounds_is_refused(anna: Person, query: str):
    assert anna.get(f"workflows?{query}").status == 400


@pytest.mark.parametrize("workflow_id", ["x", "0" * 24, "../etc", "$ne", "%00", "1" * 300])
def test_a_malformed_id_is_not_found(anna: Person, workflow_id: str):
    assert anna.get(f"workflows/{workflow_id}").status == 404
    assert anna.delete(f"workflows/{workflow_id}").status == 404


def test_changing_the_description_changes_only_what_is_given(anna: Person):
    workflow = a_workflow(anna, a_node("web"), name="Shop", description="sells", tags=["a"])

    changed = anna.patch(f"workflows/{workflow['id']}", {"name": "Store"}).body

    assert (changed["name"], changed["description"], changed["tags"], changed["rev"]) == ("Store", "sells", ["a"], 1)
    assert anna.patch(f"workflows/{workflow['id']}", {"description": ""}).body["description"] == ""


def test_a_clone_has_the_graph_but_neither_environments_nor_secrets_nor_versions(anna: Person, mongo: Any):
    from kubeorch.base.clock import now
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.environments import secret_store

    workflow = a_workflow(anna, a_node("web", replicas=3), name="Shop", tags=["a"])
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    ids = ObjectId(workflow["id"]), ObjectId(environment["id"])
    run_in_transaction(lambda session: secret_store.store_values(*ids, {"web": {"K": "v"}}, at=now(), session=session))
    anna.post(f"workflows/{workflow['id']}/versions", {"name": "one"})

    copy = anna.post(f"workflows/{workflow['id']}/clone", {"name": "Copy"})

    assert copy.status == 201, copy.body
    assert (copy.body["name"], copy.body["state"], copy.body["tags"]) == ("Copy", "active", ["a"])
    assert (copy.body["environments"], copy.body["version"]) == ([], 0)
    assert graph_of(anna, copy.body)["nodes"] == graph_of(anna, workflow)["nodes"]
    assert mongo.secret_values.count_documents({"workflow_id": ObjectId(copy.body["id"])}) == 0


def test_a_workflow_is_active_or_archived(anna: Person):
    workflow = a_workflow(anna, a_node("web"))
    path = f"workflows/{workflow['id']}"

    assert anna.post(f"{path}/unarchive").body["code"] == "workflow.not_archived"
    assert anna.post(f"{path}/archive").body["state"] == "archived"
    assert anna.post(f"{path}/unarchive").body["state"] == "active"


def test_an_archived_workflow_is_read_only(anna: Person, mongo: Any):
    workflow = a_workflow(anna, a_node("web"))
    path = f"workflows/{workflow['id']}"
    anna.post(f"{path}/versions", {"name": "one"})
    anna.post(f"{path}/archive")
    cluster = a_cluster(anna.team_id)

    refusals = [
        save(anna, workflow, 1, a_node("web", replicas=2)),
        save(anna, workflow, 1, a_node("web")),
        anna.patch(path, {"name": "x"}),
        anna.post(f"{path}/versions", {"name": "two"}),
        anna.patch(f"{path}/versions/1", {"name": "two"}),
        anna.post(f"{path}/versions/1/restore"),
        anna.post(f"{path}/environments", {"name": "p", "cluster": cluster, "namespace": "shop"}),
    ]

    assert [(answer.status, answer.body["code"]) for answer in refusals] == [(409, "workflow.archived")] * len(refusals)
    assert graph_of(anna, workflow)["rev"] == 1
    assert anna.get(path).body["state"] == "archived"


def test_deleting_removes_everything_of_the_workflow_and_nothing_else(anna: Person, mongo: Any):
    cluster = a_cluster(anna.team_id)
    gone, stays = a_workflow(anna, a_node("web")), a_workflow(anna, a_node("web"))
    for workflow, namespace in ((gone, "one"), (stays, "two")):
        an_environment(anna, workflow, cluster, namespace)
        anna.post(f"workflows/{workflow['id']}/versions", {"name": "one"})

    assert anna.delete(f"workflows/{gone['id']}").status == 204

    assert anna.get(f"workflows/{gone['id']}").status == 404
    assert anna.get(f"workflows/{stays['id']}").status == 200
    for name in ("workflows", "versions", "environments", "namespaces"):
        assert mongo[name].count_documents({}) == 1, name


@pytest.mark.parametrize(("method", "path"), [("DELETE", ""), ("POST", "/archive")])
def test_archiving_or_deleting_with_objects_asks_what_to_do_and_lists_what_holds_data(
    anna: Person, mongo: Any, method: str, path: str
):
    workflow = a_workflow(anna, a_node("web"))
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    owns(environment)
    owns(environment, "PersistentVolumeClaim", "data", "v1")

    refused = anna.call(method, f"workflows/{workflow['id']}{path}", {})

    assert (refused.status, refused.body["code"]) == (409, "workflow.owns_objects")
    assert [(row["ref"]["kind"], row["ref"]["name"], row["holds_data"]) for row in refused.body["owned"]] == [
        ("Deployment", "web", False),
        ("PersistentVolumeClaim", "data", True),
    ]
    assert {row["environment"]["name"] for row in refused.body["owned"]} == {"prod"}
    assert anna.get(f"workflows/{workflow['id']}").body["state"] == "active"


def test_archiving_with_keep_leaves_the_objects_in_the_inventory(anna: Person, mongo: Any):
    workflow = a_workflow(anna, a_node("web"))
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    owns(environment)

    archived = anna.post(f"workflows/{workflow['id']}/archive", {"objects": "keep"})

    assert archived.body["state"] == "archived"
    assert len(anna.get(f"environments/{environment['id']}/inventory").body["results"]) == 1


def test_deleting_with_keep_leaves_the_objects_in_the_cluster_and_forgets_them(anna: Person, mongo: Any):
    workflow = a_workflow(anna, a_node("web"))
    owns(an_environment(anna, workflow, a_cluster(anna.team_id)))

    assert anna.delete(f"workflows/{workflow['id']}?objects=keep").status == 204
    assert mongo.inventory.count_documents({}) == 0


@pytest.mark.parametrize("query", ["objects=all", "volumes=maybe", "objects=keep&volumes=%00"])
def test_an_unknown_choice_for_objects_is_refused(anna: Person, query: str):
    workflow = a_workflow(anna, a_node("web"))

    assert anna.delete(f"workflows/{workflow['id']}?{query}").status == 400
    assert anna.get(f"workflows/{workflow['id']}").status == 200


def test_a_workflow_file_restores_the_graph(anna: Person, mongo: Any):
    workflow = a_workflow(
        anna,
        a_node("web", replicas=0),
        a_node("front", kind="service", port=80),
        name="Shop",
        description="d",
        tags=["a"],
    )
    save(anna, workflow, 1, a_node("web", replicas=0), a_node("front", kind="service", port=80))
    exported = anna.get(f"workflows/{workflow['id']}/export")
    assert exported.headers["Content-Type"].startswith("text/yaml")

    imported = anna.post("workflows/import", {"file": exported.body.decode(), "name": "Again"})

    assert imported.status == 201, imported.body
    assert (imported.body["name"], imported.body["description"], imported.body["tags"]) == ("Again", "d", ["a"])
    assert [(node["id"], node["kind"], node["parameters"]) for node in graph_of(anna, imported.body)["nodes"]] == [
        (node["id"], node["kind"], node["parameters"]) for node in graph_of(anna, workflow)["nodes"]
    ]


def test_an_imported_workflow_gets_the_environment_it_is_given(anna: Person, mongo: Any):
    workflow = a_workflow(anna, a_node("web"))
    cluster = a_cluster(anna.team_id, "north")
    an_environment(anna, workflow, cluster, "shop")
    file = anna.get(f"workflows/{workflow['id']}/export").body.decode()

    imported = anna.post("workflows/import", {"file": file, "environment": {"cluster": "north"}})

    assert imported.status == 201, imported.body
    [environment] = imported.body["environments"]
    assert (environment["namespace"], environment["cluster"]["id"]) == ("shop", cluster)


@pytest.mark.parametrize(
    "file",
    ["", "a: &a [*a]", "- 1", "name: x\nnodes: !!python/object/apply:os.system [ls]", "name: x\nname: y", "{", "\t"],
)
def test_a_file_that_is_not_a_workflow_is_refused(anna: Person, mongo: Any, file: str):
    refused = anna.post("workflows/import", {"file": file})

    assert refused.status == 400, refused.body
    assert mongo.workflows.count_documents({}) == 0


def test_edges_come_back_as_they_were_sent(anna: Person):
    graph = a_graph(
        a_node("front", kind="service", port=80), a_node("web"), edges=(an_edge("front", "web", "exposes"),)
    )
    made = anna.post("workflows", {"name": "x", "graph": graph})
    if made.status != 201:  # name the pairs there are, so that the failure explains itself
        raise AssertionError(made.body)

    assert graph_of(anna, made.body)["edges"] == graph["edges"]


def test_the_first_person_finds_a_sample_that_can_run_at_once(mongo: Any):
    from tests.support.people import PASSWORD, call

    sandbox = a_cluster(None, "sandbox", is_sandbox=True, shared=True)
    first = call("POST", "auth/register", {"email": "first@example.test", "password": PASSWORD, "name": "First"})
    assert first.status == 201, first.body

    [sample] = call("GET", "workflows", token=first.body["token"]).body["results"]
    graph = call("GET", f"workflows/{sample['id']}/graph", token=first.body["token"]).body

    assert sample["node_count"] > 3
    [environment] = sample["environments"]
    assert environment["cluster"]["id"] == sandbox
    assert sample["created_by"]["name"] == "First"
    assert [row for row in graph["problems"] if row["severity"] == "error"] == []
    path = f"workflows/{sample['id']}"
    secrets = call("GET", f"{path}/secrets?environment={environment['id']}", token=first.body["token"]).body
    assert all(key["stored"] for node in secrets["nodes"] for key in node["keys"])
    run = call("POST", f"{path}/runs", {"environment": environment["id"]}, token=first.body["token"])
    assert run.status == 202, "a first run asks for nothing"


def test_the_sample_is_created_once_and_without_a_sandbox_too(mongo: Any):
    from workflows.welcome import sample_workflow

    anna = a_user("admin")
    for _ in range(2):
        sample_workflow(anna.principal, anna.team_id)

    [sample] = anna.get("workflows").body["results"]
    assert sample["environments"] == []


def test_numbers_beyond_31_bits_are_shown_as_yaml_and_exported(anna: Person) -> None:
    manifest = {"apiVersion": "x.example.com/v1", "kind": "Cache", "spec": {"maxBytes": 5_368_709_120}}
    workflow = a_workflow(anna, a_node("cache", kind="manifest", manifest=manifest), a_node("web", fs_group=2**31 - 1))

    shown = anna.post(f"workflows/{workflow['id']}/manifests", {})
    exported = anna.get(f"workflows/{workflow['id']}/export")

    assert shown.status == 200, shown.body
    assert any("maxBytes: 5368709120" in one["yaml"] for one in shown.body["manifests"])
    assert any("fsGroup: 2147483647" in one["yaml"] for one in shown.body["manifests"])
    assert exported.status == 200


def test_text_in_an_imported_file_keeps_its_digits(anna: Person) -> None:
    file = (
        "workflow: 1\nname: digits\nnodes:\n- {id: web, kind: deployment, name: web, parameters: "
        "{image: 'nginx:1.27', env: {VERSION: 1.10, ID: 007}, labels: {release: 1.20}}}\nedges: []\n"
    )
    made = anna.post("workflows/import", {"file": file})
    assert made.status == 201, made.body
    graph = anna.get(f"workflows/{made.body['id']}/graph").body
    parameters = graph["nodes"][0]["parameters"]
    assert parameters["env"] == {"VERSION": "1.10", "ID": "007"}
    assert parameters["labels"] == {"release": "1.20"}


def test_a_dropped_file_is_read_as_an_import_reads_it_and_nothing_is_stored(anna: Person) -> None:
    file = (
        "workflow: 1\nname: rights\nnodes:\n"
        "- {id: c, kind: configmap, name: c, parameters: {data: {a: 1.10, big: 9007199254740993}}}\n"
        "- {id: web, kind: deployment, name: web}\n"
        "edges:\n- {id: e, source: c, target: web, relation: mounts, parameters: {default_mode: 0400}}\n"
    )

    read = anna.post("workflows/parse", {"content": file})

    assert read.status == 200, read.body
    assert anna.get("workflows").body["results"] == []
    made = anna.post("workflows/import", {"file": file})
    graph = anna.get(f"workflows/{made.body['id']}/graph").body
    assert {key: read.body[key] for key in ("nodes", "edges", "problems")} == {
        key: graph[key] for key in ("nodes", "edges", "problems")
    }
    assert [one["code"] for one in read.body["problems"]] == ["parameter.required"]


def test_dropped_objects_become_nodes_and_values_of_secrets_stay_behind(anna: Person) -> None:
    text = (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2}\n"
        "---\napiVersion: v1\nkind: LimitRange\nmetadata: {name: limits}\nspec: {limits: []}\n"
    )
    read = anna.post("workflows/parse", {"content": text})
    assert [one["kind"] for one in read.body["nodes"]] == ["secret", "manifest"]
    assert read.body["notes"][0]["node_ids"] == ["secret-db"]
    assert "hunter2" not in str(read.body)
    assert anna.post("workflows/parse", {"content": "a: ["}).body["code"] == "yaml.invalid"
    assert anna.post("workflows/parse", {"content": "services: {}"}).body["code"] == "parse.unknown"
