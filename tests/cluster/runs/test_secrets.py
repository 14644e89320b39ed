"""Secret values on their way to the cluster."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.support.database import collections_of
from tests.support.runs import Bench, decoded, states
from tests.support.workflows import a_config_map, a_secret


def test_secret_values_reach_the_cluster_and_are_stored_nowhere_else(bench: Bench, mongo: Any) -> None:
    canary = "c4n4ry-v4lue-of-a-secret"
    bench.draw(a_secret("keys", "password", "token"))
    path = f"workflows/{bench.workflow['id']}/runs"
    missing = bench.person.post(path, {"environment": bench.environment["id"], "secrets": {"keys": {"token": "t"}}})
    assert (missing.status, missing.body["code"]) == (400, "run.secrets_missing")
    assert [row["field"] for row in missing.body["errors"]] == ["secrets.keys.password"]

    bench.applied(secrets={"keys": {"password": canary, "token": "t"}})
    live = bench.get("v1", "Secret", "keys")
    assert decoded(live["data"]) == {"password": canary, "token": "t"}
    (entry,) = live["metadata"]["managedFields"]
    assert (entry["manager"], entry["operation"]) == ("kubeorch", "Apply")
    assert set(entry["fieldsV1"]["f:data"]) == {"f:password", "f:token"}
    assert mongo.run_secrets.count_documents({}) == 0, "sealed values go with the end of their run"
    encoded = base64.b64encode(canary.encode()).decode()
    for name in collections_of(mongo):
        for document in mongo[name].find({}):
            assert canary not in str(document), name
            assert encoded not in str(document), name

    bench.draw(a_secret("keys", "password", "token"), a_config_map("conf"))
    run = bench.applied()
    assert states(run) == {"keys": "unchanged", "conf": "done"}, "a run without values keeps them"
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"password": canary, "token": "t"}


def test_a_new_value_keeps_the_other_keys_and_a_removed_key_is_deleted(bench: Bench) -> None:
    bench.draw(a_secret("keys", "a", "b"))
    bench.applied(secrets={"keys": {"a": "1", "b": "2"}})
    bench.applied(secrets={"keys": {"b": "3"}})
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"a": "1", "b": "3"}
    bench.draw(a_secret("keys", "a"))
    bench.applied()
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"a": "1"}


def test_stored_values_are_used_by_later_runs(bench: Bench, mongo: Any) -> None:
    bench.draw(a_secret("keys", "a"))
    bench.applied(secrets={"keys": {"a": "kept"}}, keep_secrets=True)
    bench.plane.delete("v1", "Secret", "keys", bench.namespace)
    mongo.inventory.update_many({}, {"$set": {"secret_keys": []}})
    bench.applied()
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"a": "kept"}


def test_a_value_missing_in_the_cluster_is_asked_for_by_name(bench: Bench) -> None:
    bench.draw(a_secret("keys", "a"))
    bench.applied(secrets={"keys": {"a": "1"}})
    bench.plane.delete("v1", "Secret", "keys", bench.namespace)
    run = bench.until(bench.start(), "failed")
    assert run["error"]["code"] == "secret.value_missing"
    run_again = bench.person.post(f"runs/{run['id']}/retry", {"secrets": {"keys": {"a": "2"}}})
    assert run_again.status == 202, run_again.body
    bench.until(run, "verifying", "succeeded")
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"a": "2"}


def test_values_that_an_earlier_release_applied_under_another_manager_are_changed_and_removed(bench: Bench) -> None:
    bench.draw(a_secret("keys", "a", "b"))
    bench.applied(secrets={"keys": {"a": "1", "b": "2"}})
    live = bench.get("v1", "Secret", "keys")
    (ours,) = live["metadata"]["managedFields"]
    values = {**ours, "manager": "kubeorch-secrets", "fieldsV1": {"f:data": ours["fieldsV1"].pop("f:data")}}
    body = {"metadata": {"managedFields": [ours, values]}}
    path = f"/api/v1/namespaces/{bench.namespace}/secrets/keys"
    merge = "application/merge-patch+json"
    assert bench.plane.call("PATCH", path, json.dumps(body).encode(), content_type=merge)[0] == 200
    bench.draw(a_secret("keys", "a"))
    bench.applied(secrets={"keys": {"a": "3"}})
    live = bench.get("v1", "Secret", "keys")
    assert decoded(live["data"]) == {"a": "3"}
    assert [entry["manager"] for entry in live["metadata"]["managedFields"]] == ["kubeorch"]


def set_ahead(bench: Bench, **values: str) -> None:
    path = f"workflows/{bench.workflow['id']}/secrets?environment={bench.environment['id']}"
    answer = bench.person.put(path, {"values": {"keys": values}})
    assert answer.status == 200, answer.body


def waiting(bench: Bench) -> list[str]:
    """The keys whose stored value the next run applies."""
    path = f"workflows/{bench.workflow['id']}/secrets?environment={bench.environment['id']}"
    [node] = bench.person.get(path).body["nodes"]
    return [one["key"] for one in node["keys"] if one["awaits_run"]]


def test_values_that_were_set_ahead_arrive_with_the_next_run_and_new_ones_with_the_one_after(
    bench: Bench, mongo: Any
) -> None:
    canary = "c4n4ry-set-ahead"
    bench.draw(a_secret("keys", "password", "token"))
    set_ahead(bench, password=canary, token="t")
    bench.applied()
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"password": canary, "token": "t"}

    assert waiting(bench) == []
    set_ahead(bench, token="another")
    assert waiting(bench) == ["token"]
    assert decoded(bench.get("v1", "Secret", "keys")["data"])["token"] == "t", "the cluster waits for a run"
    run = bench.applied()
    assert states(run) == {"keys": "done"}
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"password": canary, "token": "another"}
    encoded = base64.b64encode(canary.encode()).decode()
    for name in collections_of(mongo):
        shown = str(list(mongo[name].find({})))
        assert canary not in shown, name
        assert encoded not in shown, name


def test_values_that_were_set_since_are_for_the_next_run_and_not_for_a_rollback_or_a_revert(bench: Bench) -> None:
    bench.draw(a_secret("keys", "token"), a_config_map("conf", mode="first"))
    set_ahead(bench, token="applied")
    first = bench.applied()
    bench.draw(a_secret("keys", "token"), a_config_map("conf", mode="second"))
    bench.applied()
    set_ahead(bench, token="for later")
    keys = {"api_version": "v1", "kind": "Secret", "namespace": bench.namespace, "name": "keys"}

    reverted = bench.person.post(f"environments/{bench.environment['id']}/drift/revert", {"refs": [keys]})
    back = bench.applied(kind="rollback", to_run=first["id"])

    assert (reverted.status, reverted.body["code"]) == (409, "drift.value_unknown")
    assert states(back) == {"keys": "unchanged", "conf": "done"}
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"token": "applied"}
    bench.draw(a_secret("keys", "token"), a_config_map("conf", mode="third"))
    bench.applied()
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"token": "for later"}


def test_a_value_that_is_set_while_a_run_is_on_its_way_comes_with_the_next(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflows.runs import applying

    bench.draw(a_secret("keys", "token"))
    set_ahead(bench, token="first")
    opened = applying.secrets.values_for

    def then_another_is_set(run: Any) -> Any:
        values = opened(run)
        set_ahead(bench, token="second")
        return values

    with monkeypatch.context() as patched:
        patched.setattr(applying.secrets, "values_for", then_another_is_set)
        bench.applied()
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"token": "first"}
    assert states(bench.applied()) == {"keys": "done"}
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"token": "second"}
    assert states(bench.applied()) == {"keys": "unchanged"}


def test_a_rollback_that_applies_a_secret_leaves_what_was_set_since_to_the_next_run(bench: Bench) -> None:
    bench.draw(a_secret("keys", "token", "user"))
    set_ahead(bench, token="applied", user="anna")
    first = bench.applied()
    bench.draw({**a_secret("keys", "token", "user"), "patch": "metadata: {labels: {tier: back}}"})
    bench.applied()
    set_ahead(bench, token="for later", user="ada")
    keys = {"api_version": "v1", "kind": "Secret", "namespace": bench.namespace, "name": "keys"}

    back = bench.applied(kind="rollback", to_run=first["id"], secrets={"keys": {"user": "given"}})

    assert states(back) == {"keys": "done"}
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"token": "applied", "user": "given"}
    revert = f"environments/{bench.environment['id']}/drift/revert"
    assert bench.person.post(revert, {"refs": [keys]}).body["code"] == "drift.value_unknown"
    assert states(bench.applied()) == {"keys": "done"}
    assert decoded(bench.get("v1", "Secret", "keys")["data"]) == {"token": "for later", "user": "ada"}
    assert bench.person.post(revert, {"refs": [keys]}).status == 202
