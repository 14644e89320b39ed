"""Engines in clusters for tests: their routes, and one as it is stored."""

from __future__ import annotations

import datetime as dt
from typing import Any

from bson import ObjectId

from tests.support.people import Answer

ENGINES = "build-engines/in-clusters"
TRIALS = f"{ENGINES}/tests"


def fields(refused: Answer) -> list[str]:
    return [one["field"] for one in refused.body["errors"]]


def a_row(team: ObjectId | None, cluster: str, name: str = "east") -> dict[str, Any]:
    """An engine as it is stored after its trial."""
    at = dt.datetime.now(dt.UTC)
    nature = {"version": "0.34.2", "platforms": ["linux/arm64/v8", "linux/amd64"], "executor": "oci"}
    return {
        "_id": ObjectId(),
        "team_id": team,
        "name": name,
        "slots": 2,
        "is_default": False,
        "nature": {**nature, "snapshotter": "overlayfs", "network": "host", "process_mode": "no-sandbox"},
        "state": "ok",
        "trouble": None,
        "checked_at": at,
        "created_at": at,
        "created_by": ObjectId(),
        "updated_at": at,
        "rev": 1,
        "cluster": {
            "cluster_id": ObjectId(cluster),
            "namespace": "kubeorch-builds",
            "mode": "rootless",
            "memory_mib": 4096,
            "disk_mib": 20_480,
        },
    }
