"""GitHub, at github.com and as GitHub Enterprise Server.

Source: GitHub REST API 2022-11-28, "Repositories", "Commits", "GitHub App installations", "Troubleshooting" (headers
that tell of a token).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from builds.connections.client import ENOUGH_S, GitApi, Reply, moment_of
from builds.connections.errors import GitHostOther
from builds.connections.providers import alike
from builds.connections.providers.protocol import (
    COMMITS,
    SCOPES_MOST,
    Commit,
    Holder,
    Listed,
    Login,
    Repositories,
    listed,
    page_number,
    rows_of,
    text_of,
)
from builds.domain.browsing import File, Folder
from builds.domain.git_servers import Address

_PAGE = 100
_INSTALLED = "/installation/repositories"
_LOOKED_THROUGH = 5
"""Pages that one search reads at most: one's own repositories cannot be searched there."""


class GitHub:
    def url(self, address: Address) -> str:
        return "https://api.github.com" if address.host == "github.com" else f"{address.url}/api/v3"

    def headers(self, login: Login) -> Mapping[str, str]:
        return {
            "Authorization": f"Bearer {login.token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }

    def git_user(self, login: Login) -> str:
        return login.username or "x-access-token"

    def check(self, api: GitApi) -> Holder:
        if api.way.app:  # it is not a user; that it may list what it is installed on says that its token is right
            api.get(_INSTALLED, {"per_page": 1})
            return Holder(api.way.app, api.way.scopes)
        reply = api.get("/user")
        user = text_of(reply.object().get("login"), 100)
        if not user:
            raise GitHostOther(api.way.host, api.way.provider)
        return Holder(user, _scopes(reply), moment_of(reply.headers.get("github-authentication-token-expiration")))

    def repositories(self, api: GitApi, address: Address, q: str, cursor: str) -> Repositories:
        page = page_number(cursor)
        found: list[Listed | None] = []
        for _ in range(_LOOKED_THROUGH if q else 1):
            query: dict[str, str | int] = {"per_page": _PAGE, "page": page, "sort": "pushed"}
            rows = _installed(api, query) if api.way.app else api.get("/user/repos", query).rows()
            found += [_listed(address, one) for one in rows if q.lower() in text_of(one.get("full_name"), 300).lower()]
            page += 1
            if len(rows) < _PAGE:
                return Repositories(rows_of(found), None)
            if len(found) >= _PAGE or (found and api.left_s() < ENOUGH_S):
                break
        return Repositories(rows_of(found), str(page))

    def commits(self, api: GitApi, name: str, ref: str) -> list[Commit]:
        return alike.commits(api, name, ref, {"per_page": COMMITS})

    def tree(self, api: GitApi, name: str, ref: str, path: str) -> Folder:
        return alike.tree(api, name, ref, path)

    def file(self, api: GitApi, name: str, ref: str, path: str) -> File:
        return alike.file(api, name, ref, path)


def _installed(api: GitApi, query: Mapping[str, str | int]) -> list[dict[str, Any]]:
    """A page of the repositories that an App is installed on, which GitHub sorts by itself."""
    found = api.get(_INSTALLED, {key: query[key] for key in ("per_page", "page")}).object().get("repositories")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _scopes(reply: Reply) -> tuple[str, ...] | None:
    """None for a fine-grained token, which has none."""
    told = reply.headers.get("x-oauth-scopes")
    if told is None:
        return None
    return tuple(one for part in told.split(",")[:SCOPES_MOST] if (one := text_of(part, 100)))


def _listed(address: Address, row: Mapping[str, Any]) -> Listed | None:
    return listed(
        address,
        name=row.get("full_name"),
        ssh_url=row.get("ssh_url"),
        default_branch=row.get("default_branch"),
        private=row.get("private"),
        description=row.get("description"),
        updated_at=moment_of(row.get("pushed_at")),
    )
