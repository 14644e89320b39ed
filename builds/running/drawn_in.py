"""The way from a build to the workflows that draw its source, or have run its image."""

from __future__ import annotations

from typing import Any

from builds.running.store import Build
from kubeorch.base.clock import iso
from workflows.runs.built_store import Drawing, drawings_of, newest_that_took
from workflows.runs.run import Run
from workflows.store import names_of

WORKFLOWS_MOST = 50


def workflows_json(build: Build) -> list[dict[str, Any]]:
    """Those that draw it by name, then those that have run it and draw it no more; WORKFLOWS_MOST at most."""
    drawn = drawings_of(build["team_id"], build["source_name"], WORKFLOWS_MOST)
    taken = newest_that_took(build["team_id"], build["_id"], build["created_at"]) if build["digest"] else {}
    left = {workflow_id for workflow_id in taken if all(one.workflow_id != workflow_id for one in drawn)}
    names = names_of(left)
    gone = [Drawing(workflow_id, names[workflow_id], ()) for workflow_id in left if workflow_id in names]
    rows = [*drawn, *sorted(gone, key=lambda one: one.name)]
    return [_row(one, taken.get(one.workflow_id), build) for one in rows[:WORKFLOWS_MOST]]


def _row(one: Drawing, run: Run | None, build: Build) -> dict[str, Any]:
    pins = [pin.removeprefix("#") for _, pin in one.nodes if pin]
    return {
        "id": str(one.workflow_id),
        "name": one.name,
        "node": one.nodes[0][0] if one.nodes else None,
        "pinned": bool({str(build["number"]), build["digest"]} & set(pins)),
        "run": {
            "id": str(run["_id"]),
            "number": run["number"],
            "state": run["state"],
            "environment": run["environment_name"],
            "created_at": iso(run["created_at"]),
        }
        if run
        else None,
    }
