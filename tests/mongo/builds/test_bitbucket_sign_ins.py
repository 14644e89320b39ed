"""Signing in at Bitbucket Cloud: its token endpoint in recorded shapes, over real HTTP.

It is at one address alone, so that the connection's is changed in the database once it is made.
"""

from __future__ import annotations

from base64 import b64decode
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from bson import ObjectId

from builds.connections import store
from builds.connections.access import access_by
from builds.connections.errors import SignedOut, SignInRefused
from builds.connections.oauth import grant_store
from builds.connections.oauth.endpoint import exchanged, refreshed
from builds.connections.oauth.grants import login_of
from builds.connections.store import GitConnection
from builds.domain.git_sign_ins import Tokens
from builds.domain.repositories import repository_of
from kubeorch.base.clock import now
from tests.support.git_connections import connected
from tests.support.git_sign_ins import CLIENT, CODE, ORIGIN
from tests.support.odd_registry import Asked, Said, an_odd_registry
from tests.support.people import Person

GIVEN = {"name": "code", "provider": "bitbucket", "test": False, **CLIENT}
TOKENS = {"scopes": "account repository", "token_type": "bearer", "expires_in": 7200, "state": "authorization_code"}


def answers(asked: Asked) -> Said:
    form = {key: one for key, [one] in parse_qs(asked.body.decode()).items()}
    assert "client_secret" not in form
    if asked.path != "/site/oauth2/access_token":
        return Said(404)
    if asked.login != f"{CLIENT['client_id']}:{CLIENT['client_secret']}":
        return Said(400, {"error": "unauthorized_client", "error_description": "Invalid OAuth client credentials"})
    if form["grant_type"] == "authorization_code":
        if form["code"] != CODE:
            return Said(400, {"error": "invalid_grant", "error_description": "The specified code is not valid."})
        return Said(200, {**TOKENS, "access_token": "canary-access-1", "refresh_token": "canary-refresh"})
    if form["refresh_token"] != "canary-refresh":
        return Said(400, {"error": "invalid_request", "error_description": "Invalid refresh_token"})
    return Said(200, {**TOKENS, "access_token": "canary-access-2", "refresh_token": "canary-refresh"})


@pytest.fixture
def made(ada: Person) -> dict[str, Any]:
    return connected(ada, GIVEN)


def moved(mongo: Any, made: dict[str, Any], address: str) -> GitConnection:
    mongo.git_connections.update_one({"_id": ObjectId(made["id"])}, {"$set": {"address": address}})
    row: GitConnection = mongo.git_connections.find_one({"_id": ObjectId(made["id"])})
    return row


def test_the_browser_is_sent_there_without_scopes_which_the_consumer_has(ada: Person, made: dict[str, Any]) -> None:
    answer = ada.post(f"git-connections/{made['id']}/sign-in", {"origin": ORIGIN})
    assert answer.status == 201, answer.body
    parts = urlsplit(answer.body["url"])
    assert (parts.netloc, parts.path) == ("bitbucket.org", "/site/oauth2/authorize")
    asked = {key: one for key, [one] in parse_qs(parts.query).items()}
    assert (asked["client_id"], asked["response_type"]) == ("kubeorch", "code")
    assert asked["redirect_uri"] == f"{ORIGIN}/git-connections/signed-in"
    assert asked["code_challenge_method"] == "S256"
    assert "scope" not in asked


def test_a_code_becomes_tokens_that_are_renewed(ada: Person, made: dict[str, Any], mongo: Any) -> None:
    assert ada.post(f"git-connections/{made['id']}/sign-in", {"origin": ORIGIN}).status == 201
    with an_odd_registry(answers) as server:
        row = moved(mongo, made, server.url)
        begun = grant_store.begun_of(row)
        assert begun is not None
        tokens = exchanged(row, begun, CODE)
        assert (tokens.access, tokens.refresh) == ("canary-access-1", "canary-refresh")
        assert tokens.ends_at is not None
        assert timedelta(hours=1) < tokens.ends_at - now() <= timedelta(hours=2)

        late = Tokens(tokens.access, tokens.refresh, now())
        mongo.git_connections.update_one(
            {"_id": row["_id"]}, {"$set": grant_store.new_grant(row, late, now(), ObjectId())}
        )
        row = store.of_team(row["_id"], row["team_id"])
        assert login_of(row).token == "canary-access-2", "it is renewed before it is used"
        access = access_by(store.of_team(row["_id"], row["team_id"]), repository_of(f"{server.url}/acme/shop.git"))
        assert (access.username, access.token) == ("x-token-auth", "canary-access-2")
        assert b64decode(server.asked[-1].headers["Authorization"].removeprefix("Basic ")).startswith(b"kubeorch:")


def test_what_it_refuses_is_told_apart(ada: Person, made: dict[str, Any], mongo: Any) -> None:
    assert ada.post(f"git-connections/{made['id']}/sign-in", {"origin": ORIGIN}).status == 201
    with an_odd_registry(answers) as server:
        row = moved(mongo, made, server.url)
        begun = grant_store.begun_of(row)
        assert begun is not None
        with pytest.raises(SignInRefused, match="does not take the code"):
            exchanged(row, begun, "another")
        with pytest.raises(SignedOut):
            refreshed(row, "ended")
        wrong: GitConnection = {**row, "oauth": {"client_id": "another"}}
        for work in (lambda: exchanged(wrong, begun, CODE), lambda: refreshed(wrong, "canary-refresh")):
            with pytest.raises(SignInRefused, match="check client ID and secret"):
                work()
