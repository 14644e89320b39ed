"""Signing in at a git server in a browser: what is begun, what comes back, and tokens that are renewed.

The server answers as GitLab does, in recorded shapes, over real HTTP: refresh tokens serve once, and the access token
before them no more. `tests/builds/test_gitea_sign_ins.py` has a real Gitea.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from builds.connections import store
from builds.connections.access import access_by
from builds.connections.app_tokens import login_of
from builds.connections.oauth import grant_store
from builds.connections.oauth.keeping import JOB
from builds.domain.git_servers import address_of_url
from builds.domain.git_sign_ins import challenge_of
from builds.git.asking import refs_of
from builds.git.errors import GitDenied
from kubeorch.base.clock import now
from kubeorch.jobs import queue
from tests.support.odd_registry import Asked, OddRegistry, Said, an_odd_registry
from tests.support.people import Person, a_user
from tests.support.wait import until
from tests.support.workers import working

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


@pytest.fixture
def ada(mongo: Any) -> Person:
    return a_user("admin", name="Ada")


@pytest.fixture
def gitlab() -> Iterator[GitLabOfTests]:
    with an_odd_registry() as server:
        found = GitLabOfTests(server)
        server.answers = found.answer
        yield found


def given(gitlab: GitLabOfTests, **changed: Any) -> dict[str, Any]:
    return {"name": "code", "provider": "gitlab", "address": gitlab.server.url, **CLIENT, **changed}


def added(ada: Person, gitlab: GitLabOfTests, **changed: Any) -> dict[str, Any]:
    made = ada.post("git-connections", given(gitlab, **changed))
    assert made.status == 201, made.body
    return dict(made.body["connection"])


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


def test_a_connection_waits_for_somebody_to_sign_in_and_then_reads_as_them(
    ada: Person, gitlab: GitLabOfTests, mongo: Any
) -> None:
    answer = ada.post("git-connections", given(gitlab))
    assert answer.status == 201, answer.body
    made = answer.body["connection"]
    assert (made["state"], made["oauth"]) == ("untested", {"client_id": "kubeorch", "signed_in_at": None})
    assert [one["state"] for one in answer.body["report"]["steps"]] == ["ok", "ok", "warning"]
    refused = listed(ada, made)
    assert (refused.status, refused.body["code"]) == (400, "git_connection.signed_out")

    state = begun(ada, gitlab, made)
    done = ada.post("git-connections/sign-in", {"state": state, "code": CODE})
    assert done.status == 200, done.body
    assert (done.body["state"], done.body["user"], done.body["expires_at"]) == ("ok", "ada", None)
    assert done.body["oauth"]["signed_in_at"] is not None
    [row] = listed(ada, made).body["results"]
    assert row["name"] == "acme/shop"
    assert ada.post(f"git-connections/{made['id']}/test", {}).body["report"]["ok"]
    assert "canary" not in str(mongo.git_connections.find_one({})) + str(done.body) + str(mongo.audit.find_one({}))
    actions = {one["action"] for one in mongo.audit.find({})}
    assert {"git_connection.begin_sign_in", "git_connection.sign_in"} <= actions


def test_what_comes_back_is_taken_once_and_from_who_began_alone(ada: Person, gitlab: GitLabOfTests, mongo: Any) -> None:
    made = added(ada, gitlab)
    state = begun(ada, gitlab, made)
    other = a_user("admin", ada.team_id, name="Eve")
    editor = a_user("editor", ada.team_id)

    def answers(who: Person, state: str) -> tuple[int, str]:
        answer = who.post("git-connections/sign-in", {"state": state, "code": CODE})
        return answer.status, answer.body.get("code", "")

    lapsed = (409, "git_connection.sign_in_lapsed")
    assert answers(other, state) == lapsed
    assert answers(editor, state)[0] == 403
    assert answers(a_user("admin"), state)[0] == 404
    assert answers(ada, f"{state}x") == lapsed
    assert answers(ada, f"{made['id']}.") == lapsed
    assert answers(ada, "x")[0] == 404
    assert gitlab.forms == []
    assert answers(ada, state) == (200, "")
    assert answers(ada, state) == lapsed
    assert len(gitlab.forms) == 1


def test_of_several_that_were_begun_the_last_one_counts(ada: Person, gitlab: GitLabOfTests) -> None:
    made = added(ada, gitlab)
    first, last = begun(ada, gitlab, made), begun(ada, gitlab, made)
    assert ada.post("git-connections/sign-in", {"state": first, "code": CODE}).status == 409
    assert ada.post("git-connections/sign-in", {"state": last, "code": CODE}).status == 200


def test_an_answer_after_ten_minutes_is_none(ada: Person, gitlab: GitLabOfTests, mongo: Any) -> None:
    made = added(ada, gitlab)
    state = begun(ada, gitlab, made)
    row = mongo.git_connections.find_one({})
    waiting = grant_store.begun_of(row)
    assert waiting is not None
    late = {name: getattr(waiting, name) for name in grant_store.Begun.__slots__} | {"until": now()}
    assert grant_store.begin(row, grant_store.Begun(**late))
    assert ada.post("git-connections/sign-in", {"state": state, "code": CODE}).body["code"].endswith("lapsed")


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.test",
        "http://127.0.0.1:8000/",
        "javascript:alert(1)",
        "http://a@127.0.0.1",
        "127.0.0.1",
        "http://",
    ],
)
def test_it_comes_back_to_this_server_alone(ada: Person, gitlab: GitLabOfTests, origin: str) -> None:
    made = added(ada, gitlab)
    answer = ada.post(f"git-connections/{made['id']}/sign-in", {"origin": origin})
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "origin")


def test_a_refused_code_client_and_address_are_told_apart(ada: Person, gitlab: GitLabOfTests, mongo: Any) -> None:
    made = added(ada, gitlab)

    def said(code: str = CODE) -> str:
        answer = ada.post("git-connections/sign-in", {"state": begun(ada, gitlab, made), "code": code})
        assert "canary" not in str(answer.body)
        return f"{answer.status} {answer.body['detail']}"

    assert "does not take the code" in said("another")
    gitlab.is_down = True
    assert said().startswith("503 ")
    gitlab.is_down = False
    assert ada.patch(f"git-connections/{made['id']}", {"client_secret": "wrong"}).status == 200
    assert "check client ID and secret" in said()
    assert ada.get(f"git-connections/{made['id']}").body["oauth"]["signed_in_at"] is None


def test_a_token_is_renewed_before_its_end_by_one_process_alone(ada: Person, gitlab: GitLabOfTests, mongo: Any) -> None:
    signed_in(ada, gitlab)
    before = mongo.git_connections.find_one({})
    assert login_of(before).token == "canary-access-1"
    age(mongo, renew_from=now() - timedelta(minutes=1), ends_at=now() - timedelta(seconds=1))
    row = store.of_team(before["_id"], before["team_id"])
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(login_of(row).token)) for _ in range(5)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    assert found == ["canary-access-2"] * 5
    assert [form["grant_type"] for form in gitlab.forms] == ["authorization_code", "refresh_token"]
    assert mongo.git_connections.find_one({})["rev"] == before["rev"]


def test_while_the_server_is_down_the_token_serves_to_its_end(ada: Person, gitlab: GitLabOfTests, mongo: Any) -> None:
    made = signed_in(ada, gitlab)
    gitlab.is_down = True
    age(mongo, renew_from=now() - timedelta(minutes=1))
    assert listed(ada, made, "a").status == 200
    assert listed(ada, made, "b").status == 200
    assert len(gitlab.forms) == 2  # the failure is left alone for some seconds
    age(mongo, ends_at=now(), busy_until=None)
    assert listed(ada, made, "c").status == 503
    gitlab.is_down = False
    assert listed(ada, made, "d").status == 200


def test_a_sign_in_that_the_server_ended_is_said_and_signed_in_anew(
    ada: Person, gitlab: GitLabOfTests, mongo: Any
) -> None:
    made = signed_in(ada, gitlab)
    gitlab.is_revoked = True
    age(mongo, renew_from=now(), ends_at=now())
    refused = listed(ada, made)
    assert (refused.status, refused.body["code"]) == (400, "git_connection.signed_out")
    shown = ada.get(f"git-connections/{made['id']}").body
    assert (shown["state"], shown["error"]["code"], shown["oauth"]["signed_in_at"]) == (
        "failed",
        "git_connection.signed_out",
        None,
    )
    steps = ada.post(f"git-connections/{made['id']}/test", {}).body["report"]["steps"]
    assert (steps[-1]["name"], steps[-1]["code"]) == ("sign_in", "git_connection.signed_out")
    gitlab.is_revoked = False
    state = begun(ada, gitlab, made)
    assert ada.post("git-connections/sign-in", {"state": state, "code": CODE}).body["state"] == "ok"


def test_a_token_that_is_revoked_early_is_renewed_at_the_next_use(ada: Person, gitlab: GitLabOfTests) -> None:
    made = signed_in(ada, gitlab)
    gitlab.takes_access = False
    assert listed(ada, made, "a").body["code"] == "git_host.credential"
    assert listed(ada, made, "b").status == 200
    assert gitlab.given == 2


def test_without_a_refresh_token_its_end_is_told_ahead(ada: Person, gitlab: GitLabOfTests, mongo: Any) -> None:
    gitlab.lasts_s = None
    made = signed_in(ada, gitlab)
    assert (made["expires_at"], made["expiry"]) == (None, "none")
    assert mongo.git_connections.find_one({})["grant_state"]["renew_from"] is None


def test_another_client_or_server_forgets_the_sign_in_and_another_name_does_not(
    ada: Person, gitlab: GitLabOfTests, mongo: Any
) -> None:
    made = signed_in(ada, gitlab)
    path = f"git-connections/{made['id']}"
    assert ada.patch(path, {"name": "renamed"}).body["oauth"]["signed_in_at"] is not None
    other = ada.patch(path, {"client_id": "other"})
    assert (other.body["oauth"], other.body["state"]) == ({"client_id": "other", "signed_in_at": None}, "untested")
    assert mongo.git_connections.find_one({})["grant"] is None


def test_a_token_takes_the_place_of_a_sign_in_and_a_sign_in_that_of_a_token(
    ada: Person, gitlab: GitLabOfTests, mongo: Any
) -> None:
    made = signed_in(ada, gitlab)
    path = f"git-connections/{made['id']}"
    by_token = ada.patch(path, {"token": f"canary-access-{gitlab.given}"})
    assert (by_token.status, by_token.body["oauth"], by_token.body["user"]) == (200, None, "ada")
    assert mongo.git_connections.find_one({})["grant"] is None
    assert ada.patch(path, {"client_id": "kubeorch"}).body["errors"][0]["field"] == "client_secret"
    assert ada.patch(path, CLIENT).body["oauth"]["client_id"] == "kubeorch"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"provider": "git"}, "client_id"),
        ({"client_secret": ""}, "client_secret"),
        ({"client_secret": "a b"}, "client_secret"),
        ({"client_id": "a b"}, "client_id"),
        ({"token": "x"}, "token"),
        ({"username": "ada"}, "token"),
        ({"expires_at": "2027-01-01T00:00:00Z"}, "expires_at"),
    ],
)
def test_fields_that_do_not_go_together_are_named(
    ada: Person, gitlab: GitLabOfTests, changed: dict[str, str], field: str
) -> None:
    refused = ada.post("git-connections", given(gitlab, **changed))
    assert (refused.status, [one["field"] for one in refused.body["errors"]]) == (400, [field])


def test_what_nobody_uses_is_renewed_all_the_same(ada: Person, gitlab: GitLabOfTests, mongo: Any) -> None:
    signed_in(ada, gitlab)
    assert grant_store.unused(now(), 10) == []
    age(mongo, renew_unused_at=now() - timedelta(hours=1))
    queue.enqueue(JOB, {}, key="all")
    with working():
        until(lambda: gitlab.given == 2, what="the sign-in is renewed")
    assert mongo.git_connections.find_one({})["grant_state"]["renew_unused_at"] > now() + timedelta(days=6)


def test_a_sign_in_without_a_refresh_token_is_not_ended_for_lying_unused(
    ada: Person, gitlab: GitLabOfTests, mongo: Any
) -> None:
    gitlab.lasts_s = None
    made = signed_in(ada, gitlab)
    assert mongo.git_connections.find_one({})["grant_state"]["renew_unused_at"] is None
    # As an earlier release stored it.
    age(mongo, renew_unused_at=now() - timedelta(hours=1))
    queue.enqueue(JOB, {}, key="all")
    with working():
        until(lambda: grant_store.unused(now(), 10) == [], what="the job has looked at it")
        until(lambda: mongo.jobs.count_documents({"type": JOB, "state": "running"}) == 0, what="the job is over")
    shown = ada.get(f"git-connections/{made['id']}").body
    assert (shown["state"], shown["error"]) == ("ok", None)
    assert listed(ada, made).status == 200
    assert mongo.git_connections.find_one({})["grant_state"]["renew_unused_at"] is None
    assert len(gitlab.forms) == 1


def test_without_a_refresh_token_one_refusal_does_not_end_it_and_a_second_one_minutes_later_does(
    ada: Person, gitlab: GitLabOfTests, mongo: Any
) -> None:
    gitlab.lasts_s = None
    made = signed_in(ada, gitlab)
    gitlab.takes_access = False
    assert listed(ada, made, "a").body["code"] == "git_host.credential"
    assert listed(ada, made, "b").body["code"] == "git_host.credential"
    gitlab.takes_access = True
    assert listed(ada, made, "c").status == 200
    assert mongo.git_connections.find_one({})["grant_state"]["refused_at"] is None

    gitlab.takes_access = False
    assert listed(ada, made, "d").body["code"] == "git_host.credential"
    age(mongo, refused_at=now() - timedelta(minutes=6))
    assert listed(ada, made, "e").body["code"] == "git_host.credential"
    assert listed(ada, made, "f").body["code"] == "git_connection.signed_out"
    assert ada.get(f"git-connections/{made['id']}").body["state"] == "failed"


def test_a_token_that_git_itself_refuses_is_renewed_at_the_next_use(
    ada: Person, gitlab: GitLabOfTests, mongo: Any
) -> None:
    signed_in(ada, gitlab)
    row = mongo.git_connections.find_one({})
    repository = address_of_url(row["address"]).repository("acme/shop")

    def asked() -> str:
        """Which token git was given; the server's git takes none."""
        row = mongo.git_connections.find_one({})
        with pytest.raises(GitDenied):
            refs_of(repository, access := access_by(row, repository), check=lambda: None)
        return access.token

    gitlab.refuses_git = True
    assert asked() == "canary-access-1"
    assert asked() == "canary-access-1", "it is not older than some minutes: another one would cure nothing"
    age(mongo, renewed_at=now() - timedelta(minutes=6))
    assert asked() == "canary-access-1"
    assert asked() == "canary-access-2"
    assert asked() == "canary-access-2"


