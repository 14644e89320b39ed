"""Runs: started, canceled, tried again. Each action is one transaction, published in the same commit."""

from __future__ import annotations

from typing import Literal

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events
from workflows import store
from workflows.domain.images import images_digest, images_from, images_json
from workflows.domain.rendering.digest import content_hash
from workflows.domain.run_options import DEFAULTS, UNATTENDED, RunKind, RunOptions, Trigger
from workflows.environments import secret_store as environment_secrets
from workflows.environments import store as environment_store
from workflows.environments.quarantine_store import quarantined_as
from workflows.environments.refusals import BeingRemoved, EnvironmentBusy
from workflows.environments.store import Environment
from workflows.graphs.actions import graph_of
from workflows.releases import store as release_store
from workflows.runs import history_store, scheduling
from workflows.runs import secret_store as run_secrets
from workflows.runs import store as run_store
from workflows.runs.choosing import all_owned, deployed_again, earlier_run, saved_graph
from workflows.runs.deletions import check_budget, check_deletions, check_kept, foreseen, foreseen_again, unconfirmed
from workflows.runs.drawn import Drawn, checked, drawn_of
from workflows.runs.ending import end_run
from workflows.runs.guests import check_before_start
from workflows.runs.keys import KeyReused, check_same_values, given_digest
from workflows.runs.permission import (
    require_approved,
    require_cluster,
    require_destroy,
    require_full_scope,
    require_reach,
)
from workflows.runs.queueing import Starter, new_run, queue_run
from workflows.runs.retrying import GoingOn, NotRetryable, check_ended, check_place, check_removal
from workflows.runs.run import Run
from workflows.runs.sealed import Sealed, plan_of
from workflows.runs.secret_store import Values
from workflows.runs.secrets import check_values
from workflows.runs.states import ENDED, RunState, Who
from workflows.store import Workflow
from workflows.versions import store as version_store


class VersionQuarantined(Conflict):
    """A version that was rolled back is applied again only by people."""

    code = "version.quarantined"

    def __init__(self, version: int, environment: Environment) -> None:
        super().__init__(
            f"version {version} failed in “{environment['name']}” and was rolled back, so it is not applied by itself; "
            "run it, or release it from quarantine"
        )


