"""The claims that a StatefulSet made: its environment owns them once the set is deleted, and they are named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bson import ObjectId

from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.watching import watching
from tests.support.workflows import a_config_map, a_manifest, a_node

TEMPLATE = {"name": "data", "storage": "1Gi", "access_modes": ["ReadWriteOnce"]}
OWNED = ["PersistentVolumeClaim/data-db-0", "PersistentVolumeClaim/data-db-1"]


def a_set(replicas: int = 2, **more: Any) -> dict[str, Any]:
    return a_node("db", kind="statefulset", image="nginx:1.27", replicas=replicas, volume_claims=[TEMPLATE], **more)


def has_claims(bench: Bench, *names: str) -> None:
    for name in names:
        until(lambda name=name: bench.get("v1", "PersistentVolumeClaim", name), what=f"the set has made {name}")


def a_claim(bench: Bench, name: str, **labels: str) -> None:
    """Somebody else makes a claim."""
    bench.plane.apply(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": name, "namespace": bench.namespace, "labels": labels},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        }
    )


def is_going(bench: Bench, name: str) -> bool:
    live = bench.get("v1", "PersistentVolumeClaim", name)
    return live is None or "deletionTimestamp" in live["metadata"]


def test_a_destroyed_set_leaves_claims_that_are_named_and_owned_and_go_when_that_is_asked(bench: Bench) -> None:
    bench.draw(a_config_map("conf"), a_set())
    bench.applied()
    has_claims(bench, "data-db-0", "data-db-1")
    a_claim(bench, "data-db-7", app="somebody-elses")
    a_claim(bench, "data-db-old", app="db")

    run = bench.until(bench.start(kind="destroy"), "succeeded")

    kept = {row["ref"]["name"]: (row["node_id"], row["reason"]) for row in run["kept"]}
    assert kept == {"data-db-0": ("db", "it holds data"), "data-db-1": ("db", "it holds data")}
    assert run["counts"]["kept"] == 2
    assert [step["ref"]["name"] for step in run["steps"] if step["action"] == "keep"] == ["data-db-0", "data-db-1"]
    assert bench.owned() == OWNED

    last = bench.until(bench.start(kind="destroy", delete_volumes=True), "succeeded")
    assert last["counts"]["deleted"] == 2
    assert bench.owned() == []
    until(lambda: bench.get("v1", "PersistentVolumeClaim", "data-db-0") is None)
    assert not is_going(bench, "data-db-7")
    assert not is_going(bench, "data-db-old")


def test_a_claim_that_a_set_of_somebody_else_uses_by_now_is_kept_although_data_is_to_go(bench: Bench) -> None:
    """Another environment of the namespace, say, that draws a set of the same name: it goes on with the claims."""
    bench.draw(a_set())
    bench.applied()
    has_claims(bench, "data-db-0", "data-db-1")
    theirs = bench.get("apps/v1", "StatefulSet", "db")
    assert theirs is not None
    bench.until(bench.start(kind="destroy"), "succeeded")
    until(lambda: bench.get("apps/v1", "StatefulSet", "db") is None, what="the set is gone")
    metadata = {"name": "db", "namespace": bench.namespace, "labels": {"kubeorch.dev/environment": "another"}}
    bench.plane.apply({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata, "spec": theirs["spec"]})

    run = bench.until(bench.start(kind="destroy", delete_volumes=True), "succeeded")

    assert not is_going(bench, "data-db-0"), "the data of a set that runs"
    assert run["counts"]["deleted"] == 0
    assert {row["reason"] for row in run["kept"]} == {"StatefulSet db, which belongs to somebody else, uses it"}
    assert bench.owned() == OWNED


def test_claims_above_the_replicas_of_now_are_named_as_well(bench: Bench) -> None:
    bench.draw(a_set())
    bench.applied()
    has_claims(bench, "data-db-0", "data-db-1")
    bench.draw(a_set(replicas=1))
    bench.applied()

    bench.until(bench.start(kind="destroy"), "succeeded")

    assert bench.owned() == OWNED


def test_a_set_that_is_drawn_again_has_its_claims_again(bench: Bench) -> None:
    bench.draw(a_set())
    bench.applied()
    has_claims(bench, "data-db-0", "data-db-1")
    bench.until(bench.start(kind="destroy"), "succeeded")

    run = bench.applied(delete_volumes=True)

    assert run["kept"] == []
    assert bench.owned() == ["Service/db-headless", "StatefulSet/db"]
    assert not is_going(bench, "data-db-0")
    again = bench.until(bench.start(kind="destroy"), "succeeded")
    assert again["counts"]["kept"] == 2
    assert bench.owned() == OWNED


def test_claims_of_a_set_that_somebody_else_deleted_are_found_by_what_was_applied(bench: Bench) -> None:
    bench.draw(a_set())
    bench.applied()
    has_claims(bench, "data-db-0", "data-db-1")
    bench.plane.delete("apps/v1", "StatefulSet", "db", bench.namespace)
    until(lambda: bench.get("apps/v1", "StatefulSet", "db") is None)

    run = bench.until(bench.start(kind="destroy"), "succeeded")

    assert run["counts"]["kept"] == 2
    assert bench.owned() == OWNED


def test_the_claims_of_somebody_elses_set_of_the_same_name_are_not_ours(bench: Bench) -> None:
    bench.draw(a_set(replicas=1))
    bench.applied()
    has_claims(bench, "data-db-0")
    live = bench.get("apps/v1", "StatefulSet", "db")
    bench.plane.delete("apps/v1", "StatefulSet", "db", bench.namespace)
    until(lambda: bench.get("apps/v1", "StatefulSet", "db") is None)
    metadata = {"name": "db", "namespace": bench.namespace}
    bench.plane.apply({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata, "spec": live["spec"]})

    bench.until(bench.start(kind="destroy", delete_volumes=True), "succeeded")

    assert bench.owned() == []
    assert bench.get("apps/v1", "StatefulSet", "db") is not None
    assert not is_going(bench, "data-db-0")


def test_a_claim_that_is_drawn_no_more_stays_while_a_drawn_set_uses_it(bench: Bench) -> None:
    claim = a_node("data-db-0", kind="persistentvolumeclaim", storage="1Gi", access_modes=["ReadWriteOnce"])
    bench.draw(claim)
    bench.applied()
    bench.draw(claim, a_set(replicas=1))
    bench.applied()
    bench.draw(a_set(replicas=1))

    run = bench.applied(delete_volumes=True)

    assert [(row["ref"]["name"], row["reason"]) for row in run["kept"]] == [("data-db-0", "StatefulSet db uses it")]
    assert not is_going(bench, "data-db-0")


def test_a_set_that_would_take_its_claims_along_since_it_was_planned_is_left_alone(bench: Bench) -> None:
    service = {"selector": {"app": "db"}, "ports": [{"port": 80}]}
    held = a_manifest(
        "front", apiVersion="v1", kind="Service", metadata={"finalizers": ["example.com/hold"]}, spec=service
    )
    bench.draw(a_set(replicas=1), held)
    bench.applied()
    has_claims(bench, "data-db-0")
    run = bench.start(kind="destroy")
    until(lambda: (bench.get("v1", "Service", "front") or {})["metadata"].get("deletionTimestamp"))
    change(
        bench,
        "apis/apps/v1",
        "statefulsets/db",
        spec={"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}},
    )
    change(bench, "api/v1", "services/front", metadata={"finalizers": None})

    failed = bench.until(run, "failed")

    assert failed["error"]["code"] == "object.takes_claims"
    assert "deletionTimestamp" not in bench.get("apps/v1", "StatefulSet", "db")["metadata"]
    assert not is_going(bench, "data-db-0")


def change(bench: Bench, api: str, path: str, **content: Any) -> None:
    """Somebody else changes an object."""
    bench.plane.call(
        "PATCH",
        f"/{api}/namespaces/{bench.namespace}/{path}?fieldManager=them",
        json.dumps(content).encode(),
        content_type="application/merge-patch+json",
    )


@pytest.mark.parametrize("objects", ["keep", "destroy"])
def test_an_environment_whose_claims_are_left_is_removed_only_when_somebody_chooses(bench: Bench, objects: str) -> None:
    bench.draw(a_set(replicas=1))
    bench.applied()
    has_claims(bench, "data-db-0")
    bench.until(bench.start(kind="destroy"), "succeeded")
    path = f"environments/{bench.environment['id']}"

    asked = bench.person.delete(path)

    assert (asked.status, [one["ref"]["name"] for one in asked.body["owned"]]) == (409, ["data-db-0"])
    assert asked.body["owned"][0]["reason"] == "it holds data"
    assert bench.person.delete(f"{path}?objects={objects}").status in (202, 204)
    until(lambda: bench.person.get(path).status == 404)
    assert not is_going(bench, "data-db-0")


def test_what_stays_is_seen_as_it_is_and_does_not_trouble_the_set_that_has_its_claims_again(
    bench: Bench, cluster: str
) -> None:
    """The controller makes claims without our labels: they are watched by what the environment owns."""
    uploads = a_node("uploads", kind="persistentvolumeclaim", storage="1Gi", access_modes=["ReadWriteOnce"])
    space = a_manifest(f"{bench.namespace}-more", apiVersion="v1", kind="Namespace")

    def seen() -> dict[str, str]:
        data = bench.person.get(f"environments/{bench.environment['id']}/status").body["data"]
        return {
            one["ref"]["name"]: one["health"] for key, row in data.items() if "node:" in key for one in row["objects"]
        }

    def are_well(*names: str) -> bool:
        return all(seen().get(name) in ("healthy", "present", "progressing") for name in names)

    bench.draw(a_config_map("conf"), a_set(), uploads, space)
    with watching(ObjectId(cluster)):
        bench.until(bench.start(), "verifying", "succeeded")
        has_claims(bench, "data-db-0", "data-db-1")
        bench.until(bench.start(kind="destroy"), "succeeded")
        kept = ("data-db-0", "data-db-1", "uploads", f"{bench.namespace}-more")
        until(lambda: set(seen()) == set(kept) and are_well(*kept), what="all that stays is seen")

        bench.plane.apply(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "conf", "namespace": bench.namespace},
                "data": {"of": "somebody else"},
            }
        )
        failed = bench.until(bench.start(), "failed")
        assert failed["error"]["code"] == "object.foreign"
        assert are_well(*kept), "a run that failed forgets nothing that stayed, nor takes it for gone"

        bench.plane.delete("v1", "PersistentVolumeClaim", "data-db-1", bench.namespace)
        until(lambda: seen().get("data-db-1") == "missing", what="a claim that somebody deletes is missing")
