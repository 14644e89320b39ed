"""An open plan shows by itself that it is not true any more."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.support.plans import looked_at, made
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.watching import watching
from tests.support.workflows import a_config_map, a_node


def test_the_watch_tells_who_follows_a_plan_what_has_moved(bench: Bench, cluster: str) -> None:
    from kubeorch.realtime import topics

    bench.draw(a_node("web", replicas=1), a_config_map("conf", a="1"), a_config_map("rest", a="1"))
    bench.applied()
    bench.draw(a_node("web", replicas=2), a_config_map("conf", a="1"), a_config_map("rest", a="2"))

    def patch(path: str, change: Any) -> None:
        status, answer = bench.plane.call(
            "PATCH",
            f"{path}?fieldManager=kubectl-edit",
            json.dumps(change).encode(),
            content_type="application/merge-patch+json",
        )
        assert status == 200, answer

    with watching(ObjectId(cluster)):
        plan = made(bench)
        topic, rest = topics.find(f"plan:{plan['id']}")
        topic.authorize(bench.person.principal, rest)

        def shown() -> Any:
            return topic.snapshot(rest, bench.person.principal)["plan"].data

        assert not shown()["moved"]
        web = f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/web"
        conf = f"/api/v1/namespaces/{bench.namespace}/configmaps/conf"
        condition = {"type": "Odd", "status": "True"}
        patch(f"{web}/status", {"status": {"conditions": [condition]}})
        patch(conf, {"data": {"a": "other"}})
        [moved] = until(lambda: shown()["moved"], what="the plan is not true any more")
        assert (moved["ref"]["name"], moved["manager"]) == ("conf", "kubectl-edit")
        assert not shown()["still_true"]


def post(bench: Bench, manifest: dict[str, Any]) -> None:
    path = f"/api/v1/namespaces/{bench.namespace}/configmaps?fieldManager=kubectl-create"
    status, said = bench.plane.call("POST", path, json.dumps(manifest).encode(), content_type="application/json")
    assert status == 201, said


def shown_of(bench: Bench, plan: dict[str, Any]) -> Any:
    """What the topic of a plan says, read anew with each call."""
    from kubeorch.realtime import topics

    topic, rest = topics.find(f"plan:{plan['id']}")
    return lambda: topic.snapshot(rest, bench.person.principal)["plan"].data


def test_an_object_of_another_environment_under_a_name_that_a_plan_would_make_is_seen_with_the_watch(
    bench: Bench, cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflows.plans import judged_store

    monkeypatch.setattr(judged_store, "FRESH_EVERY", timedelta(hours=1))
    bench.draw(a_config_map("new", a="1"))
    labels = {"kubeorch.dev/environment": str(ObjectId()), "kubeorch.dev/node": "theirs"}
    theirs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "new", "labels": labels}}

    with watching(ObjectId(cluster)):
        plan = made(bench)
        shown = shown_of(bench, plan)
        first = until(lambda: shown()["looked_at"], what="the plan is looked at once it is made")
        assert (shown()["still_true"], shown()["moved"]) == (True, [])
        post(bench, theirs)
        began = time.monotonic()
        [moved] = until(lambda: shown()["moved"], what="the plan is not true any more")
        took_s = time.monotonic() - began

    assert (moved["ref"]["name"], moved["what"]) == ("new", "it was made by somebody")
    assert took_s < 3, "once the watch sees it, not by a look at what is due"
    assert shown()["looked_at"] > first


def test_what_no_watch_sees_is_found_by_looking_again_now_and_then(
    bench: Bench, cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflows.plans import following, judged_store

    monkeypatch.setattr(judged_store, "FRESH_EVERY", timedelta(seconds=1))
    monkeypatch.setattr(judged_store, "SAME", timedelta(0))
    monkeypatch.setattr(following, "SWEEP_S", 0.5)
    bench.draw(a_config_map("new", a="${VALUE}"))
    path = f"environments/{bench.environment['id']}"
    assert bench.person.patch(path, {"variables": {"VALUE": {"type": "string", "value": "1"}}}).status == 200

    with watching(ObjectId(cluster)):
        shown = shown_of(bench, made(bench))
        first = until(lambda: shown()["looked_at"], what="the plan is looked at once it is made")
        until(lambda: shown()["looked_at"] > first, what="the same is found again")
        assert shown()["still_true"] is True
        assert bench.person.patch(path, {"variables": {"VALUE": {"type": "string", "value": "2"}}}).status == 200
        [moved] = until(lambda: shown()["moved"], what="another value moves the plan")
        assert "asks for something else" in moved["what"]
        assert bench.person.patch(path, {"variables": {"VALUE": {"type": "string", "value": "1"}}}).status == 200
        until(lambda: shown()["still_true"], what="the plan is true again")
        post(bench, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "new"}})
        [moved] = until(lambda: shown()["moved"], what="an object by kubectl moves the plan")
    assert moved["what"] == "it was made by somebody"


def test_whoever_reads_a_plan_tells_what_is_found_to_all_who_follow_it(bench: Bench) -> None:
    bench.draw(a_config_map("new", a="1"))
    plan = made(bench)
    shown = shown_of(bench, plan)
    assert looked_at(bench, plan)["still_true"] is True
    assert (shown()["still_true"], shown()["looked_at"]) == (True, shown()["at"])
    post(bench, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "new"}})
    assert looked_at(bench, plan)["still_true"] is False
    assert [one["what"] for one in shown()["moved"]] == ["it was made by somebody"]
