"""Detections as the API and their live topic show them. Nothing here asks the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from builds.detecting.store import Detection
from kubeorch.base.clock import iso


def head_json(row: Detection) -> dict[str, Any]:
    """How it does, without what was found."""
    failure, progress = row["failure"], row["progress"]
    return {
        "id": str(row["_id"]),
        "team_id": str(row["team_id"]),
        "repository": row["repository"],
        "connection": str(row["connection_id"]) if row["connection_id"] else None,
        "ref": row["ref"],
        "root": row["root"],
        "state": row["state"],
        "commit": row["commit"],
        "message": row["message"],
        "found_at": row["found_at"],
        "progress": dict(progress) if progress else None,
        "failure": dict(failure) if failure else None,
        "created_by": str(row["created_by"]),
        "created_at": iso(row["created_at"]),
        "ended_at": iso(row["ended_at"]),
        "rev": row["rev"],
    }


def detection_json(row: Detection, found: Mapping[str, Any]) -> dict[str, Any]:
    """With what was found; nothing before it has succeeded."""
    return {
        **head_json(row),
        "proposals": [_proposal_json(one) for one in found.get("proposals", ())],
        "importable": found.get("importable", []),
        "warnings": found.get("warnings", []),
        "workflows": [str(one["workflow_id"]) for one in row.get("made", ())],
    }


def _proposal_json(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "declared"}
