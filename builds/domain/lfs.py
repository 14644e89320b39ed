"""Git LFS: pointers, which stand in a commit in the place of large files, and what its server says of these.

Sources: git-lfs, `docs/spec.md` ("The Pointer"), `docs/api/batch.md`, `docs/api/server-discovery.md`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from builds.domain.repositories import Repository
from kubeorch.base.errors import InvalidInput

FIELD = "builder.lfs"
POINTER_MOST = 1024
"""Of one, in bytes."""
FILES_MOST = 2_000
"""Of one build."""
BATCH_MOST = 100
"""Objects that a server is asked about at once."""
HEADERS_MOST = 10
VALUE_MOST = 8_000
NOTHING = hashlib.sha256(b"").hexdigest()
MEDIA_TYPE = "application/vnd.git-lfs+json"
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\r?\n"
    rb"((?:ext-[^\n]{0,300}\n)*)"
    rb"oid sha256:([0-9a-f]{64})\r?\n"
    rb"size ([0-9]{1,15})\r?\n?"
)
_HEADER = re.compile(r"authorization|x-(?:amz|goog|ms)-[a-z0-9-]{1,60}")
"""That a server may have sent to where its files are, as stores of objects take them; others mean something to whatever
else may be there."""


class LfsRefused(InvalidInput):
    """Files that are kept in Git LFS cannot be had."""

    code = "git.lfs"

    def __init__(self, why: str) -> None:
        super().__init__(why, field=FIELD)


@dataclass(frozen=True, slots=True)
class Pointer:
    oid: str
    """SHA-256 of the file, which is its name."""
    size: int
    is_extended: bool = False
    """What is kept is not the file itself: a program of whoever keeps it has changed it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file is."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Door:
    """Where a repository's server of LFS is, and what lets in."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def pointer_of(content: bytes) -> Pointer | None:
    """None for a file that is none, and stands for itself."""
    found = _POINTER.fullmatch(content) if len(content) <= POINTER_MOST else None
    return Pointer(found[2].decode(), int(found[3]), bool(found[1])) if found else None


def check_pointers(pointers: Mapping[str, Pointer]) -> None:
    """Raises LfsRefused for those that no file can be had for."""
    sizes: dict[str, int] = {}
    for path, pointer in pointers.items():
        if pointer.is_extended:
            raise LfsRefused(f"{path} is kept in Git LFS with an extension, which is not run; keep it without one")
        if sizes.setdefault(pointer.oid, pointer.size) != pointer.size or (not pointer.size and pointer.oid != NOTHING):
            raise LfsRefused(f"the pointer {path} of Git LFS says a size that its file does not have; commit it again")


def url_beside(repository: Repository) -> str:
    """Where the server is that belongs to a repository which is read over HTTP."""
    url = repository.url.rstrip("/")
    return f"{url}/info/lfs" if url.endswith(".git") else f"{url}.git/info/lfs"


def door_told(content: bytes) -> Door:
    """What `git-lfs-authenticate` has answered over SSH. Raises LfsRefused."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise LfsRefused("the server does not say over SSH where its Git LFS is; give its https address") from None
    href = found.get("href") if isinstance(found, dict) else None
    if not isinstance(href, str) or not 0 < len(href) <= VALUE_MOST:
        raise LfsRefused("the server does not say over SSH where its Git LFS is; give its https address")
    return Door(href.rstrip("/"), headers_of(found.get("header")))


def question(wanted: Sequence[Pointer]) -> bytes:
    objects = [{"oid": one.oid, "size": one.size} for one in wanted]
    given = {"operation": "download", "transfers": ["basic"], "objects": objects, "hash_algo": "sha256"}
    return json.dumps(given).encode()


def places_told(content: bytes, wanted: Sequence[Pointer]) -> dict[str, Place]:
    """By oid, all of those that were asked for. Raises LfsRefused."""
    try:
        rows = json.loads(content)["objects"]
        told = {row["oid"]: row for row in rows}
    except (ValueError, RecursionError, LookupError, TypeError):
        raise LfsRefused("the server does not answer as one of Git LFS") from None
    return {one.oid: _place(told.get(one.oid), one.oid) for one in wanted}


def headers_of(told: object) -> dict[str, str]:
    """Those that go along. Raises LfsRefused for what is not a header."""
    if told is None:
        return {}
    if not isinstance(told, dict) or len(told) > HEADERS_MOST:
        raise LfsRefused("the server of Git LFS wants something sent that no header is")
    found = {}
    for name, value in told.items():
        if not _HEADER.fullmatch(name.lower()):
            continue
        if not isinstance(value, str) or len(value) > VALUE_MOST or not value.isascii() or not value.isprintable():
            raise LfsRefused("the server of Git LFS wants something sent that no header is")
        found["Authorization" if name.lower() == "authorization" else name] = value
    return found


def _place(row: Any, oid: str) -> Place:
    error = row.get("error") if isinstance(row, dict) else None
    if isinstance(error, dict):
        code = error.get("code")  # its message is not repeated: it may repeat what we came in with
        known = code if isinstance(code, int) and 0 < code < 1000 else "unknown"
        raise LfsRefused(f"the server of Git LFS does not give the object {oid[:12]} (its error is {known})")
    try:
        action = row["actions"]["download"]
        href = action["href"]
    except (LookupError, TypeError):
        raise LfsRefused(
            f"the server of Git LFS does not have the object {oid[:12]}; push it with git lfs push"
        ) from None
    if not isinstance(href, str) or not isinstance(action, dict):
        raise LfsRefused("the server does not answer as one of Git LFS")
    return Place(href, headers_of(action.get("header")))
