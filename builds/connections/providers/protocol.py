"""What every git server is asked, and what it answers, as checked values: nothing of an answer is believed unread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from builds.connections.client import GitApi
from builds.domain.browsing import File, Folder
from builds.domain.git_servers import Address
from builds.domain.repositories import Repository, is_commit, repository_of
from kubeorch.base.errors import InvalidInput
from kubeorch.base.query import BadQuery

PAGE = 50
COMMITS = 30
PAGES_MOST = 1_000
"""Beyond it nobody pages."""
NAME_MAX = 300
DESCRIPTION_MAX = 300
SUBJECT_MAX = 200
SCOPES_MOST = 50


@dataclass(frozen=True, slots=True)
class Login:
    """What a token is given with."""

    username: str = ""
    token: str = field(default="", repr=False)
    app: str = ""
    """Whose installation it is for, in words; "" for a token of a person, a group or a project."""
    scopes: tuple[str, ...] = ()
    """What the installation may."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose a token is, and what it may, as far as the server tells."""

    user: str
    scopes: tuple[str, ...] | None = None
    """None where it does not tell."""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A repository that the token may see."""

    name: str
    """`owner/name`."""
    url: str
    ssh_url: str
    """"" where the server tells none on its own host."""
    default_branch: str
    private: bool
    description: str
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Repositories:
    rows: tuple[Listed, ...]
    next: str | None
    """What the page after it is asked for with."""


@dataclass(frozen=True, slots=True)
class Commit:
    id: str
    subject: str
    author: str
    at: datetime | None


class Host(Protocol):
    """A kind of git server."""

    def url(self, address: Address) -> str:
        """Where its interface is, without a slash at the end."""
        ...

    def headers(self, login: Login) -> Mapping[str, str]:
        """That sign in to its interface."""
        ...

    def git_user(self, login: Login) -> str:
        """The user name that goes with the token to git itself."""
        ...

    def check(self, api: GitApi) -> Holder:
        """Whose the token is. Raises what `GitApi.get` does."""
        ...

    def repositories(self, api: GitApi, address: Address, q: str, cursor: str) -> Repositories:
        """A page of what the token may see, lately changed first."""
        ...

    def commits(self, api: GitApi, name: str, ref: str) -> list[Commit]:
        """The newest of a branch or tag, COMMITS at most; of the default branch for ""."""
        ...

    def tree(self, api: GitApi, name: str, ref: str, path: str) -> Folder:
        """What is in the folder at a path ("" for the top). Raises what `GitApi.get` does."""
        ...

    def file(self, api: GitApi, name: str, ref: str, path: str) -> File:
        """As `tree`, of a file."""
        ...


def folder_words(name: str, ref: str, path: str) -> str:
    """What is asked for, for somebody who is told that it is not there."""
    return f"{f'folder {path}' if path else 'files'} in {name}{f' at {ref}' if ref else ''}"


def file_words(name: str, ref: str, path: str) -> str:
    return f"file {path} in {name}{f' at {ref}' if ref else ''}"


def page_number(cursor: str) -> int:
    """Raises BadQuery for what is not a cursor of such a list."""
    if not cursor:
        return 1
    if not cursor.isascii() or not cursor.isdigit() or not 1 <= int(cursor[:6]) <= PAGES_MOST:
        raise BadQuery("this cursor does not belong to this list; start again without one", field="cursor")
    return int(cursor[:6])


def text_of(value: Any, most: int) -> str:
    """A text of an answer in one line; "" for anything else."""
    if not isinstance(value, str):
        return ""
    return "".join(one if one.isprintable() else " " for one in value[:most]).strip()


def listed(
    address: Address,
    *,
    name: Any,
    ssh_url: Any,
    default_branch: Any,
    private: Any,
    description: Any,
    updated_at: datetime | None,
) -> Listed | None:
    """One of a list; None for what is not a repository. Its address is made from ours, not the server's."""
    called = text_of(name, NAME_MAX)
    if not called:
        return None
    try:
        clone = repository_of(address.clone_url(called))
    except InvalidInput:
        return None
    return Listed(
        called,
        clone.url,
        _ssh_url(address, ssh_url),
        text_of(default_branch, NAME_MAX),
        private is True,
        text_of(description, DESCRIPTION_MAX),
        updated_at,
    )


def rows_of(found: Iterable[Listed | None]) -> tuple[Listed, ...]:
    return tuple(one for one in found if one is not None)


def commit(id_: Any, message: Any, author: Any, at: datetime | None) -> Commit | None:
    if not isinstance(id_, str) or not is_commit(id_):
        return None
    subject = message.partition("\n")[0] if isinstance(message, str) else ""
    return Commit(id_, text_of(subject, SUBJECT_MAX), text_of(author, NAME_MAX), at)


def _ssh_url(address: Address, value: Any) -> str:
    """Empty where it is for another host: a connection is for its own alone."""
    try:
        found: Repository = repository_of(text_of(value, 1000))
    except InvalidInput:
        return ""
    return found.url if found.scheme == "ssh" and address.holds(found) else ""
