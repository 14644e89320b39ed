"""Somebody who signs in at a git server that answers as GitLab does, in recorded shapes, over real HTTP: refresh tokens
serve once, and the access token before them no more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from builds.domain.git_sign_ins import challenge_of
from tests.support.git_connections import connected
from tests.support.odd_registry import Asked, OddRegistry, Said, an_odd_registry
from tests.support.people import Person

CLIENT = {"client_id": "kubeorch", "client_secret": "canary-of-a-client"}
ORIGIN = "http://127.0.0.1:8000"
CODE = "canary-of-a-code"


@dataclass
class GitLabOfTests:
    """Gives a pair of tokens for the code, and for the newest refresh token."""

    server: OddRegistry
    challenge: str = ""
    redirect: str = f"{ORIGIN}/git-connections/signed-in"
    lasts_s: int | None = 7200
    given: int = 0
    is_down: bool = False
    is_revoked: bool = False
    takes_access: bool = True
    refuses_git: bool = False
    secret: str = CLIENT["client_secret"]
    forms: list[dict[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, asked: Asked) -> Said:
        if asked.path == "/oauth/token":
            with self.lock:
                return self._token({key: one for key, [one] in parse_qs(asked.body.decode()).items()})
        if "/info/refs" in asked.path and self.refuses_git:
            return Said(401, {}, {"WWW-Authenticate": "Basic"})
        if asked.login != f"canary-access-{self.given}" or not self.takes_access:
            return Said(401, {"error": "invalid_token"})
        if asked.path == "/api/v4/user":
            return Said(200, {"username": "ada"})
        if asked.path.startswith("/api/v4/projects"):
            return Said(200, [{"path_with_namespace": "acme/shop", "visibility": "private", "default_branch": "main"}])
        return Said(404, {"message": "404 Not found"})

    def _token(self, form: dict[str, str]) -> Said:
        self.forms.append(form)
        if self.is_down:
            return Said(502, b"<html>")
        if (form["client_id"], form["client_secret"]) != (CLIENT["client_id"], self.secret):
            return Said(401, {"error": "invalid_client", "error_description": "Client authentication failed"})
        if form["grant_type"] == "authorization_code":
            is_right = form["code"] == CODE and challenge_of(form["code_verifier"]) == self.challenge
            is_right = is_right and form["redirect_uri"] == self.redirect
        else:
            is_right = form["refresh_token"] == f"canary-refresh-{self.given}" and not self.is_revoked
        if not is_right:
            return Said(400, {"error": "invalid_grant", "error_description": "The provided authorization grant is..."})
        self.given, self.takes_access = self.given + 1, True
        told: dict[str, Any] = {"access_token": f"canary-access-{self.given}", "token_type": "Bearer"}
        if self.lasts_s is not None:
            told |= {"expires_in": self.lasts_s, "refresh_token": f"canary-refresh-{self.given}"}
        return Said(200, told)


@contextmanager
def a_gitlab() -> Iterator[GitLabOfTests]:
    with an_odd_registry() as server:
        found = GitLabOfTests(server)
        server.answers = found.answer
        yield found


def given(gitlab: GitLabOfTests, **changed: Any) -> dict[str, Any]:
    return {"name": "code", "provider": "gitlab", "address": gitlab.server.url, **CLIENT, **changed}


def added(ada: Person, gitlab: GitLabOfTests, **changed: Any) -> dict[str, Any]:
    return connected(ada, given(gitlab, **changed))


def begun(ada: Person, gitlab: GitLabOfTests, made: dict[str, Any]) -> str:
    """The state that comes back; the server keeps the challenge."""
    answer = ada.post(f"git-connections/{made['id']}/sign-in", {"origin": ORIGIN})
    assert answer.status == 201, answer.body
    asked = {key: one for key, [one] in parse_qs(urlsplit(answer.body["url"]).query).items()}
    gitlab.challenge = asked["code_challenge"]
    assert asked["code_challenge_method"] == "S256"
    return asked["state"]


def signed_in(ada: Person, gitlab: GitLabOfTests) -> dict[str, Any]:
    made = added(ada, gitlab)
    state = begun(ada, gitlab, made)
    answer = ada.post("git-connections/sign-in", {"state": state, "code": CODE})
    assert answer.status == 200, answer.body
    return dict(answer.body)


def listed(ada: Person, made: dict[str, Any], q: str = "") -> Any:
    return ada.get(f"git-connections/{made['id']}/repositories?q={q}")


def age(mongo: Any, **values: Any) -> None:
    found = mongo.git_connections.update_one({}, {"$set": {f"grant_state.{key}": one for key, one in values.items()}})
    assert found.modified_count == 1
