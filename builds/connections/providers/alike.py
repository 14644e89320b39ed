"""What Gitea took over from GitHub: the shape of commits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from builds.connections.client import GitApi, moment_of
from builds.connections.providers.protocol import Commit, commit


def commits(api: GitApi, name: str, ref: str, query: Mapping[str, str | int]) -> list[Commit]:
    what = f"repository {name}, or it has no {ref or 'commit'}"
    rows = api.get(f"/repos/{quote(name)}/commits", {"sha": ref, **query}, what=what).rows()
    found = [_commit(one) for one in rows]
    return [one for one in found if one is not None]


def _commit(row: Mapping[str, Any]) -> Commit | None:
    inner = row.get("commit")
    inner = inner if isinstance(inner, dict) else {}
    author = inner.get("author")
    author = author if isinstance(author, dict) else {}
    return commit(row.get("sha"), inner.get("message"), author.get("name"), moment_of(author.get("date")))
