"""Restarts of chosen workloads: their pods are really others afterwards, and the next run leaves that alone."""

from __future__ import annotations

from typing import Any

from tests.support.plans import effects, made
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workflows import a_node


def pods(bench: Bench, app: str) -> dict[str, str]:
    """The uids of the running pods of an app by name."""
    found = bench.plane.list("v1", "Pod", bench.namespace, f"labelSelector=app%3D{app}")
    return {
        one["metadata"]["name"]: one["metadata"]["uid"]
        for one in found
        if one["status"].get("phase") == "Running" and not one["metadata"].get("deletionTimestamp")
    }


def ref(bench: Bench, name: str) -> dict[str, str]:
    return {"api_version": "apps/v1", "kind": "Deployment", "namespace": bench.namespace, "name": name}


def restart(bench: Bench, *names: str) -> Any:
    answer = bench.person.post(
        f"environments/{bench.environment['id']}/restart", {"refs": [ref(bench, name) for name in names]}
    )
    assert answer.status == 200, answer.body
    return {one["ref"]["name"]: one for one in answer.body["results"]}


def test_a_restart_replaces_the_pods_of_what_was_chosen_and_of_nothing_else(bench: Bench, mongo: Any) -> None:
    bench.draw(a_node("web", replicas=2), a_node("other", replicas=1), a_node("paused", replicas=0))
    bench.applied()
    web = until(lambda: found if len(found := pods(bench, "web")) == 2 else None, what="web runs")
    other = until(lambda: pods(bench, "other"), what="other runs")
    path = f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/paused?fieldManager=kubectl"
    bench.plane.call("PATCH", path, b'{"spec":{"paused":true}}', content_type="application/merge-patch+json")

    results = restart(bench, "web", "paused")

    assert results["web"]["restarted"] is True
    assert (results["paused"]["restarted"], results["paused"]["code"]) == (False, "object.not_restarted")
    assert "resume it first" in results["paused"]["detail"]
    after = until(
        lambda: (
            found if len(found := pods(bench, "web")) == 2 and not set(found.values()) & set(web.values()) else None
        ),
        what="both pods are new ones",
    )
    assert not set(after) & set(web)
    assert pods(bench, "other") == other
    [row] = mongo.audit.find({"action": "environment.restart"})
    assert row["target"]["workloads"] == f"apps/v1/Deployment/{bench.namespace}/web"
    assert effects(made(bench)) == {"web": "unchanged", "other": "unchanged", "paused": "unchanged"}

    bench.draw(a_node("web", replicas=3), a_node("other", replicas=1), a_node("paused", replicas=0))
    bench.applied()
    live = bench.get("apps/v1", "Deployment", "web")
    assert "kubectl.kubernetes.io/restartedAt" in live["spec"]["template"]["metadata"]["annotations"]
