"""The inventory is written before the cluster is touched, by whichever worker comes first."""

from __future__ import annotations

from typing import Any

from bson import ObjectId

from clusters.domain.objects import Ref


def test_a_worker_that_comes_second_takes_nothing_back_of_what_the_first_has_applied(mongo: Any) -> None:
    from workflows.environments.inventory_store import Intended, owned_objects, record_intended

    run = {name: ObjectId() for name in ("_id", "team_id", "environment_id", "cluster_id")}
    refs = [Ref("v1", "ConfigMap", "shop", f"c{n}") for n in range(3)]
    wanted = [Intended(ref, ref.name, 0, None, ()) for ref in refs]
    record_intended(run, wanted[:2], {})
    mongo.inventory.update_many({}, {"$set": {"state": "applied", "uid": "u", "seq": 7}})
    record_intended(run, [Intended(ref, "moved", 1, None, ()) for ref in refs], {})
    rows = {row["ref"]["name"]: row for row in owned_objects([run["environment_id"]])}
    assert {name: (row["state"], row["uid"], row["seq"]) for name, row in rows.items()} == {
        "c0": ("applied", "u", 7),
        "c1": ("applied", "u", 7),
        "c2": ("intended", None, 0),
    }
    assert {(row["node_id"], row["wave"]) for row in rows.values()} == {("moved", 1)}, "and knows what is drawn now"
