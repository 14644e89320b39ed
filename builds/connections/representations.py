"""Git connections as the API shows them: never a token, and of keys the public half."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bson import ObjectId

from builds.connections.providers.protocol import Commit, Listed
from builds.connections.store import GitConnection
from builds.connections.testing import Report
from builds.domain.browsing import File, Folder
from builds.domain.expiry import near_of
from builds.domain.host_keys import fingerprint_of
from builds.store import GitHost
from kubeorch.accounts.store import names_of_people, principal_of_user
from kubeorch.base.clock import iso


def connection_json(
    row: GitConnection,
    teams: Mapping[ObjectId, str],
    *,
    host_keys: Sequence[GitHost],
    may_edit: bool,
    at: datetime,
) -> dict[str, Any]:
    expires_at = row["expires_at"]
    return {
        "id": str(row["_id"]),
        "team": {"id": str(row["team_id"]), "name": teams.get(row["team_id"], "")},
        "name": row["name"],
        "provider": row["provider"],
        "address": row["address"],
        "ca": row["ca"],
        "username": row["username"],
        "app": row.get("app"),
        "oauth": _oauth_json(row),
        "has_token": row["has_token"],
        "keys": [
            {
                "id": one["id"],
                "public": f"{one['public']} kubeorch-{row['name']}",
                "fingerprint": one["fingerprint"],
                "created_at": iso(one["created_at"]),
            }
            for one in row["keys"]
        ],
        "host_keys": [
            {"port": one["port"], "fingerprint": fingerprint_of(one["key"]), "seen_at": iso(one["seen_at"])}
            for one in host_keys
        ],
        "user": row["user"],
        "scopes": row["scopes"],
        "expires_at": iso(expires_at),
        "expiry_is_told": row["expiry_is_told"],
        **near_of(expires_at, at),
        "state": row["state"],
        "error": row["trouble"],
        "checked_at": iso(row["checked_at"]),
        "created_at": iso(row["created_at"]),
        "may_edit": may_edit,
        "rev": row["rev"],
    }


def _oauth_json(row: GitConnection) -> dict[str, Any] | None:
    oauth, state = row.get("oauth"), row.get("grant_state")
    if oauth is None:
        return None
    by = state.get("signed_in_by") if state else None
    person = principal_of_user(by) if by else None
    return {
        "client_id": oauth["client_id"],
        "signed_in_at": iso(state["signed_in_at"]) if state else None,
        "signed_in_by": names_of_people([by]).get(by, "") if by else "",
        # What they may read there is read on for the team: nothing ends it unasked, as builds would stop.
        "has_left": by is not None and (person is None or not person.may("git.use", row["team_id"])),
    }


def report_json(report: Report) -> dict[str, Any]:
    return {"ok": report.failure is None, "steps": [asdict(step) for step in report.steps]}


def repository_json(one: Listed) -> dict[str, Any]:
    return {**asdict(one), "updated_at": iso(one.updated_at)}


def commit_json(one: Commit) -> dict[str, Any]:
    return {**asdict(one), "at": iso(one.at)}


def folder_json(path: str, found: Folder) -> dict[str, Any]:
    return {"path": path, "entries": [asdict(one) for one in found.entries], "is_cut": found.is_cut}


def file_json(path: str, found: File) -> dict[str, Any]:
    return {"path": path, "size_bytes": found.size_bytes, "text": found.text, "is_here": found.content is not None}
