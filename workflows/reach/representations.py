"""Who reads a key, and restarts, as the API shows them."""

from __future__ import annotations

from typing import Any

from workflows.reach.readers import Reach
from workflows.reach.restarts import Restarted


def reach_json(reach: Reach) -> dict[str, Any]:
    return {
        "readers": [
            {
                "workflow": {"id": str(one.workflow_id), "name": reach.names.get(one.workflow_id, "")},
                "environment": str(one.environment_id),
                "node_id": one.reader.node_id,
                "ref": one.reader.ref.as_json(),
                "container": one.reader.container,
                "how": one.reader.way,
                "where": one.reader.where,
                "key": one.reader.key,
                "optional": one.reader.optional,
                "arrives": one.reader.arrival.value,
                "reason": one.reader.reason,
            }
            for one in reach.readings
        ],
        "left_out": reach.left_out,
    }


def restarted_json(one: Restarted) -> dict[str, Any]:
    error = one.error
    return {
        "ref": one.ref.as_json(),
        "restarted": error is None,
        "code": error.code if error else None,
        "detail": error.detail if error else None,
    }
