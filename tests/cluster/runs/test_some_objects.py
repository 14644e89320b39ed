"""Runs of some objects put back what was applied of them last, and nothing that is older."""

from __future__ import annotations

import pytest
from bson import ObjectId

from clusters.domain.objects import ref_from_json
from tests.cluster.runs.test_drift import by_hand
from tests.cluster.runs.test_drift_decided import Shop
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_node

BLUE = {"color": {"type": "string", "value": "blue"}}
RED = {"color": {"type": "string", "value": "red"}}


@pytest.fixture
def shop(bench: Bench) -> Shop:
    return Shop(bench.person, bench.environment["cluster"]["id"], bench.plane, bench.plane.namespace("some"))


def test_a_revert_that_waited_while_something_else_was_deployed_changes_nothing(shop: Shop) -> None:
    shop.draw(a_config_map("hold", a="1"), a_config_map("conf", color="blue"))
    shop.applied()
    by_hand(shop, f"/api/v1/namespaces/{shop.namespace}/configmaps/hold", {"metadata": {"finalizers": ["x.io/hold"]}})
    shop.draw(a_config_map("conf", color="green"))
    deploying = shop.start()
    until(lambda: shop.get("v1", "ConfigMap", "conf")["data"]["color"] == "green", what="the new version is there")
    waiting = shop.decide("revert", 202, refs=[shop.ref("ConfigMap", "conf")])
    shop.release("hold")
    shop.until(deploying, "verifying", "succeeded", "superseded")
    shop.see_all_healthy()
    failed = shop.until(waiting, "failed")
    assert failed["error"]["code"] == "run.deployed_since"
    assert shop.get("v1", "ConfigMap", "conf")["data"] == {"color": "green"}


def test_nothing_is_reverted_after_a_run_that_broke_off_since_the_deployed_version_is_older(shop: Shop) -> None:
    shop.draw(a_config_map("conf", color="blue"))
    shop.applied()
    refused = {**a_node("web"), "patch": "spec: {template: {spec: {containers: [{name: UPPER_, image: x}]}}}"}
    shop.draw(a_config_map("conf", color="green"), refused)
    broken = shop.until(shop.start(), "failed")
    assert shop.get("v1", "ConfigMap", "conf")["data"] == {"color": "green"}
    answer = shop.decide("revert", 409, refs=[shop.ref("ConfigMap", "conf")])
    assert answer["code"] == "run.deployed_since"
    assert f"run {broken['number']} has changed objects" in answer["detail"]


def test_a_revert_brings_no_variable_that_was_changed_since(shop: Shop) -> None:
    environment = f"environments/{shop.environment['id']}"
    assert shop.person.patch(environment, {"variables": BLUE}).status == 200
    shop.draw(a_config_map("conf", color="${color}", other="x"))
    shop.applied()
    assert shop.person.patch(environment, {"variables": RED}).status == 200
    by_hand(shop, shop.conf, {"data": {"other": "y"}})
    shop.until(shop.decide("revert", 202, refs=[shop.ref("ConfigMap", "conf")]), "verifying", "succeeded")
    assert shop.get("v1", "ConfigMap", "conf")["data"] == {"color": "blue", "other": "x"}


def test_what_is_left_to_others_since_a_release_is_left_to_them_by_a_revert_and_by_a_rollback(shop: Shop) -> None:
    shop.draw(a_node("web", replicas=2), a_config_map("conf", color="blue"))
    shop.applied()
    by_hand(shop, shop.web, {"spec": {"replicas": 4, "template": {"spec": {"dnsPolicy": "Default"}}}})
    web = shop.ref("Deployment", "web")
    shop.decide("settle", ref=web, path="spec.replicas", choice="yield")
    shop.until(shop.decide("revert", 202, refs=[web]), "verifying", "succeeded")
    assert shop.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 4
    shop.see_all_healthy()
    shop.draw(a_node("web", replicas=3))
    shop.applied()
    assert shop.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 4
    shop.until(shop.start(kind="rollback"), "verifying", "succeeded")
    assert shop.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 4


def test_what_was_applied_is_told_by_the_run_that_applied_it_after_variables_change(shop: Shop) -> None:
    from clusters.connections import client_for
    from workflows.drift.applied import AppliedObjects
    from workflows.environments import inventory_store
    from workflows.environments import store as environment_store

    environment_id = ObjectId(shop.environment["id"])
    applied = AppliedObjects()

    def color() -> str:
        environment = environment_store.find(environment_id, {})
        ref = ref_from_json(shop.ref("ConfigMap", "conf"))
        row = inventory_store.row_of(environment_id, ref)
        assert row is not None
        found = applied.manifest_of(environment, row, ref, client_for(environment["cluster_id"]))
        assert found is not None
        return str(found.left_out["data"]["color"])

    assert shop.person.patch(f"environments/{environment_id}", {"variables": BLUE}).status == 200
    shop.draw(a_config_map("conf", color="${color}"))
    shop.applied()
    assert shop.person.patch(f"environments/{environment_id}", {"variables": RED}).status == 200
    assert color() == "blue"
    shop.applied()
    assert color() == "red"
