"""How an environment stands after a run that did not succeed, and what such a run leaves behind: no claim to what it
never made, no quarantine where it changed nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cluster.runs.test_automatic_rollback import by_nobody, environment_of, rollback_of, runs_of, safe, see
from tests.support.runs import Bench, states
from tests.support.workflows import a_config_map, a_manifest, a_node, an_edge

__all__ = ["safe"]


def broken(name: str = "odd") -> dict[str, Any]:
    return a_manifest(name, apiVersion="nobody.example/v1", kind="Nothing")


def partly(bench: Bench) -> tuple[int, int, str, int] | None:
    """(version, run, its state, objects)."""
    found = environment_of(bench)["partly"]
    return (found["run"]["version"], found["run"]["number"], found["run"]["state"], found["objects"]) if found else None


def by_kubectl(bench: Bench, path: str, content: bytes) -> None:
    status, answer = bench.plane.call(
        "PATCH", f"{path}?fieldManager=kubectl", content, content_type="application/merge-patch+json"
    )
    assert status == 200, answer


def test_a_run_that_breaks_off_leaves_its_environment_partly_its_own_until_the_next_success(bench: Bench) -> None:
    bench.draw(broken(), a_config_map("conf"))
    first = bench.until(bench.start(), "failed")
    environment = environment_of(bench)
    assert (environment["deployed"], partly(bench)) == (None, (1, first["number"], "failed", 1))
    assert environment["health"] is not None, "there is something to be well or not"
    assert environment["undeployed_at"] is None
    assert bench.owned() == ["ConfigMap/conf"], "what was refused was never made"

    bench.draw(a_config_map("conf"), a_config_map("more"))
    answer = bench.ask()
    assert answer.status == 202, "and nobody is asked whether to delete it"
    bench.until(answer.body, "verifying")
    bench.see_all_healthy()
    bench.until(answer.body, "succeeded")
    assert (environment_of(bench)["deployed"]["version"], partly(bench)) == (2, None)

    bench.draw(a_config_map("conf"), a_config_map("more"), broken())
    bench.until(bench.start(), "failed")
    assert partly(bench) is None, "it applied two objects as they were, and changed nothing"

    bench.draw(a_config_map("conf", a="2"), a_config_map("more"), broken())
    failed = bench.until(bench.start(), "failed")
    bench.draw(a_config_map("conf", a="2"), a_config_map("more", a="2"), broken("another"))
    later = bench.until(bench.start(), "failed")
    assert (environment_of(bench)["deployed"]["version"], partly(bench)) == (2, (5, later["number"], "failed", 2))
    assert failed["number"] < later["number"]

    bench.until(bench.start(kind="destroy"), "succeeded")
    environment = environment_of(bench)
    assert (environment["deployed"], environment["partly"], environment["health"]) == (None, None, None)
    assert environment["undeployed_at"] is not None
    back = bench.start(kind="rollback")
    assert back["rolled_back_from"] is None, "what broke off before everything was undeployed is no part of it"
    bench.until(back, "verifying")
    bench.see_all_healthy()
    bench.until(back, "succeeded")
    assert environment_of(bench)["undeployed_at"] is None


def test_a_refused_object_is_made_and_owned_by_the_run_that_is_tried_again(bench: Bench) -> None:
    theirs = {"metadata": {"name": "conf", "namespace": bench.namespace}, "data": {"of": "somebody else"}}
    bench.plane.apply({"apiVersion": "v1", "kind": "ConfigMap", **theirs})
    bench.draw(a_config_map("conf"), a_node("web"))
    run = bench.until(bench.start(), "failed")
    assert (bench.owned(), partly(bench)) == ([], None), "nor what its turn never came to"
    bench.plane.delete("v1", "ConfigMap", "conf", bench.namespace)
    assert bench.person.post(f"runs/{run['id']}/retry").status == 202
    bench.until(run, "verifying")
    assert bench.owned() == ["ConfigMap/conf", "Deployment/web"]


def test_what_nobody_knows_to_be_made_is_looked_for_and_asked_about_only_where_it_is(bench: Bench, mongo: Any) -> None:
    """As a worker leaves them that was killed before it recorded what it made."""
    bench.draw(a_config_map("conf"), a_config_map("made"), a_config_map("not-made"))
    bench.applied()
    unrecorded = {"state": "intended", "uid": None, "hash": None, "applied_at": None}
    mongo.inventory.update_many({"ref.name": {"$in": ["made", "not-made"]}}, {"$set": unrecorded})
    bench.plane.delete("v1", "ConfigMap", "not-made", bench.namespace)
    bench.draw(a_config_map("conf"))

    careful = bench.until(bench.ask().body, "failed")
    assert careful["error"]["code"] == "run.deletions_grown"
    assert bench.owned() == ["ConfigMap/conf", "ConfigMap/made"]
    assert [one["ref"]["name"] for one in bench.ask().body["deletions"]] == ["made"]
    assert bench.applied()["counts"]["deleted"] == 1
    assert bench.owned() == ["ConfigMap/conf"]


def test_a_rollback_that_breaks_off_leaves_a_mix_that_is_named(safe: Bench) -> None:
    safe.draw(a_config_map("conf"), a_node("web", replicas=1))
    first = safe.applied()
    safe.draw(a_config_map("conf", a="2"), a_node("web", replicas=2))
    run = safe.until(safe.start(), "verifying")
    by_kubectl(safe, f"/apis/apps/v1/namespaces/{safe.namespace}/deployments/web", b'{"spec":{"replicas":3}}')
    see(safe, "failed", "it crashes")
    back = safe.until(rollback_of(safe, run), "failed")
    assert back["error"]["code"] == "cluster.field_conflict"
    assert environment_of(safe)["deployed"]["version"] == run["version"]
    assert partly(safe) == (first["version"], back["number"], "failed", 1)
    assert [(one["version"], one["rolled_back"]) for one in environment_of(safe)["quarantined"]] == [(2, False)]


def test_a_run_that_was_refused_before_it_changed_anything_is_not_rolled_back_and_its_version_is_free(
    safe: Bench,
) -> None:
    safe.draw(a_config_map("conf", mode="calm"))
    safe.applied()
    by_kubectl(safe, f"/api/v1/namespaces/{safe.namespace}/configmaps/conf", b'{"data":{"mode":"theirs"}}')
    safe.draw(a_config_map("conf", mode="busy"), a_node("web"))
    failed = safe.until(safe.start(), "failed")
    assert failed["error"]["code"] == "cluster.field_conflict"
    assert (failed["rolled_back_by"], environment_of(safe)["quarantined"], partly(safe)) == (None, [], None)
    assert len(runs_of(safe)) == 2


def test_a_version_that_succeeds_after_all_leaves_quarantine_whatever_its_number(safe: Bench) -> None:
    from workflows.runs.actions import VersionQuarantined

    safe.draw(a_config_map("conf"))
    safe.applied()
    safe.draw(a_config_map("conf", a="2"))
    run = safe.until(safe.start(), "verifying")
    see(safe, "failed", "it crashes")
    safe.until(rollback_of(safe, run), "verifying")
    see(safe, "healthy")
    safe.until(run, "rolled_back")
    assert [(one["version"], one["rolled_back"]) for one in environment_of(safe)["quarantined"]] == [(2, True)]
    safe.person.post(f"workflows/{safe.workflow['id']}/versions", {"name": "the same under another number"})
    with pytest.raises(VersionQuarantined):
        by_nobody(safe)
    safe.applied()
    assert environment_of(safe)["quarantined"] == []


def test_a_return_that_meets_a_field_of_others_shows_it_in_its_plan_and_takes_it_over_where_a_person_says_so(
    bench: Bench,
) -> None:
    bench.draw(a_config_map("conf", mode="calm"))
    first = bench.applied()
    bench.draw(a_config_map("conf", mode="busy"))
    bench.applied()
    by_kubectl(bench, f"/api/v1/namespaces/{bench.namespace}/configmaps/conf", b'{"data":{"mode":"theirs"}}')
    where = {"environment": bench.environment["id"], "to_run": first["id"]}

    planned = bench.person.post(f"workflows/{bench.workflow['id']}/plans", where).body
    assert planned["counts"]["conflict"] == 1
    refused = bench.until(bench.start(kind="rollback", to_run=first["id"]), "failed")
    assert refused["error"]["code"] == "cluster.field_conflict"

    planned = bench.person.post(f"workflows/{bench.workflow['id']}/plans", {**where, "take_over": True}).body
    assert (planned["counts"]["conflict"], planned["counts"]["update"]) == (0, 1)
    run = bench.start(kind="rollback", plan=planned["id"])
    bench.until(run, "verifying")
    bench.see_all_healthy()
    assert bench.until(run, "succeeded")["counts"]["changed"] == 1
    assert bench.get("v1", "ConfigMap", "conf")["data"] == {"mode": "calm"}


def test_what_a_run_applied_before_it_broke_off_is_not_counted_as_undeployed(bench: Bench) -> None:
    def undeployed() -> tuple[list[tuple[str, str]], list[str]]:
        found = bench.person.get(f"environments/{bench.environment['id']}/undeployed").body
        nodes = [(one["node_id"], one["change"]) for one in found["nodes"]]
        return nodes, [one["edge_id"] for one in found["edges"]]

    reads = an_edge("conf", "web", "sets_env")
    bench.draw(a_config_map("conf"), a_node("web"), a_config_map("old"), edges=(reads,))
    bench.applied()
    assert undeployed() == ([], [])

    bench.draw(a_config_map("conf", a="2"), a_node("web", replicas=2), a_config_map("old", a="2"), edges=(reads,))
    by_kubectl(bench, f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/web", b'{"spec":{"replicas":3}}')
    assert undeployed() == ([("conf", "modified"), ("old", "modified"), ("web", "modified")], [])
    failed = bench.until(bench.start(), "failed")
    assert states(failed) == {"conf": "done", "old": "done", "web": "failed"}
    assert undeployed() == ([("web", "modified")], [])

    bench.draw(a_config_map("conf"), a_node("web"), edges=(reads,))
    assert undeployed() == ([("conf", "modified"), ("old", "removed")], []), "as it was before, which it is no more"
