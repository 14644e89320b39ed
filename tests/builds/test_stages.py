"""Builds that are canceled, or whose engine is killed, in each stage: each ends in a stated result, and in one image.

A stage is held by a door before the git server or before the registry, which lets nobody through who begins it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.builds.test_faults import is_child_of_us, running
from tests.support.held_door import HeldDoor
from tests.support.image_builds import Shop, an_app
from tests.support.people import a_user
from tests.support.registry import Registry, a_registry
from tests.support.wait import until
from tests.support.workers import working

pytestmark = pytest.mark.slow

STAGES = ("cloning", "pushing")
"""A build that is canceled, or whose engine is killed, while a step runs: see `test_faults`."""


@dataclass(frozen=True, slots=True)
class Held:
    """A build that waits in a stage until its door is opened."""

    build: dict[str, Any]
    source: dict[str, Any]
    door: HeldDoor
    registry: Registry
    path: str
    """Of its images."""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry with a password and without TLS, so that a door before it sees what is asked."""
    with a_registry(tmp_path_factory.mktemp("plain"), password=True) as registry:
        yield registry


def open_jobs(mongo: Any) -> int:
    return int(mongo.jobs.count_documents({"type": "builds.build", "state": {"$in": ["queued", "running"]}}))


@contextmanager
def held_in(stage: str, name: str, shop: Shop, plain: Registry) -> Iterator[Held]:
    """A build of a repository of that name. A worker runs while the block lasts."""
    shop.repository(name, an_app(f"RUN echo {name} > /made\n"))
    word = {"cloning": f"POST /{name}.git/git-upload-pack", "pushing": f"POST /v2/doors/{name}/blobs/uploads/"}[stage]
    door = HeldDoor(shop.server.port if stage == "cloning" else plain.port, word.encode())
    host = f"127.0.0.1:{door.port}" if stage == "pushing" else plain.host
    try:
        given = {"name": name, "host": host, "test": False}
        added = a_user("admin", shop.person.team_id).post("registries", {**plain.given(), **given})
        assert added.status == 201, added.body
        at = {"repository": f"http://127.0.0.1:{door.port}/{name}.git"} if stage == "cloning" else {}
        source = shop.source(name, image=f"{host}/doors/{name}", **at)
        with working():
            build = shop.start(source)
            until(door.held.is_set, what=f"the build is held while {stage}")
            shop.in_state(build, stage)
            yield Held(build, source, door, plain, f"doors/{name}")
    finally:
        door.stop()


@pytest.mark.parametrize("stage", STAGES)
def test_a_build_that_is_canceled_stays_canceled_and_leaves_no_image(
    shop: Shop, plain: Registry, mongo: Any, stage: str
) -> None:
    with held_in(stage, f"canceled-{stage}", shop, plain) as held:
        asked = shop.person.post(f"builds/{held.build['id']}/cancel")
        assert (asked.status, asked.body["cancel_asked"]) == (202, True)
        ended = shop.ended(held.build)
        assert (ended["state"], ended["reason"], ended["digest"]) == ("canceled", None, None)
        held.door.open()
        until(lambda: not open_jobs(mongo), what="the job ends")
        again = shop.person.post(f"builds/{held.build['id']}/cancel")
        assert again.status in (200, 202, 409), again.body
        assert shop.look(held.build)["state"] == "canceled"
        assert any(line.startswith("canceled by ") for line in shop.text(held.build).splitlines())
        assert held.registry.images(held.path) == []
        assert shop.build(held.source)["state"] == "succeeded", "the next one is not held up by it"


@pytest.mark.parametrize("stage", STAGES)
def test_a_build_whose_engine_is_killed_ends_with_one_image(
    shop: Shop, plain: Registry, mongo: Any, engine: Any, stage: str
) -> None:
    with held_in(stage, f"killed-{stage}", shop, plain) as held:
        [daemon] = [pid for pid in running(str(engine.config)) if is_child_of_us(pid)]
        os.killpg(daemon, signal.SIGKILL)
        until(lambda: not Path(f"/proc/{daemon}").exists(), what="it has ended")
        held.door.open()
        ended = shop.ended(held.build)
    assert ended["state"] == "succeeded", shop.text(held.build)
    assert held.registry.images(held.path) == [ended["digest"]]
    assert mongo.builds.find_one({})["slot"] is None


def test_a_worker_that_is_stopped_in_mid_build_leaves_it_to_the_next_and_the_log_goes_on(shop: Shop) -> None:
    """Once: the next attempt finds what the first has left, and ends."""
    once = "if [ -e /two/x ]; then exit 0; fi; touch /two/x; echo begun; while true; do sleep 0.1; done # stop-canary"
    shop.repository("stopped", an_app(f"RUN --mount=type=cache,target=/two {once}\n"))
    build = shop.start(shop.source("stopped"))
    with working():
        until(lambda: "begun" in shop.text(build), what="the step runs")
    before = shop.log(build)
    assert shop.look(build)["state"] not in ("succeeded", "failed", "canceled")
    until(lambda: not running("stop-canary"), what="the step has ended with its worker")
    with working():
        ended = shop.ended(build)
    assert (ended["state"], ended["attempt"]) == ("succeeded", 2), shop.text(build)
    after = shop.log(build)
    assert after[: len(before)] == before, "what was written stays"
    assert "attempt 2 begins: the one before did not come to its end" in [line["text"] for line in after]
    assert [line["seq"] for line in after] == list(range(1, len(after) + 1))
    assert shop.registry.images("shop/stopped") == [ended["digest"]]