def start_run(
    principal: Principal,
    workflow_id: ObjectId,
    environment: str | None = None,
    *,
    kind: RunKind = "apply",
    options: RunOptions = DEFAULTS,
    idempotency_key: str | None = None,
    secrets: Values | None = None,
    keep_secrets: bool = False,
    when_busy: Literal["wait", "refuse"] = "wait",
    confirmation: str = "",
    sealed: Sealed | None = None,
    triggered_by: Trigger = "person",
    trigger_name: str = "",
    ask_kept: bool = False,
    to_run: ObjectId | None = None,
) -> Run:
    """Freeze the current graph and queue one run of it, or of a `sealed` plan; the same key gives the same run.

    A rollback applies what `to_run` applied, or without it the newest run that succeeded before what is live, just as
    that was applied then. With `options.only` the run applies just these objects, as they were applied last.

    With `ask_kept` it is refused also where it only keeps what holds data and was still drawn at the run before.

    `environment` is an id or a name, and may be left out where the workflow has only one. A second run of an
    environment waits for the first, or is refused by `when_busy`. Raises WorkflowNotFound, WorkflowArchived,
    EnvironmentNotFound, EnvironmentNotChosen, EnvironmentBusy, BeingRemoved, ClusterWithdrawn, Forbidden,
    EnvironmentProtected, GraphInvalid, ReachesTooFar, NamespaceOfOwner, SecretsMissing, SecretsWrong,
    DeletionsUnconfirmed, DeletionsAboveBudget, NothingDeployed, NotDeployed, NothingToReturnTo, NotReturnable,
    ReleaseGone, VersionQuarantined or KeyReused.
    """
    values: Values = secrets or {}
    scope = team_filter(principal, "run.start")
    if keep_secrets:
        require_full_scope(principal)

    def same_request(session: ClientSession | None) -> Run | None:
        """The run that this key has started. Raises KeyReused when it was asked for in another way."""
        found = run_store.with_key(workflow_id, idempotency_key, scope, session) if idempotency_key else None
        if found is None:
            return None
        if found["environment_id"] != environment_store.find_named(workflow_id, environment, session=session)["_id"]:
            raise KeyReused("environment")
        if found["kind"] != kind:
            raise KeyReused("kind")
        if plan_of(found) != (sealed.plan_id if sealed else None):
            raise KeyReused("plan")
        if to_run is not None and found.get("to_run", {}).get("id") != to_run:
            raise KeyReused("to_run")
        stored = RunOptions.of(found).as_document()
        for name, value in options.as_document().items():
            if stored[name] != value:
                raise KeyReused(name)
        check_same_values(found, workflow_id, values, keep=keep_secrets)
        return found

    def work(session: ClientSession) -> Run:
        if same := same_request(session):
            return same
        workflow = _lock(principal, workflow_id, session)
        here = environment_store.find_named(workflow_id, environment, lock=True, session=session)
        standing = require_cluster(here["team_id"], here["cluster_id"])
        before = run_store.waiting_in(here["_id"], session)
        if when_busy == "refuse" and before:
            raise EnvironmentBusy(here["name"])
        if here.get("removing"):
            if before or triggered_by in UNATTENDED:
                raise BeingRemoved(here["name"])
            environment_store.change(here, {"removing": False}, session)  # somebody goes on with it
        run_id = ObjectId()
        number = sealed.settle(session) if sealed is not None else None
        if kind == "destroy":
            require_destroy(principal, here["team_id"])
            choice = all_owned(workflow, here)
        elif kind == "rollback":
            choice = earlier_run(workflow, here, to_run, session)
        elif options.only:
            choice = deployed_again(workflow, here, options, session)
        else:
            images = sealed.images if sealed is not None else None
            choice = saved_graph(principal, workflow, here, run_id, number, images, session)
        taken = images_digest(images_json(choice.images))
        if triggered_by in UNATTENDED and quarantined_as(here, choice.version, choice.content, taken):
            raise VersionQuarantined(choice.version, here)
        drawn = choice.drawn
        found = foreseen(here, drawn.items if drawn else None, options, session, before=before)
        if drawn is not None:
            require_reach(here, drawn.items, standing=standing)
            if triggered_by in UNATTENDED:
                check_budget(found.counted)
            known = sealed.adopted_secrets if sealed is not None else frozenset()
            check_values(drawn, here["_id"], values, session, adopted=known)
            if sealed is None:
                check_deletions(found, options.confirm_deletions, confirmation)
                if ask_kept:
                    check_kept(found, history_store.kept_last(here["_id"], session), confirmation)
            run_secrets.store_values(run_id, values, session)
            if keep_secrets:
                environment_secrets.store_values(workflow_id, here["_id"], values, at=now(), session=session)
        starter = Starter.of(principal, triggered_by)
        run = new_run(starter, workflow["name"], here, run_id, kind, choice, options, found)
        if sealed is not None:
            stored = environment_secrets.moments_digest(here["_id"], session=session)
            run["plan"] = {**sealed.as_document(), "secrets": stored}
            run["confirmed_deletions"] = [ref.as_json() for ref in sealed.deletions]
            if sealed.approval is not None:
                run["approval"] = dict(sealed.approval)
        if trigger_name:
            run["trigger_name"] = trigger_name
        if idempotency_key:
            run["idempotency_key"] = idempotency_key
            run["given"] = given_digest(workflow_id, values, keep=keep_secrets)
        return queue_run(run, here, session, waits=bool(before))

    if kind != "destroy" and sealed is None:
        _check_namespace(principal, workflow_id, environment)
    try:
        return run_in_transaction(work)
    except DuplicateKeyError:
        # Twenty clicks at once: one was first, the others get its run.
        if same := same_request(None):
            return same
        raise


def start_destroy(
    principal: Principal, workflow: Workflow, environment: Environment, options: RunOptions, session: ClientSession
) -> Run:
    """Queue the run that deletes what the environment owns, in the transaction that asks for it.

    `options.remove` says what it then takes out of the database. Raises Forbidden.
    """
    require(principal, "run.start", workflow["team_id"])
    here = environment_store.find_named(workflow["_id"], str(environment["_id"]), lock=True, session=session)
    found = foreseen(here, None, options, session)
    choice = all_owned(workflow, here)
    starter = Starter.of(principal)
    run = new_run(starter, workflow["name"], here, ObjectId(), "destroy", choice, options, found)
    return queue_run(run, here, session)


def cancel_run(principal: Principal, run_id: ObjectId) -> Run:
    """Stop a run before its next object; at once when none is being applied. An ended run stays as it is.

    Raises RunNotFound or Forbidden.
    """
    run = run_store.find(run_id, team_filter(principal))
    require(principal, "run.cancel", run["team_id"])
    for _ in range(3):  # the run may move on between two looks
        if run["state"] in ENDED:
            break
        if ended := end_run(run, RunState.CANCELED, Who.PERSON):
            return ended
        if asked := run_store.ask_to_stop(run_id, now()):
            events.publish_many(run_store.run_events(asked))
            scheduling.stop_run(asked)
            return asked
        run = run_store.find(run_id, {})
    return run


