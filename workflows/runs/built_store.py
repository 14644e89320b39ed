"""Which workflows draw a source, and which of their runs have taken the image of one build.

Indexes: `workflows.team_sources`, `runs.team_created`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from bson import ObjectId
from pymongo.collection import Collection

from kubeorch.mongo.client import db
from workflows.domain.images import built_rows
from workflows.runs.run import Run

WITHIN_MS = 5_000
RUNS_LOOKED_AT = 300
"""The newest of a team, since the build was made."""
_ROW = ("workflow_id", "number", "state", "environment_id", "environment_name", "created_at", "images")


@dataclass(frozen=True, slots=True)
class Drawing:
    workflow_id: ObjectId
    name: str
    nodes: tuple[tuple[str, str], ...]
    """Ids of the nodes that name the source, each with the build that it is pinned to; "" for the newest."""


def drawings_of(team_id: ObjectId, source: str, most: int) -> list[Drawing]:
    """The workflows of a team whose drawing names the source as it is now, by name."""
    query = {"team_id": team_id, "nodes.parameters.source": source}
    names = {
        "$filter": {"input": "$nodes", "as": "one", "cond": {"$eq": ["$$one.parameters.source", {"$literal": source}]}}
    }
    shown = {"$map": {"input": names, "as": "one", "in": {"id": "$$one.id", "pin": "$$one.parameters.pin"}}}
    found = db().workflows.find(query, {"name": 1, "nodes": shown}, max_time_ms=WITHIN_MS).limit(most)
    rows = [Drawing(row["_id"], row["name"], _nodes(row["nodes"])) for row in found]
    return sorted(rows, key=lambda one: one.name)


def newest_that_took(team_id: ObjectId, build_id: ObjectId, since: datetime) -> dict[ObjectId, Run]:
    """By workflow, the newest run that has taken the image of the build, among the last RUNS_LOOKED_AT."""
    query = {"team_id": team_id, "created_at": {"$gte": since}}
    found: dict[ObjectId, Run] = {}
    for run in _runs().find(query, dict.fromkeys(_ROW, 1)).sort("created_at", -1).limit(RUNS_LOOKED_AT):
        taken = {image["build_id"] for image in built_rows(run.get("images")).values()}
        if str(build_id) in taken:
            found.setdefault(run["workflow_id"], run)
    return found


def _nodes(nodes: list[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(node["id"]), str(node.get("pin") or "")) for node in nodes)


def _runs() -> Collection[Run]:
    return cast("Collection[Run]", db().runs)
