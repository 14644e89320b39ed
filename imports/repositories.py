"""A git repository as a source: fetched by a job, searched for what can be imported, and kept as the files of that."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from builds import store
from builds.connections.access import access_for
from builds.domain.host_keys import fingerprint, fingerprint_of
from builds.domain.repositories import Repository, ref_of, repository_of
from builds.git.fetching import Snapshot, fetched
from builds.git.workspace import Access
from imports.discovery import Found, discover
from imports.domain.sources import SourceFile
from imports.fetching import Asked, Fetched, Fetcher, Fetching
from imports.intake import FILE_MAX_BYTES, wrong_path
from imports.store import Proposal
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require
from kubeorch.base.errors import InvalidInput
from kubeorch.mongo.ids import as_object_id

FILES_SHOWN = 50
SEARCH_S = 45.0
"""For looking through one commit."""
KEPT_BYTES = 10_000_000
"""Of all files that the things that were found need, with their paths."""
KEPT_FILES = 4_000
ROW_BYTES = 150
"""What a file takes beside its content and path: size and digest."""
NAMED_MOST = 20


class NothingFound(InvalidInput):
    """There is nothing in the repository that can be imported."""

    code = "import.nothing_found"


@dataclass(frozen=True, slots=True)
class Wanted:
    repository: Repository
    ref: str
    path: str
    access: Access
    connection: str
    """Id of the git connection that opens it; "" for `access` alone."""


def _wanted(asked: Mapping[str, Any]) -> Wanted:
    """Raises InvalidInput with the field that is wrong."""
    repository = repository_of(asked["url"])
    given, connection = asked.get("credential") or {}, asked.get("connection") or ""
    if given and connection:
        raise InvalidInput("give a credential or a git connection, not both", field="source.connection")
    token, key = given.get("token", ""), given.get("private_key", "")
    if token and repository.scheme == "ssh":
        raise InvalidInput(
            "over SSH a repository is read with a private key, not a token", field="source.credential.token"
        )
    if key and repository.scheme != "ssh":
        cure = "a private key is for an SSH address; give a token, or the address as git@host:path"
        raise InvalidInput(cure, field="source.credential.private_key")
    path = (asked.get("path") or "").strip("/")
    if path and (why := wrong_path(path)):
        raise InvalidInput(why, field="source.path")
    ref = ref_of(asked["ref"]) if asked.get("ref") else ""
    expected = fingerprint(asked["host_key"]) if asked.get("host_key") else ""
    if expected and repository.scheme != "ssh":
        raise InvalidInput("only an SSH server has a key; leave it out", field="source.host_key")
    if repository.scheme == "ssh" and not key and not connection:
        raise InvalidInput(
            "over SSH a repository is read with a private key; give one", field="source.credential.private_key"
        )
    access = Access(given.get("username", ""), token, key, fingerprint=expected)
    return Wanted(repository, ref, path, access, connection)


def _check(_: Principal, asked: Mapping[str, Any]) -> Asked:
    wanted = _wanted(asked)
    facts = {"url": wanted.repository.url, "ref": wanted.ref, "path": wanted.path, "commit": None}
    return Asked(wanted.repository.name, facts)


def _fetch(fetching: Fetching) -> Fetched:
    wanted = _wanted(fetching.asked)
    host, port = wanted.repository.host, wanted.repository.port
    team_id = fetching.row["team_id"]
    known = store.known_key(team_id, host, port) if wanted.repository.scheme == "ssh" else None
    expected = wanted.access.fingerprint
    trusted = known if known is not None and expected in ("", fingerprint_of(known)) else ""
    fetching.say(f"asking {host}")
    with fetched(
        wanted.repository,
        wanted.ref,
        replace(_access(wanted, fetching), fingerprint=expected, host_key=trusted),
        check=fetching.check,
        said=lambda percent: fetching.say("fetching", done=percent, total=100),
    ) as snapshot:
        if snapshot.host_key and snapshot.host_key != known:
            store.keep_key(team_id, host, port, snapshot.host_key)
        fetching.say("looking for what can be imported")
        key = {"fingerprint": fingerprint_of(snapshot.host_key), "is_new": known is None} if snapshot.host_key else None
        found = _searched(wanted, snapshot, fetching)
        return replace(found, facts={**found.facts, "host_key": key})


def _access(wanted: Wanted, fetching: Fetching) -> Access:
    """Raises Forbidden, and as `access_for`, for a connection that may not be used, or not for this repository."""
    if not wanted.connection:
        return wanted.access
    team_id = fetching.row["team_id"]
    require(fetching.principal, "git.use", team_id)
    return access_for(team_id, as_object_id(wanted.connection, what="git connection"), wanted.repository)


def _searched(wanted: Wanted, snapshot: Snapshot, fetching: Fetching) -> Fetched:
    listing = snapshot.listing
    paths = [path for path in listing.files if not wrong_path(path)]
    if wanted.path and not any(path == wanted.path or path.startswith(f"{wanted.path}/") for path in paths):
        raise InvalidInput(f"the commit has nothing at {wanted.path}", code="git.path", field="source.path")

    until = time.monotonic() + SEARCH_S

    def check() -> None:
        fetching.check()
        if time.monotonic() > until:
            raise InvalidInput(
                "looking through the repository takes too long; give the path of a part of it",
                code="import.too_large",
                field="source.path",
            )

    def read(path: str) -> bytes | None:
        check()
        return snapshot.read(path, most=FILE_MAX_BYTES)

    found, kept = _kept(discover(paths, read, check, below=wanted.path), read)
    if not found:
        where = f" below {wanted.path}" if wanted.path else ""
        raise NothingFound(
            f"there are no Compose files, manifests or charts in the repository{where}", field="source.url"
        )
    facts = {
        **fetching.row["facts"],
        "commit": snapshot.commit,
        "subject": snapshot.subject,
        "found_at": snapshot.ref,
        "not_read": _not_read(snapshot),
    }
    return Fetched(kept, None, facts, found)


def _kept(everything: Sequence[Found], read: Any) -> tuple[list[Proposal], list[SourceFile]]:
    """What may be chosen, and the files of all of it, as far as there is room."""
    contents: dict[str, bytes] = {}
    rows: list[Proposal] = []
    room = KEPT_BYTES
    for one in everything:
        own = {path: content for path in one.files if (content := contents.get(path) or read(path)) is not None}
        new = {path: content for path, content in own.items() if path not in contents}
        size = sum(len(content) + 2 * len(path.encode()) + ROW_BYTES for path, content in new.items())
        why_not = one.why_not
        if not why_not and (size > room or len(contents) + len(new) > KEPT_FILES):
            why_not = "the repository has more to import than is kept at once; give its path"
        if not why_not:
            contents |= own
            room -= size
        rows.append(
            {
                "type": one.type,
                "path": one.path,
                "files": list((one.merged or one.files)[:FILES_SHOWN]),
                "taken": list(one.taken),
                "file_count": len(one.files),
                "bytes": sum(map(len, own.values())),
                "why_not": why_not,
                "part_of": one.part_of,
            }
        )
    return rows, [SourceFile(path, content) for path, content in sorted(contents.items())]


def _not_read(snapshot: Snapshot) -> list[str]:
    """What is in the commit and was left out, in words."""
    listing = snapshot.listing
    said = [
        *(f"{path} is a link, and links are not followed" for path in sorted(listing.links)),
        *(f"{path} is a submodule; import its repository by itself" for path in sorted(listing.submodules)),
    ]
    if listing.unreadable:
        said.append(f"{len(listing.unreadable):,} files have names that are not UTF-8, or no names of files")
    return [*said[:NAMED_MOST], f"and {len(said) - NAMED_MOST:,} more"] if len(said) > NAMED_MOST else said


GIT = Fetcher(_check, _fetch)
