"""Signing in at a git server in a browser: what is begun, what comes back, and what becomes of it when fields change.

`tests/builds/test_gitea_sign_ins.py` has a real Gitea.
"""

from __future__ import annotations

import socket
from typing import Any

import pytest

from builds.connections.oauth import grant_store
from kubeorch.base.clock import now
from tests.support.git_sign_ins import CLIENT, CODE, GitLabOfTests, added, age, begun, given, listed, signed_in
from tests.support.people import Person, a_user

NOBODY = {"client_id": "kubeorch", "signed_in_at": None, "signed_in_by": "", "has_left": False}


def test_a_connection_waits_for_somebody_to_sign_in_and_then_reads_as_them(
    ada: Person, gitlab: GitLabOfTests, mongo: Any
) -> None:
    answer = ada.post("git-connections", given(gitlab))
    assert answer.status == 201, answer.body
    made = answer.body["connection"]
    assert (made["state"], made["oauth"]) == ("untested", NOBODY)
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


def test_another_client_or_server_forgets_the_sign_in_and_another_name_does_not(
    ada: Person, gitlab: GitLabOfTests, mongo: Any
) -> None:
    made = signed_in(ada, gitlab)
    path = f"git-connections/{made['id']}"
    assert ada.patch(path, {"name": "renamed"}).body["oauth"]["signed_in_at"] is not None
    other = ada.patch(path, {"client_id": "other"})
    assert (other.body["oauth"], other.body["state"]) == ({**NOBODY, "client_id": "other"}, "untested")
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


def test_whoever_signed_in_is_shown_and_that_they_left(ada: Person, gitlab: GitLabOfTests) -> None:
    made = signed_in(ada, gitlab)
    assert (made["oauth"]["signed_in_by"], made["oauth"]["has_left"]) == ("Ada", False)
    olga = a_user("admin", ada.team_id, name="Olga")
    assert olga.delete(f"teams/{ada.team_id}/members/{ada.principal.user_id}").status == 204
    shown = olga.get(f"git-connections/{made['id']}").body["oauth"]
    assert (shown["signed_in_by"], shown["has_left"]) == ("Ada", True)
    assert listed(olga, made).status == 200, "builds go on"
