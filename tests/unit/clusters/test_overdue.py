"""A CronJob whose controller has stopped says nothing of it: how old its last run may be, its schedule tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clusters.domain.health import Health, ObjectContext, health_of
from clusters.domain.projection import project

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def a_cron_job(schedule: str, last_run: timedelta | None, *, zone: str = "", **more: Any) -> Health:
    spec = {"schedule": schedule, **({"timeZone": zone} if zone else {}), **more.pop("spec", {})}
    ran = (NOW - last_run).isoformat() if last_run is not None else ""
    status = {"lastScheduleTime": ran, "lastSuccessfulTime": ran, **more.pop("status", {})}
    metadata = {"name": "nightly", "uid": "u1", "creationTimestamp": "2026-01-01T00:00:00Z", **more}
    seen = project("batch/v1", "CronJob", {"metadata": metadata, "spec": spec, "status": status})
    return health_of(seen, ObjectContext(now=NOW))


@pytest.mark.parametrize(
    ("schedule", "zone", "last_run", "state"),
    [
        ("* * * * *", "", timedelta(seconds=50), "healthy"),
        ("* * * * *", "", timedelta(minutes=6), "healthy"),
        ("* * * * *", "", timedelta(minutes=8), "degraded"),
        ("* * * * *", "", timedelta(days=330), "degraded"),
        ("0 * * * *", "", timedelta(minutes=90), "healthy"),
        ("0 * * * *", "", timedelta(hours=4), "degraded"),
        # The zone of the controller is not known
        ("0 3 * * *", "", timedelta(hours=33), "healthy"),
        ("0 3 * * *", "", timedelta(hours=57), "healthy"),
        ("0 3 * * *", "", timedelta(days=5), "degraded"),
        ("0 3 * * *", "Etc/UTC", timedelta(hours=33), "healthy"),
        ("0 3 * * *", "Etc/UTC", timedelta(hours=57), "degraded"),
        # 2026-11-26 is a Thursday: over a weekend nothing is due
        ("0 9 * * 1-5", "Etc/UTC", timedelta(hours=27), "healthy"),
        ("0 9 * * 1", "Etc/UTC", timedelta(days=10), "healthy"),
        ("0 9 * * 1", "Etc/UTC", timedelta(days=18), "degraded"),
        ("0 0 29 2 *", "", timedelta(days=900), "healthy"),
        ("0 * ? * *", "", timedelta(hours=4), "degraded"),
        # What cannot be told is not told
        ("@every 1h", "", timedelta(days=10), "healthy"),
        ("nonsense", "", timedelta(days=10), "healthy"),
        ("0 3 * * *", "Nowhere/Else", timedelta(days=10), "healthy"),
    ],
)
def test_a_cron_job_is_green_only_as_lately_as_its_schedule_asks(
    schedule: str, zone: str, last_run: timedelta, state: str
) -> None:
    health = a_cron_job(schedule, last_run, zone=zone)
    assert health.state == state, health
    assert ("missed" in health.reason) == (state == "degraded")


def test_what_never_ran_is_late_too_and_what_was_changed_lately_is_not() -> None:
    never = a_cron_job("0 * * * *", None)
    assert (never.state, "2026-01-01T00:00:00Z" in never.reason) == ("degraded", True)
    edit = {"manager": "kubectl", "fieldsV1": {"f:spec": {}}, "time": (NOW - timedelta(minutes=10)).isoformat()}
    status = {"manager": "kcm", "subresource": "status", "fieldsV1": {"f:spec": {}}, "time": NOW.isoformat()}
    assert a_cron_job("0 * * * *", timedelta(days=9), managedFields=[edit, status]).state == "healthy"
    assert a_cron_job("0 * * * *", timedelta(days=9), managedFields=[status]).state == "degraded"
    assert a_cron_job("* * * * *", timedelta(days=9), spec={"suspend": True}).state == "suspended"
    assert a_cron_job("* * * * *", timedelta(days=9), status={"active": [{"name": "one"}]}).state == "healthy"


@pytest.mark.parametrize("schedule", ["0 5 31 2 *", "0 0 30 feb ?"])
def test_a_day_that_no_year_has_is_waited_for_in_vain(schedule: str) -> None:
    health = a_cron_job(schedule, None)
    assert (health.state, schedule in health.reason) == ("degraded", True)
    assert a_cron_job("0 5 29 2 *", None).state == "present"


def test_it_is_looked_at_again_when_it_will_be_late() -> None:
    assert a_cron_job("* * * * *", timedelta(minutes=1)).recheck_s == pytest.approx(360)
    assert a_cron_job("0 * * * *", timedelta(minutes=30)).recheck_s == pytest.approx(65 * 60)
    assert a_cron_job("@every 1h", timedelta(days=1)).recheck_s is None
