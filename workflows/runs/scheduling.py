"""The jobs of a run in the queue: made, woken, asked to stop."""

from __future__ import annotations

from datetime import datetime

from pymongo.client_session import ClientSession

from kubeorch.jobs import queue
from workflows.runs.run import Run

RUN_JOB = "workflows.run"
DEADLINE_JOB = "workflows.run_deadline"
RUN_ATTEMPTS = 12
"""How often a run's job is tried while its cluster or the database does not answer."""


def enqueue_run(run: Run, session: ClientSession) -> None:
    """Queue the job that carries out the run. Each try of a run has a job of its own, named by the run's epoch."""
    queue.enqueue(
        RUN_JOB,
        {"run_id": str(run["_id"]), "epoch": run["epoch"]},
        key=_key(run),
        max_attempts=RUN_ATTEMPTS,
        in_lanes=[f"cluster:{run['cluster_id']}", f"team:{run['team_id']}"],
        is_first=True,
        session=session,
    )


def wake_run(run: Run, session: ClientSession | None = None) -> None:
    """Have the waiting run carried out now. `run` needs `_id` and `epoch`."""
    queue.wake(RUN_JOB, _key(run), session=session)


def stop_run(run: Run) -> bool:
    """Ask the worker at the run to stop; returns whether nobody had asked before."""
    return queue.request_cancel(RUN_JOB, _key(run))


def enqueue_deadline(run: Run, session: ClientSession) -> None:
    """Queue the job that fails the run if it is not healthy at its deadline."""
    queue.enqueue(
        DEADLINE_JOB,
        {"run_id": str(run["_id"])},
        key=str(run["_id"]),
        run_at=run["deadline_at"],
        max_attempts=RUN_ATTEMPTS,
        session=session,
    )


def wake_deadline(run: Run) -> None:
    """Have the job look at the run's deadline now, which has moved."""
    queue.wake(DEADLINE_JOB, str(run["_id"]))


def enqueue_applying_deadline(run: Run, at: datetime) -> None:
    """Queue the job that ends the run if it has not applied everything by then. Again is as good."""
    queue.enqueue(
        DEADLINE_JOB, {"run_id": str(run["_id"])}, key=f"{_key(run)}.applying", run_at=at, max_attempts=RUN_ATTEMPTS
    )


def drop_applying_deadline(run: Run, session: ClientSession) -> None:
    queue.drop(DEADLINE_JOB, f"{_key(run)}.applying", session=session)


def drop_deadline(run: Run, session: ClientSession) -> None:
    """Drop both deadlines of the run."""
    queue.drop(DEADLINE_JOB, str(run["_id"]), session=session)
    drop_applying_deadline(run, session)


def _key(run: Run) -> str:
    return f"{run['_id']}.{run['epoch']}"
