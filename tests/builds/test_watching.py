"""Tags that triggers watch, asked of a real registry with a password and TLS."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bson import ObjectId

from tests.mongo.test_image_triggers import drawn, fired, stored, trigger
from tests.support.people import Person, a_user
from tests.support.registry import PASSWORD, Registry, a_certificate, a_registry


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with a_registry(tmp_path_factory.mktemp("registry"), password=True, tls=True) as running:
        yield running


@pytest.fixture
def anna(mongo: Any, registry: Registry) -> Person:
    """An editor whose team has the account of the registry."""
    admin = a_user("admin")
    assert admin.post("registries", {"name": "own", **registry.given()}).status == 201
    return a_user("editor", team=admin.team_id, name="Anna")


def look(host: str) -> list[float]:
    """What a worker does with the job of a registry; after how many seconds it wants to be called again."""
    from builds.running.watching import look_at_images

    snoozed: list[float] = []
    nothing = lambda: None  # noqa: E731
    ctx: Any = SimpleNamespace(payload={"host": host}, check_lease=nothing, check_alive=nothing, snooze=snoozed.append)
    look_at_images(ctx)
    return snoozed


def make_due(mongo: Any) -> None:
    from kubeorch.base.clock import now

    mongo.triggers.update_many({}, {"$set": {"images.$[].next_at": now()}})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Method and address of what is asked of registries from now on."""
    from builds.registries.exchanges import Exchanges

    seen, ask = list[tuple[str, str]](), Exchanges.ask

    def told(self: Any, method: str, url: str, **more: Any) -> Any:
        seen.append((method, url))
        return ask(self, method, url, **more)

    monkeypatch.setattr(Exchanges, "ask", told)
    return seen


def watch(person: Person, *images: str) -> dict[str, Any]:
    return trigger(person, drawn(person, *images), images=list(images))


def test_a_tag_that_moves_is_seen_by_head_with_the_teams_account_and_fires(
    anna: Person, registry: Registry, mongo: Any, asked: list[tuple[str, str]]
) -> None:
    image = f"{registry.host}/shop/moving:1"
    first = registry.push("shop/moving", "1")
    made = watch(anna, image)

    look(registry.host)
    assert (stored(made)["images"][0]["digest"], stored(made)["images"][0]["error"]) == (first, "")
    assert fired(mongo) == []
    second = registry.push("shop/moving", "1", content=b"another layer")
    look(registry.host)
    assert stored(made)["images"][0]["digest"] == first, "it is not due yet"
    make_due(mongo)
    look(registry.host)

    assert stored(made)["images"][0]["digest"] == second
    assert len(fired(mongo)) == 1
    assert {method for method, url in asked if "/manifests/" in url} == {"HEAD"}


def test_an_index_has_one_digest(anna: Person, registry: Registry) -> None:
    digest = registry.push_index("shop/many", "1", "amd64", "arm64")
    made = watch(anna, f"{registry.host}/shop/many:1")

    look(registry.host)

    assert stored(made)["images"][0]["digest"] == digest


def test_what_is_not_there_is_told_and_does_not_hold_up_the_others(anna: Person, registry: Registry) -> None:
    digest = registry.push("shop/there", "1")
    made = watch(anna, f"{registry.host}/shop/gone:1", f"{registry.host}/shop/there:1")

    look(registry.host)

    gone, there = stored(made)["images"]
    assert "has no" in gone["error"]
    assert (gone["failures"], there["digest"], there["error"]) == (1, digest, "")


def test_a_wrong_password_is_told_without_it(anna: Person, registry: Registry, mongo: Any) -> None:
    registry.push("shop/web", "1")
    made = watch(anna, f"{registry.host}/shop/web:1")
    mongo.registries.delete_many({})

    look(registry.host)

    error = stored(made)["images"][0]["error"]
    assert error
    assert PASSWORD not in error


