"""What others changed, as the API serves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from clusters.domain.ownership.drift import Drifted
from kubeorch.base import clock
from workflows.drift import owning
from workflows.drift.looking import Answer, Looked
from workflows.drift.recording import json_text
from workflows.drift.store import Field
from workflows.environments.yield_store import Yield


def drift_row_json(row: Mapping[str, Any], stale_since: str | None) -> dict[str, Any]:
    """`row` is a DriftRow; `stale_since` that of its node's status, with which this is out of date."""
    return {
        "ref": row["ref"],
        "node_id": row["node_id"],
        "state": "unknown" if row["problem"] else "drifted",
        "reason": row["problem"],
        "since": clock.iso(row["since"]),
        "as_of": stale_since,
        "feud": row["feud"],
        "healing": _healing_json(row.get("healing")),
        "fields": [_stored_field_json(field) for field in row["fields"]],
    }


def answer_json(answer: Answer) -> dict[str, Any]:
    """What was asked of the cluster right now."""
    return {
        "version": answer.version,
        "results": [_looked_json(one) for one in answer.objects],
        "left_out": answer.left_out,
        "next": None,
    }


def history_row_json(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "ref": row["ref"],
        "node_id": row["node_id"],
        "path": row["path"],
        "manager": row["manager"],
        "name": row["name"],
        "at": row["at"] or None,
        "seen_at": clock.iso(row["seen_at"]),
    }


def owners_json(answer: owning.Answer) -> dict[str, Any]:
    return {
        "results": [_owned_json(one) for one in answer.fields],
        "left_out": answer.left_out,
        "complete": answer.complete,
    }


def _owned_json(one: owning.Owned) -> dict[str, Any]:
    run = one.run
    return {
        "ref": one.ref.as_json(),
        "node_id": one.node_id,
        "path": one.path,
        "manager": one.owner.manager,
        "operation": one.owner.operation,
        "subresource": one.owner.subresource,
        "at": one.owner.at or None,
        "known": {"sort": one.known.sort.value, "name": one.known.name},
        "run": {
            "id": str(run["_id"]),
            "number": run["number"],
            "version": run["version"],
            "by": {"id": str(run["created_by"]), "name": run["created_by_name"]},
        }
        if run
        else None,
    }


def yield_json(row: Yield) -> dict[str, Any]:
    return {
        "id": str(row["_id"]),
        "ref": row["ref"],
        "node_id": row["node_id"],
        "path": row["path"],
        "at": clock.iso(row["at"]),
        "by": {"id": str(row["by"]), "name": row["by_name"]},
    }


def _healing_json(healing: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {**healing, "at": clock.iso(healing["at"])} if healing else None


def _looked_json(one: Looked) -> dict[str, Any]:
    return {
        "ref": one.ref.as_json(),
        "node_id": one.node_id,
        "state": one.state,
        "reason": one.reason,
        "since": None,
        "as_of": None,
        "feud": None,
        "healing": None,
        "fields": [_field_json(row) for row in one.fields],
    }


def _field_json(row: Drifted) -> dict[str, Any]:
    return {
        "path": row.path,
        "applied": orjson.loads(json_text(row.ours)),
        "live": orjson.loads(json_text(row.live)),
        "manager": row.manager,
        "operation": row.operation,
        "at": row.at or None,
        "known": {"sort": row.known.sort.value, "name": row.known.name} if row.known else None,
    }


def _stored_field_json(field: Field) -> dict[str, Any]:
    return {
        "path": field["path"],
        "applied": orjson.loads(field["applied"]),
        "live": orjson.loads(field["live"]),
        "manager": field["manager"],
        "operation": field["operation"],
        "at": field["at"] or None,
        "known": {"sort": field["sort"], "name": field["name"]} if field["sort"] else None,
    }
