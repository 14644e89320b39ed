"""An environment that asks for it puts back by itself what others change: later and later, nothing contested."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.cluster.runs.test_drift import by_hand
from tests.cluster.runs.test_drift_decided import Shop
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.watching import watching
from tests.support.workflows import a_config_map, a_manifest, a_node


def test_what_others_change_is_put_back_by_itself_until_it_is_contested(bench: Bench, cluster: str) -> None:
    shop = Shop(bench.person, cluster, bench.plane, bench.plane.namespace("healed"))
    shop.draw(a_node("web", replicas=2), a_config_map("conf", color="blue"))
    shop.applied()
    environment = f"environments/{shop.environment['id']}"

    def runs() -> list[dict[str, Any]]:
        return list(shop.person.get(f"runs?environment={shop.environment['id']}").body["results"])

    with watching(ObjectId(cluster)):
        by_hand(shop, shop.conf, {"data": {"color": "red"}}, "somebody")
        [row] = shop.drifted()
        assert (row["healing"], len(runs())) == (None, 1), "nothing happens unless it is asked for"

        assert shop.person.patch(environment, {"self_heal": True}).status == 200
        [row] = shop.rows("?node=conf")
        assert (row["healing"]["state"], "before self-heal" in row["healing"]["reason"]) == ("stopped", True)
        by_hand(shop, shop.web, {"spec": {"replicas": 3}}, "a-controller")
        until(lambda: len(runs()) == 2, what="a run has started by itself")
        run = runs()[0]
        assert (run["triggered_by"], run["options"]["take_over"]) == ("self_heal", True)
        shop.until(run, "succeeded")
        until(lambda: not shop.rows("?node=web"), what="it is put back")
        assert shop.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 2
        assert shop.get("v1", "ConfigMap", "conf")["data"] == {"color": "red"}, "only what has moved since"

        by_hand(shop, shop.web, {"spec": {"replicas": 4}}, "a-controller")
        [row] = until(lambda: [one for one in shop.rows("?node=web") if one["healing"]], what="it says why not")
        assert row["contested"]["managers"] == ["kubeorch", "a-controller"]
        assert row["healing"]["state"] == "stopped"
        assert "overwrite each other; decide who has spec.replicas" in row["healing"]["reason"]

        by_hand(shop, shop.web, {"metadata": {"labels": {"app.kubernetes.io/managed-by": "x"}}}, "another")
        by_hand(shop, shop.conf, {"data": {"color": "green"}}, "another")
        until(lambda: len(runs()) == 3, what="another object is put back")
        shop.until(runs()[0], "succeeded")
        by_hand(shop, shop.conf, {"data": {"color": "grey"}}, "a third one")
        until(
            lambda: [(one["healing"] or {}).get("state") for one in shop.rows("?node=conf")] == ["waits"],
            what="it waits",
        )
        assert len(runs()) == 3


def test_an_object_that_somebody_deletes_is_made_again_by_itself_and_a_refusal_is_tried_again(
    bench: Bench, cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflows.drift import healing

    monkeypatch.setattr(healing, "LOOK_AGAIN_S", 0.5)
    shop = Shop(bench.person, cluster, bench.plane, bench.plane.namespace("healed"))
    shop.draw(a_config_map("conf", color="blue"))
    shop.applied()
    environment = f"environments/{shop.environment['id']}"
    assert shop.person.patch(environment, {"self_heal": True, "protected": True}).status == 200
    with watching(ObjectId(cluster)):
        shop.plane.delete("v1", "ConfigMap", "conf", shop.namespace)
        [row] = until(lambda: [one for one in shop.rows() if one["healing"]], what="it says why not")
        assert (row["state"], row["healing"]["state"]) == ("missing", "stopped")
        assert "protected" in row["healing"]["reason"]
        assert shop.person.patch(environment, {"protected": False}).status == 200
        until(lambda: shop.get("v1", "ConfigMap", "conf"), what="it is made again")
        until(lambda: shop.rows() == [], what="and nothing is missing")
        assert shop.person.get(f"runs?environment={shop.environment['id']}").body["results"][0]["triggered_by"] == (
            "self_heal"
        )


def test_a_job_that_somebody_deletes_is_not_run_again_by_itself(bench: Bench, cluster: str) -> None:
    shop = Shop(bench.person, cluster, bench.plane, bench.plane.namespace("healed"))
    shop.draw(a_node("migrate", kind="job", image="busybox:1"), a_config_map("conf", color="blue"))
    shop.applied()
    assert shop.person.patch(f"environments/{shop.environment['id']}", {"self_heal": True}).status == 200
    with watching(ObjectId(cluster)):
        shop.plane.delete("batch/v1", "Job", "migrate", shop.namespace)
        [row] = until(lambda: [one for one in shop.rows() if one["healing"]], what="it says why not")
        assert (row["state"], row["healing"]["state"]) == ("missing", "stopped")
        assert "once more" in row["healing"]["reason"]
        shop.plane.delete("v1", "ConfigMap", "conf", shop.namespace)
        until(lambda: shop.get("v1", "ConfigMap", "conf"), what="what does no work is made again")
        assert shop.get("batch/v1", "Job", "migrate") is None


def test_an_object_waits_longer_each_time_and_an_hour_at_most() -> None:
    from workflows.drift.healing import next_at

    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert next_at([]) is None
    minutes = [(next_at([at] * count) or at) - at for count in range(1, 7)]
    assert minutes == [timedelta(minutes=one) for one in (5, 10, 20, 40, 60, 60)]


def test_a_failed_job_is_not_run_again_to_put_a_field_back(bench: Bench, cluster: str) -> None:
    nowhere = {"restartPolicy": "Never", "nodeSelector": {"no": "node"}, "containers": [{"name": "a", "image": "a:1"}]}
    spec = {"activeDeadlineSeconds": 1, "parallelism": 1, "template": {"spec": nowhere}}
    shop = Shop(bench.person, cluster, bench.plane, bench.plane.namespace("failed"))
    shop.draw(a_manifest("once", apiVersion="batch/v1", kind="Job", spec=spec))
    environment = f"environments/{shop.environment['id']}"
    assert shop.person.patch(environment, {"self_heal": True}).status == 200
    run = shop.start()
    shop.until(run, "verifying", "failed")

    def job() -> Any:
        return shop.get("batch/v1", "Job", "once")

    def runs() -> list[dict[str, Any]]:
        return list(shop.person.get(f"runs?environment={shop.environment['id']}").body["results"])

    until(lambda: "Failed" in [one["type"] for one in job()["status"].get("conditions", [])], what="it failed")
    with watching(ObjectId(cluster)):
        shop.until(run, "failed")
        before = job()["metadata"]["uid"]
        path = f"/apis/batch/v1/namespaces/{shop.namespace}/jobs/once"
        by_hand(shop, path, {"spec": {"parallelism": 3}}, "somebody")
        until(lambda: [one for one in runs() if one["triggered_by"] == "self_heal"], what="a run has started by itself")
        healing = next(one for one in runs() if one["triggered_by"] == "self_heal")
        shop.until(healing, "succeeded", "failed")
        until(lambda: job()["spec"]["parallelism"] == 1, what="the field is put back")
        assert job()["metadata"]["uid"] == before
