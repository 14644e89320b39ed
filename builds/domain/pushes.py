"""What programs say when somebody pushed: the events of git hosts, read as a hint and no more.

Only refs, commits and a name are read, each bounded and of the right type or else absent. Sources: GitHub Docs,
"Webhook events and payloads"; GitLab Docs, "Webhook events"; Gitea Docs, "Webhooks"; Atlassian, "Event payloads"
(Cloud) and "Event payload" (Data Center).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote_to_bytes

import orjson

from builds.domain.repositories import REF_MAX, is_commit
from kubeorch.base.names import shows_all

Host = Literal["github", "gitea", "gitlab", "bitbucket", "other"]
TEXT_MAX = 100
COMMIT_MAX = 64
EVENT_HEADERS: tuple[tuple[str, Host], ...] = (
    ("X-Forgejo-Event", "gitea"),
    ("X-Gitea-Event", "gitea"),  # it sends GitHub's headers as well
    ("X-Gogs-Event", "gitea"),
    ("X-GitHub-Event", "github"),
    ("X-Gitlab-Event", "gitlab"),
    ("X-Event-Key", "bitbucket"),
)
BARE: tuple[Host, str] = ("other", "push")
"""Of a call without the header of a host."""
PUSHES = frozenset({"push", "Push Hook", "Tag Push Hook", "repo:push", "repo:refs_changed"})
PINGS = frozenset({"ping", "diagnostics:ping"})
SIGNATURE_HEADERS = (
    *("X-Hub-Signature-256", "X-Hub-Signature"),
    *("X-Forgejo-Signature", "X-Gitea-Signature", "X-Gogs-Signature", "X-KubeOrch-Signature"),
)
"""With the HMAC-SHA256 of the body, in hex, some after `sha256=`."""
TOKEN_HEADER = "X-Gitlab-Token"  # noqa: S105  (the name of a header)
"""With the secret itself."""
DELIVERY_HEADERS = (
    *("Idempotency-Key", "X-GitHub-Delivery", "X-Forgejo-Delivery", "X-Gitea-Delivery", "X-Gogs-Delivery"),
    "X-Request-UUID",
)


@dataclass(frozen=True, slots=True)
class Change:
    ref: str
    """As `refs/heads/main`."""
    commit: str
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Push:
    """What a call says."""

    host: Host
    event: str
    changes: tuple[Change, ...] = ()
    by: str = ""
    default_branch: str = ""
    is_readable: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it is a reason to build, and if not, why."""

    builds: bool
    why: str = ""
    change: Change | None = None


def read_push(headers: Mapping[str, str], body: bytes) -> Push:
    """Headers by any case of their names."""
    found = next(((host, headers[name]) for name, host in EVENT_HEADERS if headers.get(name)), None)
    host, event = found or BARE
    event = _text(event)
    said = _parsed(body)
    if said is None or event not in PUSHES:
        return Push(host, event, is_readable=said is not None)
    read = _bitbucket if host == "bitbucket" else _one_ref
    changes = tuple(one for one in read(said) if one.ref)
    return Push(host, event, changes, _pusher(said), _default_branch(said))


def judge(push: Push, ref: str) -> Verdict:
    """Of a source that builds `ref`; "" is the branch that its server shows first."""
    if push.event in PINGS:
        return Verdict(False, "the git host has tried the address")
    if push.event not in PUSHES:
        return Verdict(False, f"this is not a push but {push.event}")
    if is_commit(ref):
        return Verdict(False, "the source builds one commit, which no push changes")
    if push.host == "other" and not push.changes:
        return Verdict(True)
    if not push.is_readable:
        return Verdict(False, "the event is neither JSON nor a form with a payload")
    if not push.changes:
        return Verdict(False, "the event names no branch and no tag")
    own = [change for change in push.changes if _is_of(change.ref, ref, push.default_branch)]
    if not own:
        there = f"{_short(push.changes[0].ref)}" + (" and others" if len(push.changes) > 1 else "")
        return Verdict(False, f"the source builds {ref or 'the default branch'}, and the push was to {there}")
    if (last := own[-1]).is_deleted:
        return Verdict(False, f"{_short(last.ref)} was deleted", last)
    return Verdict(True, change=last)


