"""Bitbucket Cloud. Its lists are those of one workspace, so they are read one workspace after the other.

Source: Bitbucket Cloud REST API 2.0, "Repositories", "Source", "Workspaces", and its changelog (CHANGE-2770);
Atlassian, "Using API tokens".
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from builds.connections.client import ENOUGH_S, GitApi, Reply, moment_of
from builds.connections.errors import GitHostNothing, GitHostNotPermitted
from builds.connections.providers.protocol import (
    COMMITS,
    PAGE,
    PAGES_MOST,
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
    rows_of,
    text_of,
)
from builds.domain.browsing import ENTRIES_MOST, FILE_MOST_BYTES, Entry, EntryKind, File, Folder, entry, folder
from builds.domain.git_servers import Address
from builds.domain.repositories import is_commit
from kubeorch.base.query import BadQuery

_WORKSPACES = 100
_LOOKED_THROUGH = 5
"""Workspaces that one page looks into at most."""
_ENTRIES = 100
_CURSOR = re.compile(r"(\d{1,3})\.(\d{1,4})")


class Bitbucket:
    def url(self, address: Address) -> str:
        return "https://api.bitbucket.org/2.0"

    def headers(self, login: Login) -> Mapping[str, str]:
        """An API token goes with the account's e-mail, an access token of a repository or workspace alone."""
        if not login.username:
            return {"Authorization": f"Bearer {login.token}"}
        basic = b64encode(f"{login.username}:{login.token}".encode()).decode()
        return {"Authorization": f"Basic {basic}"}

    def git_user(self, login: Login) -> str:
        return "x-bitbucket-api-token-auth" if login.username else "x-token-auth"

    def check(self, api: GitApi) -> Holder:
        try:
            reply = api.get("/user")
        except GitHostNotPermitted:
            reply = api.get("/user/workspaces", {"pagelen": 1})  # not every token may see whose it is
        user = text_of(reply.object().get("nickname") or reply.object().get("display_name"), 100)
        return Holder(user, _scopes(reply))

    def repositories(self, api: GitApi, address: Address, q: str, cursor: str) -> Repositories:
        number, page = _place(cursor)
        workspaces = _workspaces(api)
        query: dict[str, str | int] = {"role": "member", "sort": "-updated_on", "pagelen": PAGE}
        if q:
            query["q"] = f"name ~ {_quoted(q)}"
        for _ in range(_LOOKED_THROUGH):
            if number >= len(workspaces):
                return Repositories((), None)
            reply = api.get(f"/repositories/{quote(workspaces[number], safe='')}", {**query, "page": page})
            rows = rows_of(_listed(address, one) for one in _values(reply))
            number, page = (number, page + 1) if reply.object().get("next") else (number + 1, 1)
            if rows or api.left_s() < ENOUGH_S:
                break
        is_more = number < len(workspaces) and page <= PAGES_MOST
        return Repositories(rows, f"{number}.{page}" if is_more else None)

    def commits(self, api: GitApi, name: str, ref: str) -> list[Commit]:
        path = f"/repositories/{quote(name)}/commits{f'/{quote(ref)}' if ref else ''}"
        rows = _values(api.get(path, {"pagelen": COMMITS}, what=f"repository {name}, or it has no {ref or 'commit'}"))
        found = [commit(one.get("hash"), one.get("message"), _author(one), moment_of(one.get("date"))) for one in rows]
        return [one for one in found if one is not None]

    def tree(self, api: GitApi, name: str, ref: str, path: str) -> Folder:
        what, found, page = folder_words(name, ref, path), list[Entry | None](), 1
        url = f"{_src(api, name, ref, what)}/{f'{quote(path)}/' if path else ''}"
        while True:
            query = {"pagelen": _ENTRIES, "page": page} if page > 1 else {"pagelen": _ENTRIES}
            reply = api.get(url, query, what=what)
            found += [_entry(one) for one in _values(reply)]
            page += 1
            is_last = not reply.object().get("next")
            if is_last or len(found) >= ENTRIES_MOST or api.left_s() < ENOUGH_S:
                return folder(found, is_cut=not is_last)

    def file(self, api: GitApi, name: str, ref: str, path: str) -> File:
        what = file_words(name, ref, path)
        url = f"{_src(api, name, ref, what)}/{quote(path)}"
        found = api.get(url, {"format": "meta"}, what=what).object()
        if found.get("type") != "commit_file":
            raise GitHostNothing(api.way.host, what)
        size = found.get("size")
        known = size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None
        if known is None or known > FILE_MOST_BYTES or "lfs" in _attributes(found):
            return File(known, None)
        content = api.content(url, what=what)
        return File(len(content), content if len(content) <= FILE_MOST_BYTES else None)


