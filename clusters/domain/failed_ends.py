"""Objects that run to an end and ended badly: nothing runs them again but a new object.

Source: Kubernetes docs, "Jobs", section "Job termination and cleanup"; "Pod Lifecycle", section "Pod phase".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from clusters.domain.objects import Ref
from clusters.domain.observed import JobStatus, PodStatus, Status
from clusters.domain.reading import mapping, mappings, moment, text

RUNS_TO_AN_END = frozenset({("batch/v1", "Job"), ("v1", "Pod")})
"""Kinds of which a changed one is a new one, and so is one that is run again."""


def runs_to_an_end(ref: Ref) -> bool:
    return (ref.api_version, ref.kind) in RUNS_TO_AN_END


def has_failed(ref: Ref, live: Mapping[str, Any] | None) -> bool:
    """Whether the object ended badly; `live` is the whole object. False of kinds that go on."""
    if live is None or not runs_to_an_end(ref):
        return False
    status = mapping(live.get("status"))
    if ref.kind == "Pod":
        return status.get("phase") == "Failed"
    conditions = mappings(status.get("conditions"))
    return any((one.get("type"), one.get("status")) == ("Failed", "True") for one in conditions)


def failed_at(ref: Ref, live: Mapping[str, Any]) -> datetime | None:
    """When it failed, by the API server's clock; None where the object does not say."""
    status = mapping(live.get("status"))
    if ref.kind == "Pod":
        ends = [
            mapping(mapping(one.get("state")).get("terminated")) for one in mappings(status.get("containerStatuses"))
        ]
        times = [moment(text(one.get("finishedAt"))) for one in ends]
    else:
        rows = [one for one in mappings(status.get("conditions")) if one.get("type") == "Failed"]
        times = [moment(text(one.get("lastTransitionTime"))) for one in rows]
    return max((one for one in times if one is not None), default=None)


def shows_failed(status: Status) -> bool:
    """As `has_failed`, of what the watch has read of the object."""
    if isinstance(status, PodStatus):
        return status.phase == "Failed"
    return isinstance(status, JobStatus) and any(
        one.type == "Failed" and one.status == "True" for one in status.conditions
    )
