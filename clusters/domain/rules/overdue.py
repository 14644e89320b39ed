"""Whether a CronJob should have run since: a controller that has stopped writes nothing, so only its schedule tells."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from clusters.domain.observed import CronJobStatus
from clusters.domain.reading import moment
from kubeorch.base.errors import InvalidInput
from kubeorch.base.schedule import NeverComes, parse_schedule

LATE = timedelta(minutes=5)
"""How late a busy controller may be."""
ANY_ZONE = timedelta(hours=26)
"""Between the first and the last place on Earth where it is some hour of some day."""
SOONEST = timedelta(minutes=2) + LATE
"""Nothing that comes at most each minute has been missed twice before."""


def overdue(status: CronJobStatus, now: datetime | None) -> tuple[datetime | None, float | None]:
    """(since when it has missed two of its times in a row, seconds until it would have), each None where it has not, or
    where nobody can say.

    Counted from its last run, or from when it was made or changed later. Without a time zone it is that of
    kube-controller-manager, which is not known.

    Source: Kubernetes docs, "CronJob", sections "Schedule syntax" and "Time zones".
    """
    times = (moment(one) for one in (status.last_scheduled_at, status.edited_at))
    since = max((one for one in times if one is not None), default=None)
    if now is None or since is None:
        return None, None
    if now - since < SOONEST:
        return None, (since + SOONEST - now).total_seconds()
    missed = _second_after(status.schedule.replace("?", "*"), status.time_zone, since)
    if missed is None:
        return None, None
    left_s = (missed - now).total_seconds()
    return (since, None) if left_s <= 0 else (None, left_s)


@lru_cache(maxsize=1024)
def never_comes(schedule: str) -> bool:
    """Whether the schedule names a day that no year has: the API server takes it, and its controller can do nothing."""
    try:
        parse_schedule(schedule.replace("?", "*"), "UTC")
    except InvalidInput as error:
        return isinstance(error, NeverComes)
    return False


@lru_cache(maxsize=4096)
def _second_after(schedule: str, time_zone: str, since: datetime) -> datetime | None:
    """When two of its times have passed for sure; None for a schedule that cron does not know, as "@every 1h"."""
    try:
        found = parse_schedule(schedule, time_zone or "UTC")
    except InvalidInput:
        return None
    first = found.next_after(since)
    second = found.next_after(first) if first is not None else None
    slack = LATE if time_zone or found.any_hour else LATE + ANY_ZONE
    return second + slack if second is not None else None
