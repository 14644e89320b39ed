"""Acceptance checks A11 to A14 on a real API server: what goes, what stays, what a second run does, and restoring."""

from __future__ import annotations

from typing import Any

from tests.support.runs import Bench, states
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_node, a_secret
from tests.unit.kinds.samples import object_kinds, sample_node

VALUES = {"secrets": {"keys": {"token": "t"}}}


def every_kind(suffix: str) -> list[dict[str, Any]]:
    """A node of each kind that the catalog names, under names of their own."""
    nodes = [a_secret("keys", "token")]
    for kind in object_kinds():
        if kind not in ("manifest", "secret"):
            place = {"id": f"n-{kind}", "position": {"x": 0, "y": 0}}
            nodes.append({**sample_node(kind, "minimal"), **place, "name": f"{kind}-{suffix}"})
    return nodes


def test_renamed_objects_of_every_kind_are_listed_and_pruned_and_what_holds_data_asks(bench: Bench) -> None:
    """A11."""
    bench.draw(*every_kind("a"))
    bench.applied(**VALUES)
    before = bench.owned()
    assert len(before) >= 12
    bench.draw(*every_kind("b"))
    asked = bench.ask()
    assert (asked.status, asked.body["code"]) == (409, "run.deletions_unconfirmed")
    going = {f"{one['ref']['kind']}/{one['ref']['name']}" for one in asked.body["deletions"]}
    kept = {f"{one['ref']['kind']}/{one['ref']['name']}" for one in asked.body["kept"]}
    assert kept == {"PersistentVolumeClaim/persistentvolumeclaim-a"}
    assert going == {*before} - kept - {"Secret/keys"}
    bench.applied(confirm_deletions=len(going), confirmation=asked.body["confirmation"])
    owned = set(bench.owned())
    assert owned == {name.replace("-a", "-b") for name in before} | kept
    assert bench.get("v1", "PersistentVolumeClaim", "persistentvolumeclaim-a") is not None

    path = f"workflows/{bench.workflow['id']}"
    archived = bench.person.post(f"{path}/archive", {})
    assert (archived.status, archived.body["code"]) == (409, "workflow.owns_objects")
    assert {f"{one['ref']['kind']}/{one['ref']['name']}" for one in archived.body["owned"]} == owned
    deleted = bench.person.delete(f"{path}?objects=destroy&volumes=delete")
    assert deleted.status == 202, deleted.body
    until(lambda: bench.person.get(path).status == 404, what="the workflow is gone with its objects")
    assert bench.get("apps/v1", "Deployment", "deployment-b") is None
    until(lambda: bench.plane.list("v1", "PersistentVolumeClaim", bench.namespace) == [], what="and with its claims")


def test_the_same_graph_run_twice_changes_nothing_and_a_changed_job_is_replaced(bench: Bench) -> None:
    """A12."""
    bench.draw(a_node("once", kind="job", image="busybox:1"), a_config_map("conf"), a_node("web"))
    bench.applied()
    uid = bench.get("batch/v1", "Job", "once")["metadata"]["uid"]
    assert set(states(bench.applied()).values()) == {"unchanged"}
    assert bench.get("batch/v1", "Job", "once")["metadata"]["uid"] == uid
    bench.draw(a_node("once", kind="job", image="busybox:2"), a_config_map("conf"), a_node("web"))
    run = bench.applied()
    assert {step["node_id"]: step["action"] for step in run["steps"]}["once"] == "replace"
    live = bench.get("batch/v1", "Job", "once")
    assert live["metadata"]["uid"] != uid
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "busybox:2"


def test_moving_a_node_changes_nothing_and_three_replicas_are_just_that(bench: Bench) -> None:
    """A13, and A14: version 1 of 3 is restored as version 4, and applied."""
    path = f"workflows/{bench.workflow['id']}"
    bench.draw(a_node("web", replicas=1))
    first = bench.applied()
    bench.draw(a_node("web", replicas=1, x=500, y=80))
    moved = bench.applied()
    assert (moved["version"], states(moved)) == (first["version"], {"web": "unchanged"})
    for replicas in (3, 2):
        bench.draw(a_node("web", replicas=replicas))
        bench.applied()
    [changed] = bench.person.get(f"{path}/versions/compare?from=1&to=2").body["nodes"]
    assert changed["changes"] == [{"path": "spec.replicas", "from": 1, "to": 3}]

    restored = bench.person.post(f"{path}/versions/1/restore").body["version"]
    assert (restored["number"], restored["restored_from"]) == (4, 1)
    assert bench.person.get(f"{path}/graph").body["nodes"] == bench.person.get(f"{path}/versions/1").body["nodes"]
    assert bench.applied()["version"] == 4
    assert bench.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 1
