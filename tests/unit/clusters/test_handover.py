"""Which fields nobody manages, which of them are outdated, and how managers change."""

from __future__ import annotations

from typing import Any

import pytest

from clusters.domain import handover
from clusters.domain.handover import adopted, applied_part, has, joined, outdated, unmanaged, value_at, without
from clusters.domain.ownership.items import MISSING
from clusters.kube.handover import Handed
from tests.support.proportion import assert_in_proportion


def entry(fields: dict[str, Any], manager: str = "kubeorch", operation: str = "Apply", **more: Any) -> dict[str, Any]:
    return {"manager": manager, "operation": operation, "apiVersion": "apps/v1", "fieldsV1": fields, **more}


CONTAINER = 'k:{"name":"web"}'
OURS = {"f:spec": {"f:template": {"f:spec": {"f:containers": {CONTAINER: {".": {}, "f:name": {}, "f:image": {}}}}}}}
LIVE: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "managedFields": [entry(OURS)]},
    "spec": {
        "replicas": 1,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%"}},
        "template": {
            "metadata": {"labels": {}},
            "spec": {
                "containers": [{"name": "web", "image": "nginx:latest", "imagePullPolicy": "Always"}, {"name": "side"}],
                "tolerations": [{"key": "a"}],
            },
        },
    },
    "status": {"replicas": 1},
}
POLICY = ("f:spec", "f:template", "f:spec", "f:containers", CONTAINER, "f:imagePullPolicy")


def test_a_field_is_unmanaged_when_no_manager_has_it_or_the_whole_above_it() -> None:
    found = set(unmanaged(LIVE))
    assert POLICY in found
    assert ("f:spec", "f:replicas") in found
    assert ("f:spec", "f:strategy", "f:rollingUpdate", "f:maxSurge") in found
    assert ("f:spec", "f:template", "f:spec", "f:tolerations") in found, "a list that nobody has counts whole"
    assert not any("f:image" in path or "f:status" in path or "f:metadata" in path[:1] for path in found)
    assert not any("side" in element for path in found for element in path), "an item without a key is left alone"


def test_a_field_of_any_manager_counts_as_managed() -> None:
    theirs = entry({"f:spec": {"f:replicas": {}, "f:strategy": {"f:rollingUpdate": {".": {}}}}}, "hpa", "Update")
    live = {**LIVE, "metadata": {"managedFields": [*LIVE["metadata"]["managedFields"], theirs]}}
    found = set(unmanaged(live))
    assert ("f:spec", "f:replicas") not in found
    assert ("f:spec", "f:strategy", "f:rollingUpdate", "f:maxSurge") in found, "having a map is not having its fields"


def test_an_object_without_managers_has_nothing_that_is_known_to_be_unmanaged() -> None:
    assert unmanaged({**LIVE, "metadata": {"managedFields": []}}) == []


def test_what_remains_without_the_unmanaged_fields_is_what_was_set() -> None:
    left = without(LIVE, unmanaged(LIVE))
    containers = [{"name": "web", "image": "nginx:latest"}, {"name": "side"}]
    assert left["spec"] == {"template": {"spec": {"containers": containers}}}
    assert "status" not in left
    assert LIVE["spec"]["replicas"] == 1, "and the object itself is as it was"


def test_a_field_is_outdated_only_when_it_was_filled_in_before_and_would_be_otherwise_now() -> None:
    wanted = without(LIVE, unmanaged(LIVE))

    def judged(before: Any, after: Any) -> bool:
        def with_policy(value: Any) -> dict[str, Any]:
            container = {"name": "web"} if value is None else {"name": "web", "imagePullPolicy": value}
            return {"spec": {"template": {"spec": {"containers": [container]}}}}

        return outdated(LIVE, [POLICY], wanted, with_policy(before), with_policy(after)) == [POLICY]

    assert judged("Always", "IfNotPresent")
    assert judged("Always", None)
    assert not judged("Always", "Always"), "it would be the same now"
    assert not judged("Never", "IfNotPresent"), "it was not filled in for what was set: allocated, or older"
    assert not judged(None, None)
    drawn = {"spec": {"template": {"spec": {"containers": [{"name": "web", "imagePullPolicy": "Never"}]}}}}
    assert outdated(LIVE, [POLICY], drawn, LIVE, wanted) == [], "it is drawn, so the apply sets it"


