"""Sealed values that somebody moved about in the database do not open in their new place."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from kubeorch.base.clock import now
from kubeorch.base.seal import Unsealable
from tests.support.people import a_user


def swap(collection: Any, one: dict[str, Any], other: dict[str, Any], field: str) -> None:
    a, b = collection.find_one(one), collection.find_one(other)
    collection.update_one({"_id": a["_id"]}, {"$set": {field: b[field]}})
    collection.update_one({"_id": b["_id"]}, {"$set": {field: a[field]}})


def test_values_of_a_run_belong_to_that_run(mongo: Any) -> None:
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.runs import secret_store as run_secrets

    first, second = ObjectId(), ObjectId()
    run_in_transaction(lambda session: run_secrets.store_values(first, {"n": {"k": "one"}}, session))
    run_in_transaction(lambda session: run_secrets.store_values(second, {"n": {"k": "two"}}, session))
    assert run_secrets.clear_values(first) == {"n": {"k": "one"}}
    swap(mongo.run_secrets, {"run_id": first}, {"run_id": second}, "sealed")
    for run in (first, second):
        with pytest.raises(Unsealable, match="enter it again"):
            run_secrets.clear_values(run)


@pytest.mark.parametrize("other", ["environment", "node", "key"])
def test_a_kept_value_belongs_to_its_environment_node_and_key(mongo: Any, other: str) -> None:
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.environments import secret_store

    environment, elsewhere, workflow = ObjectId(), ObjectId(), ObjectId()
    places = {"environment": (elsewhere, "n", "k"), "node": (environment, "m", "k"), "key": (environment, "n", "l")}
    for place, node, key in ((environment, "n", "k"), places[other]):
        run_in_transaction(
            lambda session, place=place, node=node, key=key: secret_store.store_values(  # type: ignore[misc]
                workflow, place, {node: {key: "value"}}, at=now(), session=session
            )
        )
    assert secret_store.clear_values(environment)["n"]["k"] == b"value"
    place, node, key = places[other]
    swap(
        mongo.secret_values,
        {"environment_id": environment, "node_id": "n", "key": "k"},
        {"environment_id": place, "node_id": node, "key": key},
        "sealed",
    )
    with pytest.raises(Unsealable):
        secret_store.clear_values(environment)


@pytest.mark.parametrize("moved", ["credentials", "server"])
def test_credentials_belong_to_their_cluster_and_server(mongo: Any, moved: str) -> None:
    from clusters import store
    from clusters.credentials import opened, sealed
    from clusters.domain.credentials import Credentials

    person = a_user("admin")
    rows = []
    for name in ("east", "west"):
        row = store.new_cluster(name, team_id=person.team_id, created_by=ObjectId(person.user_id))
        row.update(sealed(row["_id"], Credentials(server=f"https://{name}.example.test", token="t")))
        store.insert(row)
        rows.append(row)
    swap(mongo.clusters, {"_id": rows[0]["_id"]}, {"_id": rows[1]["_id"]}, moved)
    for row in rows:
        with pytest.raises(Unsealable):
            opened(store.find(row["_id"]))
    for row in person.get("clusters").body["results"]:
        assert person.post(f"clusters/{row['id']}/test").body["error"]["code"] == "cluster.credentials_unreadable"
