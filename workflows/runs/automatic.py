"""The rollback that follows a failed run by itself, where its environment asks for that.

It is queued in the transaction that ends the failed run, in front of everything that waits; what it ends as is told in
the transaction that ends it. A rollback is never followed by another one.
"""

from __future__ import annotations

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.base.clock import now
from kubeorch.base.errors import KubeOrchError
from kubeorch.realtime import events
from workflows.domain.images import images_digest
from workflows.domain.run_options import DEADLINE_S, UNATTENDED, RunOptions
from workflows.environments import quarantine_store as quarantine
from workflows.environments import store as environment_store
from workflows.environments.inventory_store import turn_of
from workflows.environments.store import Environment, Quarantined
from workflows.releases import store as release_store
from workflows.runs import history_store, log_store, step_store
from workflows.runs import store as run_store
from workflows.runs.choosing import return_to
from workflows.runs.deletions import foreseen
from workflows.runs.queueing import Starter, new_run, queue_run
from workflows.runs.refusals import REFUSED_CODES
from workflows.runs.run import RolledBackBy, Run
from workflows.runs.states import RunState, Who

UNVERIFIED = frozenset({"run.unhealthy", "run.deadline"})
"""Why a run failed that applied everything. Where nobody watched, nothing is known against it."""
REASON_MOST = 500


def follow(failed: Run, session: ClientSession) -> Run:
    """Queue the rollback of a run that has just failed, where that is asked for and possible; the failed run then."""
    if failed["kind"] != "apply" or RunOptions.of(failed).only:
        return failed
    if RunOptions.of(failed).adopt:
        said = "not rolled back: the objects that it took over were there before, and stay as they are"
        log_store.add(failed["_id"], "warning", said, session=session)
        return failed
    environment = environment_store.find(failed["environment_id"], {}, session=session)
    if (
        not environment.get("auto_rollback")
        or environment.get("removing")
        or not _has_changed_something(failed, session)
    ):
        return failed
    target, why_not = _target(environment, failed, session)
    if target is None:
        log_store.add(failed["_id"], "warning", f"not rolled back: {why_not}", session=session)
        return failed
    try:
        rollback = _queue(environment, failed, target, session)
    except KubeOrchError as error:  # the run ends all the same
        log_store.add(failed["_id"], "error", f"not rolled back: {error.detail}", session=session)
        return failed
    quarantine.quarantine(environment, _quarantined(failed), session)
    _cancel_automatic(failed, session)
    log_store.add(
        failed["_id"], "info", f"run {rollback['number']} rolls back to run {target['number']}", session=session
    )
    return run_store.note_rollback(failed["_id"], _by(rollback), session) or failed


def conclude(rollback: Run, session: ClientSession) -> None:
    """Tell the failed run what became of its automatic rollback, which has just ended."""
    failed = rollback.get("rolled_back_from")
    if rollback.get("triggered_by") != "rollback" or failed is None:
        return
    name = f"run {rollback['number']}"
    if rollback["state"] == RunState.SUCCEEDED:
        values = {"rolled_back_by": _by(rollback)}
        after = run_store.move(failed["id"], RunState.ROLLED_BACK, Who.JUDGE, values, session=session)
        quarantine.note_rolled_back(rollback["environment_id"], failed["id"], session)
        said = f"{name} has rolled it back"
    else:
        failure = f"Its rollback, {name}, {_how(rollback)}"
        after = run_store.note_rollback(failed["id"], _by(rollback, failure), session)
        said = failure
    if after is None:
        return  # removed meanwhile, as an old run
    log_store.add(after["_id"], "warning", said, session=session)
    run_store.note_last_run(after, session)
    events.publish_many(run_store.run_events(after), session=session)


def _has_changed_something(failed: Run, session: ClientSession) -> bool:
    """Whether the run changed objects that did not prove well, or broke off when its first write may have gone out.
    What a cluster refuses is as it was."""
    error = failed["error"]
    if failed["applied_at"] is not None and (error is None or error["code"] not in UNVERIFIED):
        return False
    if failed["waves"] and failed["attempt"] > 1:
        return True  # a worker that was killed may have written more than it has recorded
    if failed["applied_at"] is not None:
        return any(failed["counts"].get(one) for one in ("changed", "deleted"))
    return step_store.may_have_written(failed["_id"], REFUSED_CODES, session)


def _target(environment: Environment, failed: Run, session: ClientSession) -> tuple[Run | None, str]:
    """(the newest run that succeeded before, "" or why it cannot be returned to)."""
    found = history_store.succeeded_in(environment, session, before=turn_of(failed))
    if not found:
        return None, "no earlier run succeeded here"
    target = found[0]
    heads = release_store.heads([target["_id"], failed["_id"]], session=session)
    if target["_id"] not in heads:
        return None, f"what run {target['number']} applied is not stored"
    if failed["_id"] in heads and heads[failed["_id"]]["digest"] == heads[target["_id"]]["digest"]:
        return None, f"run {target['number']}, the last that succeeded, applied just the same"
    return target, ""


def _queue(environment: Environment, failed: Run, target: Run, session: ClientSession) -> Run:
    turn = turn_of(failed) + 1
    choice = return_to(target, failed, session)
    options = RunOptions(deadline_s=max(DEADLINE_S, RunOptions.of(target).deadline_s))
    drawn = choice.drawn
    found = foreseen(environment, drawn.items if drawn else None, options, session, turn=turn, unproven=True)
    starter = Starter(failed["created_by"], failed["created_by_name"], "rollback")
    name, run_id = failed["workflow_name"], ObjectId()
    run = new_run(starter, name, environment, run_id, "rollback", choice, options, found)
    # What later runs added is deleted without a question: it is what the rollback is for, and just this list.
    run["options"]["confirm_deletions"] = len(found.deletions)
    return queue_run({**run, "turn": turn}, environment, session)


def _cancel_automatic(failed: Run, session: ClientSession) -> None:
    """Cancel the runs that wait and that nobody has started: they would bring back what is taken back."""
    for run in run_store.waiting_in(failed["environment_id"], session):
        if run.get("triggered_by") not in UNATTENDED:
            continue
        detail = f"run {failed['number']} failed and is rolled back; this run was started by nobody, so it gave way"
        values = {"finished_at": now(), "error": {"code": "run.gave_way", "detail": detail, "node_id": None}}
        canceled = run_store.move(run["_id"], RunState.CANCELED, Who.JUDGE, values, session=session)
        if canceled is not None:
            log_store.add(run["_id"], "warning", detail, session=session)
            run_store.note_last_run(canceled, session)
            events.publish_many(run_store.run_events(canceled), session=session)


def _quarantined(failed: Run) -> Quarantined:
    detail = failed["error"]["detail"] if failed["error"] else ""
    run = {"id": failed["_id"], "number": failed["number"]}
    one: Quarantined = {"version": failed["version"], "run": run, "reason": detail[:REASON_MOST], "at": now()}
    if "content" in failed:
        one["content"] = failed["content"]
    if "images" in failed:
        one["images"] = images_digest(failed["images"])
    return one


def _by(rollback: Run, failure: str = "") -> RolledBackBy:
    return {"id": rollback["_id"], "number": rollback["number"], "failure": failure}


def _how(rollback: Run) -> str:
    if rollback["state"] == RunState.FAILED and rollback["error"]:
        return f"failed too: {rollback['error']['detail']}"
    if rollback["state"] == RunState.SUPERSEDED:
        return "was not healthy either when the next run took over"
    return "was canceled, so what is there may be of both"
