"""What the sandbox does in place of the autoscaling controller."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from clusters.sandbox.autoscaler import desired_replicas, status_of, target_path

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=1)


def an_autoscaler(status: dict[str, Any] | None = None, kind: str = "Deployment") -> dict[str, Any]:
    return {
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": "web"},
            "minReplicas": 2,
            "maxReplicas": 5,
        },
    } | ({"status": status} if status else {})


@pytest.mark.parametrize(("replicas", "wanted"), [(1, 2), (2, 2), (4, 4), (9, 5), (0, 0), (None, 0)])
def test_the_number_of_replicas_is_moved_into_the_bounds(replicas: int | None, wanted: int) -> None:
    assert desired_replicas(an_autoscaler()["spec"], replicas) == wanted


def test_without_a_minimum_it_is_one() -> None:
    assert desired_replicas({"maxReplicas": 3}, 1) == 1


@pytest.mark.parametrize(
    ("replicas", "expected"),
    [
        (None, {"AbleToScale": "False"}),
        (0, {"AbleToScale": "True", "ScalingActive": "False"}),
        (2, {"AbleToScale": "True", "ScalingActive": "True", "ScalingLimited": "False"}),
    ],
)
def test_the_status_says_what_is_true(replicas: int | None, expected: dict[str, str]) -> None:
    status = status_of(an_autoscaler(), replicas, replicas or 0, NOW)
    assert {each["type"]: each["status"] for each in status["conditions"]} == expected


def test_an_unchanged_status_is_not_written_again() -> None:
    first = status_of(an_autoscaler(), 2, 2, NOW)
    assert status_of(an_autoscaler(first), 2, 2, LATER) == first
    gone = status_of(an_autoscaler(first), None, 0, LATER)
    assert gone["conditions"][0]["lastTransitionTime"] == "2026-01-01T01:00:00Z"


def test_only_objects_with_a_scale_are_scaled() -> None:
    assert target_path(an_autoscaler()) == "/apis/apps/v1/namespaces/shop/deployments/web"
    assert target_path(an_autoscaler(kind="DaemonSet")) is None
