"""Sources and builds as the API and the live topics show them. Nothing here asks the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bson import ObjectId

from builds.domain.keeping import Made
from kubeorch.base.clock import iso

Names = Mapping[ObjectId, str]


def build_json(build: Mapping[str, Any], *, steps: Sequence[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """A build, with its steps where they are given."""
    reason, asked = build["reason"], build["cancel_asked"]
    shown = {
        "id": str(build["_id"]),
        "team_id": str(build["team_id"]),
        "source_id": str(build["source_id"]),
        "source_name": build["source_name"],
        "number": build["number"],
        "state": build["state"],
        "ref": build["ref"],
        "commit": build["commit"],
        "message": build["message"],
        "image": build["image"],
        "tags": build["tags"],
        "digest": build["digest"],
        "image_removed_at": iso(build.get("image_removed_at")),
        "image_removed_by": build.get("image_removed_by") or "",
        "bases": [base_json(one) for one in build.get("bases", ())],
        "platform": build["platform"],
        "engine": build["engine"],
        "no_cache": build["no_cache"],
        "answered_by": str(build["answered_by"]) if build["answered_by"] else None,
        "waiting": build["waiting"],
        "reason": dict(reason) if reason else None,
        "stages": [
            {"stage": one["stage"], "started_at": iso(one["started_at"]), "ended_at": iso(one["ended_at"])}
            for one in build["stages"]
        ],
        "error_seq": build["error_seq"],
        "log_lines": build["log_lines"],
        "attempt": build["attempt"],
        "cancel_asked": asked is not None,
        "canceled_by": asked.get("name", "") if asked else "",
        "triggered_by": build["triggered_by"],
        "push": dict(push) if (push := build.get("push")) else None,
        "created_by": str(build["created_by"]),
        "created_at": iso(build["created_at"]),
        "started_at": iso(build["started_at"]),
        "ended_at": iso(build["ended_at"]),
        "rev": build["rev"],
    }
    if steps is not None:
        shown["steps"] = [step_json(step) for step in steps]
    return shown


def base_json(base: Mapping[str, Any]) -> dict[str, Any]:
    return {**base, "created_at": iso(base["created_at"])}


def step_json(step: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "number": step["number"],
        "name": step["name"],
        "started_at": iso(step["started_at"]),
        "ended_at": iso(step["ended_at"]),
        "cached": step["is_cached"],
        "error": step["error"],
        "why": step.get("why", ""),
    }


def source_json(
    source: Mapping[str, Any],
    *,
    teams: Names,
    connections: Names,
    builds_on_push: bool = False,
    last_build: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A source; values of secret variables are never shown."""
    builder, connection_id = source["builder"], source["connection_id"]
    return {
        "id": str(source["_id"]),
        "team": {"id": str(source["team_id"]), "name": teams.get(source["team_id"], "")},
        "name": source["name"],
        "repository": source["repository"],
        "connection": {"id": str(connection_id), "name": connections.get(connection_id, "")} if connection_id else None,
        "ref": source["ref"],
        "root": source["root"],
        "builder": {
            "type": builder["type"],
            "dockerfile": builder["dockerfile"],
            "text": builder["text"],
            "target": builder["target"],
            "args": dict(builder["args"]),
            "platform": builder["platform"],
            "ignore": builder.get("ignore", ""),
            "provenance": builder.get("provenance", False),
            "sbom": builder.get("sbom", False),
            "submodules": builder.get("submodules", False),
            "lfs": builder.get("lfs", False),
            "deploy_key": builder.get("deploy_key", False),
        },
        "image": source["image"],
        "engine": source.get("engine", ""),
        "keep_images": source.get("keep_images", 0),
        "images_note": {**note, "at": iso(note["at"])} if (note := source.get("images_note")) else None,
        "variables": [
            {
                "key": one["key"],
                "usage": one["usage"],
                "secret": one["is_secret"],
                "value": None if one["is_secret"] else one["value"],
                "changed_at": iso(one["changed_at"]),
            }
            for one in source["variables"]
        ],
        "builds_on_push": builds_on_push,
        "last_build": None if last_build is None else build_json(last_build),
        "rev": source["rev"],
        "created_at": iso(source["created_at"]),
        "updated_at": iso(source["updated_at"]),
    }


def old_images_json(
    removed: Iterable[Made],
    *,
    kept: Iterable[tuple[Made, str]] = (),
    left: Iterable[tuple[Made, str]] = (),
    is_more: bool = False,
    deletes_nothing: bool = False,
) -> dict[str, Any]:
    return {
        "removed": [_made_json(one) for one in removed],
        "kept": [{**_made_json(one), "detail": why} for one, why in kept],
        "left": [{**_made_json(one), "detail": why} for one, why in left],
        "is_more": is_more,
        "deletes_nothing": deletes_nothing,
    }


def _made_json(one: Made) -> dict[str, Any]:
    return {"image": one.image, "digest": one.digest, "tags": list(one.tags), "builds": list(one.numbers)}


def line_json(seq: int, line: Mapping[str, Any]) -> dict[str, Any]:
    """One line of a log."""
    return {
        "seq": seq,
        "at": iso(line["at"]),
        "stage": line["stage"],
        "step": line["step"],
        "stream": line["stream"],
        "level": line["level"],
        "text": line["text"],
    }


def pause_json(pause: Mapping[str, Any]) -> dict[str, Any]:
    return {"at": iso(pause["at"]), "by": pause["name"], "reason": pause["reason"]}
