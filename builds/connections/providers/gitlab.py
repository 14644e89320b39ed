"""GitLab, at gitlab.com and elsewhere.

Source: GitLab REST API v4, "Projects", "Commits", "Repositories", "Repository files", "Personal
access tokens" (the token's own row).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from builds.connections.client import ENOUGH_S, GitApi, moment_of
from builds.connections.errors import GitHostNothing, GitHostOther
from builds.connections.providers.alike import encoded
from builds.connections.providers.protocol import (
    COMMITS,
    PAGE,
    SCOPES_MOST,
    Commit,
    Holder,
    Listed,
    Login,
    Repositories,
    commit,
    file_words,
    folder_words,
    listed,
    page_number,
    rows_of,
    text_of,
)
from builds.domain.browsing import ENTRIES_MOST, Entry, EntryKind, File, Folder, entry, folder
from builds.domain.git_servers import Address

_ENTRIES = 100
_KINDS: Mapping[str, EntryKind] = {"tree": "folder", "blob": "file", "commit": "submodule"}
_LINK = "120000"


class GitLab:
    def url(self, address: Address) -> str:
        return f"{address.url}/api/v4"

    def headers(self, login: Login) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {login.token}"}

    def git_user(self, login: Login) -> str:
        return login.username or "oauth2"

    def check(self, api: GitApi) -> Holder:
        user = text_of(api.get("/user").object().get("username"), 100)
        if not user:
            raise GitHostOther(api.way.host, api.way.provider)
        try:
            own = api.get("/personal_access_tokens/self").object()
        except GitHostNothing:
            return Holder(user)  # a token of OAuth has no such row
        told = own.get("scopes")
        scopes = tuple(text_of(one, 100) for one in told[:SCOPES_MOST]) if isinstance(told, list) else None
        return Holder(user, scopes, moment_of(own.get("expires_at")))

    def repositories(self, api: GitApi, address: Address, q: str, cursor: str) -> Repositories:
        page = page_number(cursor)
        query: dict[str, str | int] = {"page": page, "per_page": PAGE, "order_by": "last_activity_at"}
        query |= {"membership": "true", "archived": "false", "search": q, "search_namespaces": "true" if q else ""}
        rows = api.get("/projects", query).rows()
        return Repositories(
            rows_of(_listed(address, one) for one in rows), str(page + 1) if len(rows) == PAGE else None
        )

    def commits(self, api: GitApi, name: str, ref: str) -> list[Commit]:
        path = f"/projects/{quote(name, safe='')}/repository/commits"
        what = f"project {name}, or it has no {ref or 'commit'}"
        rows = api.get(path, {"ref_name": ref, "per_page": COMMITS}, what=what).rows()
        found = [
            commit(one.get("id"), one.get("title"), one.get("author_name"), moment_of(one.get("authored_date")))
            for one in rows
        ]
        return [one for one in found if one is not None]

    def tree(self, api: GitApi, name: str, ref: str, path: str) -> Folder:
        what, found, page = folder_words(name, ref, path), list[Entry | None](), 1
        url = f"/projects/{quote(name, safe='')}/repository/tree"
        while True:
            rows = api.get(url, {"path": path, "ref": ref, "per_page": _ENTRIES, "page": page}, what=what).rows()
            found += [_entry(one) for one in rows]
            page += 1
            is_last = len(rows) < _ENTRIES
            if is_last or len(found) >= ENTRIES_MOST or api.left_s() < ENOUGH_S:
                break
        if path and not found:  # git keeps no empty folders; some releases answer so where there is none
            raise GitHostNothing(api.way.host, what)
        return folder(found, is_cut=not is_last)

    def file(self, api: GitApi, name: str, ref: str, path: str) -> File:
        url = f"/projects/{quote(name, safe='')}/repository/files/{quote(path, safe='')}"
        found = api.get(url, {"ref": ref or "HEAD"}, what=file_words(name, ref, path)).object()
        return encoded(found.get("size"), found.get("encoding"), found.get("content"))


def _entry(row: Mapping[str, Any]) -> Entry | None:
    said = row.get("type")
    kind = _KINDS.get(said) if isinstance(said, str) else None
    return entry(row.get("name"), "link" if row.get("mode") == _LINK else kind) if kind else None


def _listed(address: Address, row: Mapping[str, Any]) -> Listed | None:
    return listed(
        address,
        name=row.get("path_with_namespace"),
        ssh_url=row.get("ssh_url_to_repo"),
        default_branch=row.get("default_branch"),
        private=row.get("visibility") != "public",
        description=row.get("description"),
        updated_at=moment_of(row.get("last_activity_at")),
    )
