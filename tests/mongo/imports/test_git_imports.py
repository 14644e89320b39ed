"""Imports from git: fetched by a worker from a real git server, chosen, converted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.git_server import GitServer, a_git_server, a_repository
from tests.support.imports import COMPOSE, MANIFESTS, OVERRIDE, SECRET, an_import
from tests.support.people import Person, a_user
from tests.support.wait import until
from tests.support.workers import working

TOKEN = "token-of-the-shops-repository"
SHOP = {
    "README.md": "# Shop\n",
    "Dockerfile": "FROM scratch\n",
    "deploy/compose.yaml": COMPOSE,
    "deploy/compose.override.yaml": OVERRIDE,
    "deploy/.env": f"DB_PASSWORD={SECRET}\n",
    "deploy/conf/nginx.conf": "events {}\n",
    "k8s/web.yaml": MANIFESTS,
    "src/big.txt": "x" * 2_000_000,
}


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    root = tmp_path_factory.mktemp("git")
    with a_git_server(root) as found:
        yield found


@pytest.fixture(scope="module")
def shop(server: GitServer) -> str:
    """The commit of the repository shop.git."""
    return a_repository(server.root / "shop.git", SHOP)


def from_git(person: Person, url: str, **more: Any) -> dict[str, Any]:
    return an_import(person, {"type": "git", "url": url, **more})


def fetched(person: Person, made: dict[str, Any]) -> dict[str, Any]:
    """The import once its fetch has ended."""

    def ended() -> dict[str, Any] | None:
        found = dict(person.get(f"imports/{made['id']}").body)
        return found if found["state"] != "fetching" else None

    return until(ended)


def choose(person: Person, found: dict[str, Any], type_: str, *paths: str) -> dict[str, Any]:
    answer = person.post(f"imports/{found['id']}/choice", {"type": type_, "paths": list(paths)})
    assert answer.status == 200, answer.body
    return dict(answer.body)


def test_a_repository_is_fetched_and_one_of_what_it_has_becomes_a_workflow(
    anna: Person, server: GitServer, shop: str
) -> None:
    made = from_git(anna, server.url("shop.git"))
    assert (made["state"], made["name"], made["graph"]) == ("fetching", "shop", None)

    with working():
        found = fetched(anna, made)

    assert found["state"] == "choosing", found["problem"]
    git = found["source"]["git"]
    assert (git["commit"], git["subject"], git["url"]) == (shop, "Change it", server.url("shop.git"))
    assert [(one["type"], one["path"], one["why_not"] == "") for one in found["found"]] == [
        ("compose", "deploy", True),
        ("manifests", "k8s", True),
        ("dockerfile", "Dockerfile", False),
    ]
    assert found["found"][0]["taken"] == ["deploy/compose.yaml", "deploy/compose.override.yaml"]
    assert [one["path"] for one in found["source"]["files"]] == sorted(
        path for path in SHOP if path.startswith(("deploy/", "k8s/"))
    )

    ready = choose(anna, found, "compose", *found["found"][0]["taken"])
    assert (ready["state"], ready["problem"], ready["compose_files"]) == ("ready", None, found["found"][0]["taken"])
    assert {row["name"] for row in ready["services"]} == {"web", "api", "db", "tools"}
    assert anna.get(f"imports/{made['id']}").body == ready

    other = choose(anna, found, "manifests", "k8s")
    assert {node["name"] for node in other["graph"]["nodes"]} == {"shop", "web"}
    applied = anna.post(f"imports/{made['id']}/apply", {"name": "Shop"})
    assert applied.status == 201, applied.body
