"""The diagnosis of a workflow as JSON."""

from __future__ import annotations

from typing import Any

from clusters.diagnosing.representations import finding_json, told_json
from workflows.diagnosis.actions import WorkflowDiagnosis


def diagnosis_json(found: WorkflowDiagnosis) -> dict[str, Any]:
    return {
        **told_json(found.told),
        "environment": {"id": str(found.environment["_id"]), "name": found.environment["name"]},
        "findings": [
            {
                **finding_json(one.finding, found.told.logs),
                "node_id": one.node_id,
                "parameter": one.parameter,
                "changes": [change.as_json() for change in one.changes],
            }
            for one in found.placed
        ],
    }
