"""A worker and its run: the claim, in the run's turn, and the plan that the worker stores."""

from __future__ import annotations

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.base.clock import now
from kubeorch.base.failpoint import hit
from kubeorch.jobs.queue import LeaseLost
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events
from workflows.domain.rendering.plan import Plan
from workflows.environments import standing_store
from workflows.runs import step_store
from workflows.runs import store as run_store
from workflows.runs.run import KEPT_NAMED, Run, fence_of
from workflows.runs.states import CLAIMABLE, RunState, StepState, Who
from workflows.runs.step_store import RunStep


class NotYetItsTurn(Exception):
    """A run of the environment that started earlier has not ended."""

    def __init__(self, run: Run) -> None:
        super().__init__(str(run["_id"]))
        self.run = run


def claim_run(run_id: ObjectId, epoch: int, job_fence: int) -> Run | None:
    """Hold the run under this job's fence; the run as it is then, or None when nothing is left to do for this job.

    One transaction: what people see of the run and of its environment changes with the claim, or not at all.
    Raises RunNotFound, NotYetItsTurn, or LeaseLost when a later worker has claimed the run.
    """

    def work(session: ClientSession) -> Run | None:
        run = run_store.find(run_id, {}, session=session)
        if run["state"] not in CLAIMABLE or run["epoch"] != epoch:
            return None
        first = run_store.first_open(run["environment_id"], session=session)
        if first is None or first["_id"] != run_id:
            raise NotYetItsTurn(run)
        fence = fence_of(epoch, job_fence)
        state = RunState.PLANNING if run["state"] == RunState.QUEUED else RunState(run["state"])
        claimed = run_store.move(
            run_id,
            state,
            Who.CLAIMER,
            {
                "started_at": run["started_at"] or now(),
                "fence": fence,
                "waits": False,
                "attempt": run["attempt"] + 1,
            },
            fence=fence,
            session=session,
        )
        if claimed is None:
            raise LeaseLost(str(run_id))
        hit("run.during_claim")
        standing_store.set_active_run(run["environment_id"], run_id, session)
        events.publish_many(run_store.run_events(claimed), session=session)
        return claimed

    return run_in_transaction(work)


def store_plan(run: Run, plan: Plan, session: ClientSession) -> tuple[Run, list[RunStep]]:
    """Store the plan's steps and move the run to `applying`; both as they are then. Raises LeaseLost."""
    outcomes = [(step.action, StepState.PENDING) for step in plan.steps]
    after = run_store.move(
        run["_id"],
        RunState.APPLYING,
        Who.HOLDER,
        {
            "waves": plan.waves,
            "counts": step_store.counted(outcomes),
            "kept": [
                {"ref": step.ref.as_json(), "node_id": step.node_id or None, "reason": step.reason}
                for step in plan.kept[:KEPT_NAMED]
            ],
        },
        fence=run["fence"],
        session=session,
    )
    if after is None:
        raise LeaseLost(str(run["_id"]))
    return after, step_store.store(run, plan.steps, session)
