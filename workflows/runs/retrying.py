"""Whether an ended run may go on: what it is about must still be as it was, and who asks must be allowed all of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from pymongo.client_session import ClientSession

from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require
from kubeorch.base.errors import Conflict
from workflows.domain.run_options import RunOptions
from workflows.environments.inventory_store import turn_of
from workflows.environments.store import Environment
from workflows.runs import store as run_store
from workflows.runs.permission import require_destroy
from workflows.runs.run import Run
from workflows.runs.secret_store import Values
from workflows.runs.states import RETRYABLE
from workflows.store import Workflow


@dataclass(frozen=True, slots=True)
class GoingOn:
    """What a request to let a run go on brings."""

    secrets: Values = field(default_factory=dict)
    confirm_deletions: int = 0
    confirmation: str = ""


class NotRetryable(Conflict):
    """The run cannot go on: it did not fail, or something has changed since."""

    code = "run.not_retryable"


class EnvironmentMoved(NotRetryable):
    """The run is for the cluster and namespace that its environment had before."""

    def __init__(self, run: Run, environment: Environment) -> None:
        super().__init__(
            f"“{environment['name']}” has moved to another cluster or namespace since run {run['number']}; "
            "start a new run"
        )


def check_ended(run: Run, session: ClientSession | None = None) -> None:
    """Raise NotRetryable unless the run failed or was canceled, and is the last one of its environment."""
    if run["state"] not in RETRYABLE:
        raise NotRetryable(f"run {run['number']} is {run['state']}; only a failed or canceled run can go on")
    newest = run_store.newest(run["environment_id"], session)
    if newest is not None and turn_of(newest) > turn_of(run):
        raise NotRetryable(f"run {newest['number']} came after it; start a new run")


def check_place(run: Run, environment: Environment) -> None:
    """Raise EnvironmentMoved unless the environment is where the run was started for."""
    if (run["cluster_id"], run["namespace"]) != (environment["cluster_id"], environment["namespace"]):
        raise EnvironmentMoved(run, environment)


def check_removal(principal: Principal, run: Run, workflow: Workflow, environment: Environment) -> None:
    """A run that deletes everything goes on only for those who may do that, one that ends with a removal for those who
    may remove, and while the removal still stands.

    Raises Forbidden, or NotRetryable when somebody has gone on with what was to be removed.
    """
    if run["kind"] == "destroy":
        require_destroy(principal, run["team_id"])
    remove = RunOptions.of(run).remove
    if remove == "workflow":
        require(principal, "workflow.delete", run["team_id"])
    if remove == "workflow" and not (workflow["state"] == "archived" and workflow.get("removing")):
        raise NotRetryable(f"“{workflow['name']}” was unarchived since its deletion was asked for; delete it again")
    if remove == "environment" and not environment.get("removing"):
        raise NotRetryable(f"“{environment['name']}” was changed since its removal was asked for; remove it again")