def retry_run(principal: Principal, run_id: ObjectId, given: GoingOn) -> Run:
    """Let a failed or canceled run go on where it stopped; what it applied already stays applied.

    Its time is counted anew, and it has its whole deadline again. Deletions that were confirmed stay confirmed.
    Raises RunNotFound, Forbidden, WorkflowArchived, GraphInvalid, ReachesTooFar, SecretsMissing, SecretsWrong,
    DeletionsUnconfirmed, or NotRetryable when it did not fail, a later run followed, or the graph or the environment's
    place has changed since (then a new run is what is wanted). A run that ends with a removal asks as much as the
    removal itself (`check_removal`).
    """
    seen = run_store.find(run_id, team_filter(principal))
    require(principal, "run.start", seen["team_id"])
    require_cluster(seen["team_id"], seen["cluster_id"])

    def work(session: ClientSession) -> Run:
        workflow = store.lock(seen["workflow_id"], {}, session)
        run = run_store.find(run_id, {}, session=session)
        check_ended(run, session)
        environment = environment_store.find(run["environment_id"], {}, session=session)
        check_place(run, environment)
        require_approved(environment, run, by_person=True)
        check_removal(principal, run, workflow, environment)
        confirmed, refs = RunOptions.of(run).confirm_deletions, list[dict[str, str]]()
        if run["kind"] != "destroy":
            drawn = _as_it_was(workflow, run, environment, session)
            values = run_secrets.merge(run_secrets.clear_values(run["_id"], session=session), given.secrets)
            known = drawn.secret_keys if RunOptions.of(run).adopt else {}
            check_values(drawn, run["environment_id"], values, session, adopted=known)
            require_reach(environment, drawn.items)
            run_secrets.store_values(run_id, given.secrets, session)
            found, done = foreseen_again(run, environment, drawn.items, session), run["counts"].get("deleted", 0)
            if unconfirmed(run, found.deletions) or done + len(found.deletions) > confirmed:
                check_deletions(found, given.confirm_deletions, given.confirmation)
                confirmed, refs = done + len(found.deletions), found.refs_json
        after = run_store.requeue(run, session, confirm_deletions=confirmed, newly_confirmed=refs)
        if after is None:
            raise NotRetryable("the run has moved on meanwhile; look again")
        scheduling.enqueue_run(after, session)
        return after

    return run_in_transaction(work)


def _check_namespace(principal: Principal, workflow_id: ObjectId, given: str | None) -> None:
    """Raise NamespaceOfOwner; what else is wrong is said by the transaction."""
    try:
        here = environment_store.find_named(workflow_id, given)
    except (environment_store.EnvironmentNotFound, environment_store.EnvironmentNotChosen):
        return
    if principal.may("run.start", here["team_id"]):
        check_before_start(here)


def _lock(principal: Principal, workflow_id: ObjectId, session: ClientSession) -> Workflow:
    """The workflow, locked. Raises WorkflowNotFound or Forbidden."""
    try:
        return store.lock(workflow_id, team_filter(principal, "run.start"), session)
    except store.WorkflowNotFound:
        head = store.find(workflow_id, team_filter(principal), projection=store.HEAD, session=session)
        require(principal, "run.start", head["team_id"])
        raise


def _as_it_was(workflow: Workflow, run: Run, environment: Environment, session: ClientSession) -> Drawn:
    """What the run applies; where the canvas shows something else by now, that would surprise.

    Raises WorkflowArchived, NotRetryable, ReleaseGone and GraphInvalid.
    """
    store.require_editable(workflow)
    only = RunOptions.of(run).only
    if run["kind"] == "rollback" or only:
        return drawn_of(run, environment, session=session).limited(only)
    version = version_store.find(run["workflow_id"], run["version"], session=session)
    if content_hash(graph_of(workflow)) != version["content_hash"]:
        raise NotRetryable("the graph has changed since this run; start a new one")
    planned = release_store.heads([run["_id"]], session=session).get(run["_id"])
    if planned is None:
        return checked(environment, graph_of(version), images_from(run.get("images")))
    if planned["variables"] != environment_store.variables_digest(environment):
        raise NotRetryable("the variables of the environment have changed since this run; start a new one")
    return drawn_of(run, environment, session=session)
