"""Images of sources on a real cluster: what is built is what pods run, plans say which build, and going back goes back
to the same image."""

from __future__ import annotations

from typing import Any

from bson import ObjectId

from tests.support.built import COMMIT, a_build, a_source, digest_of, image_of, succeed
from tests.support.plans import Plan, ask, fields_of, looked_at, made, planned
from tests.support.runs import Bench, observe
from tests.support.wait import until
from tests.unit.kinds.samples import a_node, an_edge

IMAGE = "spec.template.spec.containers[name=web].image"


def draw(bench: Bench, **source: Any) -> None:
    code, web = a_node("source", "code", id="code", **source), a_node("deployment", "web", id="web", image=None)
    bench.draw(code, web, edges=(an_edge("code", "web", "builds"),))


def running(bench: Bench) -> str:
    """The image in the pod template, as the API server has it."""
    template = bench.get("apps/v1", "Deployment", "web")["spec"]["template"]
    image: str = template["spec"]["containers"][0]["image"]
    return image


def source_of(bench: Bench) -> Any:
    return a_source(bench.person.team_id)


def run_planned(bench: Bench, plan: Plan) -> Any:
    return bench.person.post(f"workflows/{bench.workflow['id']}/runs", {"plan": plan["id"]})


def test_pods_run_the_digest_and_a_rollback_returns_to_the_former_one(bench: Bench) -> None:
    source = source_of(bench)
    a_build(source)
    draw(bench)
    first = bench.applied()
    assert running(bench) == image_of(1)

    a_build(source)
    second = bench.applied()
    assert (second["version"], second["images"][0]["number"]) == (first["version"], 2)
    assert running(bench) == image_of(2)

    a_build(source)
    back = bench.applied(kind="rollback")

    assert (back["to_run"]["id"], back["images"]) == (first["id"], first["images"])
    assert running(bench) == image_of(1)


def test_what_is_deployed_is_not_drift_when_something_newer_was_built(bench: Bench) -> None:
    source = source_of(bench)
    a_build(source)
    draw(bench)
    bench.applied()
    a_build(source)

    looked = bench.person.get(f"environments/{bench.environment['id']}/drift?fresh=1")

    assert [one["state"] for one in looked.body["results"]] == ["same"]
    assert running(bench) == image_of(1)


def test_a_plan_says_which_build_and_is_no_longer_true_when_a_newer_one_has_finished(bench: Bench) -> None:
    source = source_of(bench)
    a_build(source)
    draw(bench)
    bench.applied()
    a_build(source)

    plan = made(bench)

    assert [(one["number"], one["digest"]) for one in plan["images"]] == [(2, digest_of(2))]
    assert fields_of(planned(plan, "web"))[IMAGE] == (image_of(1), image_of(2))
    assert looked_at(bench, plan)["still_true"]
    a_build(source, "building")
    a_build(source, "failed")
    assert looked_at(bench, plan)["still_true"]

    a_build(source)

    now = looked_at(bench, plan)
    assert [one["what"] for one in now["moved"]] == ["build #5 of web finished"]
    refused = run_planned(bench, plan)
    assert (refused.status, refused.body["code"]) == (409, "plan.moved")
    assert running(bench) == image_of(1)


def test_a_plan_with_a_pinned_build_stays_true(bench: Bench) -> None:
    source = source_of(bench)
    a_build(source)
    draw(bench, pin="1")
    plan = made(bench)
    a_build(source)

    assert looked_at(bench, plan)["still_true"]
    run = run_planned(bench, plan)
    assert run.status == 202, run.body
    bench.until(run.body, "verifying")
    assert running(bench) == image_of(1)


def test_a_run_of_a_plan_applies_the_image_of_the_plan_though_a_newer_build_finishes_while_it_waits(
    bench: Bench,
) -> None:
    source = source_of(bench)
    a_build(source)
    draw(bench)
    plan = made(bench)
    started = run_planned(bench, plan).body
    a_build(source)

    done = bench.until(started, "verifying")

    assert done["images"] == plan["images"]
    assert running(bench) == image_of(1)


def test_plans_of_different_builds_have_different_hashes(bench: Bench) -> None:
    source = source_of(bench)
    a_build(source)
    draw(bench)
    one, same = made(bench), made(bench)
    a_build(source)

    assert one["hash"] == same["hash"] != made(bench)["hash"]


def test_without_a_build_nothing_is_planned_or_changed(bench: Bench) -> None:
    draw(bench)

    refused = ask(bench)

    assert (refused.status, refused.body["code"]) == (400, "run.graph_invalid")
    assert [one["code"] for one in refused.body["errors"]] == ["source.unknown"]
    assert bench.owned() == []


def test_the_rollback_of_a_plan_keeps_the_images_of_its_run(bench: Bench) -> None:
    source = source_of(bench)
    a_build(source)
    draw(bench)
    first = bench.applied()
    a_build(source)
    bench.applied()

    plan = made(bench, to_run=first["id"])

    assert plan["images"] == first["images"]
    a_build(source)
    assert looked_at(bench, plan)["still_true"]


def test_a_release_keeps_what_was_built(bench: Bench) -> None:
    from workflows.releases import store

    a_build(source_of(bench))
    draw(bench)
    run = bench.applied()

    [head] = store.heads([ObjectId(run["id"])]).values()

    assert head["images"]["code"]["digest"] == digest_of(1)


def test_the_owner_of_an_image_tells_of_which_commit_it_was_built(bench: Bench) -> None:
    source = source_of(bench)
    a_build(source)
    draw(bench)
    bench.applied()
    a_build(source)

    owned = bench.person.get(f"environments/{bench.environment['id']}/owners").body["results"]

    built = {row["path"]: row["built"] for row in owned if row["built"]}
    assert built == {IMAGE: {"source": source["name"], "number": 1, "commit": COMMIT}}


def test_a_build_that_succeeds_is_planned_and_run_by_a_trigger_and_its_failure_rolled_back(bench: Bench) -> None:
    from workflows.runs.outcome import settle_from_health

    source = source_of(bench)
    a_build(source)
    draw(bench)
    bench.applied()
    triggers = f"environments/{bench.environment['id']}/triggers"
    assert bench.person.post(triggers, {"type": "build", "name": "on build"}).status == 201
    rollback = {"auto_rollback": True}
    assert bench.person.patch(f"environments/{bench.environment['id']}", rollback).status == 200

    def last() -> Any:
        return bench.person.get(triggers).body["results"][0]["last"]

    succeed(a_build(source, "pushing"))
    fired = until(last, what="the trigger has fired")
    assert (fired["outcome"], fired["reason"]) == ("run", "")
    run = bench.until(fired["run"], "verifying", "succeeded")
    assert (run["triggered_by"], run["trigger_name"], run["plan"]["id"]) == ("build", "on build", fired["plan"])
    assert (run["images"][0]["number"], running(bench)) == (2, image_of(2))
    observe(bench.environment["id"], "failed", "it crashes")
    settle_from_health(ObjectId(bench.environment["id"]))
    bench.until(run, "failed", "rolled_back")
    until(lambda: running(bench) == image_of(1), what="the former image runs")
