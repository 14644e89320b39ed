"""Where the local engine is not to build, how long it is waited for, and whose word holds about a registry."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from builds.engines.local.place import digest_of, digest_of_reached
from kubeorch.base.clock import now
from kubeorch.programs.progress import Phase
from tests.support.people import Person, a_user
from tests.support.registry import a_certificate
from tests.support.wait import until
from tests.support.workers import working

HOST = "registry.example.test"
SOURCE = {"name": "app", "repository": "https://git.example.test/a/b.git", "image": f"{HOST}/a/b"}


@pytest.fixture
def place(settings: Any, mongo: Any, tmp_path: Path) -> Any:
    from builds.engines.choosing import local_engine
    from builds.engines.local.place import place_in

    settings.DATA_DIR = tmp_path
    local_engine.cache_clear()
    yield place_in(tmp_path)
    local_engine.cache_clear()


def a_build(person: Person) -> dict[str, Any]:
    source = person.post("sources", SOURCE).body
    started = person.post(f"sources/{source['id']}/builds")
    assert started.status == 202, started.body
    return dict(started.body)


def waiting(person: Person, build: dict[str, Any], state: str) -> dict[str, Any]:
    """The build in that state, and a worker has looked at it."""

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = person.get(f"builds/{build['id']}").body
        return found if found["state"] == state and (state != "queued" or found["waiting"]) else None

    with working(poll_s=0.05):
        return until(look, what=f"build {state}") or {}


def test_a_server_that_others_reach_builds_nothing_in_its_own_network_unless_told_to(
    place: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from builds.engines.choosing import local_engine
    from builds.engines.local.place import Status
    from builds.engines.local.programs import Surroundings

    lacking = Surroundings(Path("/usr/sbin/runc"), None, None, ("slirp4netns", "nftables"))
    monkeypatch.setattr("builds.engines.local.engine.surroundings", lambda: (lacking, []))
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "kubeorch.example.test"]
    anna = a_user()
    build = a_build(anna)
    ended = waiting(anna, build, "failed")
    assert (ended["state"], ended["reason"]["code"]) == ("failed", "engine.unavailable")
    assert not ended["reason"]["retryable"]
    assert "slirp4netns and nftables (apt-get install)" in ended["reason"]["detail"]
    assert "KUBEORCH_BUILD_LOCALLY=1" in ended["reason"]["detail"]
    assert not place.wanted.exists()
    settings.BUILD_LOCALLY = True
    assert not local_engine().check().is_refused
    assert place.wanted.exists()
    settings.BUILD_LOCALLY = False
    place.write_status(Status(Phase.READY, "it runs", shares="", trusted=digest_of({}), reached=digest_of_reached([])))
    readiness = local_engine().check()
    assert readiness.ok
    assert "a network of their own" in readiness.facts[1]


def test_an_engine_that_keeps_coming_is_not_waited_for_without_end(place: Any, mongo: Any) -> None:
    from builds.engines.local.place import Status

    anna = a_user()
    build = a_build(anna)
    place.root.mkdir(parents=True)
    place.write_status(Status(Phase.STARTING, "starting BuildKit"))
    waiting(anna, build, "queued")
    at = {"dispatched_at": now() - timedelta(minutes=31)}
    mongo.builds.update_one({"_id": ObjectId(build["id"])}, {"$set": at})
    mongo.jobs.update_many({}, {"$set": {"run_at": now()}})
    ended = waiting(anna, build, "failed")
    assert (ended["state"], ended["reason"]["code"]) == ("failed", "engine.late")
    assert ended["reason"]["retryable"]
    assert mongo.builds.count_documents({"slot": {"$ne": None}}) == 0


def test_a_build_whose_worker_has_died_is_canceled_while_the_engine_is_coming(place: Any, mongo: Any) -> None:
    from builds.engines.local.place import Status

    anna = a_user()
    build = a_build(anna)
    place.root.mkdir(parents=True)
    place.write_status(Status(Phase.STARTING, "starting BuildKit"))
    held = {"state": "building", "attempt": 1, "fence": 0}
    mongo.builds.update_one({"_id": ObjectId(build["id"])}, {"$set": held})
    assert anna.post(f"builds/{build['id']}/cancel").body["state"] == "building"
    waiting(anna, build, "canceled")
    assert mongo.builds.count_documents({"slot": {"$ne": None}}) == 0


def trusted(person: Person, image: str = f"{HOST}/a/b") -> str:
    """The code of the refusal, or "" where the engine was told."""
    from builds.domain.images import image_of
    from builds.running.reaching import TrustDiffers, tell_of_registry

    try:
        tell_of_registry(person.team_id, image_of(image), "local")
    except TrustDiffers as refused:
        return refused.code
    return ""


def add(person: Person, **given: Any) -> None:
    body = {"name": "own", "provider": "generic", "host": HOST, "test": False, **given}
    answer = person.post("registries", body)
    assert answer.status == 201, answer.body


def test_a_team_has_no_others_images_go_another_way(place: Any, mongo: Any, tmp_path: Path) -> None:
    ca = a_certificate(tmp_path)
    anna, bert, carl = a_user("admin"), a_user("admin"), a_user("admin")
    add(anna, ca=ca)
    assert trusted(anna) == ""
    assert place.told()[HOST].ca.strip() == ca.strip()
    assert trusted(carl) == "build.registry_trust"  # it would go by what Anna says
    add(bert)
    assert trusted(anna) == "build.registry_trust"
    assert trusted(bert) == ""
    assert place.told() == {}  # replaced
    mongo.registries.update_one({"team_id": bert.team_id}, {"$set": {"team_id": None}})
    assert trusted(anna) == "build.registry_trust"
    assert trusted(carl) == ""


def test_the_disk_of_the_data_ends_a_build_before_it_is_full(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from builds.running import holding

    holding._check_disk()
    monkeypatch.setattr(holding, "LEAST_FREE_BYTES", 10**18)
    with pytest.raises(holding.DiskShort, match="MB free"):
        holding._check_disk()