def test_a_repository_that_git_refuses_does_not_end_a_sign_in_that_cannot_be_renewed(
    ada: Person, gitlab: GitLabOfTests, mongo: Any
) -> None:
    gitlab.lasts_s, gitlab.refuses_git = None, True
    made = signed_in(ada, gitlab)
    age(mongo, renewed_at=now() - timedelta(minutes=6))
    before = mongo.git_connections.find_one({})
    repository = address_of_url(before["address"]).repository("acme/shop")
    with pytest.raises(GitDenied):
        refs_of(repository, access_by(before, repository), check=lambda: None)
    assert mongo.git_connections.find_one({}) == before
    assert listed(ada, made).status == 200


def test_a_test_of_a_sign_in_that_has_ended_says_of_the_server_what_it_has_seen(
    ada: Person, gitlab: GitLabOfTests, mongo: Any
) -> None:
    made = signed_in(ada, gitlab)
    gitlab.is_revoked = True
    age(mongo, renew_from=now(), ends_at=now())
    assert listed(ada, made).status == 400

    def steps() -> list[tuple[str, str]]:
        report = ada.post(f"git-connections/{made['id']}/test", {}).body["report"]
        return [(one["name"], one["state"]) for one in report["steps"]]

    assert steps() == [("address", "ok"), ("connection", "ok"), ("sign_in", "failed")]
    assert ada.get(f"git-connections/{made['id']}").body["error"]["code"] == "git_connection.signed_out"
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        gone = f"http://127.0.0.1:{closed.getsockname()[1]}"
        mongo.git_connections.update_one({}, {"$set": {"address": gone}})
        assert steps() == [("address", "ok"), ("connection", "failed")]
    mongo.git_connections.update_one({}, {"$set": {"address": gitlab.server.url}})
    assert steps() == [("address", "ok"), ("connection", "ok"), ("sign_in", "warning")]


