"""Importing again: answers are kept, and files are merged into a workflow as one save."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.imports import COMPOSE, MANIFESTS, SECRET, an_import, compose, files, shop
from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


def applied(person: Person, found: dict[str, Any], **more: Any) -> str:
    answer = person.post(f"imports/{found['id']}/apply", {"name": "Shop", **more})
    assert answer.status == 201, answer.body
    return str(answer.body["workflow"]["id"])


def merged(person: Person, found: dict[str, Any], workflow: str, **query: str) -> dict[str, Any]:
    more = "".join(f"&{name}={value}" for name, value in query.items())
    answer = person.get(f"imports/{found['id']}/merge?workflow={workflow}{more}")
    assert answer.status == 200, answer.body
    return dict(answer.body)


def graph_of(person: Person, workflow: str) -> dict[str, Any]:
    return dict(person.get(f"workflows/{workflow}/graph").body)


def named(graph: dict[str, Any], name: str, kind: str = "deployment") -> dict[str, Any]:
    [one] = [one for one in graph["nodes"] if (one["name"], one["kind"]) == (name, kind)]
    return dict(one)


def saved(person: Person, workflow: str, graph: dict[str, Any]) -> None:
    sent = {name: graph[name] for name in ("rev", "nodes", "edges")}
    answer = person.put(f"workflows/{workflow}/graph", sent)
    assert answer.status == 200, answer.body


NEWER = COMPOSE.replace("nginx:1.27", "nginx:1.28").replace("  db:\n", "  cache: {image: 'redis:7'}\n  db:\n")


def test_a_changed_file_is_shown_as_a_difference_and_saved_once_over_what_people_made(anna: Person) -> None:
    workflow = applied(anna, an_import(anna, shop()))
    graph = graph_of(anna, workflow)
    web = next(one for one in graph["nodes"] if one["kind"] == "deployment" and one["name"] == "web")
    web["position"], web["patch"] = {"x": 900, "y": 900}, "spec:\n  revisionHistoryLimit: 3\n"
    web["parameters"]["replicas"] = 5
    saved(anna, workflow, graph)
    rev = graph_of(anna, workflow)["rev"]
    source = shop()
    source["files"][0]["text"] = NEWER
    again = an_import(anna, source)

    shown = merged(anna, again, workflow)

    changes = {(one["name"], one["kind"]): one["change"] for one in shown["changes"]["nodes"]}
    assert changes == {
        ("web", "deployment"): "modified",
        ("cache", "deployment"): "added",
        ("cache", "service"): "added",
    }
    assert (shown["rev"], shown["conflicts"], shown["base"]["name"]) == (rev, [], "shop")
    assert graph_of(anna, workflow)["rev"] == rev, "looking changes nothing"
    answer = anna.post(f"imports/{again['id']}/apply", {"workflow": workflow, "rev": rev})
    assert answer.status == 201, answer.body
    after = graph_of(anna, workflow)
    assert after["rev"] == rev + 1, "one save"
    mended = named(after, "web")
    assert (mended["parameters"]["image"], mended["parameters"]["replicas"]) == ("nginx:1.28", 5)
    assert (mended["position"], mended["patch"]) == (web["position"], web["patch"])
    assert named(after, "cache")["position"]["y"] > 900
    assert anna.get(f"imports/{again['id']}").body["workflow"]["id"] == workflow
    versions = anna.get(f"workflows/{workflow}/versions").body["results"]
    assert len(versions) == 1, "the graph before the merge can be restored"
    assert merged(anna, an_import(anna, source), workflow)["changes"] == {"nodes": [], "edges": []}


def test_an_import_of_another_project_takes_nothing_out_of_a_workflow(anna: Person) -> None:
    workflow = applied(anna, an_import(anna, shop()))
    before = {(one["kind"], one["name"]) for one in graph_of(anna, workflow)["nodes"]}
    other = compose("name: other\nservices: {queue: {image: 'rabbitmq:4'}}\n")

    shown = merged(anna, found := an_import(anna, other), workflow)

    assert shown["base"] is None
    assert {one["change"] for one in shown["changes"]["nodes"]} == {"added"}
    answer = anna.post(f"imports/{found['id']}/apply", {"workflow": workflow, "rev": shown["rev"]})
    assert answer.status == 201, answer.body
    again = merged(anna, an_import(anna, shop()), workflow)
    assert (again["base"]["name"], again["changes"]["nodes"]) == ("shop", [])
    assert before < {(one["kind"], one["name"]) for one in again["graph"]["nodes"]}


def test_what_came_under_another_id_is_found_again_by_the_next_import(anna: Person) -> None:
    def with_api(tag: str) -> dict[str, Any]:
        return compose(f"name: shop\nservices: {{web: {{image: 'web:1'}}, api: {{image: 'api:{tag}'}}}}\n")

    workflow = applied(anna, an_import(anna, compose("name: shop\nservices: {web: {image: 'web:1'}}\n")))
    graph = graph_of(anna, workflow)
    drawn_by_import = named(merged(anna, an_import(anna, with_api("1")), workflow)["graph"], "api")["id"]
    own = {**graph["nodes"][0], "id": drawn_by_import, "name": "mine", "parameters": {"image": "mine:1"}}
    saved(anna, workflow, {**graph, "nodes": [*graph["nodes"], own]})

    second = an_import(anna, with_api("1"))
    rev = graph_of(anna, workflow)["rev"]
    answer = anna.post(f"imports/{second['id']}/apply", {"workflow": workflow, "rev": rev})
    assert answer.status == 201, answer.body
    shown = merged(anna, an_import(anna, with_api("2")), workflow)

    images = {one["name"]: one["parameters"]["image"] for one in shown["graph"]["nodes"]}
    assert images == {"web": "web:1", "mine": "mine:1", "api": "api:2"}
    assert shown["conflicts"] == []


def test_what_both_changed_is_a_conflict_in_which_either_side_can_stay(anna: Person) -> None:
    workflow = applied(anna, an_import(anna, compose("services: {web: {image: 'nginx:1'}}\n")))
    graph = graph_of(anna, workflow)
    next(one for one in graph["nodes"] if one["kind"] == "deployment")["parameters"]["image"] = "mine:1"
    saved(anna, workflow, graph)
    again = an_import(anna, compose("services: {web: {image: 'nginx:2'}}\n"))

    shown = merged(anna, again, workflow)
    [conflict] = shown["conflicts"]
    assert (conflict["path"], conflict["yours"], conflict["files"]) == ("parameters.image", "mine:1", "nginx:2")
    assert named(shown["graph"], "web")["parameters"]["image"] == "nginx:2"
    kept = merged(anna, again, workflow, keep=conflict["id"])
    assert kept["changes"]["nodes"] == []

    body = {"workflow": workflow, "rev": shown["rev"], "keep": [conflict["id"]]}
    unknown = anna.post(f"imports/{again['id']}/apply", {**body, "keep": [conflict["id"], "none-of-it"]})
    assert (unknown.status, unknown.body["code"]) == (400, "import.conflict_unknown")
    assert anna.post(f"imports/{again['id']}/apply", body).status == 201
    assert named(graph_of(anna, workflow), "web")["parameters"]["image"] == "mine:1"


def test_a_merge_over_another_revision_another_team_or_with_the_wrong_fields_is_refused(anna: Person) -> None:
    found = an_import(anna, shop())
    workflow = applied(anna, found)
    again = an_import(anna, shop())
    path = f"imports/{again['id']}/apply"

    def refused(**given: Any) -> tuple[int, str, str | None]:
        answer = anna.post(path, given)
        errors = answer.body.get("errors") or [{"field": None}]
        return answer.status, answer.body["code"], errors[0]["field"]

    assert refused(workflow=workflow, rev=99) == (409, "import.workflow_changed", "rev")
    assert refused(workflow=workflow)[2] == "rev"
    assert refused(workflow=workflow, rev=1, name="x")[2] == "name"
    assert refused(name="x", keep=["a"])[2] == "keep"
    assert refused()[2] == "name"
    assert anna.get(f"imports/{again['id']}/merge").status == 400
    other = a_user("editor", name="Other")
    theirs = other.post("workflows", {"name": "Theirs"}).body["id"]
    assert anna.get(f"imports/{again['id']}/merge?workflow={theirs}").status == 404
    both = a_user("editor", name="Both")
    mine = both.post("workflows", {"name": "Mine"}).body["id"]
    assert both.get(f"imports/{again['id']}/merge?workflow={mine}").status == 404
    assert anna.get(f"imports/{again['id']}").body["workflow"] is None, "nothing was applied"


def test_values_of_secrets_go_to_the_environment_that_is_named_and_random_ones_are_not_made_anew(
    anna: Person, mongo: Any
) -> None:
    from bson import ObjectId

    from workflows.environments.secret_store import clear_values

    cluster = a_cluster(anna.team_id)
    text = "services:\n  db: {image: 'postgres:16', environment: {POSTGRES_PASSWORD: }}\n"
    first = an_import(anna, compose(text))
    question = next(one for one in first["decisions"] if one["id"].startswith("secret/"))
    assert "generate" in [one["value"] for one in question["choices"]]
    first = anna.put(f"imports/{first['id']}/answers", {"answers": {question["id"]: "generate"}}).body
    workflow = applied(anna, first, environment={"name": "dev", "cluster": cluster, "namespace": "merged"})
    environment = anna.get(f"workflows/{workflow}").body["environments"][0]["id"]
    before = clear_values(ObjectId(environment))
    assert before
    more = f"  web: {{image: nginx, environment: {{API_TOKEN: {SECRET}}}}}\n"
    again = an_import(anna, compose(text + more))
    assert next(one for one in again["decisions"] if one["id"] == question["id"])["answer"] == "generate"
    rev = graph_of(anna, workflow)["rev"]
    body = {"workflow": workflow, "rev": rev, "secrets_of": environment}

    assert anna.post(f"imports/{again['id']}/apply", body).status == 201

    after = clear_values(ObjectId(environment))
    assert {node: values for node, values in after.items() if node in before} == before
    assert SECRET in str(after)
    assert SECRET not in str(graph_of(anna, workflow))


def test_the_same_files_begin_with_the_answers_that_were_given_before(anna: Person) -> None:
    first = an_import(anna, shop())
    profile = next(one for one in first["decisions"] if one["id"] == "profile/debug")
    path = f"imports/{first['id']}/answers"
    anna.put(path, {"answers": {profile["id"]: "yes", "volume/data/size": "7Gi"}, "environment": {"TAG": "9"}})
    changed = shop()
    changed["files"][0]["text"] = NEWER

    again = an_import(anna, changed)

    answers = {one["id"]: one["answer"] for one in again["decisions"]}
    assert (answers["profile/debug"], answers["volume/data/size"]) == ("yes", "7Gi")
    assert named(again["graph"], "api")["parameters"]["image"].endswith(":9")
    assert again["answers_from"] == first["id"]
    other = a_user("editor", name="Other")
    assert an_import(other, shop())["answers_from"] is None, "another team's answers are its own"
    assert an_import(anna, compose(COMPOSE))["answers_from"] is None, "other files"


def test_the_same_files_know_what_became_a_workflow_before_though_nothing_was_answered(anna: Person) -> None:
    own = "services: {shop: {image: 'nginx:1'}}\n"
    first = an_import(anna, compose(own))
    assert first["drawn_before"] is None
    made = anna.post(f"imports/{first['id']}/apply", {"name": "shop"})
    assert made.status == 201, made
    for text in (own, own.replace("nginx:1", "nginx:2")):
        again = an_import(anna, compose(text))
        assert (again["drawn_before"], again["answers_from"]) == (first["id"], None)
    other = an_import(anna, compose("services: {echo: {image: busybox}, more: {image: busybox}}\n"))
    assert other["drawn_before"] is None, "another project with a file of this name"


def test_what_was_given_for_another_project_or_by_somebody_else_stays_there(anna: Person) -> None:
    own = "services: {shop: {image: 'nginx:1', environment: {LICENSE: '${LICENSE}', PASSWORD: '${PASSWORD}'}}}\n"
    other = "services: {echo: {image: busybox, command: ['echo', '${LICENSE}'], environment: {P: 'x${PASSWORD}'}}}\n"
    first = an_import(anna, compose(own))
    given = {"LICENSE": "licence-of-anna", "PASSWORD": SECRET}
    assert anna.put(f"imports/{first['id']}/answers", {"environment": given}).status == 200
    bob = a_user("editor", anna.team_id, name="Bob")
    for found in (an_import(bob, compose(other)), an_import(bob, compose(own)), an_import(anna, compose(other))):
        assert found["answers_from"] is None
        assert "licence-of-anna" not in str(found)
    assert an_import(anna, compose(own.replace("nginx:1", "nginx:2")))["answers_from"] == first["id"]


def test_an_earlier_answer_that_no_longer_fits_is_left_out_and_the_others_stay(anna: Person) -> None:
    text = "services: {db: {image: 'postgres:16', environment: {POSTGRES_PASSWORD: %s}}}\n"
    first = an_import(anna, compose(text % SECRET))
    answers = {"secret/db/POSTGRES_PASSWORD": "seal", "service/db/kind": "statefulset"}
    assert anna.put(f"imports/{first['id']}/answers", {"answers": answers}).status == 200

    again = an_import(anna, compose(text % ""))

    assert (again["state"], again["answers_from"]) == ("ready", first["id"])
    found = {one["id"]: one["answer"] for one in again["decisions"]}
    assert found["service/db/kind"] == "statefulset"
    assert found["secret/db/POSTGRES_PASSWORD"] == "generate", "there is no value to seal any more"


def test_manifests_are_merged_as_well(anna: Person) -> None:
    workflow = applied(anna, an_import(anna, {"type": "manifests", "files": files(**{"all.yaml": MANIFESTS})}))
    newer = MANIFESTS.replace("nginx:1.27", "nginx:1.28")
    again = an_import(anna, {"type": "manifests", "files": files(**{"all.yaml": newer})})
    shown = merged(anna, again, workflow)
    [change] = shown["changes"]["nodes"]
    assert (change["name"], change["change"]) == ("web", "modified")
    assert [one["path"] for one in change["changes"]] == ["spec.template.spec.containers[web].image"]


def test_a_stored_value_is_replaced_only_where_somebody_says_so_and_a_new_one_is_stored(
    anna: Person, mongo: Any
) -> None:
    from bson import ObjectId

    from kubeorch.base.clock import now
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.environments.secret_store import clear_values, store_values

    text = "services: {db: {image: 'postgres:16', environment: {POSTGRES_PASSWORD: %s, API_TOKEN: %s}}}\n"
    cluster = a_cluster(anna.team_id)
    first = an_import(anna, compose(text % ("old-password-1", "old-token-12345")))
    workflow = applied(anna, first, environment={"name": "dev", "cluster": cluster, "namespace": "rotated"})
    environment = anna.get(f"workflows/{workflow}").body["environments"][0]["id"]
    [node] = clear_values(ObjectId(environment))
    given = {node: {"POSTGRES_PASSWORD": "rotated-9"}}
    run_in_transaction(
        lambda session: store_values(ObjectId(workflow), ObjectId(environment), given, at=now(), session=session)
    )
    again = an_import(anna, compose(text % ("new-password-1", "new-token-12345")))
    body = {"workflow": workflow, "rev": graph_of(anna, workflow)["rev"], "secrets_of": environment}

    shown = anna.get(f"imports/{again['id']}/merge?workflow={workflow}&secrets_of={environment}").body["secrets"]
    assert {one["key"]: one["change"] for one in shown} == {"POSTGRES_PASSWORD": "differs", "API_TOKEN": "differs"}
    assert "token-12345" not in str(shown)
    [token] = [one["id"] for one in shown if one["key"] == "API_TOKEN"]
    unknown = anna.post(f"imports/{again['id']}/apply", body | {"replace_secrets": ["none"]})
    assert (unknown.status, unknown.body["errors"][0]["field"]) == (400, "replace_secrets")

    assert anna.post(f"imports/{again['id']}/apply", body | {"replace_secrets": [token]}).status == 201

    values = clear_values(ObjectId(environment))[node]
    assert (values["POSTGRES_PASSWORD"], values["API_TOKEN"]) == (b"rotated-9", b"new-token-12345")


def test_more_conflicts_than_are_shown_are_not_decided_by_silence(anna: Person) -> None:
    def source(value: str) -> dict[str, Any]:
        variables = ", ".join(f"V{number}: '{value}'" for number in range(520))
        return compose(f"services: {{web: {{image: nginx, environment: {{{variables}}}}}}}\n")

    workflow = applied(anna, an_import(anna, source("a")))
    graph = graph_of(anna, workflow)
    env = next(one for one in graph["nodes"] if one["kind"] == "deployment")["parameters"]["env"]
    env.update(dict.fromkeys(env, "mine"))
    saved(anna, workflow, graph)
    again = an_import(anna, source("b"))
    shown = merged(anna, again, workflow)
    assert (len(shown["conflicts"]), shown["conflict_count"]) == (500, 520)
    body = {"workflow": workflow, "rev": shown["rev"]}

    refused = anna.post(f"imports/{again['id']}/apply", body | {"keep": [one["id"] for one in shown["conflicts"]]})
    assert (refused.status, refused.body["code"]) == (400, "import.too_many_conflicts")
    assert anna.post(f"imports/{again['id']}/apply", body | {"keep": ["*"]}).status == 201
    assert set(named(graph_of(anna, workflow), "web")["parameters"]["env"].values()) == {"mine"}
