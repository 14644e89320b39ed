"""What others changed, as the API serves it."""

from __future__ import annotations

from typing import Any

import orjson

from clusters.domain.ownership.drift import Drifted
from workflows.drift.looking import Answer, Looked

VALUE_BYTES = 2000
"""Of a shown value, as JSON; of a longer one its beginning is shown."""


def drift_json(answer: Answer) -> dict[str, Any]:
    return {
        "version": answer.version,
        "objects": [_looked_json(one) for one in answer.objects],
        "left_out": answer.left_out,
    }


def _looked_json(one: Looked) -> dict[str, Any]:
    return {
        "ref": one.ref.as_json(),
        "node_id": one.node_id,
        "state": one.state,
        "reason": one.reason,
        "fields": [_field_json(row) for row in one.fields],
    }


def _field_json(row: Drifted) -> dict[str, Any]:
    return {
        "path": row.path,
        "ours": _short(row.ours),
        "live": _short(row.live),
        "manager": row.manager,
        "by": row.by,
        "at": row.at or None,
    }


def _short(value: Any) -> Any:
    written = orjson.dumps(value)
    if len(written) <= VALUE_BYTES:
        return value
    start = value if isinstance(value, str) else written.decode()
    return f"{start[: VALUE_BYTES // 4]}… ({len(written)} bytes)"
