"""Plans on an API server that asks webhooks: what they change is foreseen, what they refuse is said, and where they try
nothing the plan still knows whether it is true."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.control_plane import ControlPlane, start_or_skip
from tests.support.plans import effects, fields_of, looked_at, made, planned
from tests.support.runs import Bench
from tests.support.webhooks import ALLOWED, Webhooks, patched, refused, webhooks
from tests.support.workflows import a_config_map, a_node


@pytest.fixture(scope="module")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A control plane of its own, whose API server may connect to webhooks; the sandbox's may not."""
    direct = [{"name": name, "connection": {"proxyProtocol": "Direct"}} for name in ("cluster", "controlplane", "etcd")]
    egress = {"apiVersion": "apiserver.k8s.io/v1beta1", "kind": "EgressSelectorConfiguration"}
    with pytest.MonkeyPatch.context() as patch_once:
        text = json.dumps({**egress, "egressSelections": direct})
        patch_once.setattr("clusters.sandbox.components.egress_yaml", lambda: text)
        running = start_or_skip(tmp_path_factory.mktemp("open-plane"))
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def hooks(control_plane: ControlPlane, tmp_path: Path) -> Iterator[Webhooks]:
    with webhooks(control_plane, tmp_path) as found:
        yield found


def patch(bench: Bench, name: str, body: str, manager: str = "kubectl-edit") -> None:
    path = f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/{name}?fieldManager={manager}"
    status, said = bench.plane.call("PATCH", path, body.encode(), content_type="application/merge-patch+json")
    assert status == 200, said


def in_earnest_only(request: dict[str, Any]) -> dict[str, Any]:
    """As the API server itself says of a webhook with side effects, of which none can be made any more."""
    return refused("it does not support dry run") if request["dryRun"] else ALLOWED


def mark(request: dict[str, Any]) -> dict[str, Any]:
    """As an injector: a label that depends on what is written, and a default of its own."""
    value = str((request["object"].get("data") or {}).get("mode"))
    labels = request["object"]["metadata"].get("labels") or {}
    operation = {"op": "add", "path": "/metadata/labels", "value": {**labels, "seen": value}}
    return patched(operation)


def test_what_a_webhook_changes_is_foreseen_field_by_field(bench: Bench, hooks: Webhooks) -> None:
    hooks.add(bench.namespace, mark, "configmaps", mutating=True)
    bench.draw(a_config_map("settings", mode="fast"))
    plan = made(bench)
    assert fields_of(planned(plan, "settings"), "bookkeeping")["metadata.labels.seen"] == (None, "fast")
    run = bench.applied(plan=plan["id"])
    assert run["as_planned"] == {"equal": 1, "different": 0, "not_foreseen": 0}, run["steps"]

    bench.draw(a_config_map("settings", mode="slow"))
    plan = made(bench)
    one = planned(plan, "settings")
    changed = {**fields_of(one), **fields_of(one, "bookkeeping")}
    assert (changed["data.mode"], changed["metadata.labels.seen"]) == (("fast", "slow"), ("fast", "slow"))
    assert looked_at(bench, plan)["still_true"] is True
    run = bench.applied(plan=plan["id"])
    assert run["as_planned"] == {"equal": 1, "different": 0, "not_foreseen": 0}, run["steps"]
    assert effects(made(bench)) == {"settings": "unchanged"}


def test_what_a_webhook_refuses_is_the_result_of_its_object(bench: Bench, hooks: Webhooks) -> None:
    def no_slow(request: dict[str, Any]) -> dict[str, Any]:
        return refused("slow is not for us") if request["object"]["data"].get("mode") == "slow" else ALLOWED

    hooks.add(bench.namespace, no_slow, "configmaps")
    bench.draw(a_config_map("settings", mode="slow"), a_config_map("other", mode="fast"))
    plan = made(bench)
    one = planned(plan, "settings")
    assert (one["effect"], one["error"]["code"]) == ("create", "cluster.forbidden")
    assert "slow is not for us" in one["error"]["detail"]
    assert planned(plan, "other")["error"] is None
    run = bench.until(bench.start(plan=plan["id"]), "failed")
    states = {step["ref"]["name"]: step["state"] for step in run["steps"]}
    assert states["settings"] == "failed"


def test_a_webhook_that_answers_too_late_is_the_result_of_its_object(bench: Bench, hooks: Webhooks) -> None:
    def late(request: dict[str, Any]) -> dict[str, Any]:
        if request["object"]["data"].get("mode") == "slow":
            hooks.ended.wait(20)
        return ALLOWED

    hooks.add(bench.namespace, late, "configmaps", timeout_s=1)
    bench.draw(a_config_map("settings", mode="slow"), a_config_map("other", mode="fast"), a_node("web"))
    plan = made(bench)
    one = planned(plan, "settings")
    assert one["error"] is not None, one
    assert "webhook" in one["error"]["detail"]
    assert [planned(plan, name)["error"] for name in ("other", "web")] == [None, None]


def test_where_nothing_can_be_tried_the_plan_still_sees_what_moves(bench: Bench, hooks: Webhooks) -> None:
    bench.draw(a_node("web", replicas=1), a_config_map("settings", mode="fast"))
    bench.applied()
    hooks.add(bench.namespace, in_earnest_only, "deployments")
    bench.draw(a_node("web", replicas=3), a_node("new", replicas=1), a_config_map("settings", mode="fast"))
    plan = made(bench)
    assert effects(plan) == {"web": "update", "new": "create", "settings": "unchanged"}
    for name in ("web", "new"):
        assert planned(plan, name)["proof"] == "at_apply"
        assert "dry run" in planned(plan, name)["reason"]
    assert fields_of(planned(plan, "web")) == {"spec.replicas": (1, 3)}

    patch(bench, "web", '{"metadata":{"labels":{"team":"blue"}}}')
    assert looked_at(bench, plan)["still_true"] is True
    patch(bench, "web", '{"spec":{"replicas":5}}')
    seen = looked_at(bench, plan)
    assert seen["still_true"] is False
    [moved] = seen["moved"]
    assert (moved["what"], moved["manager"]) == ("spec.replicas was changed", "kubectl-edit")

    plan = made(bench)
    one = planned(plan, "web")
    assert (one["effect"], one["conflicts"]) == (
        "conflict",
        [{"path": "spec.replicas", "manager": "kubectl-edit"}],
    )
    assert looked_at(bench, plan)["still_true"] is True
    run = bench.until(bench.start(plan=plan["id"]), "failed")
    [failed] = [step for step in run["steps"] if step["state"] == "failed"]
    assert (failed["ref"]["name"], failed["error"]["code"]) == ("web", "cluster.field_conflict")
