"""Images that are watched, on a real cluster: pods run the digest, plans say which, and going back goes back to it."""

from __future__ import annotations

from typing import Any

from bson import ObjectId

from tests.cluster.plans.test_built_images import IMAGE, run_planned, running
from tests.support.plans import fields_of, looked_at, made, planned
from tests.support.runs import Bench, observe
from tests.support.wait import until
from tests.unit.kinds.samples import a_node

WEB = "registry.example.com/shop/web:1"
ONE, TWO = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"


def watched(bench: Bench, **given: Any) -> ObjectId:
    """A Deployment of the image, and a trigger that watches it."""
    bench.draw(a_node("deployment", "web", id="web", image=WEB))
    body = {"type": "image", "images": [WEB], "name": "on image", **given}
    answer = bench.person.post(f"environments/{bench.environment['id']}/triggers", body)
    assert answer.status == 201, answer.body
    return ObjectId(answer.body["id"])


def see(trigger_id: ObjectId, digest: str) -> None:
    """What the job does once the registry has answered."""
    from workflows.triggers import store
    from workflows.triggers.watching import note_digest

    note_digest(store.find(trigger_id, {}), WEB, digest)


def move_untold(trigger_id: ObjectId, digest: str) -> None:
    """As `see`, before its call has fired."""
    from kubeorch.mongo.client import db

    db().triggers.update_one({"_id": trigger_id}, {"$set": {"images.0.digest": digest}})


def test_pods_run_the_digest_that_was_seen_last_and_a_rollback_returns_to_the_former_one(bench: Bench) -> None:
    trigger = watched(bench, enabled=True)
    bench.applied()
    assert running(bench) == WEB, "nobody has looked yet"

    see(trigger, ONE)
    first = bench.applied()
    assert (running(bench), first["pinned_images"]) == (f"{WEB}@{ONE}", [{"image": WEB, "digest": ONE}])

    assert bench.person.delete(f"triggers/{trigger}").status == 204
    bench.applied()
    assert running(bench) == WEB

    back = bench.applied(kind="rollback")
    assert (back["to_run"]["id"], running(bench)) == (first["id"], f"{WEB}@{ONE}")


def test_a_digest_that_is_seen_after_a_run_is_no_drift(bench: Bench) -> None:
    trigger = watched(bench, enabled=True)
    bench.applied()
    see(trigger, ONE)

    looked = bench.person.get(f"environments/{bench.environment['id']}/drift?fresh=1")

    assert [one["state"] for one in looked.body["results"]] == ["same"]


def test_a_plan_says_the_digest_and_is_no_longer_true_when_the_tag_moves(bench: Bench) -> None:
    trigger = watched(bench)
    see(trigger, ONE)
    bench.applied()
    plan = made(bench)
    assert plan["pinned_images"] == [{"image": WEB, "digest": ONE}]
    assert looked_at(bench, plan)["still_true"]

    move_untold(trigger, TWO)

    now = looked_at(bench, plan)
    assert [one["what"] for one in now["moved"]] == [f"{WEB} names another image by now"]
    refused = run_planned(bench, plan)
    assert (refused.status, refused.body["code"]) == (409, "plan.moved")
    assert fields_of(planned(made(bench), "web"))[IMAGE] == (f"{WEB}@{ONE}", f"{WEB}@{TWO}")


def test_a_tag_that_moves_is_planned_and_run_by_its_trigger_and_its_failure_rolled_back(bench: Bench) -> None:
    from workflows.runs.outcome import settle_from_health

    trigger = watched(bench)
    see(trigger, ONE)
    bench.applied()
    here = f"environments/{bench.environment['id']}"
    assert bench.person.patch(here, {"auto_rollback": True}).status == 200

    see(trigger, TWO)
    fired = until(lambda: bench.person.get(f"{here}/triggers").body["results"][0]["last"], what="the trigger has fired")
    assert (fired["outcome"], fired["reason"]) == ("run", "")
    run = bench.until(fired["run"], "verifying", "succeeded")
    assert (run["triggered_by"], run["trigger_name"], run["plan"]["id"]) == ("image", "on image", fired["plan"])
    assert (run["pinned_images"][0]["digest"], running(bench)) == (TWO, f"{WEB}@{TWO}")

    observe(bench.environment["id"], "failed", "it crashes")
    settle_from_health(ObjectId(bench.environment["id"]))
    bench.until(run, "failed", "rolled_back")
    until(lambda: running(bench) == f"{WEB}@{ONE}", what="the former image runs")


def test_a_return_to_a_run_of_the_tag_alone_runs_what_the_tag_named_then_until_it_moves_again(bench: Bench) -> None:
    """The tag names the image that failed by now: nodes would pull that again."""
    from workflows.runs.outcome import settle_from_health

    trigger = watched(bench)
    before = bench.applied()
    assert running(bench) == WEB
    here = f"environments/{bench.environment['id']}"
    assert bench.person.patch(here, {"auto_rollback": True}).status == 200
    see(trigger, ONE)
    see(trigger, TWO)
    fired = until(lambda: bench.person.get(f"{here}/triggers").body["results"][0]["last"], what="the trigger has fired")
    run = bench.until(fired["run"], "verifying", "succeeded")
    assert running(bench) == f"{WEB}@{TWO}"

    observe(bench.environment["id"], "failed", "it crashes")
    settle_from_health(ObjectId(bench.environment["id"]))
    failed = bench.until(run, "failed", "rolled_back")
    until(lambda: running(bench) == f"{WEB}@{ONE}", what="what the tag named before runs")
    bench.until(failed["rolled_back_by"], "verifying", "succeeded")
    observe(bench.environment["id"], "healthy")
    settle_from_health(ObjectId(bench.environment["id"]))
    back = bench.until(failed["rolled_back_by"], "succeeded")
    assert (back["to_run"]["id"], back["pinned_images"]) == (before["id"], [{"image": WEB, "digest": ONE}])

    bench.draw(a_node("deployment", "web", id="web", image=WEB, replicas=2))
    bench.applied()
    assert running(bench) == f"{WEB}@{ONE}", "what was returned to stays"
