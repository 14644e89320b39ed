"""A new run, stored behind those of its environment that have not ended, with the job that carries it out."""

from __future__ import annotations

from typing import NamedTuple

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.accounts.principal import Principal
from kubeorch.base.clock import now
from workflows.domain.images import images_json
from workflows.domain.run_options import RunKind, RunOptions, Trigger
from workflows.environments.store import Environment
from workflows.limits import OPEN_RUNS, check_room
from workflows.runs import scheduling, step_store
from workflows.runs import store as run_store
from workflows.runs.choosing import Choice
from workflows.runs.deletions import Foreseen
from workflows.runs.permission import require_approved
from workflows.runs.run import KEPT_NAMED, Run
from workflows.runs.states import RunState


class Starter(NamedTuple):
    """Who a run is of, and what made it start."""

    user_id: ObjectId
    name: str
    triggered_by: Trigger = "person"

    @classmethod
    def of(cls, principal: Principal, triggered_by: Trigger = "person") -> Starter:
        return cls(ObjectId(principal.user_id), principal.name or principal.email, triggered_by)


def new_run(
    starter: Starter,
    workflow_name: str,
    environment: Environment,
    run_id: ObjectId,
    kind: RunKind,
    choice: Choice,
    options: RunOptions,
    found: Foreseen,
) -> Run:
    """The run as it is queued; `queue_run` numbers and stores it."""
    run: Run = {
        "_id": run_id,
        "number": 0,
        "workflow_id": environment["workflow_id"],
        "workflow_name": workflow_name,
        "environment_id": environment["_id"],
        "environment_name": environment["name"],
        "cluster_id": environment["cluster_id"],
        "namespace": environment["namespace"],
        "team_id": environment["team_id"],
        "kind": kind,
        "version": choice.version,
        "options": options.as_document(),
        "state": RunState.QUEUED.value,
        "waits": False,
        "created_at": now(),
        "created_by": starter.user_id,
        "created_by_name": starter.name,
        "triggered_by": starter.triggered_by,
        "started_at": None,
        "applied_at": None,
        "finished_at": None,
        "deadline_at": None,
        "cancel_requested_at": None,
        "error": None,
        "counts": step_store.counted(()),
        "kept": found.kept_json[:KEPT_NAMED],
        "confirmed_deletions": [] if kind == "destroy" else found.refs_json,
        "waves": 0,
        "attempt": 0,
        "epoch": 0,
        "fence": 0,
        "rev": 1,
    }
    if choice.content:
        run["content"] = choice.content
    if choice.images:
        run["images"] = images_json(choice.images)
    if choice.release_of is not None:
        run["release_of"] = choice.release_of
    if choice.to_run is not None:
        run["to_run"], run["rolled_back_from"] = choice.to_run, choice.rolled_back_from
    return run


def queue_run(run: Run, environment: Environment, session: ClientSession, *, waits: bool | None = None) -> Run:
    """Store the run behind those of its environment that have not ended: every run comes through here.

    The environment was read in the same transaction; `waits` says whether it has other runs that have not ended, where
    that was asked in it, too. Raises EnvironmentProtected, or Conflict when the team has too many.
    """
    require_approved(environment, run)
    if run.get("triggered_by") != "rollback":
        check_room(OPEN_RUNS, run_store.count_open(run["team_id"], session))
    if "turn" not in run:  # else it is the next
        if waits is None:
            waits = run_store.first_open(run["environment_id"], session=session) is not None
        run["waits"] = waits
    stored = run_store.insert(run, session)
    scheduling.enqueue_run(stored, session)
    return stored
