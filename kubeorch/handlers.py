"""All jobs there are: type → handler."""

from __future__ import annotations

from collections.abc import Mapping

from kubeorch.jobs.worker import Handler
from workflows.plans import jobs as plan_jobs
from workflows.runs import jobs as run_jobs
from workflows.runs import retention, scheduling

HANDLERS: Mapping[str, Handler] = {
    scheduling.RUN_JOB: Handler(plan_jobs.execute, run_jobs.give_up),
    scheduling.DEADLINE_JOB: Handler(run_jobs.fail_overdue),
    retention.JOB: Handler(retention.forget_old_runs),
}
