"""Push events of git hosts, as their documentation shows them: what is read of each, and when a source is built."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from builds.domain.pushes import Change, Push, delivery_in, judge, read_push, signatures_in

NEW = "da1560886d4f094c3e6c9ef40349f7d38b5d27d7"
GONE = "0" * 40
MAIN = Change("refs/heads/main", NEW)


def read(event: Any, **headers: str) -> Push:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    return read_push({name.replace("_", "-"): text for name, text in headers.items()}, body)


def one_ref(ref: str = "refs/heads/main", after: str = NEW, **more: Any) -> dict[str, Any]:
    return {"ref": ref, "before": GONE, "after": after, **more}


def github(**more: Any) -> Push:
    place = {"full_name": "shop/web", "default_branch": "main"}
    event = one_ref(created=False, deleted=False, repository=place, pusher={"name": "ada"}, sender={"login": "ada"})
    return read({**event, **more}, **{"X-GitHub-Event": "push"})


def bitbucket(*changes: dict[str, Any]) -> Push:
    event = {"push": {"changes": list(changes)}, "actor": {"nickname": "ada"}, "repository": {"full_name": "shop/web"}}
    return read(event, **{"X-Event-Key": "repo:push"})


def branch(name: str = "main") -> dict[str, Any]:
    return {"type": "branch", "name": name, "target": {"type": "commit", "hash": NEW}}


def data_center(**change: Any) -> Push:
    ref = {"id": "refs/heads/main", "displayId": "main", "type": "BRANCH"}
    one = {"ref": ref, "refId": ref["id"], "fromHash": GONE, "toHash": NEW, "type": "UPDATE", **change}
    event = {"eventKey": "repo:refs_changed", "actor": {"name": "ada"}, "changes": [one]}
    return read(event, **{"X-Event-Key": "repo:refs_changed"})


GITEA = {"X-Gitea-Event": "push", "X-GitHub-Event": "push", "X-Gogs-Event": "push"}


@pytest.mark.parametrize(
    ("push", "host"),
    [
        (github(), "github"),
        (read(one_ref(pusher={"login": "ada"}, repository={"default_branch": "main"}), **GITEA), "gitea"),
        (read(one_ref(sender={"login": "ada"}), **{"X-Forgejo-Event": "push", "X-Gitea-Event": "push"}), "gitea"),
        (
            read(
                one_ref(object_kind="push", checkout_sha=NEW, user_username="ada", project={"default_branch": "main"}),
                **{"X-Gitlab-Event": "Push Hook"},
            ),
            "gitlab",
        ),
        (bitbucket({"new": branch(), "old": branch(), "closed": False}), "bitbucket"),
        (data_center(), "bitbucket"),
        (read(one_ref(user_name="ada")), "other"),
    ],
)
def test_ref_commit_and_name_are_read_of_every_host(push: Push, host: str) -> None:
    assert (push.host, push.changes, push.by) == (host, (MAIN,), "ada")
    verdict = judge(push, "main")
    assert (verdict.builds, verdict.change) == (True, MAIN)


def test_a_form_holds_the_event_as_well() -> None:
    form = urlencode({"payload": json.dumps(one_ref())}).encode()
    assert read(form, **{"X-GitHub-Event": "push"}).changes == (MAIN,)


@pytest.mark.parametrize(
    "push",
    [
        github(after=GONE, deleted=True),
        read(one_ref(after=GONE), **GITEA),
        read(one_ref(after=GONE, checkout_sha=None), **{"X-Gitlab-Event": "Push Hook"}),
        bitbucket({"new": None, "old": branch(), "closed": True}),
        data_center(type="DELETE", toHash=GONE),
    ],
)
def test_a_branch_that_was_deleted_builds_nothing(push: Push) -> None:
    verdict = judge(push, "main")
    assert (verdict.builds, verdict.why) == (False, "main was deleted")


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"X-GitHub-Event": "ping"}, "the git host has tried the address"),
        ({"X-Event-Key": "diagnostics:ping"}, "the git host has tried the address"),
        ({"X-GitHub-Event": "issues"}, "this is not a push but issues"),
        ({"X-Gitea-Event": "delete", "X-GitHub-Event": "delete"}, "this is not a push but delete"),
        ({"X-Gitlab-Event": "Merge Request Hook"}, "this is not a push but Merge Request Hook"),
    ],
)
def test_other_events_build_nothing_and_say_why(headers: dict[str, str], why: str) -> None:
    verdict = judge(read(one_ref(), **headers), "main")
    assert (verdict.builds, verdict.why) == (False, why)


@pytest.mark.parametrize(
    ("ref", "pushed", "default", "builds"),
    [
        ("main", "refs/heads/main", "", True),
        ("main", "refs/heads/main2", "", False),
        ("main", "refs/heads/feature/main", "", False),
        ("v1", "refs/tags/v1", "", True),
        ("refs/heads/v1", "refs/tags/v1", "", False),
        ("refs/tags/v1", "refs/tags/v1", "", True),
        ("", "refs/heads/main", "main", True),
        ("", "refs/heads/other", "main", False),
        ("", "refs/tags/main", "main", False),
        ("", "refs/heads/other", "", True),
        ("", "refs/tags/v1", "", False),
        (NEW, "refs/heads/main", "main", False),
    ],
)
def test_only_pushes_to_the_ref_of_the_source_build_it(ref: str, pushed: str, default: str, builds: bool) -> None:
    push = Push("github", "push", (Change(pushed, NEW),), default_branch=default)
    verdict = judge(push, ref)
    assert verdict.builds is builds
    assert bool(verdict.why) is not builds


def test_of_several_refs_the_own_one_counts() -> None:
    push = bitbucket({"new": branch("a")}, {"new": branch()}, {"new": None, "old": {"type": "tag", "name": "v1"}})
    assert judge(push, "main").builds
    assert judge(push, "v1").why == "v1 was deleted"
    assert judge(push, "b").why == "the source builds b, and the push was to a and others"


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b"\xff", b"[]", b"3", b"payload=%7B", b'{"ref": {}}', b"[" * 200_000, b"payload=" + b"&a=1" * 100],
)
def test_a_bare_call_builds_and_an_event_that_cannot_be_read_does_not(body: bytes) -> None:
    assert judge(read(body), "main").builds
    verdict = judge(read(body, **{"X-GitHub-Event": "push"}), "main")
    assert (verdict.builds, verdict.why != "") == (False, True)


@pytest.mark.parametrize("text", ["x" * 101, "a\nb", "a\u202eb", "\x00", 7, None, ["ada"], {"login": "ada"}])
def test_what_is_too_long_or_hides_something_is_left_out(text: Any) -> None:
    push = github(sender={"login": text}, pusher={}, after=text)
    assert (push.by, push.changes) == ("", (Change("refs/heads/main", ""),))


@pytest.mark.parametrize("changes", [None, 3, {}, [None], [[]], [{"new": 3}], [{"new": {"name": 3}}]])
def test_events_of_other_shapes_are_read_as_nothing(changes: Any) -> None:
    for event, key in (({"push": {"changes": changes}}, "repo:push"), ({"changes": changes}, "repo:refs_changed")):
        assert read(event, **{"X-Event-Key": key}).changes == ()


def test_signatures_and_deliveries_are_found_where_each_host_puts_them() -> None:
    said = {"X-Hub-Signature-256": "sha256=ab", "X-Hub-Signature": "sha1=cd", "X-Gitea-Signature": "ef"}
    assert signatures_in(said) == ["ab", "sha1=cd", "ef"]
    assert signatures_in({"X-Hub-Signature": "sha256=ab"}) == ["ab"]
    assert signatures_in({}) == []
    assert delivery_in({"X-Gitea-Delivery": "1", "X-GitHub-Delivery": "1"}) == "1"
    assert delivery_in({}) == ""