def test_a_changed_secret_of_the_client_is_tried_where_the_sign_in_goes_on(
    ada: Person, gitlab: GitLabOfTests, mongo: Any
) -> None:
    made = signed_in(ada, gitlab)
    path, before = f"git-connections/{made['id']}", mongo.git_connections.find_one({})
    gitlab.secret = "canary-rotated"
    for gitlab.is_down in (True, False):
        refused = ada.patch(path, {"client_secret": "canary-mistyped"})
        assert (refused.status, refused.body["code"]) == (400, "git_connection.test_failed")
        assert [one["field"] for one in refused.body["errors"]] == ["client_secret"]
        assert ("does not take this client" in refused.body["detail"]) != gitlab.is_down
    after = mongo.git_connections.find_one({})
    assert (after["sealed"], after["rev"], after["grant"]) == (before["sealed"], before["rev"], before["grant"])
    assert listed(ada, made, "a").status == 200

    changed = ada.patch(path, {"client_secret": "canary-rotated"})
    assert (changed.status, changed.body["state"]) == (200, "ok")
    assert changed.body["oauth"]["signed_in_at"] is not None
    assert gitlab.given == 2
    assert listed(ada, made, "b").status == 200
    age(mongo, renew_from=now(), ends_at=now())
    assert listed(ada, made, "c").status == 200


def test_a_changed_secret_of_the_client_is_stored_untried_where_somebody_wants_it_so(
    ada: Person, gitlab: GitLabOfTests
) -> None:
    made = signed_in(ada, gitlab)
    changed = ada.patch(f"git-connections/{made['id']}", {"client_secret": "canary-rotated", "test": False})
    assert (changed.status, changed.body["state"], gitlab.given) == (200, "untested", 1)
