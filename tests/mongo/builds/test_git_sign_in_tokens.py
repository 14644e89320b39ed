"""Tokens of a sign-in at a git server: renewed before their end, ended, refused."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from builds.connections import store
from builds.connections.access import access_by
from builds.connections.app_tokens import login_of
from builds.connections.oauth import grant_store
from builds.connections.oauth.keeping import JOB
from builds.domain.git_servers import address_of_url
from builds.git.asking import refs_of
from builds.git.errors import GitDenied
from kubeorch.base.clock import now
from kubeorch.jobs import queue
from tests.support.git_sign_ins import CODE, GitLabOfTests, age, begun, listed, signed_in
from tests.support.people import Person
from tests.support.wait import until
from tests.support.workers import working


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


def test_a_token_that_is_revoked_early_is_renewed_and_asked_with_again(ada: Person, gitlab: GitLabOfTests) -> None:
    made = signed_in(ada, gitlab)
    gitlab.takes_access = False
    assert listed(ada, made).status == 200
    assert gitlab.given == 2
    gitlab.takes_access, gitlab.is_revoked = False, True
    ended = listed(ada, made, "b")
    assert (ended.status, ended.body["code"]) == (400, "git_connection.signed_out"), "it is told at once"


def test_without_a_refresh_token_its_end_is_told_ahead(ada: Person, gitlab: GitLabOfTests, mongo: Any) -> None:
    gitlab.lasts_s = None
    made = signed_in(ada, gitlab)
    assert (made["expires_at"], made["expiry"]) == (None, "none")
    assert mongo.git_connections.find_one({})["grant_state"]["renew_from"] is None


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
    assert listed(ada, made, "a").body["code"] == "git_connection.sign_in_not_taken"
    assert listed(ada, made, "b").body["code"] == "git_connection.sign_in_not_taken"
    gitlab.takes_access = True
    assert listed(ada, made, "c").status == 200
    assert mongo.git_connections.find_one({})["grant_state"]["refused_at"] is None

    gitlab.takes_access = False
    assert listed(ada, made, "d").body["code"] == "git_connection.sign_in_not_taken"
    age(mongo, refused_at=now() - timedelta(minutes=6))
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