def _src(api: GitApi, name: str, ref: str, what: str) -> str:
    """The address of the files of a commit: a name with a slash is none there, so the commit is asked for first."""
    if not ref:
        main = api.get(f"/repositories/{quote(name)}", what=what).object().get("mainbranch")
        ref = text_of(main.get("name"), 300) if isinstance(main, dict) else ""
    if not is_commit(ref):
        rows = _values(api.get(f"/repositories/{quote(name)}/commits/{quote(ref)}", {"pagelen": 1}, what=what))
        ref = next((one["hash"] for one in rows if isinstance(one.get("hash"), str)), "")
        if not is_commit(ref):
            raise GitHostNothing(api.way.host, what)
    return f"/repositories/{quote(name)}/src/{ref}"


def _entry(row: Mapping[str, Any]) -> Entry | None:
    path, kinds = row.get("path"), _attributes(row)
    if not isinstance(path, str):
        return None
    kind: EntryKind = "submodule" if "subrepository" in kinds else "link" if "link" in kinds else "file"
    if row.get("type") == "commit_directory":
        kind = "folder"
    return entry(path.rstrip("/").rpartition("/")[2], kind, row.get("size"))


def _attributes(row: Mapping[str, Any]) -> list[Any]:
    found = row.get("attributes")
    return found if isinstance(found, list) else []


def _place(cursor: str) -> tuple[int, int]:
    """Which workspace, and which of its pages. Raises BadQuery."""
    if not cursor:
        return 0, 1
    found = _CURSOR.fullmatch(cursor)
    if found is None or not cursor.isascii() or int(found[2]) < 1:
        raise BadQuery("this cursor does not belong to this list; start again without one", field="cursor")
    return int(found[1]), int(found[2])


def _workspaces(api: GitApi) -> list[str]:
    rows = _values(api.get("/user/workspaces", {"pagelen": _WORKSPACES}))
    inner = (one["workspace"] if isinstance(one.get("workspace"), dict) else one for one in rows)
    return [slug for one in inner if (slug := text_of(one.get("slug"), 100))]


def _values(reply: Reply) -> list[dict[str, Any]]:
    found = reply.object().get("values")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _scopes(reply: Reply) -> tuple[str, ...] | None:
    told = reply.headers.get("x-oauth-scopes")
    if told is None:
        return None
    return tuple(one for part in told.split(",")[:SCOPES_MOST] if (one := text_of(part, 100)))


def _listed(address: Address, row: Mapping[str, Any]) -> Listed | None:
    main = row.get("mainbranch")
    return listed(
        address,
        name=row.get("full_name"),
        ssh_url=_ssh(row),
        default_branch=main.get("name") if isinstance(main, dict) else None,
        private=row.get("is_private"),
        description=row.get("description"),
        updated_at=moment_of(row.get("updated_on")),
    )


def _ssh(row: Mapping[str, Any]) -> Any:
    links = row.get("links")
    clones = links.get("clone") if isinstance(links, dict) else None
    rows = [one for one in clones if isinstance(one, dict)] if isinstance(clones, list) else []
    return next((one.get("href") for one in rows if one.get("name") == "ssh"), None)


def _author(row: Mapping[str, Any]) -> str:
    author = row.get("author")
    raw = author.get("raw") if isinstance(author, dict) else None
    return raw.partition("<")[0] if isinstance(raw, str) else ""


def _quoted(text: str) -> str:
    """A text of its query language."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
