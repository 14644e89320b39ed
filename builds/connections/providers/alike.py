"""What Gitea took over from GitHub: the shapes of commits, folders and files."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from builds.connections.client import GitApi, moment_of
from builds.connections.errors import GitHostNothing
from builds.connections.providers.protocol import Commit, commit, file_words, folder_words
from builds.domain.browsing import ENTRIES_MOST, FILE_MOST_BYTES, Entry, EntryKind, File, Folder, entry, folder

_KINDS: Mapping[str, EntryKind] = {"dir": "folder", "file": "file", "symlink": "link", "submodule": "submodule"}


def commits(api: GitApi, name: str, ref: str, query: Mapping[str, str | int]) -> list[Commit]:
    what = f"repository {name}, or it has no {ref or 'commit'}"
    rows = api.get(f"/repos/{quote(name)}/commits", {"sha": ref, **query}, what=what).rows()
    found = [_commit(one) for one in rows]
    return [one for one in found if one is not None]


def tree(api: GitApi, name: str, ref: str, path: str) -> Folder:
    """Source: GitHub REST API, "Get repository content", which lists 1,000 of a folder; Gitea lists all."""
    what = folder_words(name, ref, path)
    reply = api.get(_contents(name, path), {"ref": ref}, what=what)
    if not isinstance(reply.value, list):
        raise GitHostNothing(api.way.host, what)
    rows = reply.rows()
    return folder((_entry(one) for one in rows), is_cut=len(rows) >= ENTRIES_MOST)


def file(api: GitApi, name: str, ref: str, path: str) -> File:
    what = file_words(name, ref, path)
    found = api.get(_contents(name, path), {"ref": ref}, what=what).object()
    if found.get("type") != "file" or found.get("submodule_git_url"):
        raise GitHostNothing(api.way.host, what)
    return encoded(found.get("size"), found.get("encoding"), found.get("content"))


def encoded(size: object, encoding: object, content: object) -> File:
    """A file as servers put it into JSON; without its content where it is too large, or the server leaves it out."""
    known = size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None
    if encoding != "base64" or not isinstance(content, str) or (known is not None and known > FILE_MOST_BYTES):
        return File(known, None)
    try:
        raw = b64decode(content)
    except (binascii.Error, ValueError):
        return File(known, None)
    return File(len(raw), raw if len(raw) <= FILE_MOST_BYTES else None)


def _contents(name: str, path: str) -> str:
    return f"/repos/{quote(name)}/contents{f'/{quote(path)}' if path else ''}"


def _entry(row: Mapping[str, Any]) -> Entry | None:
    # GitHub calls a submodule a file in lists, as it once did.
    said = "submodule" if row.get("submodule_git_url") else row.get("type")
    kind = _KINDS.get(said) if isinstance(said, str) else None
    return entry(row.get("name"), kind, row.get("size")) if kind else None


def _commit(row: Mapping[str, Any]) -> Commit | None:
    inner = row.get("commit")
    inner = inner if isinstance(inner, dict) else {}
    author = inner.get("author")
    author = author if isinstance(author, dict) else {}
    return commit(row.get("sha"), inner.get("message"), author.get("name"), moment_of(author.get("date")))
