"""Asking the server of a connection: its own interface where it has one, and git for what git tells."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from builds import store as host_store
from builds.connections import store
from builds.connections.access import access_by, check_place
from builds.connections.app_tokens import forget_login, keep_login, login_of
from builds.connections.client import GitApi, Way
from builds.connections.errors import GitHostCredential, NoListing, SignInNotTaken
from builds.connections.providers.protocol import Commit, Host, Repositories
from builds.connections.providers.table import HOSTS, LABELS
from builds.connections.store import GitConnection
from builds.domain.git_servers import GitProvider, address_of_url
from builds.domain.repositories import Repository
from builds.git.asking import Refs, refs_of
from kubeorch.base.errors import InvalidInput
from kubeorch.base.records import replace

T = TypeVar("T")
REFS_FRESH_S = 60.0
REFS_KEPT = 100
REFS_KEPT_NAMES = 2_000
"""Of a repository with more they are asked for each time."""


@dataclass(frozen=True, slots=True)
class _KeptRefs:
    refs: Refs
    at_s: float


_kept_refs: dict[Hashable, _KeptRefs] = {}
_lock = threading.Lock()


def host_of(row: GitConnection, what: str) -> Host:
    """What speaks the interface of its server. Raises NoListing where that has none."""
    host = HOSTS.get(GitProvider(row["provider"]))
    if host is None:
        raise NoListing(what)
    return host


def repositories(row: GitConnection, q: str, cursor: str) -> Repositories:
    """Raises NoListing and the errors of the server."""
    host, address = host_of(row, "repositories"), address_of_url(row["address"])
    return asked(row, host, lambda api: host.repositories(api, address, q, cursor))


def commits(row: GitConnection, repository: Repository, ref: str) -> list[Commit]:
    """Raises NoListing and the errors of the server."""
    host, address = host_of(row, "commits"), address_of_url(row["address"])
    return asked(row, host, lambda api: host.commits(api, address.name_of(repository), ref))


def host_for_files(row: GitConnection, repository: Repository) -> Host | None:
    """What tells of a repository's files by the interface of its server; None where git alone can."""
    host = HOSTS.get(GitProvider(row["provider"]))
    is_by_key = repository.scheme == "ssh" and not row["has_token"]
    return None if is_by_key else host


def refs(row: GitConnection, repository: Repository) -> Refs:
    """Branches and tags, at most a minute old. Raises the errors of git, and as `access_by`."""
    key = (row["_id"], row["rev"], repository.url)
    kept = _kept_refs.get(key)
    if kept is not None and time.monotonic() - kept.at_s < REFS_FRESH_S:
        return kept.refs
    found = ask_refs(row, repository)
    if len(found.branches) + len(found.tags) <= REFS_KEPT_NAMES:
        with _lock:
            _kept_refs.pop(key, None)
            while len(_kept_refs) >= REFS_KEPT:
                del _kept_refs[next(iter(_kept_refs))]
            _kept_refs[key] = _KeptRefs(found, time.monotonic())
    return found


def ask_refs(row: GitConnection, repository: Repository) -> Refs:
    """As `refs`, of the server itself. The key of an SSH server that is seen for the first time is kept."""
    access = access_by(row, repository)
    try:
        found = refs_of(repository, access, check=lambda: None)
    except InvalidInput as error:
        error.problems = tuple(replace(one, field="repository") for one in error.problems)
        raise
    if found.host_key and found.host_key != access.host_key:
        host_store.keep_key(row["team_id"], repository.host, repository.port, found.host_key)
    return found


def repository_named(row: GitConnection, text: str) -> Repository:
    """By `owner/name` or by its whole address. Raises RepositoryInvalid and ConnectionElsewhere."""
    repository = address_of_url(row["address"]).repository(text)
    check_place(row, repository, field="repository")
    return repository


def asked(row: GitConnection, host: Host, question: Callable[[GitApi], T]) -> T:
    """The answer. Where somebody has signed in, and the server takes the token no more, it is renewed and asked once
    more: so that an end of the sign-in is told as that. Raises as `opened`, and what the question raises."""
    try:
        with opened(row, host) as api:
            return question(api)
    except GitHostCredential as error:
        if not row.get("oauth"):
            raise
        refused = error
    row = store.of_team(row["_id"], row["team_id"])
    try:
        with opened(row, host) as api:
            return question(api)
    except GitHostCredential:
        raise SignInNotTaken(address_of_url(row["address"]).host) from refused


@contextmanager
def opened(row: GitConnection, host: Host, *, keeps: bool = True) -> Iterator[GitApi]:
    """What asks its server; answers are kept for the connection as it is now, unless told otherwise.

    Raises Unsealable, and what `login_of` raises.
    """
    with GitApi(_way_of(row, host, keeps=keeps)) as api:
        try:
            yield api
        except GitHostCredential:
            forget_login(row)
            raise
        keep_login(row)


def _way_of(row: GitConnection, host: Host, *, keeps: bool) -> Way:
    login = login_of(row, anew=not keeps)
    return Way(
        provider=LABELS[GitProvider(row["provider"])],
        url=host.url(address_of_url(row["address"])),
        authority=row["ca"],
        headers=host.headers(login) if login.token else {},
        secret=login.token,
        kept_for=(row["_id"], row["rev"]) if keeps else None,
        app=login.app,
        scopes=login.scopes,
    )
