"""The end of a run: once, with everything that hangs on it in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.base.clock import now
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events
from workflows.environments import inventory_store, standing_store
from workflows.runs import automatic, log_store, scheduling, standing, step_store
from workflows.runs import secret_store as run_secrets
from workflows.runs import store as run_store
from workflows.runs.run import Run
from workflows.runs.states import RunState, Who
from workflows.runs.verdicts import Verdict, at_end, verdicts_of


def end_run(
    run: Run,
    state: RunState,
    who: Who,
    *,
    fence: int | None = None,
    error: Mapping[str, Any] | None = None,
    verdicts: Sequence[Verdict] | None = None,
    first: Callable[[Run, ClientSession], Run] = lambda run, session: run,
    then: Callable[[Run, ClientSession], object] | None = None,
) -> Run | None:
    """Give the run its last state; None when `who` may not, in the state it is in now. For a failure: `fail_run`.

    In the same transaction: the steps that are left are skipped, the health of what was applied is noted (`verdicts`
    of who judged the run, else as it is now), sealed values are deleted, who is rolled back by it is told, the
    environment is free and says how it stands, the next waiting run wakes, and `then(run, session)` does what else
    belongs to this end; `first(run, session)` what belongs to it before another run has its turn.
    """

    def work(session: ClientSession) -> Run | None:
        ended = run_store.move(
            run["_id"],
            state,
            who,
            {"finished_at": now(), "error": dict(error) if error else None},
            fence=fence,
            session=session,
        )
        if ended is None:
            return None
        if state is not RunState.SUCCEEDED:
            ended = _skip_unfinished_steps(ended, session)
        _note_health(ended, verdicts, session)
        run_secrets.forget(run["_id"], session)
        if error:
            level = "error" if state is RunState.FAILED else "warning"
            log_store.add(run["_id"], level, str(error["detail"]), session=session)
        elif state is RunState.CANCELED:
            log_store.add(run["_id"], "warning", "canceled", session=session)
        recorded = who is Who.HOLDER and ended["attempt"] == 1  # else an earlier worker may have done more
        if recorded:
            inventory_store.forget_unmade(ended, step_store.never_begun(ended["_id"], session), session)
        if state is not RunState.SUCCEEDED:
            unfinished = step_store.never_finished(ended["_id"], begun=recorded, session=session)
            inventory_store.note_unsure(ended, unfinished, session)
        standing.note(ended, session)
        ended = first(ended, session)
        automatic.conclude(ended, session)
        run_store.note_last_run(ended, session)
        _wake_next_run(run["environment_id"], session)
        scheduling.drop_deadline(run, session)
        events.publish_many(run_store.run_events(ended), session=session)
        if then is not None:
            then(ended, session)
        return ended

    return run_in_transaction(work)


def fail_run(
    run: Run,
    who: Who,
    error: Mapping[str, Any],
    *,
    fence: int | None = None,
    verdicts: Sequence[Verdict] | None = None,
) -> Run | None:
    """End a run that failed, and queue its rollback where the environment asks for that. As `end_run`."""
    return end_run(run, RunState.FAILED, who, fence=fence, error=error, verdicts=verdicts, first=automatic.follow)


def _skip_unfinished_steps(run: Run, session: ClientSession) -> Run:
    """Mark the steps that will not be carried out any more, and count anew."""
    skipped = step_store.skip_unfinished(run, now(), session)
    events.publish_many(step_store.step_events(run["_id"], skipped), session=session)
    return run_store.set_counts(run, step_store.counts_of(run["_id"], session), session) or run


def _note_health(run: Run, verdicts: Sequence[Verdict] | None, session: ClientSession) -> None:
    """Keep how each applied object is now: what fails a run is one of them, and the others need not be well."""
    known = verdicts_of(run) if verdicts is None else verdicts
    noted = step_store.note_health(run["_id"], ((one.step, one.health, at_end(one)) for one in known), session)
    events.publish_many(step_store.step_events(run["_id"], noted), session=session)


def _wake_next_run(environment_id: ObjectId, session: ClientSession) -> None:
    """Show and wake the run whose turn it is now."""
    following = run_store.first_open(environment_id, session=session)
    standing_store.set_active_run(environment_id, following["_id"] if following else None, session)
    if following is not None:
        scheduling.wake_run(following, session)
