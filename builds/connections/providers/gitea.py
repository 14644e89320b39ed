"""Gitea and Forgejo. Source: their API, version 1 (`/api/swagger`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from builds.connections.client import GitApi, moment_of
from builds.connections.errors import GitHostOther
from builds.connections.providers import alike
from builds.connections.providers.protocol import (
    COMMITS,
    PAGE,
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


class Gitea:
    def url(self, address: Address) -> str:
        return f"{address.url}/api/v1"

    def headers(self, login: Login) -> Mapping[str, str]:
        return {"Authorization": f"token {login.token}"}

    def git_user(self, login: Login) -> str:
        return login.username or "git"

    def check(self, api: GitApi) -> Holder:
        if not text_of(api.get("/version").object().get("version"), 100):
            raise GitHostOther(api.way.host, api.way.provider)
        user = text_of(api.get("/user").object().get("login"), 100) if api.way.headers else ""
        api.get("/repos/search", {"limit": 1})
        return Holder(user)

    def repositories(self, api: GitApi, address: Address, q: str, cursor: str) -> Repositories:
        page = page_number(cursor)
        query: dict[str, str | int] = {"q": q, "page": page, "limit": PAGE, "sort": "updated", "order": "desc"}
        if api.way.headers:
            query["uid"] = _user_id(api)
        reply = api.get("/repos/search", query)
        found = reply.object().get("data")
        rows = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
        # Its pages may be smaller than was asked for, so it is asked whether there is another one.
        more = rows and 'rel="next"' in reply.headers.get("link", "")
        return Repositories(rows_of(_listed(address, one) for one in rows), str(page + 1) if more else None)

    def commits(self, api: GitApi, name: str, ref: str) -> list[Commit]:
        return alike.commits(
            api, name, ref, {"limit": COMMITS, "stat": "false", "verification": "false", "files": "false"}
        )

    def tree(self, api: GitApi, name: str, ref: str, path: str) -> Folder:
        return alike.tree(api, name, ref, path)

    def file(self, api: GitApi, name: str, ref: str, path: str) -> File:
        return alike.file(api, name, ref, path)


def _user_id(api: GitApi) -> int:
    found = api.get("/user").object().get("id")
    if not isinstance(found, int):
        raise GitHostOther(api.way.host, api.way.provider)
    return found


def _listed(address: Address, row: Mapping[str, Any]) -> Listed | None:
    return listed(
        address,
        name=row.get("full_name"),
        ssh_url=row.get("ssh_url"),
        default_branch=row.get("default_branch"),
        private=row.get("private"),
        description=row.get("description"),
        updated_at=moment_of(row.get("updated_at")),
    )
