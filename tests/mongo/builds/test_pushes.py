"""Addresses that build a source on push: who makes them, what their calls start, and what they refuse."""

from __future__ import annotations

import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
from bson import ObjectId

from tests.support.people import Answer, Person, a_user, call

SOURCE = {"repository": "https://git.example.test/a/b.git", "image": "registry.example.test/a/b", "ref": "main"}
COMMIT = "da1560886d4f094c3e6c9ef40349f7d38b5d27d7"
MAIN = {"ref": "refs/heads/main", "after": COMMIT, "sender": {"login": "ada"}}
PUSH = {"X-GitHub-Event": "push"}


@pytest.fixture
def anna(mongo: Any, settings: Any) -> Person:
    settings.BUILD_SLOTS = 1
    return a_user("editor", name="Anna")


@pytest.fixture
def source(anna: Person) -> dict[str, Any]:
    return dict(anna.post("sources", {"name": "app", **SOURCE}).body)


def address(person: Person, source: dict[str, Any], *, signed: bool = False) -> dict[str, Any]:
    made = person.post(f"sources/{source['id']}/pushes", {"signed": signed})
    assert made.status == 201, made.body
    return dict(made.body)


def push(made: dict[str, Any], event: Any = MAIN, **headers: str) -> Answer:
    return call("POST", made["path"], json.dumps(event).encode(), **{**PUSH, **headers})


def looked_at(person: Person, source: dict[str, Any]) -> dict[str, Any]:
    return dict(person.get(f"sources/{source['id']}/pushes").body)


