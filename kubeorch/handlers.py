"""All jobs there are: type → handler."""

from __future__ import annotations

from collections.abc import Mapping

from kubeorch.jobs.worker import Handler
from workflows.runs import ending as run_ends
from workflows.runs import jobs as run_jobs

HANDLERS: Mapping[str, Handler] = {
    run_ends.RUN_JOB: Handler(run_jobs.execute, run_jobs.give_up),
    run_ends.DEADLINE_JOB: Handler(run_jobs.judge_deadline),
}
