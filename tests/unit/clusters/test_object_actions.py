"""What an object takes as it is now."""

from __future__ import annotations

from typing import Any

import pytest

from clusters.domain.object_actions import SHELL, why_not

RUNS = {"name": "main", "state": {"running": {"startedAt": "2026-03-01T12:00:00Z"}}}
WAITS = {"name": "side", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ({"phase": "Running", "containerStatuses": [WAITS, RUNS]}, ""),
        ({"phase": "Succeeded"}, "the pod has ended"),
        ({"phase": "Failed", "containerStatuses": [RUNS]}, "the pod has ended"),
        ({"phase": "Running", "containerStatuses": [WAITS]}, "none of its containers runs"),
        ({"phase": "Pending"}, "none of its containers runs"),
        ({}, "none of its containers runs"),
        ({"containerStatuses": "odd"}, "none of its containers runs"),
    ],
)
def test_a_shell_needs_a_container_that_runs(status: dict[str, Any], said: str) -> None:
    reason = why_not(SHELL, {"metadata": {}, "status": status})
    assert (reason[: len(said)], bool(reason)) == (said, bool(said))


def test_a_pod_that_is_being_deleted_takes_no_new_shell() -> None:
    metadata = {"deletionTimestamp": "2026-03-01T12:00:00Z"}
    assert why_not(SHELL, {"metadata": metadata, "status": {"containerStatuses": [RUNS]}}) == "it is being deleted"