def builds(person: Person, source: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = person.get(f"sources/{source['id']}/builds").body["results"]
    return found


def test_a_push_starts_a_build_that_says_so(anna: Person, source: dict[str, Any], mongo: Any) -> None:
    assert looked_at(anna, source) == {"address": None, "calls": []}, "off by default"
    assert source["builds_on_push"] is False
    made = address(anna, source)
    assert anna.get("sources").body["results"][0]["builds_on_push"] is True
    answer = push(made)
    assert (answer.status, answer.body) == (202, {"outcome": "build", "reason": "build #1 was started"})
    [build] = builds(anna, source)
    assert (build["triggered_by"], build["created_by"], build["ref"]) == ("push", anna.user_id, "main")
    said = {"host": "github", "by": "ada", "ref": "refs/heads/main", "commit": COMMIT}
    assert (build["push"], build["commit"]) == (said, None), "the commit is what git says, at its turn"
    [one] = looked_at(anna, source)["calls"]
    assert (one["outcome"], one["build"], one["push"]) == ("build", {"id": build["id"], "number": 1}, said)
    rows = list(mongo.audit.find({"action": {"$in": ["push.make", "build.start"]}}).sort("at", 1))
    assert [(row["action"], row["actor"]) for row in rows] == [("push.make", anna.email), ("build.start", "a push")]


def test_only_the_digest_of_the_address_is_stored_and_a_new_one_ends_the_old_one(
    anna: Person, source: dict[str, Any], mongo: Any
) -> None:
    old = address(anna, source, signed=True)
    row = mongo.push_addresses.find_one({})
    assert old["path"].rpartition("/")[2] not in str(row)
    assert old["signing_key"].encode() not in bytes(row["signing_key"])
    assert not {"path", "signing_key"} & looked_at(anna, source)["address"].keys()
    new = address(anna, source)
    assert (push(old).status, push(new).status) == (404, 202)
    path = f"sources/{source['id']}/pushes"
    assert anna.patch(path, {"enabled": False}).body["enabled"] is False
    assert anna.get(f"sources/{source['id']}").body["builds_on_push"] is False
    assert push(new).status == 404
    assert anna.patch(path, {"enabled": True}).status == 200
    assert push(new).status == 202
    assert anna.delete(path).status == 204
    assert push(new).status == 404
    assert [anna.delete(path).status, anna.patch(path, {"enabled": True}).status] == [404, 404]
    assert looked_at(anna, source) == {"address": None, "calls": []}


def test_the_address_goes_with_its_source(anna: Person, source: dict[str, Any], mongo: Any) -> None:
    made = address(anna, source)
    push(made, {"ref": "refs/heads/other"})
    assert anna.delete(f"sources/{source['id']}").status == 204
    assert (push(made).status, mongo.push_addresses.count_documents({}), mongo.push_calls.count_documents({})) == (
        *(404, 0, 0),
    )


@pytest.mark.parametrize(
    ("event", "headers", "reason"),
    [
        ({"ref": "refs/heads/other", "after": COMMIT}, PUSH, "the source builds main, and the push was to other"),
        ({"ref": "refs/heads/main", "after": "0" * 40, "deleted": True}, PUSH, "main was deleted"),
        ({"zen": "Keep it simple"}, {"X-GitHub-Event": "ping"}, "the git host has tried the address"),
        ({"action": "opened"}, {"X-GitHub-Event": "issues"}, "this is not a push but issues"),
    ],
)
def test_what_is_no_push_to_its_branch_is_answered_with_the_reason(
    anna: Person, source: dict[str, Any], event: Any, headers: dict[str, str], reason: str
) -> None:
    made = address(anna, source)
    answers = [push(made, event, **headers) for _ in range(3)]
    assert [(one.status, one.body) for one in answers] == [(200, {"outcome": "ignored", "reason": reason})] * 3
    assert builds(anna, source) == []
    [one] = looked_at(anna, source)["calls"]
    assert (one["outcome"], one["reason"], one["count"], one["build"]) == ("ignored", reason, 3, None)


def test_of_many_pushes_one_build_waits_and_takes_the_newest(anna: Person, source: dict[str, Any], mongo: Any) -> None:
    made = address(anna, source)
    push(made)
    mongo.builds.update_one({"number": 1}, {"$set": {"state": "building"}})
    answers = [push(made, {**MAIN, "after": f"{number:040x}"}) for number in range(1, 6)]
    assert {one.status for one in answers} == {202}
    assert answers[-1].body["reason"] == "build #2 waits for its turn, and takes the newest commit"
    second, first = builds(anna, source)
    assert (second["state"], first["state"]) == ("queued", "building")
    assert second["push"]["commit"] == f"{5:040x}"


def test_pushes_at_once_start_one_build(anna: Person, source: dict[str, Any]) -> None:
    made = address(anna, source)
    with ThreadPoolExecutor(6) as pool:
        assert {one.status for one in pool.map(lambda _: push(made), range(6))} == {202}
    assert len(builds(anna, source)) == 1


def test_a_build_that_waits_is_not_taken_once_the_source_was_changed(anna: Person, source: dict[str, Any]) -> None:
    made = address(anna, source)
    push(made)
    anna.patch(f"sources/{source['id']}", {"root": "web"})
    assert push(made).body["reason"] == "build #2 was started"
    found = builds(anna, source)
    assert [(one["number"], one["state"]) for one in found] == [(2, "queued"), (1, "canceled")]
    assert [one["canceled_by"] for one in found] == ["", "a newer push"]


def test_a_delivery_that_comes_twice_builds_once(anna: Person, source: dict[str, Any], mongo: Any) -> None:
    made = address(anna, source)
    first = push(made, **{"X-GitHub-Delivery": "one"})
    mongo.builds.update_many({}, {"$set": {"state": "failed", "slot": None}})
    again = push(made, **{"X-GitHub-Delivery": "one"})
    assert (again.status, again.body) == (first.status, first.body)
    assert len(builds(anna, source)) == 1
    push(made, **{"X-GitHub-Delivery": "two"})
    assert len(builds(anna, source)) == 2


def test_a_signed_address_takes_the_signature_of_each_host_and_no_other_call(
    anna: Person, source: dict[str, Any]
) -> None:
    made = address(anna, source, signed=True)
    key, body = made["signing_key"], json.dumps(MAIN).encode()
    right = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    for headers in (
        {},
        {"X-Hub-Signature-256": right[:-1]},
        {"X-Hub-Signature-256": "é"},
        {"X-Hub-Signature": f"sha1={right}"},
        {"X-Gitea-Signature": right.upper()},
        {"X-Gitlab-Token": key[:-1]},
        {"X-Gitlab-Token": right},
    ):
        answer = push(made, **headers)
        assert (answer.status, answer.body["code"]) == (400, "push.signature"), headers
    changed = push(made, {**MAIN, "x": 1}, **{"X-Hub-Signature-256": f"sha256={right}"})
    assert changed.body["code"] == "push.signature"
    assert builds(anna, source) == []
    [one] = looked_at(anna, source)["calls"]
    assert (one["outcome"], one["count"], one["push"]["by"]) == ("refused", 8, ""), "what it says is not even read"
    for headers in (
        {"X-Hub-Signature-256": f"sha256={right}", "X-Hub-Signature": "sha1=00"},
        {"X-Gitea-Event": "push", "X-Gitea-Signature": right},
        {"X-Event-Key": "repo:push", "X-GitHub-Event": "", "X-Hub-Signature": f"sha256={right}"},
        {"X-Gitlab-Event": "Push Hook", "X-GitHub-Event": "", "X-Gitlab-Token": key},
    ):
        assert push(made, **headers).status in (200, 202), headers


def test_who_tries_addresses_is_slowed_down_and_one_that_is_called_too_often_waits(
    anna: Person, source: dict[str, Any], mongo: Any
) -> None:
    from builds.pushes.calls import CALLS_A_MINUTE

    tried = {call("POST", f"pushes/kop_{number}", b"", source="192.0.2.7").status for number in range(110)}
    assert tried == {404, 429}
    assert call("POST", f"pushes/{'k' * 3000}", b"").status == 404
    made = address(anna, source)
    statuses = [push(made).status for _ in range(CALLS_A_MINUTE + 2)]
    assert statuses == [202] * CALLS_A_MINUTE + [429] * 2
    newest = looked_at(anna, source)["calls"][0]
    assert (newest["outcome"], newest["count"]) == ("refused", 2)
    assert "more than 30 times a minute" in newest["reason"]
    refused = {row["outcome"] for row in mongo.audit.find({"action": "push.call"})}
    assert "push.not_found" in refused
    from builds.pushes.store import MINUTE
    from kubeorch.base.clock import now

    mongo.push_addresses.update_one({}, {"$set": {"minute_began": now() - MINUTE}})
    assert push(made).status == 202


def test_a_body_is_bounded_and_one_without_an_event_builds(anna: Person, source: dict[str, Any]) -> None:
    made = address(anna, source)
    large = call("POST", made["path"], b"x" * (1024 * 1024 + 1), content_type="text/plain")
    assert (large.status, large.body["code"]) == (400, "push.body")
    assert builds(anna, source) == []
    assert call("POST", made["path"], b"anything \xff at all", content_type="text/plain").status == 202
    assert len(builds(anna, source)) == 1


def test_an_event_that_comes_as_a_form_is_read_and_its_signature_is_of_the_form(
    anna: Person, source: dict[str, Any]
) -> None:
    made = address(anna, source, signed=True)
    body = urlencode({"payload": json.dumps(MAIN)}).encode()
    signature = hmac.new(made["signing_key"].encode(), body, hashlib.sha256).hexdigest()
    headers = {**PUSH, "X-Hub-Signature-256": f"sha256={signature}"}
    answer = call("POST", made["path"], body, content_type="application/x-www-form-urlencoded", **headers)
    assert (answer.status, builds(anna, source)[0]["push"]["commit"]) == (202, COMMIT)


def test_without_the_right_to_build_its_calls_are_refused(anna: Person, source: dict[str, Any], mongo: Any) -> None:
    made = address(anna, source)
    mongo.memberships.update_one({"user_id": ObjectId(anna.user_id)}, {"$set": {"role": "viewer"}})
    answer = push(made)
    assert (answer.status, answer.body["code"]) == (409, "push.held")
    assert "may no longer start builds here" in answer.body["detail"]
    assert "Anna" not in answer.body["detail"], "whoever calls learns of nobody here"
    bert = a_user("editor", anna.team_id, name="Bert")
    assert looked_at(bert, source)["calls"][0]["outcome"] == "refused"
    assert bert.patch(f"sources/{source['id']}/pushes", {"enabled": True}).body["made_by"]["name"] == "Bert"
    assert push(made).status == 202


def test_a_team_with_too_many_builds_is_told_and_so_is_the_host(
    anna: Person, source: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builds.running.actions.OPEN_MOST", 0)
    answer = push(address(anna, source))
    assert (answer.status, answer.body["code"]) == (409, "build.too_many")
    assert looked_at(anna, source)["calls"][0]["outcome"] == "refused"


def test_of_the_calls_the_newest_are_kept(anna: Person, source: dict[str, Any], mongo: Any) -> None:
    from builds.pushes.store import CALLS_MOST

    made = address(anna, source)
    for number in range(CALLS_MOST + 5):
        push(made, {"ref": f"refs/heads/b{number}", "after": COMMIT})
    calls = looked_at(anna, source)["calls"]
    assert (len(calls), calls[0]["push"]["ref"]) == (CALLS_MOST, f"refs/heads/b{CALLS_MOST + 4}")
    assert mongo.push_calls.count_documents({}) == CALLS_MOST


def test_the_team_and_its_roles_decide(anna: Person, source: dict[str, Any]) -> None:
    viewer, stranger = a_user("viewer", anna.team_id), a_user("admin")
    path = f"sources/{source['id']}/pushes"
    assert (viewer.get(path).status, viewer.post(path, {"signed": True}).status, viewer.delete(path).status) == (
        *(200, 403, 403),
    )
    assert (stranger.get(path).status, stranger.post(path, {}).status) == (404, 404)
