"""Signing in at a real Gitea in a real browser: what comes back reads private repositories, and is renewed."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from builds.connections.access import access_for
from builds.connections.app_tokens import login_of
from builds.connections.oauth.signing_in import RETURN_PATH
from builds.domain.repositories import repository_of
from builds.git.asking import refs_of
from kubeorch.base.clock import now
from tests.support.browser import launched
from tests.support.gitea import Gitea, a_gitea
from tests.support.gitea_sign_in import allowed
from tests.support.people import Person, a_user

ORIGIN = "http://127.0.0.1:1"
"""Where nothing listens: what the browser asks for on its way there is all that is wanted."""


@pytest.fixture(scope="module")
def gitea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gitea]:
    with a_gitea(tmp_path_factory.mktemp("gitea")) as running:
        running.repository("shop", {"README.md": "# Shop\n"})
        yield running


@pytest.fixture(scope="module")
def client(gitea: Gitea) -> dict[str, str]:
    wanted = {"name": "kubeorch", "redirect_uris": [f"{ORIGIN}{RETURN_PATH}"], "confidential_client": True}
    made = gitea.call("POST", "user/applications/oauth2", wanted)
    return {"client_id": made["client_id"], "client_secret": made["client_secret"]}


@pytest.fixture
def ada(mongo: Any) -> Person:
    return a_user("admin", name="Ada")


def take_back_all(gitea: Gitea) -> None:
    """As its page "Applications" does, with what clients were let have."""
    with contextlib.closing(sqlite3.connect(gitea.folder / "data" / "gitea.db", timeout=10)) as database, database:
        assert database.execute("DELETE FROM oauth2_grant").rowcount > 0


def added(ada: Person, gitea: Gitea, client: dict[str, str]) -> dict[str, Any]:
    made = ada.post("git-connections", {"name": "code", "provider": "gitea", "address": gitea.url, **client})
    assert made.status == 201, made.body
    return dict(made.body["connection"])


def came_back(ada: Person, gitea: Gitea, made: dict[str, Any]) -> dict[str, str]:
    """What the server sends the browser back with."""
    begun = ada.post(f"git-connections/{made['id']}/sign-in", {"origin": ORIGIN})
    assert begun.status == 201, begun.body

    def in_a_browser() -> str:
        with launched() as browser:
            return allowed(browser, gitea, begun.body["url"], back_to=f"{ORIGIN}{RETURN_PATH}")

    with ThreadPoolExecutor(1) as thread:  # the browser's loop would be in the way of Django's models
        sent = thread.submit(in_a_browser).result(120)
    found = {name: one for name, [one] in parse_qs(urlsplit(sent).query).items()}
    return {"state": found["state"], "code": found["code"]}


def test_who_signs_in_reads_their_private_repositories_until_they_take_it_back(
    ada: Person, gitea: Gitea, client: dict[str, str], mongo: Any
) -> None:
    made = added(ada, gitea, client)
    back = came_back(ada, gitea, made)
    done = ada.post("git-connections/sign-in", back)
    assert done.status == 200, done.body
    assert (done.body["state"], done.body["user"]) == ("ok", gitea.owner)
    [shop] = ada.get(f"git-connections/{made['id']}/repositories?q=shop").body["results"]
    assert shop["private"]

    row = mongo.git_connections.find_one({})
    repository = repository_of(shop["url"])
    access = access_for(row["team_id"], row["_id"], repository)
    assert list(refs_of(repository, access, check=lambda: None).branches) == ["main"]
    assert gitea.call("GET", "user", token=access.token)["login"] == gitea.owner

    state = row["grant_state"]
    assert timedelta(minutes=30) < state["ends_at"].replace(tzinfo=now().tzinfo) - now() <= timedelta(hours=1)
    ended = {"grant_state.renew_from": now(), "grant_state.ends_at": now()}
    mongo.git_connections.update_one({}, {"$set": ended})
    again = login_of(mongo.git_connections.find_one({}))
    assert gitea.call("GET", "user", token=again.token)["login"] == gitea.owner

    take_back_all(gitea)
    mongo.git_connections.update_one({}, {"$set": ended})
    refused = ada.get(f"git-connections/{made['id']}/repositories?q=x")
    assert (refused.status, refused.body["code"]) == (400, "git_connection.signed_out")
    assert ada.get(f"git-connections/{made['id']}").body["state"] == "failed"


def test_a_real_server_refuses_what_was_used_or_begun_otherwise(
    ada: Person, gitea: Gitea, client: dict[str, str], mongo: Any
) -> None:
    made = added(ada, gitea, client)
    back = came_back(ada, gitea, made)
    # Begun once more, the code goes with another verifier: whoever brings a code of somebody else's gets nothing.
    begun = ada.post(f"git-connections/{made['id']}/sign-in", {"origin": ORIGIN})
    state = parse_qs(urlsplit(begun.body["url"]).query)["state"][0]
    refused = ada.post("git-connections/sign-in", {"state": state, "code": back["code"]})
    assert (refused.status, refused.body["code"]) == (400, "git_connection.sign_in"), refused.body

    wrong = ada.patch(f"git-connections/{made['id']}", {"client_secret": "wrong"})
    assert wrong.status == 200, wrong.body
    back = came_back(ada, gitea, made)
    refused = ada.post("git-connections/sign-in", back)
    assert "check client ID and secret" in refused.body["detail"]
