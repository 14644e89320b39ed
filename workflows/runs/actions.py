"""Runs: started, canceled, tried again. Each action is one transaction, told in the same commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, InvalidInput
from kubeorch.jobs import queue
from kubeorch.mongo.client import Document, db
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events
from workflows import store
from workflows.catalog import catalog
from workflows.domain.graphs.check import check
from workflows.domain.graphs.graph import Graph
from workflows.domain.rendering.digest import content_hash
from workflows.environments import secrets as secrets_store
from workflows.environments import store as environment_store
from workflows.graphs.actions import graph_of
from workflows.runs import secrets as run_secrets
from workflows.runs import store as run_store
from workflows.runs.ending import RUN_ATTEMPTS, RUN_JOB, end_run
from workflows.runs.outcome import settle_from_health
from workflows.runs.secrets import Values
from workflows.runs.store import DEFAULT_DEADLINE_S, EnvironmentTaken, run_events
from workflows.versions import store as version_store
from workflows.versions.actions import freeze_version

DEADLINE_S = DEFAULT_DEADLINE_S
DEADLINE_MAX_S = 7200
KEY_MAX = 200

Kind = Literal["apply", "destroy"]

__all__ = ["cancel_run", "retry_run", "settle_from_health", "start_run"]


class GraphInvalid(InvalidInput):
    """The graph has problems that keep it from running; all are told."""

    code = "run.graph_invalid"

    def __init__(self, problems: Sequence[Any]) -> None:
        count = len(problems)
        more = f" (and {count - 1} more)" if count > 1 else ""
        super().__init__(f"the graph cannot run yet: {problems[0].detail}{more}", problems=problems)


class KeyReused(Conflict):
    """An idempotency key stands for one request only."""

    code = "run.key_reused"

    def __init__(self, other: str) -> None:
        super().__init__(f"this idempotency key was used for a run with another {other}; choose a new key")


class NotRetryable(Conflict):
    code = "run.not_retryable"


def start_run(
    principal: Principal,
    workflow_id: ObjectId,
    environment_id: ObjectId,
    *,
    kind: Kind = "apply",
    idempotency_key: str | None = None,
    secrets: Values | None = None,
    keep_secrets: bool = False,
    when_busy: Literal["wait", "refuse"] = "wait",
    delete_volumes: bool = False,
    take_over: bool = False,
    deadline_s: int = DEADLINE_S,
    remove_workflow: bool = False,
    remove_environment: bool = False,
) -> Document:
    """Freeze the current graph and queue one run of it; the same key gives the same run.

    With `take_over`, fields of our objects that others manage become ours; else they fail the run. A second run of an
    environment waits for the first, or is refused by `when_busy`. Raises NotFound, Forbidden, WorkflowArchived,
    GraphInvalid, SecretsMissing, SecretsWrong, EnvironmentTaken or KeyReused.
    """
    workflow = store.find(workflow_id, team_filter(principal))
    require(principal, "run.start", workflow["team_id"])
    environment = environment_store.find(environment_id, team_filter(principal))
    if environment["workflow_id"] != workflow_id:
        raise environment_store.EnvironmentNotFound
    given: Values = secrets or {}
    options = {
        "delete_volumes": delete_volumes,
        "take_over": take_over,
        "remove_workflow": remove_workflow,
        "remove_environment": remove_environment,
        "deadline_s": deadline_s,
    }

    pinned = {"environment": environment_id, "kind": kind, **options}

    def work(session: ClientSession) -> Document:
        if same := _same_key(workflow_id, idempotency_key, pinned, session):
            return same
        # Writing to the environment makes two starts of it follow one another.
        here = db().environments.find_one_and_update({"_id": environment_id}, {"$inc": {"starts": 1}}, session=session)
        if here is None:
            raise environment_store.EnvironmentNotFound
        waiting = run_store.open_runs(environment_id, session=session)
        if waiting and when_busy == "refuse":
            raise EnvironmentTaken(environment["name"])
        run_id = ObjectId()
        if kind == "destroy":
            number = (here.get("deployed") or {}).get("version") or workflow["version"]
        else:
            version = freeze_version(workflow_id, by=principal, session=session, run_id=run_id, publish=True)
            graph = graph_of(version)
            _check_graph(graph)
            run_secrets.check_values(graph, environment_id, given, session=session)
            number = version["number"]
            run_secrets.store_values(run_id, given, session)
            if keep_secrets and given:
                secrets_store.keep(workflow_id, environment_id, given, at=now(), session=session)
        run = run_store.insert(
            {
                **_new_run(principal, workflow, here),
                "_id": run_id,
                "kind": kind,
                "version": number,
                "options": options,
                "waits": bool(waiting),
                **({"idempotency_key": idempotency_key} if idempotency_key else {}),
            },
            session,
        )
        _enqueue(run_id, session)
        return run

    try:
        return run_in_transaction(work)
    except DuplicateKeyError:
        # Twenty clicks at once: one was first, the others get its run.
        if same := _same_key(workflow_id, idempotency_key, pinned, None):
            return same
        raise


def start_destroy(
    principal: Principal,
    environment: Document,
    *,
    delete_volumes: bool,
    remove: Literal["workflow", "environment"] | None = None,
) -> Document:
    """Queue the run that deletes what the environment owns, and then takes what `remove` names out of the database."""
    return start_run(
        principal,
        environment["workflow_id"],
        environment["_id"],
        kind="destroy",
        delete_volumes=delete_volumes,
        remove_workflow=remove == "workflow",
        remove_environment=remove == "environment",
    )


def cancel_run(principal: Principal, run_id: ObjectId) -> Document:
    """Stop a run before its next object; at once when none is being applied. An ended run stays as it is.

    Raises RunNotFound or Forbidden.
    """
    run = run_store.find(run_id, team_filter(principal))
    require(principal, "run.cancel", run["team_id"])
    for _ in range(3):  # the run may move on between two looks
        if run["state"] in ("queued", "verifying"):
            ended = end_run(run, "canceled", from_states=[run["state"]])
            if ended is not None:
                return ended
        elif run["state"] in ("planning", "applying"):
            asked = run_store.change(run_id, ["planning", "applying"], {"cancel_requested_at": now()})
            if asked is not None:
                events.publish_many(run_events(asked))
                queue.request_cancel(RUN_JOB, str(run_id))
                return asked
        else:
            return run
        run = run_store.find(run_id, {})
    return run


def retry_run(principal: Principal, run_id: ObjectId, *, secrets: Values | None = None) -> Document:
    """Let a failed or canceled run go on where it stopped; what it applied already stays applied.

    It is timed anew, and has its whole deadline again.

    Raises RunNotFound, Forbidden, SecretsMissing, or NotRetryable when it did not fail, a later run followed, or
    the graph has changed since (a new run is what is wanted then).
    """
    run = run_store.find(run_id, team_filter(principal))
    require(principal, "run.start", run["team_id"])

    def work(session: ClientSession) -> Document:
        current = run_store.find(run_id, {}, session=session)
        if current["state"] not in ("failed", "canceled"):
            raise NotRetryable(
                f"run {current['number']} is {current['state']}; only a failed or canceled one can go on"
            )
        later = db().runs.find_one(
            {"environment_id": current["environment_id"], "number": {"$gt": current["number"]}}, session=session
        )
        if later is not None:
            raise NotRetryable(f"run {later['number']} came after it; start a new run")
        if current["kind"] == "apply":
            _check_version(current, secrets or {}, session)
            run_secrets.store_values(run_id, secrets or {}, session)
        steps = {"run_id": run_id, "state": {"$in": ["failed", "skipped", "running"]}}
        again = db().run_steps.update_many(
            steps,
            {
                "$set": {"state": "pending", "error": None, "started_at": None, "finished_at": None},
                "$inc": {"rev": 1},
            },
            session=session,
        )
        after = run_store.change(
            run_id,
            [current["state"]],
            {
                "state": "queued",
                "error": None,
                "started_at": None,
                "finished_at": None,
                "applied_at": None,
                "deadline_at": None,
                "cancel_requested_at": None,
                "epoch": current["epoch"] + 1,
                "counts.failed": 0,
                "counts.skipped": 0,
            },
            session=session,
        )
        if after is None:
            raise NotRetryable("the run moved on meanwhile; look again")
        db().environments.update_one(
            {"_id": run["environment_id"]}, {"$set": {"active_run_id": run_id}}, session=session
        )
        run_store.note_last_run(after, session)
        run_store.add_log(run_id, "info", f"tried again: {again.modified_count} objects to go", session=session)
        events.publish_many(run_events(after), session=session)
        _enqueue(run_id, session)
        return after

    return run_in_transaction(work)


def _new_run(principal: Principal, workflow: Document, environment: Document) -> Document:
    return {
        "workflow_id": workflow["_id"],
        "workflow_name": workflow["name"],
        "environment_id": environment["_id"],
        "environment_name": environment["name"],
        "cluster_id": environment["cluster_id"],
        "namespace": environment["namespace"],
        "team_id": workflow["team_id"],
        "state": "queued",
        "created_at": now(),
        "created_by": ObjectId(principal.user_id),
        "created_by_name": principal.name or principal.email,
        "started_at": None,
        "applied_at": None,
        "finished_at": None,
        "deadline_at": None,
        "cancel_requested_at": None,
        "error": None,
        "counts": {"total": 0, "done": 0, "failed": 0, "skipped": 0, "unchanged": 0},
        "waves": 0,
        "attempt": 0,
        "epoch": 0,
        "fence": 0,
        "rev": 1,
    }


def _enqueue(run_id: ObjectId, session: ClientSession) -> None:
    queue.enqueue(RUN_JOB, {"run_id": str(run_id)}, key=str(run_id), max_attempts=RUN_ATTEMPTS, session=session)


def _same_key(
    workflow_id: ObjectId, key: str | None, pinned: Mapping[str, Any], session: ClientSession | None
) -> Document | None:
    """The run started with this key. Raises KeyReused when something of `pinned` was not the same."""
    if not key:
        return None
    found = db().runs.find_one({"workflow_id": workflow_id, "idempotency_key": key}, session=session)
    if found is None:
        return None
    then = {"environment": found["environment_id"], "kind": found["kind"], **run_store.options_of(found)}
    for name, value in pinned.items():
        if then[name] != value:
            raise KeyReused(name)
    return found


def _check_graph(graph: Graph) -> None:
    problems = [problem for problem in check(graph, catalog()) if problem.severity == "error"]
    if problems:
        raise GraphInvalid(problems)


def _check_version(run: Document, given: Values, session: ClientSession) -> None:
    """A run goes on with its own version; when the canvas shows something else by now, that would surprise."""
    workflow = store.find(run["workflow_id"], {}, projection=store.GRAPH, session=session)
    if workflow["state"] == "archived":
        raise store.WorkflowArchived(workflow["name"])
    version = version_store.find(run["workflow_id"], run["version"], session=session)
    if content_hash(graph_of(workflow)) != version["content_hash"]:
        raise NotRetryable("the graph has changed since this run; start a new one")
    run_secrets.check_values(
        graph_of(version), run["environment_id"], _with_sealed(run, given, session), session=session
    )


def _with_sealed(run: Document, given: Values, session: ClientSession) -> Values:
    sealed = run_secrets.run_values(run["_id"], session=session)
    return {node_id: {**sealed.get(node_id, {}), **given.get(node_id, {})} for node_id in {*sealed, *given}}
