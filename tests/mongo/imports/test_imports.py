"""Imports over HTTP: files become a graph, a ledger and questions, and then a workflow."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from kubeorch.base.clock import now
from tests.support.database import collections_of
from tests.support.imports import COMPOSE, MANIFESTS, OVERRIDE, SECRET, an_import, compose, files, shop
from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


def decision(found: dict[str, Any], part: str) -> dict[str, Any]:
    [one] = [one for one in found["decisions"] if part in one["id"]]
    return dict(one)


def node(found: dict[str, Any], name: str, kind: str = "deployment") -> dict[str, Any]:
    return next(one for one in found["graph"]["nodes"] if (one["name"], one["kind"]) == (name, kind))


def apply(person: Person, found: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = person.post(f"imports/{found['id']}/apply", {"name": "Shop", **more})
    assert answer.status == 201, answer.body
    return dict(answer.body["workflow"])


def test_a_project_becomes_a_graph_with_a_ledger_of_every_key(anna: Person) -> None:
    found = an_import(anna, shop())

    assert (found["state"], found["problem"], found["name"]) == ("ready", None, "shop")
    assert found["compose_files"] == ["compose.yaml", "compose.override.yaml"]
    assert node(found, "api")["parameters"]["replicas"] == 2, "the override counts"
    assert [problem for problem in found["graph"]["problems"] if problem["severity"] == "error"] == []
    assert found["node_count"] == len(found["graph"]["nodes"]) == len(found["graph"]["places"])
    assert {row["name"]: row["node_id"] is not None for row in found["services"]} == {
        **dict.fromkeys(("web", "api", "db"), True),
        "tools": False,
    }
    assert 20 < sum(found["counts"].values()) < len(found["ledger"]), "a key counts with those below that say the same"
    image = next(row for row in found["ledger"] if row["path"] == ["services", "web", "image"])
    assert (image["place"], image["outcome"]) == ({"path": "compose.yaml", "line": 4, "column": 5}, "converted")
    assert image["became"][0]["node_id"] == node(found, "web")["id"]
    assert found["source"]["files"][0] == {
        "path": "compose.yaml",
        "bytes": len(COMPOSE),
        "sha256": hashlib.sha256(COMPOSE.encode()).hexdigest(),
    }
    assert anna.get(f"imports/{found['id']}").body == found, "it is the same whenever somebody looks"


def test_the_history_lists_the_newest_first_and_filters_by_state(anna: Person) -> None:
    first = an_import(anna, shop())
    second = an_import(anna, compose("services: {web: {imag: nginx}}\n"), name="broken")

    listed = anna.get("imports?limit=1").body
    assert [row["id"] for row in listed["results"]] == [second["id"]]
    assert [row["id"] for row in anna.get(f"imports?limit=1&cursor={listed['next']}").body["results"]] == [first["id"]]
    [row] = anna.get("imports?state=refused").body["results"]
    assert (row["id"], row["name"], row["state"], row["created_by"]["name"]) == (
        second["id"],
        "broken",
        "refused",
        "Anna",
    )
    assert "ledger" not in row


def test_an_import_is_named_after_its_project_its_namespace_or_its_first_workload(anna: Person) -> None:
    broken = compose("name: shop\nservices: {web: {imag: nginx}}\n")
    broken["files"] = [*files(**{".env": "A=1\n"}), *broken["files"]]
    pod = "kind: Pod\napiVersion: v1\nmetadata: {name: hello%s}\nspec: {containers: [{name: a, image: nginx}]}\n"
    manifests = [{"type": "manifests", "files": files(**{"a.yaml": pod % more})} for more in ("", ", namespace: demo")]

    names = [an_import(anna, source)["name"] for source in (broken, *manifests)]

    assert names == ["shop", "hello", "demo"]


def test_what_cannot_be_read_is_refused_with_its_place_and_kept(anna: Person) -> None:
    found = an_import(anna, compose("services:\n  web:\n    imag: nginx\n"))

    assert (found["state"], found["graph"], found["ledger"]) == ("refused", None, [])
    problem = found["problem"]
    assert (problem["path"], problem["line"], problem["column"]) == ("compose.yaml", 3, 5)
    assert problem["detail"].startswith("compose.yaml:3:5: ")
    assert "imag" in problem["detail"]
    refused = anna.post(f"imports/{found['id']}/apply", {"name": "Shop"})
    assert (refused.status, refused.body["detail"]) == (400, problem["detail"])


def test_a_variable_that_must_be_set_is_asked_for_and_can_be_given(anna: Person) -> None:
    found = an_import(anna, compose("services: {web: {image: 'nginx:${TAG:?choose one}'}}\n"))
    assert (found["state"], found["problem"]["code"]) == ("refused", "import.variable_required")

    given = anna.put(f"imports/{found['id']}/answers", {"environment": {"TAG": "1.27"}}).body

    assert (given["state"], node(given, "web")["parameters"]["image"]) == ("ready", "nginx:1.27")
    assert [(row["name"], row["value"], row["origin"]) for row in given["variables"]] == [("TAG", "1.27", "given")]


def test_an_answer_converts_again_and_keeps_the_others(anna: Person) -> None:
    found = an_import(anna, shop())
    path = f"imports/{found['id']}/answers"
    profile = decision(found, "profile/debug")
    assert (profile["default"], profile["answer"]) == ("no", "no")

    with_tools = anna.put(path, {"answers": {profile["id"]: "yes"}}).body
    assert node(with_tools, "tools")
    assert decision(with_tools, "profile/debug")["answer"] == "yes", "it can be taken back"
    secret = next(one for one in with_tools["decisions"] if one["id"].startswith("secret/api/"))
    anna.put(path, {"answers": {secret["id"]: "ask"}})
    again = anna.get(f"imports/{found['id']}").body
    assert node(again, "tools"), "an earlier answer is kept"
    assert decision(again, secret["id"])["answer"] == "ask"

    back = anna.put(path, {"answers": {profile["id"]: None}}).body
    assert all(one["name"] != "tools" for one in back["graph"]["nodes"])
    wrong = anna.put(path, {"answers": {secret["id"]: "perhaps"}})
    assert (wrong.status, wrong.body["code"]) == (400, "import.answer")
    assert wrong.body["errors"][0]["field"] == f"answers.{secret['id']}"


def test_an_answer_to_what_is_not_asked_is_refused_and_named(anna: Person) -> None:
    found = an_import(anna, shop())
    path = f"imports/{found['id']}/answers"
    size = decision(found, "volume/data/size")["id"]

    refused = anna.put(path, {"answers": {"volume/dta/size": "7Gi", "profile/x": None, size: "7Gi"}})

    assert (refused.status, refused.body["code"]) == (400, "import.answer_unknown")
    assert {one["field"] for one in refused.body["errors"]} == {"answers.volume/dta/size", "answers.profile/x"}
    assert size in refused.body["detail"], "what is asked is named"
    assert decision(anna.get(f"imports/{found['id']}").body, size)["answer"] != "7Gi", "nothing of it is kept"
    ended = anna.put(path, {"answers": {"volume/data": "scratch", size: "7Gi"}})
    assert ended.status == 200, "one answer may end the question of another that is given with it"
    assert anna.put(path, {"answers": {"volume/data": None, size: None}}).status == 200
    bad = an_import(anna, compose("services: {web: {imag: nginx}}\n"))
    assert anna.put(f"imports/{bad['id']}/answers", {"answers": {"profile/x": "yes"}}).status == 400
    source = {**shop(), "answers": {"volume/data": "scratch"}}
    assert anna.post("imports", {"source": source}).body["errors"][0]["field"] == "source.answers"
    applied = anna.post(f"imports/{found['id']}/apply", {"name": "x", "answers": {}})
    assert applied.body["errors"][0]["field"] == "answers"


def test_variables_have_a_bound_together_and_not_only_each(anna: Person) -> None:
    found = an_import(anna, shop())
    path = f"imports/{found['id']}/answers"
    many = {f"V{number}": "x" * 60_000 for number in range(10)}
    assert anna.put(path, {"answers": {}, "environment": many}).status == 200
    more = {f"W{number}": "x" * 60_000 for number in range(10)}
    refused = anna.put(path, {"answers": {}, "environment": more})
    assert (refused.status, refused.body["code"]) == (400, "import.too_large"), "earlier ones count as well"


def test_what_is_applied_is_a_workflow_that_parses_and_checks(anna: Person, mongo: Any) -> None:
    found = an_import(anna, shop())
    made = apply(anna, found)

    graph = anna.get(f"workflows/{made['id']}/graph").body
    assert (graph["nodes"], graph["edges"]) == (found["graph"]["nodes"], found["graph"]["edges"])
    checked = anna.post(f"workflows/{made['id']}/validate", {"nodes": graph["nodes"], "edges": graph["edges"]}).body
    assert [problem for problem in checked["problems"] if problem["severity"] == "error"] == []
    assert anna.get(f"imports/{found['id']}").body["workflow"] == {"id": made["id"], "name": "Shop"}
    again = anna.post(f"imports/{found['id']}/apply", {"name": "Shop"})
    assert (again.status, again.body["code"]) == (409, "import.applied")
    assert mongo.workflows.count_documents({}) == 1
    late = anna.put(f"imports/{found['id']}/answers", {"answers": {}})
    assert (late.status, late.body["code"]) == (409, "import.applied")
    assert [row["action"] for row in mongo.audit.find({"action": {"$regex": "^import"}}).sort("at", 1)] == [
        "import.make",
        "import.apply",
    ]
    assert anna.delete(f"workflows/{made['id']}").status == 204
    assert apply(anna, found)["id"] != made["id"], "once that is deleted, the import can make another"


def test_what_was_applied_needs_no_decision_any_more(anna: Person) -> None:
    """Not in the history either: what nobody decided is as the default has it."""
    source = compose("services: {web: {image: a, user: me}, late: {image: a, profiles: [tools], user: me}}")
    found = an_import(anna, source)
    assert found["counts"]["decision"] == 1, "keys of a profile that is off are none"
    apply(anna, found)
    for shown in (anna.get(f"imports/{found['id']}").body, anna.get("imports").body["results"][0]):
        assert (shown["counts"]["decision"], shown["counts"]["left_out"]) == (0, 1), shown["counts"]
        assert len(anna.get(f"imports/{found['id']}").body["ledger"]) == len(found["ledger"])


def test_secrets_are_sealed_and_kept_for_the_environment_that_is_made_with_it(anna: Person, mongo: Any) -> None:
    from workflows.environments import secret_store

    found = an_import(anna, shop())
    assert {(row["key"], row["value"]) for row in found["secrets"]} == {
        ("DB_PASSWORD", "sealed"),
        ("POSTGRES_PASSWORD", "sealed"),
    }
    environment = {"name": "prod", "cluster": a_cluster(anna.team_id), "namespace": "shop"}
    made = apply(anna, found, environment=environment)

    [one] = anna.get(f"workflows/{made['id']}").body["environments"]
    values = secret_store.clear_values(ObjectId(one["id"]))
    assert sorted(value for keys in values.values() for value in keys.values()) == [SECRET.encode()] * 2
    keys = anna.get(f"workflows/{made['id']}/secrets?environment={one['id']}").body["nodes"]
    assert all(key["stored"] for row in keys for key in row["keys"])
    assert stands_in(mongo, SECRET) == []


def test_a_value_of_a_secret_that_is_no_text_is_kept_byte_for_byte(anna: Person) -> None:
    from workflows.environments import secret_store

    keystore = b"\xfe\xed\xfe\xed\x00\xff"
    data = {"store.jks": base64.b64encode(keystore).decode(), "empty": ""}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "data": data}
    found = an_import(anna, {"type": "manifests", "files": [{"path": "keys.yaml", "text": json.dumps(secret)}]})
    assert {(row["key"], row["value"]) for row in found["secrets"]} == {("store.jks", "sealed"), ("empty", "sealed")}
    environment = {"name": "prod", "cluster": a_cluster(anna.team_id), "namespace": "shop"}
    made = apply(anna, found, environment=environment)
    [one] = anna.get(f"workflows/{made['id']}").body["environments"]
    [values] = secret_store.clear_values(ObjectId(one["id"])).values()
    assert values == {"store.jks": keystore, "empty": b""}


def test_a_blank_secret_is_made_at_random_and_one_name_is_one_value(anna: Person, mongo: Any) -> None:
    from workflows.environments import secret_store

    found = an_import(anna, {**shop(), "files": [one for one in shop()["files"] if one["path"] != ".env"]})
    assert {row["value"] for row in found["secrets"]} == {"generated"}
    environment = {"name": "prod", "cluster": a_cluster(anna.team_id), "namespace": "shop"}
    made = apply(anna, found, environment=environment)

    [one] = anna.get(f"workflows/{made['id']}").body["environments"]
    values = [value for keys in secret_store.clear_values(ObjectId(one["id"])).values() for value in keys.values()]
    assert len(values) == 2
    assert len(set(values)) == 1
    assert len(values[0]) >= 32
    assert stands_in(mongo, values[0].decode()) == []


def test_secrets_of_files_variables_and_answers_stand_nowhere_in_the_database_or_an_answer(
    anna: Person, mongo: Any
) -> None:
    text = (
        "services:\n  web:\n    image: nginx\n    environment:\n      API_TOKEN: ${API_TOKEN}\n      DATABASE:\n"
        "    secrets: [key]\nsecrets:\n  key: {file: ./key.pem}\n"
    )
    source = compose(text, environment={"API_TOKEN": SECRET})
    source["files"] += files(**{"key.pem": f"{SECRET}\n", "unused.txt": SECRET})
    found = an_import(anna, source)
    path = f"imports/{found['id']}"
    asked = decision(found, "env/web/DATABASE")
    answered = anna.put(f"{path}/answers", {"answers": {asked["id"]: f"postgres://shop:{SECRET}@db/shop"}})
    assert answered.status == 200, answered.body
    assert decision(answered.body, "env/web/DATABASE")["answer"] == "••••••"
    broken = an_import(anna, compose(f"services: {{web: {{image: nginx, init: {SECRET}}}}}\n"))
    assert broken["state"] == "refused"
    for given in (found, answered.body, anna.get(path).body, anna.get("imports").body):
        assert SECRET not in json.dumps(given)
    assert stands_in(mongo, SECRET) == []

    apply(anna, found)
    assert stands_in(mongo, SECRET) == []


def test_manifests_become_a_graph_whose_secret_values_stay_outside(anna: Person, mongo: Any) -> None:
    found = an_import(anna, {"type": "manifests", "files": files(**{"all.yaml": MANIFESTS})}, name="shop")

    assert (found["state"], found["problem"]) == ("ready", None)
    assert sorted(one["kind"] for one in found["graph"]["nodes"]) == ["deployment", "secret"]
    assert len(found["graph"]["edges"]) == 1
    assert [(row["name"], row["key"], row["value"]) for row in found["secrets"]] == [("shop", "password", "sealed")]
    assert SECRET not in json.dumps(found)
    environment = {"name": "prod", "cluster": a_cluster(anna.team_id), "namespace": "shop"}
    made = apply(anna, found, environment=environment)
    [one] = anna.get(f"workflows/{made['id']}").body["environments"]
    [row] = anna.get(f"workflows/{made['id']}/secrets?environment={one['id']}").body["nodes"]
    assert [(key["key"], key["stored"]) for key in row["keys"]] == [("password", True)]
    assert stands_in(mongo, SECRET) == []
    refused = an_import(anna, {"type": "manifests", "files": files(**{"a.yaml": "kind: [\n"})})
    assert (refused["state"], refused["problem"]["path"]) == ("refused", "a.yaml")


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([{"path": "/etc/passwd", "text": ""}], "/etc/passwd: a path is relative"),
        ([{"path": "~/compose.yaml", "text": ""}], "~/compose.yaml: a path is relative"),
        ([{"path": "a/../../b.yaml", "text": ""}], "a/../../b.yaml: a path has no . or .."),
        ([{"path": "../b.yaml", "text": ""}], "../b.yaml: a path has no . or .."),
        ([{"path": "a\\b.yaml", "text": ""}], "a\\b.yaml: a path is one line"),
        ([{"path": "a\nb.yaml", "text": ""}], "a path is one line"),
        ([{"path": "c:/b.yaml", "text": ""}], "c:/b.yaml: a path is relative"),
        ([{"path": "x" * 301, "text": ""}], "a path has 1 to 300 characters"),
        ([{"path": "a.yaml", "text": ""}, {"path": "a.yaml", "text": ""}], "a.yaml: it is here twice"),
        ([{"path": "a.yaml"}], "a.yaml: give its content as text"),
        ([{"path": "a.yaml", "base64": "not base64!"}], "a.yaml: its content is not base64"),
        ([{"path": "big.sql", "text": "x" * 1_000_001}], "big.sql: it has 1,000,001 bytes"),
        ([{"path": "é.sql", "text": "é" * 500_001}], "é.sql: it has 1,000,002 bytes"),
        ([{"path": f"{n}.sql", "text": "x" * 900_000} for n in range(6)], "5.sql: with it the files have more than"),
    ],
)
def test_a_file_that_cannot_be_taken_is_named(anna: Person, mongo: Any, rows: list[dict[str, str]], says: str) -> None:
    refused = anna.post("imports", {"source": {"type": "compose", "files": rows}})

    assert refused.status == 400, refused.body
    assert says in refused.body["detail"]
    assert refused.body["errors"][0]["field"] == f"source.files.{len(rows) - 1}"
    assert mongo.imports.count_documents({}) == 0


@pytest.mark.parametrize(
    ("source", "field"),
    [
        ({"type": "compose", "files": []}, "source.files"),
        ({"type": "compose", "files": files(**{f"{n}.txt": "" for n in range(51)})}, "source.files"),
        ({"type": "compose", "files": files(**{"readme.md": "# Hi"})}, "source.files"),
        ({"type": "manifests", "files": files(**{"readme.md": "# Hi"})}, "source.files"),
        (compose(COMPOSE, compose_files=["other.yaml"]), "source.compose_files"),
        (compose(COMPOSE, env_files=["../.env"]), "source.env_files"),
        (compose(COMPOSE, environment={"A": 1}), "source.environment.A"),
    ],
)
def test_a_source_that_cannot_be_converted_at_all_is_refused_by_field(
    anna: Person, mongo: Any, source: dict[str, Any], field: str
) -> None:
    refused = anna.post("imports", {"source": source})

    assert (refused.status, refused.body["errors"][0]["field"]) == (400, field), refused.body
    assert mongo.imports.count_documents({}) == 0


def test_files_are_kept_byte_for_byte(anna: Person) -> None:
    from imports import store

    content = b"\xff\xfes\x00\r\n\x00"
    source = compose(COMPOSE)
    source["files"].append({"path": "logo.bin", "base64": base64.b64encode(content).decode()})
    found = an_import(anna, source)

    kept = store.open_files(store.find(ObjectId(found["id"]), {}))
    assert [(one.path, one.content) for one in kept] == [("compose.yaml", COMPOSE.encode()), ("logo.bin", content)]


def test_files_are_merged_in_the_order_that_was_chosen(anna: Person) -> None:
    source = {"type": "compose", "files": files(**{"a.yaml": COMPOSE, "b.yaml": OVERRIDE})}
    assert an_import(anna, source)["compose_files"] == ["a.yaml", "b.yaml"]
    chosen = an_import(anna, {**source, "compose_files": ["a.yaml"], "profiles": ["debug"]})
    assert chosen["compose_files"] == ["a.yaml"]
    assert [row["name"] for row in chosen["services"]] == ["web", "api", "db"]


def test_a_team_keeps_a_bounded_number_of_imports_and_each_ends_by_itself(
    anna: Person, mongo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from imports import store

    other = a_user("editor")
    theirs = an_import(other, compose(COMPOSE))
    monkeypatch.setattr(store, "KEPT_MOST", 3)
    made = [an_import(anna, compose(COMPOSE))["id"] for _ in range(5)]
    assert [row["id"] for row in anna.get("imports").body["results"]] == list(reversed(made))[:3]
    monkeypatch.setattr(store, "KEPT_MOST_BYTES", mongo.imports.find_one({"_id": ObjectId(made[-1])})["stored_bytes"])
    last = an_import(anna, compose(COMPOSE))["id"]
    assert [row["id"] for row in anna.get("imports").body["results"]] == [last]
    assert other.get(f"imports/{theirs['id']}").status == 200

    [ends] = [one for one in mongo.imports.index_information().values() if "expireAfterSeconds" in one]
    assert (ends["key"], ends["expireAfterSeconds"]) == ([("created_at", 1)], timedelta(days=30).total_seconds())


def test_a_deleted_import_is_gone_and_its_workflow_stays(anna: Person, mongo: Any) -> None:
    found = an_import(anna, shop())
    made = apply(anna, found)

    assert anna.delete(f"imports/{found['id']}").status == 204
    assert anna.get(f"imports/{found['id']}").status == 404
    assert anna.get(f"workflows/{made['id']}").status == 200
    assert mongo.imports.count_documents({}) == 0


def test_imports_of_other_teams_are_not_seen(anna: Person) -> None:
    found = an_import(anna, shop())
    other = a_user("admin")

    assert other.get("imports").body["results"] == []
    assert other.get(f"imports/{found['id']}").status == 404
    assert other.get(f"imports?team={anna.team_id}").body["results"] == []


def test_nothing_of_a_workflow_is_left_when_its_environment_is_refused(anna: Person, mongo: Any) -> None:
    found = an_import(anna, shop())
    refused = anna.post(
        f"imports/{found['id']}/apply",
        {"name": "Shop", "environment": {"name": "prod", "cluster": "no such", "namespace": "shop"}},
    )

    assert (refused.status, refused.body["code"]) == (400, "environment.cluster")
    assert mongo.workflows.count_documents({}) == 0
    assert anna.get(f"imports/{found['id']}").body["workflow"] is None


def stands_in(mongo: Any, value: str) -> list[str]:
    """Collections that hold the value, as it is, in base64 or in hex."""
    marks = (value.encode(), base64.b64encode(value.encode()).rstrip(b"="), value.encode().hex().encode())
    pattern = re.compile(b"|".join(re.escape(mark) for mark in marks))
    return [
        name for name in collections_of(mongo) if any(pattern.search(bytes(raw)) for raw in raw_documents(mongo, name))
    ]


def raw_documents(mongo: Any, name: str) -> list[bytes]:
    import bson

    return [bson.encode(row) for row in mongo[name].find()]


def test_a_source_takes_the_fields_of_its_type(anna: Person) -> None:
    lacking = anna.post("imports", {"source": {"type": "compose"}})
    assert (lacking.status, lacking.body["errors"][0]["field"]) == (400, "source.files")
    other = anna.post("imports", {"source": {"type": "manifests", "files": files(a="b"), "profiles": ["debug"]}})
    assert (other.status, other.body["errors"][0]["field"]) == (400, "source.profiles")
    assert "its fields are files" in other.body["detail"]


def test_what_a_team_has_is_counted_and_summed_up_without_reading_its_files(mongo: Any) -> None:
    team = ObjectId()
    row = {"team_id": team, "stored_bytes": 1, "state": "ready"}
    mongo.imports.insert_many([{**row, "created_at": now()} for _ in range(20)])
    sums = {"find": "imports", "filter": {"team_id": team}, "projection": {"stored_bytes": 1}}
    matched = [{"$match": {"team_id": team, "state": "fetching"}}, {"$group": {"_id": 1, "n": {"$sum": 1}}}]
    for command in (
        {**sums, "sort": {"created_at": -1, "_id": -1}},
        {"aggregate": "imports", "pipeline": matched, "cursor": {}},
    ):
        explained = mongo.command("explain", command, verbosity="executionStats")
        assert set(re.findall(r"'totalDocsExamined': (\d+)", str(explained))) == {"0"}