def signatures_in(headers: Mapping[str, str]) -> list[str]:
    """In hex, as they are said to be."""
    return [headers[name].removeprefix("sha256=") for name in SIGNATURE_HEADERS if headers.get(name)]


def delivery_in(headers: Mapping[str, str]) -> str:
    """What tells one delivery from another; "" where nothing does."""
    return next((headers[name] for name in DELIVERY_HEADERS if headers.get(name)), "")


def _parsed(body: bytes) -> Mapping[str, Any] | None:
    """Of JSON, or a form whose field `payload` is JSON; None for anything else."""
    if body.startswith(b"payload="):
        first = body.partition(b"&")[0]
        body = unquote_to_bytes(first.removeprefix(b"payload=").replace(b"+", b" "))
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return said if isinstance(said, dict) else None


def _one_ref(said: Mapping[str, Any]) -> Iterator[Change]:
    """GitHub, Gitea and GitLab tell of one ref in each event; a commit of zeros means that it is gone."""
    commit = _text(said.get("after"), COMMIT_MAX)
    is_deleted = said.get("deleted") is True or (commit != "" and not commit.strip("0"))
    yield Change(_text(said.get("ref"), REF_MAX), "" if is_deleted else commit, is_deleted)


def _bitbucket(said: Mapping[str, Any]) -> Iterator[Change]:
    changes = _map(said.get("push")).get("changes")  # of the Cloud
    for one in changes if isinstance(changes, list) else ():
        new, old = _map(_map(one).get("new")), _map(_map(one).get("old"))
        there = new or old
        folder = "refs/heads/" if there.get("type") in ("branch", "named_branch") else "refs/tags/"
        name = _text(there.get("name"), REF_MAX)
        commit = _text(_map(new.get("target")).get("hash"), COMMIT_MAX)
        yield Change(f"{folder}{name}" if name else "", commit, not new)
    changes = said.get("changes")  # of Data Center
    for one in changes if isinstance(changes, list) else ():
        change = _map(one)
        is_deleted = change.get("type") == "DELETE"
        commit = "" if is_deleted else _text(change.get("toHash"), COMMIT_MAX)
        yield Change(_text(_map(change.get("ref")).get("id"), REF_MAX), commit, is_deleted)


def _pusher(said: Mapping[str, Any]) -> str:
    """A name for people, from whoever says it."""
    sender, pusher, actor = (_map(said.get(name)) for name in ("sender", "pusher", "actor"))
    names = (
        *(sender.get("login"), pusher.get("login"), pusher.get("name"), said.get("user_username")),
        *(said.get("user_name"), actor.get("nickname"), actor.get("display_name"), actor.get("name")),
    )
    return next((text for name in names if (text := _text(name))), "")


def _default_branch(said: Mapping[str, Any]) -> str:
    place = _map(said.get("repository")) | _map(said.get("project"))
    return _text(place.get("default_branch"), REF_MAX)


def _is_of(pushed: str, ref: str, default_branch: str) -> bool:
    if ref.startswith("refs/"):
        return pushed == ref
    if ref or default_branch:
        own = ref or default_branch
        return pushed in (own, f"refs/heads/{own}") or (bool(ref) and pushed == f"refs/tags/{own}")
    return not pushed.startswith("refs/tags/")  # nobody says which branch is shown first


def _short(ref: str) -> str:
    return ref.removeprefix("refs/heads/").removeprefix("refs/tags/")


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any, most: int = TEXT_MAX) -> str:
    """One line; "" for one that is too long or hides something."""
    return value if isinstance(value, str) and len(value) <= most and shows_all(value) else ""
