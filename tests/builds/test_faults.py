"""Builds that are canceled, whose worker is killed, or whose engine ends: each ends in a stated result."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.support.image_builds import Shop, an_app
from tests.support.killed_worker import worker_killed_at
from tests.support.wait import until
from tests.support.workers import expire_leases, working

pytestmark = pytest.mark.slow

MADE = "made-before-the-end"
"""A step of no other test, so that no cache has it."""
POINTS = ("builds.claimed", "builds.prepared", "builds.started", "builds.pushing", "builds.pushed", "job.before_finish")


@pytest.mark.parametrize("point", POINTS)
def test_a_build_whose_worker_is_killed_is_finished_by_another(shop: Shop, mongo: Any, point: str) -> None:
    name = point.replace(".", "-").replace("_", "-")
    shop.repository(name, an_app(f"RUN echo {point} > /made\n"))
    build = shop.start(shop.source(name))
    killed = worker_killed_at(point)
    try:
        killed.join(120)
        assert killed.exitcode == -signal.SIGKILL
    finally:
        killed.kill()
        killed.join()
    expire_leases(mongo)
    with working():
        ended = shop.ended(build)
        until(lambda: mongo.jobs.find_one({"type": "builds.build"})["state"] == "succeeded", what="the job ends")
    assert ended["state"] == "succeeded", shop.text(build)
    assert shop.registry.digest_of(f"shop/{name}", ended["tags"][0]) == ended["digest"]
    assert shop.registry.images(f"shop/{name}") == [ended["digest"]], "there is one image, however often it was pushed"
    numbers = [line["seq"] for line in shop.log(build)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert mongo.builds.find_one({})["slot"] is None


def test_a_build_that_runs_is_canceled_with_all_it_runs_and_stays_canceled(shop: Shop) -> None:
    shop.repository(
        "endless", an_app(f"RUN echo {MADE}\nRUN echo begun; while true; do sleep 0.1; done # endless-canary\n")
    )
    build = shop.start(shop.source("endless"))
    with working():
        until(lambda: "begun" in shop.text(build), what="the step runs")
        assert running("endless-canary")
        asked = shop.person.post(f"builds/{build['id']}/cancel")
        assert (asked.status, asked.body["cancel_asked"]) == (202, True)
        ended = shop.ended(build)
        until(lambda: not running("endless-canary"), what="the step has ended")
    assert ended["state"] == "canceled"
    assert ended["reason"] is None
    assert shop.look(build)["state"] == "canceled"
    steps = {step["name"].partition("] ")[2]: step for step in ended["steps"]}
    assert steps[f"RUN echo {MADE}"]["why"]
    assert all(step["ended_at"] for step in steps.values() if step["why"]), "it is not known yet of the others"


def test_a_stage_that_takes_too_long_ends(shop: Shop, settings: Any) -> None:
    from builds.running.holding import Budgets

    settings.BUILD_BUDGETS = Budgets(building=3.0)
    shop.repository("slow", an_app("RUN echo begun; while true; do sleep 0.1; done # slow-canary\n"))
    with working():
        ended = shop.build(shop.source("slow"))
    assert (ended["state"], ended["reason"]["code"]) == ("failed", "build.building_timeout")
    until(lambda: not running("slow-canary"), what="the step has ended")


def test_when_buildkit_is_killed_nothing_that_it_ran_goes_on_and_the_build_is_tried_again(
    shop: Shop, mongo: Any, engine: Any
) -> None:
    once = "if [ -e /seen/x ]; then exit 0; fi; touch /seen/x; while true; do sleep 0.1; done # orphan-canary"
    step = f"RUN --mount=type=cache,target=/seen {once}\n"
    shop.repository("orphan", an_app(step))
    build = shop.start(shop.source("orphan"))
    with working():
        until(lambda: running("orphan-canary"), what="the step runs")
        [daemon] = [pid for pid in running(str(engine.config)) if is_child_of_us(pid)]
        os.killpg(daemon, signal.SIGKILL)
        until(lambda: not running("orphan-canary"), what="the step has ended with the daemon")
        ended = shop.ended(build)
    assert ended["state"] == "succeeded", shop.text(build)
    assert ended["attempt"] >= 2


def running(word: str) -> list[int]:
    """Processes with this word in their command line, in any process namespace below ours."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if word.encode() in command:
                found.append(int(entry.name))
    return found


def is_child_of_us(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1]) == os.getpid()
