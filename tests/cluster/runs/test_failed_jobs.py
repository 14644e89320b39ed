"""A Job that failed is run again by the next run, which says so before; nothing else would ever run it."""

from __future__ import annotations

from typing import Any

from tests.support.plans import effects, looked_at, made, planned
from tests.support.runs import Bench, states
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_manifest

CONTAINER = {"name": "main", "image": "busybox:1.36", "command": ["false"]}
NOWHERE = {"restartPolicy": "Never", "nodeSelector": {"no": "node"}, "containers": [CONTAINER]}


def a_job(deadline_s: int) -> dict[str, Any]:
    """One whose pods no node takes: it fails by its deadline."""
    spec = {"activeDeadlineSeconds": deadline_s, "template": {"spec": NOWHERE}}
    return a_manifest("once", apiVersion="batch/v1", kind="Job", spec=spec)


def job(bench: Bench) -> Any:
    return bench.get("batch/v1", "Job", "once")


def has_failed(bench: Bench) -> bool:
    conditions = (job(bench) or {}).get("status", {}).get("conditions", [])
    return any(one["type"] == "Failed" and one["status"] == "True" for one in conditions)


def let_it_fail(bench: Bench) -> str:
    """The uid of the Job, once it has failed."""
    until(lambda: has_failed(bench), what="the Job has failed")
    return str(job(bench)["metadata"]["uid"])


def test_a_failed_job_is_made_anew_as_the_plan_has_said_and_the_rest_stays(bench: Bench) -> None:
    bench.draw(a_job(1), a_config_map("conf"))
    bench.until(bench.start(), "verifying")
    bench.see_all_healthy()
    first = let_it_fail(bench)
    plan = made(bench)
    assert effects(plan) == {"once": "recreate", "conf": "unchanged"}
    assert planned(plan, "once")["reason"] == "it failed, so it is deleted and made again to run once more"
    run = bench.until(bench.start(plan=plan["id"]), "verifying", "failed")
    assert states(run) == {"once": "done", "conf": "unchanged"}
    assert [step["action"] for step in run["steps"] if step["ref"]["name"] == "once"] == ["replace"]
    assert let_it_fail(bench) != first


def test_a_job_that_has_not_failed_is_left_alone(bench: Bench) -> None:
    bench.draw(a_job(600))
    bench.until(bench.start(), "verifying")
    first = job(bench)["metadata"]["uid"]
    bench.see_all_healthy()
    assert effects(made(bench)) == {"once": "unchanged"}
    run = bench.until(bench.start(), "verifying", "succeeded")
    assert states(run) == {"once": "unchanged"}
    assert job(bench)["metadata"]["uid"] == first


def test_a_plan_by_which_a_job_stays_is_not_true_any_more_once_it_has_failed(bench: Bench) -> None:
    bench.draw(a_job(8))
    bench.until(bench.start(), "verifying")
    bench.see_all_healthy()
    plan = made(bench)
    assert effects(plan) == {"once": "unchanged"}
    let_it_fail(bench)
    refused = bench.ask(plan=plan["id"])
    assert (refused.status, refused.body["code"]) == (409, "plan.moved")
    assert [one["what"] for one in looked_at(bench, plan)["moved"]] == ["it failed, and would be run again"]