def test_a_value_is_found_by_names_and_by_the_keys_of_lists() -> None:
    assert value_at(LIVE, POLICY) == "Always"
    assert value_at(LIVE, ("f:spec", "f:none", "f:below")) is MISSING
    assert value_at(LIVE, ("f:spec", "f:replicas", "f:below")) is MISSING
    assert value_at(LIVE, (*POLICY[:4], 'k:{"name":"other"}', "f:image")) is MISSING


def test_adopting_and_releasing_change_our_apply_entry_of_this_version_alone() -> None:
    others = [entry(OURS, operation="Update"), entry(OURS, manager="kubectl"), entry(OURS, subresource="scale")]
    ours = entry({"f:spec": {"f:replicas": {}, "f:paused": {}}})
    after = adopted([*others, ours], "kubeorch", "apps/v1", [POLICY], [("f:spec", "f:replicas")])
    assert after is not None
    assert after[:3] == others
    assert has(after[3:], "kubeorch", POLICY)
    assert not has(after[3:], "kubeorch", ("f:spec", "f:replicas"))
    assert has(after[3:], "kubeorch", ("f:spec", "f:paused"))
    assert ours["fieldsV1"] == {"f:spec": {"f:replicas": {}, "f:paused": {}}}, "the entries given are as they were"
    assert adopted(others, "kubeorch", "apps/v1", [POLICY]) is None
    assert adopted([ours], "kubeorch", "apps/v2", [POLICY]) is None


def test_a_former_manager_joins_ours() -> None:
    former = entry({"f:data": {"f:a": {}}}, "former")
    after = joined([entry({"f:type": {}}), former], "kubeorch", "former")
    assert after == [entry({"f:type": {}, "f:data": {"f:a": {}}})]
    assert joined([entry({})], "kubeorch", "former") is None


SIZE = 300


def of_many(count: int) -> dict[str, Any]:
    """A Deployment with many variables: each named by us, and of each something that nobody has."""
    names = [f"V{number}" for number in range(count)]
    items = [{"name": name, "value": "x", "valueFrom": {"fieldRef": {"apiVersion": "v1"}}} for name in names]
    mine = {f'k:{{"name":"{name}"}}': {".": {}, "f:name": {}, "f:value": {}} for name in names}
    spec = {"f:containers": {CONTAINER: {".": {}, "f:name": {}, "f:env": mine}}}
    fields = {"f:spec": {"f:template": {"f:spec": spec}}}
    pod = {"containers": [{"name": "web", "env": items}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "managedFields": [entry(fields)]},
        "spec": {"template": {"spec": pod}},
    }


def everything(live: dict[str, Any]) -> Any:
    """All that a hand-over reads and writes of an object."""
    paths = unmanaged(live)
    assert paths
    left = without(live, paths)
    assert outdated(live, paths, left, live, left) == paths
    Handed(tuple(paths), dict.fromkeys(paths, "v2")).written_into(left)
    applied_part(live, {"kubeorch"})


def test_the_work_grows_as_the_items_of_a_list_do() -> None:
    objects = {count: of_many(count) for count in (SIZE, 2 * SIZE)}
    assert_in_proportion(lambda count: everything(objects[count]), size=SIZE, timed=False)


def test_keys_that_are_made_up_cost_no_reading_of_the_list_each() -> None:
    objects = {}
    for count in (SIZE, 2 * SIZE):
        live = of_many(count)
        below = live["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]["f:template"]["f:spec"]["f:containers"]
        below[CONTAINER]["f:env"] = {f'k:{{"name":"V1","k{number}":1}}': {"f:a": {}} for number in range(count)}
        objects[count] = live
    assert_in_proportion(lambda count: unmanaged(objects[count]), size=SIZE, timed=False)


def test_an_object_with_too_many_fields_that_nobody_has_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handover, "FIELDS_MOST", 3)
    assert len(unmanaged(of_many(3))) == 3
    assert unmanaged(of_many(4)) == []


def test_a_field_is_written_where_it_belongs() -> None:
    path = ("f:spec", "f:ports", 'k:{"port":80,"protocol":"TCP"}', "f:nodePort")
    written = Handed((path,), {path: 30080}).written_into({"kind": "Service", "spec": {"ports": [{"port": 81}]}})
    assert written["spec"]["ports"] == [{"port": 81}, {"port": 80, "protocol": "TCP", "nodePort": 30080}]
    assert value_at(written, path) == 30080
