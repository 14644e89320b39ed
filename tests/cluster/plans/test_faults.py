"""An API server that fails in the middle of a plan: what a plan gets over is not seen, what not is a stated result."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.audit_proxy import AuditProxy, Fault
from tests.support.control_plane import ControlPlane
from tests.support.people import Person
from tests.support.plans import ask, effects, looked_at, made, planned
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_manifest, a_node

NAMES = [f"c{number}" for number in range(12)]


@pytest.fixture
def door(mongo: Any, control_plane: ControlPlane) -> Iterator[AuditProxy]:
    proxy = AuditProxy(control_plane.kubeconfig)
    yield proxy
    proxy.stop()


@pytest.fixture
def bench(person: Person, door: AuditProxy, control_plane: ControlPlane) -> Bench:
    from clusters import actions

    return Bench(
        person, str(actions.register_sandbox(door.kubeconfig)), control_plane, control_plane.namespace("faults")
    )


def of_trials(fault: Fault, *, times: int = 10_000, name: str = "") -> Callable[[str, str], Fault | None]:
    """The fault for the first `times` trials of each object, or of the one of that name."""
    seen: Counter[str] = Counter()

    def answer(method: str, path: str) -> Fault | None:
        place, _, query = path.partition("?")
        if "dryRun=All" not in query or not place.endswith(name):
            return None
        seen[place] += 1
        return fault if seen[place] <= times else None

    return answer


BUSY = Fault(429, "Too many requests, please try again later.", retry_after="0")
BROKEN = Fault(500, "etcdserver: no leader")
MOVED = Fault(409, "Operation cannot be fulfilled: the object has been modified")


@pytest.mark.parametrize("fault", [BUSY, BROKEN, MOVED], ids=lambda one: str(one.status))
def test_what_passes_is_got_over(bench: Bench, door: AuditProxy, fault: Fault) -> None:
    bench.draw(*map(a_config_map, NAMES))
    bench.applied()
    bench.draw(*(a_config_map(name, mode="fast") for name in [*NAMES, "new"]))
    door.fault = of_trials(fault, times=1)
    plan = made(bench)
    assert effects(plan) == dict.fromkeys(NAMES, "update") | {"new": "create"}
    assert [one["error"] for one in plan["objects"]] == [None] * 13
    assert {one["proof"] for one in plan["objects"]} == {"proven"}


@pytest.mark.parametrize("fault", [BUSY, BROKEN], ids=lambda one: str(one.status))
def test_a_cluster_that_goes_on_failing_gives_no_plan_and_says_what_to_do(
    bench: Bench, door: AuditProxy, mongo: Any, fault: Fault
) -> None:
    bench.draw(*map(a_config_map, NAMES))
    fails = of_trials(fault)
    door.fault = lambda method, path: fails(method, path) or (fault if path == "/readyz" else None)
    answer = ask(bench)
    assert (answer.status, answer.body["code"]) == (503, "cluster.unavailable"), answer.body
    assert fault.message.rstrip(".") in answer.body["detail"]
    assert "no plan was made" in answer.body["detail"]
    assert mongo.plans.count_documents({}) == 0


@pytest.mark.parametrize("fault", [BROKEN, MOVED], ids=lambda one: str(one.status))
def test_what_the_cluster_answers_for_one_object_alone_is_the_result_of_that_object(
    bench: Bench, door: AuditProxy, fault: Fault
) -> None:
    bench.draw(*map(a_config_map, NAMES))
    bench.applied()
    bench.draw(*(a_config_map(name, mode="fast") for name in NAMES))
    door.fault = of_trials(fault, name="/c3")
    plan = made(bench)
    one = planned(plan, "c3")
    assert fault.message in one["error"]["detail"]
    assert [planned(plan, name)["error"] for name in NAMES if name != "c3"] == [None] * 11


def a_definition(bench: Bench) -> tuple[str, dict[str, Any]]:
    """(its group, a CRD of the kind Gadget)."""
    group = f"{bench.namespace}.example.com"
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    spec = {
        "group": group,
        "scope": "Namespaced",
        "names": {"kind": "Gadget", "plural": "gadgets", "singular": "gadget"},
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
    }
    metadata = {"name": f"gadgets.{group}"}
    return group, {"apiVersion": DEFINITION[0], "kind": DEFINITION[1], "metadata": metadata, "spec": spec}


DEFINITION = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")


def install(bench: Bench, definition: dict[str, Any]) -> None:
    group = definition["spec"]["group"]
    path = f"/apis/{DEFINITION[0]}/customresourcedefinitions/gadgets.{group}?fieldManager=admin&force=true"
    body = json.dumps(definition).encode()
    status, said = bench.plane.call("PATCH", path, body, content_type="application/apply-patch+yaml")
    assert status in (200, 201), said
    until(lambda: gadgets(bench, group) == 200, what="the kind is served")


def remove(bench: Bench, group: str) -> None:
    bench.plane.delete(*DEFINITION, f"gadgets.{group}")
    until(lambda: gadgets(bench, group) == 404, what="the kind is served no more")


def gadgets(bench: Bench, group: str) -> int:
    return bench.plane.call("GET", f"/apis/{group}/v1/namespaces/{bench.namespace}/gadgets")[0]


def a_gadget(name: str, group: str, **spec: Any) -> dict[str, Any]:
    return a_manifest(name, apiVersion=f"{group}/v1", kind="Gadget", spec=spec)


def test_a_kind_that_goes_away_after_a_plan_or_during_one_is_named_and_nothing_is_run(
    bench: Bench, door: AuditProxy
) -> None:
    group, definition = a_definition(bench)
    install(bench, definition)
    bench.draw(a_config_map("settings"), a_gadget("one", group, size=1))
    plan = made(bench)
    assert planned(plan, "one")["proof"] == "proven"

    remove(bench, group)
    [moved] = looked_at(bench, plan)["moved"]
    assert (moved["ref"]["name"], moved["what"]) == ("one", "it would be refused now")
    assert bench.ask(plan=plan["id"]).body["code"] == "plan.moved"
    assert bench.get("v1", "ConfigMap", "settings") is None

    without = made(bench)
    assert planned(without, "one")["error"]["code"] == "cluster.unknown_kind"
    assert "install its CRD" in planned(without, "one")["error"]["detail"]
    assert looked_at(bench, without)["still_true"] is True
    install(bench, definition)
    assert looked_at(bench, without)["moved"][0]["what"] == "it is not refused any more"

    def goes(method: str, path: str) -> None:
        if "gadgets/one" in path and "dryRun" in path and gadgets(bench, group) == 200:
            remove(bench, group)

    door.fault = goes
    during = made(bench)
    assert planned(during, "one")["error"]["code"] == "cluster.unknown_kind"
    assert planned(during, "settings")["error"] is None


def test_a_namespace_that_is_being_deleted_is_waited_for_and_never_planned_into(bench: Bench) -> None:
    apart = f"{bench.namespace}-apart"
    namespace = a_manifest(apart, apiVersion="v1", kind="Namespace")
    inside = a_node("inside", kind="configmap", namespace=apart, data={"a": "1"})
    held = {"metadata": {"name": "held", "namespace": apart, "finalizers": ["example.com/wait"]}}

    bench.draw(namespace, inside)
    bench.applied()
    bench.plane.apply({"apiVersion": "v1", "kind": "ConfigMap", **held})
    bench.plane.delete("v1", "Namespace", apart)
    plan = made(bench)
    assert effects(plan) == {apart: "create", "inside": "create"}
    assert {one["proof"] for one in plan["objects"]} == {"at_apply"}
    assert "gone" in planned(plan, apart)["reason"]
    assert looked_at(bench, plan)["still_true"] is True

    bench.draw(inside)
    answer = ask(bench)
    assert (answer.status, answer.body["code"]) == (503, "namespace.terminating"), answer.body
    assert apart in answer.body["detail"]
    bench.plane.call(
        "PATCH",
        f"/api/v1/namespaces/{apart}/configmaps/held?fieldManager=holder",
        b'{"metadata":{"finalizers":null}}',
        content_type="application/merge-patch+json",
    )
    until(lambda: bench.plane.get("v1", "Namespace", apart) is None, what="the namespace is gone")
    assert looked_at(bench, plan)["still_true"] is True
    run = bench.until(bench.start(plan=plan["id"]), "verifying")
    assert run["as_planned"]["different"] == 0


def test_an_object_that_etcd_may_refuse_is_not_called_proven(bench: Bench) -> None:
    group, definition = a_definition(bench)
    install(bench, definition)
    text = ["x" * 400_000]  # which the YAML holds once
    large = {"small": 3, "large": 4, "huge": 9}
    found: dict[str, Any] = {}
    for name, times in large.items():
        bench.draw(a_gadget(name, group, texts=[text] * times))
        found[name] = planned(made(bench), name)
    assert (found["small"]["proof"], found["small"]["error"]) == ("proven", None)
    assert (found["large"]["proof"], found["large"]["error"]) == ("at_apply", None)
    assert "etcd" in found["large"]["reason"]
    assert found["huge"]["error"]["code"] == "cluster.invalid", found["huge"]["error"]
    bench.draw(a_gadget("large", group, texts=[text] * large["large"]))
    run = bench.until(bench.start(), "failed")
    [step] = run["steps"]
    assert step["error"]["code"] == "cluster.invalid", "it is not tried again and again"
    assert "too large" in step["error"]["detail"]
