"""What a run is: a document of `runs`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NotRequired, TypedDict

from bson import ObjectId

from kubeorch.base.errors import NotFound
from workflows.domain.run_options import RunKind, Trigger

FENCES_AN_EPOCH = 1_000_000
KEPT_NAMED = 50
"""How many kept objects a run names itself; its steps name all."""


class RunError(TypedDict):
    """Why a run failed: a stable code, a sentence, and the node where it was found."""

    code: str
    detail: str
    node_id: str | None


class OtherRun(TypedDict):
    """A run as another one names it."""

    id: ObjectId
    number: int
    version: int


class RolledBackBy(TypedDict):
    """The run that an automatic rollback is."""

    id: ObjectId
    number: int
    failure: str
    """How it ended, if it did not succeed; "" before that and otherwise."""


class Run(TypedDict):
    """A document of `runs`. Times are UTC with milliseconds."""

    _id: ObjectId
    number: int
    """Counts the runs of the workflow, from 1."""
    turn: NotRequired[int]
    """The order in which the runs of an environment are carried out; see `turn_of`."""
    workflow_id: ObjectId
    workflow_name: str
    environment_id: ObjectId
    environment_name: str
    """Both names as they were when the run started."""
    cluster_id: ObjectId
    namespace: str
    team_id: ObjectId
    kind: RunKind
    version: int
    """Number of the version that it applies; of a destroy run, the version whose objects it deletes."""
    triggered_by: NotRequired[Trigger]
    """Missing in runs that an earlier release started: a person."""
    trigger_name: NotRequired[str]
    """Of the schedule or webhook that started it, where it has one."""
    to_run: NotRequired[OtherRun]
    """Of a rollback: the run whose objects it applies again."""
    rolled_back_from: NotRequired[OtherRun | None]
    """Of a rollback: the run that was applied last when it was asked for; of an automatic one, the run that failed."""
    rolled_back_by: NotRequired[RolledBackBy]
    """Of a run that failed: the automatic rollback that followed."""
    release_of: NotRequired[ObjectId]
    """The run whose stored objects it applies; without it, it applies its version as that renders now."""
    confirmed_deletions: NotRequired[list[dict[str, str]]]
    """Refs of the objects that the run may delete: what was foreseen when a person confirmed it."""
    approval: NotRequired[dict[str, Any]]
    """Who approved its plan, and when: `{by, by_name, at}`."""
    plan: NotRequired[dict[str, Any]]
    """`{id, hash}` of the plan that it carries out."""
    content: NotRequired[str]
    """Digest of what it applies, as a workflow's own."""
    images: NotRequired[dict[str, dict[str, Any]]]
    """`BuiltImage.as_json` by the node that gives it: what was built of the sources that are drawn."""
    options: dict[str, Any]
    """RunOptions as a document."""
    idempotency_key: NotRequired[str]
    """Unique in the workflow."""
    given: NotRequired[str]
    """Of a run with a key: the keyed digest of the values of Secrets that came with the request (`given_digest`)."""
    state: str
    """See RunState."""
    waits: bool
    """Another run of the environment was in front of it when it started, and no worker has taken it yet."""
    created_at: datetime
    created_by: ObjectId
    created_by_name: str
    started_at: datetime | None
    """When a worker took it first; anew with each retry, as are the next three."""
    applied_at: datetime | None
    """When all its objects were applied."""
    deadline_at: datetime | None
    """When its objects must be healthy; known from `applied_at` on."""
    awaits: NotRequired[list[str]]
    """The nodes whose health it waited for last before it went on to apply the rest."""
    hopeless_since: NotRequired[datetime | None]
    """Since when one of them will not become healthy by itself."""
    gives_up_early: NotRequired[bool]
    """That is earlier than its options say, since one of them will not become healthy by itself."""
    finished_at: datetime | None
    cancel_requested_at: datetime | None
    """When a person asked the worker at the run to stop."""
    error: RunError | None
    counts: dict[str, int]
    """Its steps by outcome, as `step_store.counted` counts them."""
    kept: NotRequired[list[dict[str, Any]]]
    """What it leaves in the cluster although it is not drawn any more, `{ref, node_id, reason}`; KEPT_NAMED at most,
    `counts.kept` counts all. Foreseen until it is planned."""
    waves: int
    """How many its plan has; 0 before it is planned."""
    attempt: int
    """How often a worker took it."""
    epoch: int
    """How often it was retried."""
    fence: int
    """Of the worker that holds it; see `fence_of`."""
    rev: int
    """Grows with every change that is published."""


class RunNotFound(NotFound):
    """No such run in the caller's teams."""

    code = "run.not_found"

    def __init__(self) -> None:
        super().__init__("there is no such run")


def other_run(run: Run) -> OtherRun:
    """The run as another one names it."""
    return {"id": run["_id"], "number": run["number"], "version": run["version"]}


def fence_of(epoch: int, job_fence: int) -> int:
    """The fence of the worker that got the run's job of this epoch: higher than that of every worker before it."""
    return epoch * FENCES_AN_EPOCH + job_fence
