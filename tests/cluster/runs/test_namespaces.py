"""The namespace of an environment: made where a run needs it, named in the run, and left by a destroy run."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from tests.support.control_plane import ControlPlane
from tests.support.people import Person
from tests.support.runs import Bench
from tests.support.workflows import a_config_map, a_manifest

STAYS = "a run of this environment made it, and others may use it"


@pytest.fixture
def bare(person: Person, cluster: str, control_plane: ControlPlane) -> Bench:
    """An environment in a namespace that does not exist."""
    return Bench(person, cluster, control_plane, f"bare-{ObjectId()}")


def told(run: dict[str, Any]) -> list[tuple[str, str, str, str | None]]:
    return [(step["action"], step["state"], step["ref"]["kind"], step["node_id"]) for step in run["steps"]]


def exists(bench: Bench) -> bool:
    return bench.plane.get("v1", "Namespace", bench.namespace, "") is not None


def test_a_namespace_that_a_run_makes_is_a_step_of_it_and_stays_with_the_reason(bare: Bench) -> None:
    bare.draw(a_config_map("conf"))

    run = bare.applied()

    assert told(run) == [("apply", "done", "Namespace", None), ("apply", "done", "ConfigMap", "conf")]
    assert all(step["started_at"] for step in run["steps"])
    assert (run["counts"]["total"], run["counts"]["changed"], run["waves"]) == (2, 2, 1)
    lines = [line["message"] for line in bare.person.get(f"runs/{run['id']}/logs").body["results"]]
    assert f"created Namespace {bare.namespace}" in lines
    assert told(bare.applied()) == [("apply", "unchanged", "ConfigMap", "conf")]
    assert bare.owned() == ["ConfigMap/conf"]
    inventory = bare.person.get(f"environments/{bare.environment['id']}/inventory").body
    assert inventory["made_namespace"] == bare.namespace

    asked = bare.person.delete(f"environments/{bare.environment['id']}?objects=destroy")

    [foreseen] = asked.body["runs"]
    kept = [{"ref": run["steps"][0]["ref"], "node_id": None, "reason": STAYS}]
    assert foreseen["kept"] == kept
    ended = bare.until(foreseen, "succeeded")
    assert (ended["kept"], ended["counts"]["kept"], ended["counts"]["deleted"]) == (kept, 1, 1)
    assert exists(bare)


def test_no_namespace_is_made_for_objects_that_have_none(bare: Bench) -> None:
    name = f"class-{ObjectId()}"
    bare.draw(a_manifest(name, apiVersion="scheduling.k8s.io/v1", kind="PriorityClass", value=5))

    assert told(bare.applied()) == [("apply", "done", "PriorityClass", name)]

    assert not exists(bare)
    last = bare.until(bare.start(kind="destroy", delete_volumes=True), "succeeded")
    assert last["kept"] == []


def test_a_namespace_that_was_there_or_is_drawn_is_no_step_of_its_own(bench: Bench, bare: Bench) -> None:
    bench.draw(a_config_map("conf"))
    assert [kind for _, _, kind, _ in told(bench.applied())] == ["ConfigMap"]
    assert bench.until(bench.start(kind="destroy"), "succeeded")["kept"] == []

    drawn = a_manifest(bare.namespace, apiVersion="v1", kind="Namespace")
    bare.draw(drawn, a_config_map("conf"))
    assert [(kind, node) for _, _, kind, node in told(bare.applied())] == [
        ("Namespace", bare.namespace),
        ("ConfigMap", "conf"),
    ]


def test_a_namespace_that_somebody_deleted_is_made_and_named_again(bare: Bench) -> None:
    from tests.support.wait import until

    bare.draw(a_config_map("conf"))
    bare.applied()
    bare.plane.delete("v1", "Namespace", bare.namespace, "")
    until(lambda: not exists(bare), what="the namespace is gone")

    assert told(bare.applied())[0] == ("apply", "done", "Namespace", None)
