"""What others changed, as the API serves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from clusters.domain.objects import Ref
from clusters.domain.ownership.added import NOTHING_ADDED
from clusters.domain.ownership.drift import Drifted
from kubeorch.base import clock
from workflows.drift import owning
from workflows.drift.looking import Answer, Looked
from workflows.drift.store import DriftRow, Field
from workflows.drift.values import digest_of, json_text
from workflows.environments.yield_store import Yield


def drift_row_json(row: Mapping[str, Any], stale_since: str | None) -> dict[str, Any]:
    """`row` is a DriftRow; `stale_since` that of its node's status, with which this is out of date."""
    return {
        "ref": row["ref"],
        "node_id": row["node_id"],
        "state": "missing" if row.get("missing") else "unknown" if row["problem"] else "drifted",
        "reason": row["problem"],
        "since": clock.iso(row["since"]),
        "as_of": stale_since,
        "contested": row.get("contested"),
        "healing": _healing_json(row.get("healing")),
        "fields": [_stored_field_json(field) for field in row["fields"]],
        "added": row.get("added") or NOTHING_ADDED.as_json(),
    }


def answer_json(answer: Answer, stored: Mapping[Ref, DriftRow]) -> dict[str, Any]:
    """What was asked of the cluster right now, with what only the watch can say of it."""
    return {
        "version": answer.version,
        "results": [_looked_json(one, stored.get(one.ref)) for one in answer.objects],
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
        "yielded": [
            {**one.field.as_json(), "id": str(one.row["_id"]), "ref": one.row["ref"], "node_id": one.row["node_id"]}
            for one in answer.yielded
        ],
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
        "built": {"source": one.built.source, "number": one.built.number, "commit": one.built.commit}
        if one.built
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


def _looked_json(one: Looked, stored: DriftRow | None) -> dict[str, Any]:
    known = {field["path"]: field for field in stored["fields"]} if stored else {}
    differs = stored is not None and one.state in ("drifted", "missing")
    return {
        "ref": one.ref.as_json(),
        "node_id": one.node_id,
        "state": one.state,
        "reason": one.reason,
        "since": clock.iso(stored["since"]) if stored and differs else None,
        "as_of": None,
        "contested": stored.get("contested") if stored and differs else None,
        "healing": _healing_json(stored.get("healing")) if stored and differs else None,
        "fields": [_field_json(row, known.get(row.path)) for row in one.fields],
        "added": one.added.as_json(),
    }


def _field_json(row: Drifted, stored: Field | None) -> dict[str, Any]:
    is_known = stored is not None and (stored["digest"], stored["manager"]) == (digest_of(row.live), row.manager)
    return {
        "path": row.path,
        "applied": orjson.loads(json_text(row.ours)),
        "live": orjson.loads(json_text(row.live)),
        "manager": row.manager,
        "operation": row.operation,
        "at": (stored["at"] if stored is not None and is_known else row.at) or None,
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
