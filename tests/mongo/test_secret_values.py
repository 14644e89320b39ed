"""Values of Secrets stored for an environment: given ahead of a run, replaced, put back, removed, and never shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.support.database import collections_of
from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_node, a_workflow, an_environment, save

CANARY = "c4n4ry-of-a-value"


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


def keep(workflow: dict[str, Any], environment: dict[str, Any], values: dict[str, dict[str, str]]) -> None:
    from kubeorch.base.clock import now
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.environments import secret_store

    ids = ObjectId(workflow["id"]), ObjectId(environment["id"])
    run_in_transaction(lambda session: secret_store.store_values(*ids, values, at=now(), session=session))


@pytest.fixture
def with_secret(anna: Person) -> tuple[dict[str, Any], dict[str, Any]]:
    workflow = a_workflow(anna, a_node("creds", kind="secret", keys=["USER", "PASSWORD"]))
    return workflow, an_environment(anna, workflow, a_cluster(anna.team_id))


def test_the_list_of_secrets_shows_keys_and_never_values(anna: Person, with_secret: Any):
    workflow, environment = with_secret
    keep(workflow, environment, {"creds": {"PASSWORD": "s3cret-value"}})

    answer = anna.get(f"workflows/{workflow['id']}/secrets?environment={environment['id']}")

    assert answer.status == 200, answer.body
    assert answer.body == {
        "nodes": [
            {
                "node_id": "creds",
                "name": "creds",
                "keys": [
                    {
                        "key": "USER",
                        "stored": False,
                        "stored_at": None,
                        "in_cluster": False,
                        "awaits_run": False,
                        "earlier_until": None,
                    },
                    {
                        "key": "PASSWORD",
                        "stored": True,
                        "stored_at": answer.body["nodes"][0]["keys"][1]["stored_at"],
                        "in_cluster": False,
                        "awaits_run": True,
                        "earlier_until": None,
                    },
                ],
            }
        ],
        "unused": [],
    }


def test_stored_values_are_sealed_and_bound_to_their_place(anna: Person, with_secret: Any, mongo: Any):
    from kubeorch.base.seal import Unsealable
    from workflows.environments import secret_store

    workflow, environment = with_secret
    keep(workflow, environment, {"creds": {"PASSWORD": "s3cret-value", "USER": "anna"}})
    environment_id = ObjectId(environment["id"])

    assert secret_store.clear_values(environment_id) == {"creds": {"PASSWORD": b"s3cret-value", "USER": b"anna"}}
    rows = {row["key"]: row for row in mongo.secret_values.find()}
    assert all(b"s3cret" not in bytes(row["sealed"]) for row in rows.values())
    mongo.secret_values.update_one({"key": "USER"}, {"$set": {"sealed": rows["PASSWORD"]["sealed"]}})
    with pytest.raises(Unsealable):
        secret_store.clear_values(environment_id)


def test_stored_values_can_be_deleted_by_key_by_node_and_altogether(anna: Person, with_secret: Any):
    from workflows.environments import secret_store

    workflow, environment = with_secret
    keep(workflow, environment, {"creds": {"A": "1", "B": "2", "C": "3"}, "other": {"D": "4"}})
    path = f"workflows/{workflow['id']}/secrets?environment={environment['id']}"
    stored = lambda: secret_store.stored_keys(ObjectId(environment["id"]))  # noqa: E731
    left = lambda: {node_id: {*keys} for node_id, keys in stored().items()}  # noqa: E731

    assert anna.delete(f"{path}&node_id=creds&key=A").status == 204
    assert left() == {"creds": {"B", "C"}, "other": {"D"}}
    assert anna.delete(f"{path}&node_id=creds").status == 204
    assert left() == {"other": {"D"}}
    assert anna.delete(f"{path}&key=D").status == 400
    assert a_user("viewer", team=anna.team_id).delete(path).status == 403
    assert anna.delete(path).status == 204
    assert left() == {}


def test_secrets_of_another_workflows_environment_are_not_listed(anna: Person, with_secret: Any):
    _, environment = with_secret
    other = a_workflow(anna)

    assert anna.get(f"workflows/{other['id']}/secrets?environment={environment['id']}").status == 404
    assert anna.get(f"workflows/{other['id']}/secrets").status == 400


def test_no_stored_value_is_in_a_preview_an_export_or_a_version(anna: Person, with_secret: Any):
    workflow, environment = with_secret
    keep(workflow, environment, {"creds": {"PASSWORD": "s3cret-value"}})
    path = f"workflows/{workflow['id']}"

    preview = anna.post(f"{path}/manifests", {"environment": environment["id"]})

    assert preview.status == 200, preview.body
    [manifest] = [row for row in preview.body["manifests"] if row["ref"]["kind"] == "Secret"]
    assert "PASSWORD" in manifest["yaml"]
    assert "••••" in manifest["yaml"]
    exported = anna.get(f"{path}/export").body.decode()
    version = anna.post(f"{path}/versions", {"name": "v"}).body
    for shown in (preview.body, exported, version):
        assert "s3cret-value" not in str(shown)


def path_of(place: Any, more: str = "", query: str = "") -> str:
    workflow, environment = place
    return f"workflows/{workflow['id']}/secrets{more}?environment={environment['id']}{query}"


def give(person: Person, place: Any, **values: str) -> Any:
    return person.put(path_of(place), {"values": {"creds": values}})


def put_back(person: Person, place: Any, key: str, until: str | None = None) -> Any:
    keys = {one["key"]: one for one in person.get(path_of(place)).body["nodes"][0]["keys"]}
    until = until or keys[key]["earlier_until"] or "2100-01-01T00:00:00Z"
    return person.post(path_of(place, "/put-back"), {"node_id": "creds", "key": key, "earlier_until": until})


def stored(place: Any) -> dict[str, str]:
    from workflows.environments import secret_store

    values = secret_store.clear_values(ObjectId(place[1]["id"])).get("creds", {})
    return {key: value.decode() for key, value in values.items()}


def test_values_are_given_ahead_of_a_run_which_then_asks_for_none(anna: Person, with_secret: Any, mongo: Any):
    workflow, environment = with_secret
    runs = f"workflows/{workflow['id']}/runs"
    asked = anna.post(runs, {"environment": environment["id"]})
    assert asked.body["code"] == "run.secrets_missing"

    given = give(anna, with_secret, USER="anna", PASSWORD=CANARY)

    assert given.status == 200, given.body
    [node] = given.body["nodes"]
    assert [(one["key"], one["stored"], one["in_cluster"]) for one in node["keys"]] == [
        ("USER", True, False),
        ("PASSWORD", True, False),
    ]
    assert all(one["stored_at"] and one["earlier_until"] is None for one in node["keys"])
    run = anna.post(runs, {"environment": environment["id"]})
    assert run.status == 202, run.body
    seen = [given.body, run.body, *(list(mongo[name].find({})) for name in collections_of(mongo))]
    assert all(CANARY not in str(one) for one in seen)
    assert mongo.secret_values.count_documents({}) == 2


def test_what_is_done_to_values_is_in_the_audit_log_by_name_alone(anna: Person, with_secret: Any, mongo: Any):
    give(anna, with_secret, PASSWORD=CANARY)
    give(anna, with_secret, PASSWORD="other")
    put_back(anna, with_secret, "PASSWORD")
    anna.delete(path_of(with_secret, query="&node_id=creds&key=PASSWORD"))
    anna.delete(path_of(with_secret, query="&for_good=true"))
    anna.delete(path_of(with_secret))

    rows = list(mongo.audit.find({"action": {"$regex": "^secret"}}).sort("_id", 1))

    assert [row["action"].partition(".")[2] for row in rows] == ["set", "set", "put_back", "remove", "erase"]
    assert {row["target"]["keys"] for row in rows} == {"creds/PASSWORD"}
    assert {row["actor"] for row in rows} == {anna.principal.email}
    assert CANARY not in str(rows)


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"gone": {"A": "1"}}, "values.gone", "secret.unknown_node"),
        ({"creds": {"TOKEN": CANARY}}, "values.creds.TOKEN", "secret.unknown_key"),
        ({"creds": {"USER": 5}}, "values.creds.USER", "invalid"),
        ({"creds": {"USER": None}}, "values.creds.USER", "null"),
        ({"creds": CANARY}, "values.creds", "not_a_dict"),
        ({"creds": {"USER": "é" * 600_000}}, "values.creds.", "secret.too_large"),
        ({"tls": {"tls.crt": CANARY}}, "values.tls.tls.crt", "secret.form"),
        ({}, "values", "empty"),
    ],
)
def test_a_value_that_nothing_takes_is_refused_by_its_place_and_none_is_stored(
    anna: Person, mongo: Any, values: Any, field: str, code: str
):
    workflow = a_workflow(
        anna,
        a_node("creds", kind="secret", keys=["USER", "PASSWORD"]),
        a_node("tls", kind="secret", type="kubernetes.io/tls", keys=["tls.crt", "tls.key"]),
    )
    place = workflow, an_environment(anna, workflow, a_cluster(anna.team_id))
    good = {"creds": {"PASSWORD": "1"}}

    refused = anna.put(path_of(place), {"values": {**good, **values} if values else values})

    assert refused.status == 400, refused.body
    assert (field, code) in [(row["field"], row["code"]) for row in refused.body["errors"]], refused.body
    assert CANARY not in str(refused.body)
    assert mongo.secret_values.count_documents({}) == 0


def test_the_bytes_of_a_secret_are_counted_with_those_that_it_has(anna: Person, with_secret: Any):
    assert give(anna, with_secret, USER="u" * 600_000).status == 200

    refused = give(anna, with_secret, PASSWORD="p" * 600_000)

    assert (refused.status, refused.body["errors"][0]["code"]) == (400, "secret.too_large")
    assert give(anna, with_secret, USER="anna", PASSWORD="p" * 600_000).status == 200


def test_an_environment_keeps_only_so_much(anna: Person, with_secret: Any, monkeypatch: pytest.MonkeyPatch):
    from workflows.environments import secret_store

    monkeypatch.setattr(secret_store, "STORED_MOST", 10)
    assert give(anna, with_secret, USER="12345", PASSWORD="12345").status == 200

    refused = give(anna, with_secret, PASSWORD="123456")

    assert (refused.status, refused.body["code"]) == (400, "secret.too_much_stored")
    assert stored(with_secret) == {"USER": "12345", "PASSWORD": "12345"}


def test_a_value_that_was_replaced_can_be_put_back_and_that_taken_back(anna: Person, with_secret: Any):
    give(anna, with_secret, PASSWORD="first", USER="anna")
    replaced = give(anna, with_secret, PASSWORD="second")

    user, password = replaced.body["nodes"][0]["keys"]
    assert user["earlier_until"] is None
    assert password["earlier_until"] > password["stored_at"]
    assert give(anna, with_secret, PASSWORD="second").status == 200, "the same again leaves the way back as it is"
    assert put_back(anna, with_secret, "PASSWORD").status == 200
    assert stored(with_secret) == {"PASSWORD": "first", "USER": "anna"}
    assert put_back(anna, with_secret, "PASSWORD").status == 200
    assert stored(with_secret) == {"PASSWORD": "second", "USER": "anna"}
    assert put_back(anna, with_secret, "PASSWORD", password["earlier_until"]).status == 404, "not twice by one click"
    assert stored(with_secret) == {"PASSWORD": "second", "USER": "anna"}
    refused = put_back(anna, with_secret, "USER")
    assert (refused.status, refused.body["code"]) == (404, "secret.no_earlier_value")


def test_what_does_not_open_or_does_not_fit_any_more_is_not_put_back(anna: Person, with_secret: Any, mongo: Any):
    workflow, _ = with_secret
    give(anna, with_secret, PASSWORD="first")
    give(anna, with_secret, PASSWORD="second")
    rev = anna.get(f"workflows/{workflow['id']}/graph").body["rev"]
    docker = a_node(
        "creds", kind="secret", type="kubernetes.io/dockerconfigjson", keys=[".dockerconfigjson", "PASSWORD"]
    )
    save(anna, workflow, rev, docker)
    refused = put_back(anna, with_secret, "PASSWORD")
    assert (refused.status, refused.body["errors"][0]["code"]) == (400, "secret.form")
    mongo.earlier_secret_values.update_one({}, {"$set": {"sealed": b"x" * 60}})
    assert put_back(anna, with_secret, "PASSWORD").status == 404
    assert stored(with_secret) == {"PASSWORD": "second"}


def test_a_row_of_the_audit_log_says_how_many_keys_it_does_not_name(anna: Person, mongo: Any):
    keys = [f"A_KEY_WITH_A_LONG_NAME_{number}" for number in range(30)]
    workflow = a_workflow(anna, a_node("creds", kind="secret", keys=keys))
    place = workflow, an_environment(anna, workflow, a_cluster(anna.team_id))
    assert give(anna, place, **dict.fromkeys(keys, "1")).status == 200
    named = mongo.audit.find_one({"action": "secret.set"})["target"]["keys"]
    shown = named.count("creds/")
    assert 0 < shown < 30
    assert named.endswith(f" and {30 - shown} more")


def test_a_removed_value_can_be_put_back_unless_it_went_for_good(anna: Person, with_secret: Any, mongo: Any):
    give(anna, with_secret, PASSWORD="first")
    one = "&node_id=creds&key=PASSWORD"
    assert anna.delete(path_of(with_secret, query=one)).status == 204
    assert stored(with_secret) == {}
    assert put_back(anna, with_secret, "PASSWORD").status == 200
    assert stored(with_secret) == {"PASSWORD": "first"}

    give(anna, with_secret, PASSWORD="second")
    assert anna.delete(path_of(with_secret, query=f"{one}&for_good=true")).status == 204

    assert put_back(anna, with_secret, "PASSWORD").status == 404
    assert mongo.earlier_secret_values.count_documents({}) == mongo.secret_values.count_documents({}) == 0
    assert anna.delete(path_of(with_secret, query="&for_good=yes")).status == 400


def test_a_way_back_ends_after_a_week(anna: Person, with_secret: Any, mongo: Any):
    give(anna, with_secret, PASSWORD="first")
    give(anna, with_secret, PASSWORD="second")
    [row] = mongo.earlier_secret_values.find()
    older = row["replaced_at"] - timedelta(days=7)
    mongo.earlier_secret_values.update_one({}, {"$set": {"replaced_at": older}})

    listed = anna.get(path_of(with_secret)).body["nodes"][0]["keys"]

    assert [one["earlier_until"] for one in listed] == [None, None]
    assert put_back(anna, with_secret, "PASSWORD").status == 404
    assert mongo.earlier_secret_values.index_information()["kept_a_week"]["expireAfterSeconds"] == 7 * 24 * 3600


def test_values_that_nothing_drawn_takes_any_more_are_listed_and_can_be_removed(anna: Person, with_secret: Any):
    workflow, _ = with_secret
    give(anna, with_secret, USER="anna", PASSWORD="p")
    rev = anna.get(f"workflows/{workflow['id']}/graph").body["rev"]
    save(anna, workflow, rev, a_node("creds", kind="secret", keys=["USER"]))

    listed = anna.get(path_of(with_secret)).body

    assert [one["key"] for one in listed["nodes"][0]["keys"]] == ["USER"]
    assert listed["unused"] == [{"node_id": "creds", "key": "PASSWORD"}]
    gone = anna.delete(path_of(with_secret, query="&node_id=creds&key=PASSWORD&for_good=true"))
    assert (gone.status, anna.get(path_of(with_secret)).body["unused"]) == (204, [])


def test_values_are_given_by_whoever_may_edit_secrets_of_a_workflow_that_is_not_archived(
    anna: Person, with_secret: Any, mongo: Any
):
    workflow, _ = with_secret
    give(anna, with_secret, PASSWORD="first")
    give(anna, with_secret, PASSWORD="second")
    viewer = a_user("viewer", team=anna.team_id)
    assert [give(viewer, with_secret, PASSWORD="x").status, put_back(viewer, with_secret, "PASSWORD").status] == [
        403
    ] * 2
    assert anna.post(f"workflows/{workflow['id']}/archive", {"objects": "keep"}).status == 200

    refused = [give(anna, with_secret, PASSWORD="x"), put_back(anna, with_secret, "PASSWORD")]

    assert [(one.status, one.body["code"]) for one in refused] == [(409, "workflow.archived")] * 2
    assert stored(with_secret) == {"PASSWORD": "second"}


def test_nothing_is_kept_of_an_environment_or_a_workflow_that_is_removed(anna: Person, with_secret: Any, mongo: Any):
    workflow, environment = with_secret
    other = workflow, an_environment(anna, workflow, a_cluster(anna.team_id, "other"), "other", name="other")
    for place in (with_secret, other):
        give(anna, place, PASSWORD="first")
        give(anna, place, PASSWORD="second")
    kept = lambda: (mongo.secret_values.count_documents({}), mongo.earlier_secret_values.count_documents({}))  # noqa: E731
    assert kept() == (2, 2)
    assert anna.delete(f"environments/{environment['id']}").status == 204
    assert kept() == (1, 1)
    assert anna.delete(f"workflows/{workflow['id']}").status == 204
    assert kept() == (0, 0)