def test_one_that_does_not_answer_is_left_alone_with_all_its_images(anna: Person, mongo: Any, tmp_path: Any) -> None:
    from kubeorch.base.clock import now
    from workflows.triggers import watch_store

    with a_registry(tmp_path / "short") as short:
        host = short.host
    made = watch(anna, *(f"{host}/shop/web{number}:1" for number in range(3)))

    look(host)

    failures = [one["failures"] for one in stored(made)["images"]]
    assert sorted(failures) == [0, 0, 1], "one question was enough"
    assert host not in watch_store.due_hosts(now())


def test_a_pass_asks_for_a_few_and_the_next_goes_on(anna: Person, registry: Registry) -> None:
    from builds.running.watching import PASS_MOST, PAUSE_S

    digest = registry.push("shop/few", "t0")
    tags = [f"t{number}" for number in range(PASS_MOST + 2)]
    for tag in tags[1:]:
        registry.push("shop/few", tag)
    made = watch(anna, *(f"{registry.host}/shop/few:{tag}" for tag in tags))

    assert look(registry.host) == [PAUSE_S]
    assert [one["digest"] for one in stored(made)["images"]].count(digest) == PASS_MOST
    assert look(registry.host) == [PAUSE_S]
    assert [one["digest"] for one in stored(made)["images"]].count(digest) == len(tags)
    assert look(registry.host) == [], "nothing was asked, so the next one may come at once"


def test_who_may_use_registries_no_more_has_nothing_asked(
    anna: Person, registry: Registry, mongo: Any, asked: list[tuple[str, str]]
) -> None:
    registry.push("shop/rights", "1")
    made = watch(anna, f"{registry.host}/shop/rights:1")
    mongo.memberships.update_one({"user_id": ObjectId(anna.user_id)}, {"$set": {"role": "viewer"}})

    look(registry.host)

    assert "Anna, whose rights it uses, may no longer use registries here" in stored(made)["images"][0]["error"]
    assert asked == []


def test_jobs_are_queued_for_the_registries_that_are_due_one_each(anna: Person, registry: Registry, mongo: Any) -> None:
    from builds.running.watching import JOB, keep_watching

    watch(anna, f"{registry.host}/shop/web:1", f"{registry.host}/shop/api:1", "other.example.com/web:1")

    for _ in range(3):
        keep_watching()

    hosts = [job["payload"]["host"] for job in mongo.jobs.find({"type": JOB})]
    assert sorted(hosts) == sorted([registry.host, "other.example.com"])


def test_what_is_wrong_with_the_account_of_one_team_keeps_no_other_waiting(
    anna: Person, registry: Registry, mongo: Any, tmp_path: Path
) -> None:
    admin = a_user("admin")
    wrong = registry.given(ca=a_certificate(tmp_path))
    assert admin.post("registries", {"name": "own", "test": False, **wrong}).status == 201
    bob = a_user("editor", team=admin.team_id, name="Bob")
    tags = [f"{registry.host}/shop/fair:{number}" for number in range(3)]
    digest = registry.push("shop/fair", "0")
    of_bob, of_anna = watch(bob, *tags), watch(anna, tags[0])
    long_ago = {"$set": {"images.$[].next_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}}
    mongo.triggers.update_one({"_id": ObjectId(of_bob["id"])}, long_ago)

    look(registry.host)

    assert sorted(one["failures"] for one in stored(of_bob)["images"]) == [0, 0, 1], "one question was enough"
    assert stored(of_anna)["images"][0]["digest"] == digest


def test_a_fault_of_our_own_is_told_and_does_not_hold_up_the_others(
    anna: Person, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    from builds.registries.exchanges import Exchanges

    ask = Exchanges.ask

    def broken(self: Any, method: str, url: str, **more: Any) -> Any:
        if "/odd/" in url:
            raise ValueError(url)
        return ask(self, method, url, **more)

    monkeypatch.setattr(Exchanges, "ask", broken)
    digest = registry.push("shop/even", "1")
    made = watch(anna, f"{registry.host}/shop/odd/web:1", f"{registry.host}/shop/even:1")

    look(registry.host)

    odd, even = stored(made)["images"]
    assert "could not be asked for, by a fault of this server" in odd["error"]
    assert (odd["failures"], even["digest"], even["error"]) == (1, digest, "")
