"""Detections: a worker reads a commit of a real git server, and says what can be built of it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.support.detected import TWO_APPS, a_detection
from tests.support.git_server import GitServer, a_git_server, a_repository
from tests.support.killed_worker import worker_killed_at
from tests.support.people import Answer, Person, a_user
from tests.support.ports import free_port
from tests.support.wait import PATIENCE_S, until
from tests.support.workers import expire_leases, working

TOKEN = "token-of-the-private-repository"
COMPOSE = "services:\n  api: {build: ./api, ports: ['9000:9000']}\n  db: {image: 'postgres:16'}\n"


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with a_git_server(tmp_path_factory.mktemp("git")) as found:
        yield found


@pytest.fixture(scope="module")
def shop(server: GitServer) -> str:
    """The commit of the repository shop.git."""
    return a_repository(server.root / "shop.git", {**TWO_APPS, "deploy/compose.yaml": COMPOSE})


def begun(person: Person, url: str, **more: Any) -> dict[str, Any]:
    answer = person.post("detections", {"repository": url, **more})
    assert answer.status == 201, answer.body
    return dict(answer.body)


def ended(person: Person, made: dict[str, Any]) -> dict[str, Any]:
    def over() -> dict[str, Any] | None:
        found = dict(person.get(f"detections/{made['id']}").body)
        return found if found["ended_at"] else None

    return until(over)


def test_what_a_commit_can_be_built_as_is_found_with_its_reasons(
    anna: Person, server: GitServer, shop: str, mongo: Any
) -> None:
    made = begun(anna, server.url("shop.git"))
    assert (made["state"], made["proposals"], made["commit"]) == ("queued", [], None)
    with working():
        found = ended(anna, made)

    assert (found["state"], found["commit"], found["message"]) == ("succeeded", shop, "Change it"), found["failure"]
    by_name = {one["name"]: one for one in found["proposals"]}
    assert set(by_name) == {"api", "web"}
    web, api = by_name["web"], by_name["api"]
    assert (web["title"], web["root"], web["kind"]) == ("Node 22, Vite, static site on port 8080", "web", "written")
    assert web["builder"]["text"].startswith("# Written by KubeOrch")
    assert any(one["path"] == "web/package.json" for one in web["reasons"])
    assert [(one["name"], one["usage"], one["secret"]) for one in web["variables"]] == [
        ("VITE_API_URL", "build", False)
    ]
    assert (api["kind"], api["root"], api["port"]) == ("dockerfile", "api", 9000)
    assert (api["builder"]["type"], api["builder"]["dockerfile"]) == ("dockerfile", "Dockerfile")
    assert "arguments.MODE" in [one["field"] for one in api["questions"]]
    assert {one["name"]: one["secret"] for one in api["variables"]} == {
        "DATABASE_URL": False,
        "DB_PASSWORD": True,
        "LOG_LEVEL": False,
    }
    assert all(one["value"] == "" for one in api["variables"]), "values of examples are of another place"
    assert [(one["type"], one["path"]) for one in found["importable"]] == [("compose", "deploy")]
    assert "vite build" not in str(mongo.detections.find_one({"_id": ObjectId(made["id"])})), "it lies there sealed"


def test_a_folder_is_looked_at_alone_and_its_paths_are_those_of_the_repository(
    anna: Person, server: GitServer, shop: str
) -> None:
    with working():
        found = ended(anna, begun(anna, server.url("shop.git"), root="web", ref="main"))
        nowhere = ended(anna, begun(anna, server.url("shop.git"), root="none"))
    assert (found["found_at"], found["importable"]) == ("branch main", [])
    assert [(one["name"], one["root"]) for one in found["proposals"]] == [("web", "web")]
    assert {one["path"] for one in found["proposals"][0]["reasons"]} <= {f"web/{path}" for path in TWO_APPS} | {
        "web/package.json",
        "web/package-lock.json",
        "web/.env.example",
    }
    failure = {"code": "detection.no_root", "detail": "the commit has no folder none", "field": "root"}
    assert (nowhere["state"], nowhere["failure"]) == ("failed", failure)


def test_what_cannot_be_read_says_why_at_its_field(anna: Person, server: GitServer, shop: str) -> None:
    with working():
        branch = ended(anna, begun(anna, server.url("shop.git"), ref="nope"))
        missing = ended(anna, begun(anna, server.url("none.git")))
    assert (branch["state"], branch["failure"]["code"], branch["failure"]["field"]) == ("failed", "git.ref", "ref")
    assert "it has main" in branch["failure"]["detail"]
    assert (missing["failure"]["code"], missing["failure"]["field"]) == ("git.denied", "repository")


def test_a_server_that_is_silent_is_tried_again_and_then_given_up(anna: Person, mongo: Any) -> None:
    made = begun(anna, f"http://127.0.0.1:{free_port()}/shop.git")

    def hurried() -> dict[str, Any] | None:
        mongo.jobs.update_many({"type": "builds.detect", "state": "queued"}, [{"$set": {"run_at": "$$NOW"}}])
        found = anna.get(f"detections/{made['id']}").body
        return dict(found) if found["ended_at"] else None

    with working():
        found = until(hurried)
    assert (found["state"], found["failure"]["code"]) == ("failed", "git.unavailable")
    assert mongo.jobs.find_one({"type": "builds.detect"})["attempt"] == 3


def test_it_is_canceled_at_once_and_stays_canceled(anna: Person, server: GitServer, shop: str) -> None:
    server.requests.clear()
    server.hold()
    made = begun(anna, server.url("shop.git"))
    with working():
        until(lambda: server.requests)
        canceled = anna.post(f"detections/{made['id']}/cancel")
        server.go_on()
    assert (canceled.status, canceled.body["state"]) == (200, "canceled")
    after = anna.get(f"detections/{made['id']}").body
    assert (after["state"], after["proposals"], after["progress"]) == ("canceled", [], None)
    refused = anna.post(
        f"detections/{made['id']}/workflow", {"name": "x", "apps": [{"name": "a"}], "idempotency_key": "k"}
    )
    assert (refused.status, refused.body["code"]) == (409, "detection.not_ready")


@pytest.mark.parametrize("point", ["detections.claimed", "detections.fetched"])
def test_what_a_killed_worker_began_another_one_ends(
    anna: Person, server: GitServer, shop: str, mongo: Any, point: str
) -> None:
    made = begun(anna, server.url("shop.git"))
    dying = worker_killed_at(point)
    dying.join(PATIENCE_S)
    assert dying.exitcode == -signal.SIGKILL
    assert anna.get(f"detections/{made['id']}").body["ended_at"] is None
    expire_leases(mongo)
    with working():
        found = ended(anna, made)
    assert (found["state"], len(found["proposals"])) == ("succeeded", 2), found["failure"]


def test_a_removed_one_is_gone_and_its_job_ends(anna: Person, server: GitServer, shop: str, mongo: Any) -> None:
    made = begun(anna, server.url("shop.git"))
    assert anna.delete(f"detections/{made['id']}").status == 204
    assert anna.get(f"detections/{made['id']}").status == 404
    with working():
        until(
            lambda: mongo.jobs.count_documents({"type": "builds.detect", "state": {"$in": ["queued", "running"]}}) == 0
        )
    assert mongo.detections.count_documents({}) == 0


def test_a_team_looks_at_a_few_repositories_at_once_and_keeps_a_bounded_number(anna: Person, mongo: Any) -> None:
    from builds.detecting.actions import OPEN_MOST
    from builds.detecting.store import KEPT_MOST

    for number in range(KEPT_MOST + 2):
        row = a_detection(anna.team_id, anna.user_id, {})
        at = row["created_at"] - timedelta(days=1) + timedelta(seconds=number)
        mongo.detections.update_one({"_id": row["_id"]}, {"$set": {"created_at": at}})
    given = {"repository": "https://git.example.test/a/b.git"}
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda: answers.append(anna.post("detections", given))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.status for one in answers) == [201] * OPEN_MOST + [409] * (8 - OPEN_MOST)
    assert {one.body["code"] for one in answers if one.status == 409} == {"detection.too_many"}
    first = next(one for one in answers if one.status == 201)
    assert anna.post(f"detections/{first.body['id']}/cancel").status == 200
    assert anna.post("detections", given).status == 201, "its place is free again"
    assert mongo.detections.count_documents({}) == KEPT_MOST


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"repository": "ext::sh -c id"}, "repository"),
        ({"repository": "https://u:p@example.com/a"}, "repository"),
        ({"ref": "--upload-pack=x"}, "ref"),
        ({"root": "../x"}, "root"),
    ],
)
def test_it_is_judged_before_anything_is_fetched(anna: Person, given: dict[str, Any], field: str, mongo: Any) -> None:
    refused = anna.post("detections", {"repository": "https://git.example.test/a/b.git", **given})
    assert (refused.status, [row["field"] for row in refused.body["errors"]]) == (400, [field]), refused.body
    assert mongo.detections.count_documents({}) == 0


def test_a_changed_plan_gives_another_dockerfile_or_says_what_is_wrong_in_it(anna: Person) -> None:
    made = a_detection(anna.team_id, anna.user_id)
    web = next(one for one in anna.get(f"detections/{made['_id']}").body["proposals"] if one["name"] == "web")
    path = f"detections/{made['_id']}/dockerfile"
    other = anna.post(path, {"plan": {**web["plan"], "version": "20", "port": 3000}})
    assert (other.status, other.body["title"], other.body["port"]) == (
        200,
        "Node 20, Vite, static site on port 3000",
        3000,
    )
    assert "FROM node:20-slim" in other.body["text"]
    wrong = anna.post(path, {"plan": {**web["plan"], "start": "a\nRUN evil"}})
    assert (wrong.status, wrong.body["errors"][0]["field"]) == (400, "plan.start")


def test_a_private_repository_is_read_by_a_connection_which_its_sources_keep(server: GitServer, mongo: Any) -> None:
    ada = a_user("admin", name="Ada")
    a_repository(server.root / "private.git", TWO_APPS)
    server.tokens["private.git"] = TOKEN
    given = {"name": "code", "provider": "git", "address": f"http://127.0.0.1:{server.port}", "token": TOKEN}
    added = ada.post("git-connections", {**given, "username": "git", "test": False})
    assert added.status == 201, added.body
    connection = added.body["connection"]["id"]
    with working():
        denied = ended(ada, begun(ada, server.url("private.git")))
        found = ended(ada, begun(ada, server.url("private.git"), connection=connection))
    assert (denied["state"], denied["failure"]["code"]) == ("failed", "git.denied")
    assert (found["state"], found["connection"], len(found["proposals"])) == ("succeeded", connection, 2)
    app = {"proposal": "web", "name": "web", "root": "web"}
    made = ada.post(f"detections/{found['id']}/workflow", {"name": "W", "apps": [app], "idempotency_key": "k"})
    assert made.status == 201, made.body
    assert ada.get(f"sources/{made.body['sources'][0]}").body["connection"]["id"] == connection
    elsewhere = ada.post("detections", {"repository": "https://git.example.test/a/b.git", "connection": connection})
    assert (elsewhere.status, elsewhere.body["errors"][0]["field"]) == (400, "connection"), elsewhere.body
    foreign = a_user().post("detections", {"repository": server.url("private.git"), "connection": connection})
    assert foreign.status == 404, foreign.body
    assert TOKEN not in str([list(mongo[name].find()) for name in ("detections", "sources", "jobs", "events")])
