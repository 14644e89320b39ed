"""The deadline of a run from its start: by then everything is applied, or the run has failed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from kubeorch.base.clock import now
from workflows.domain.run_options import RunOptions
from workflows.runs import scheduling
from workflows.runs.ending import fail_run
from workflows.runs.run import Run
from workflows.runs.states import HELD, Who

APPLIED_WITHIN_S = 1800
"""How long a run may take until everything is applied; a longer deadline for health is one for this as well."""
GRACE_S = 60.0
"""How long the worker of an overdue run has to end it. Its requests in flight end within half of that."""
LOOK_AGAIN_S = 5.0


class RunOverdue(Exception):
    """The run has used up its time, and no further object may be touched."""


def must_be_applied_at(run: Run) -> datetime:
    """When a run that a worker has taken must have applied everything."""
    return (run["started_at"] or now()) + timedelta(seconds=_limit_s(run))


def end_overdue(run: Run, who: Who) -> Run | None:
    """Fail a run that did not apply everything in time; None when it is over that by now."""
    return fail_run(run, who, _error(run), fence=run["fence"])


def watch_applying(run: Run) -> float:
    """Seconds after which to look again at a run that has not applied everything yet; 0 when it is not such a run.

    An overdue run is asked to stop, and ended from here if nobody has done so after GRACE_S: its worker may hang, or
    be gone. That worker writes nothing more, since it asks about its job before each write, and was asked to stop.
    """
    if run["state"] not in HELD:
        return 0
    overdue_s = (now() - must_be_applied_at(run)).total_seconds()
    if overdue_s < 0:
        return -overdue_s
    is_new = scheduling.stop_run(run)
    if is_new or overdue_s < GRACE_S:  # an answer about the job holds for a moment: the end comes well after it
        return LOOK_AGAIN_S
    end_overdue(run, Who.CLOCK)
    return 0


def _limit_s(run: Run) -> int:
    return max(APPLIED_WITHIN_S, RunOptions.of(run).deadline_s)


def _error(run: Run) -> Mapping[str, Any]:
    minutes = _limit_s(run) // 60
    return {
        "code": "run.overdue",
        "detail": f"not everything was applied within {minutes} minutes; see which objects are left, and what the "
        "cluster says about them in the log, then try again",
        "node_id": None,
    }
