"""What a run will apply, chosen when it is started: the saved graph, the version of a plan, what is deployed, or what
an earlier run applied."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.accounts.principal import Principal
from kubeorch.base.errors import Conflict, InvalidInput
from workflows import store
from workflows.domain.images import Images, images_from
from workflows.domain.rendering.digest import content_digest_of
from workflows.domain.run_options import RunOptions
from workflows.environments.inventory_store import owns_objects, turn_of
from workflows.environments.store import Environment
from workflows.graphs.actions import graph_of
from workflows.graphs.checking import problems_of
from workflows.releases import store as release_store
from workflows.runs import history_store
from workflows.runs import store as run_store
from workflows.runs.drawn import Drawn, again, checked, images_in
from workflows.runs.pinning import pinned_again
from workflows.runs.run import OtherRun, Run, RunNotFound, other_run
from workflows.runs.states import RunState
from workflows.store import Workflow
from workflows.versions import store as version_store
from workflows.versions.actions import freeze_version


class NothingDeployed(Conflict):
    """Only what was applied can be applied again."""

    code = "run.nothing_deployed"

    def __init__(self, environment: Environment) -> None:
        super().__init__(f"nothing is deployed in “{environment['name']}”; start an ordinary run first")


class DeployedSince(Conflict):
    """What some objects are to be put back to is not what was applied of them last."""

    code = "run.deployed_since"

    def __init__(self, environment: Environment, detail: str) -> None:
        super().__init__(
            f"{detail} in “{environment['name']}”, so these objects would go back to what was before it; nothing was "
            "changed. Look again, and start a new run"
        )


class NotDeployed(InvalidInput):
    """Some of the objects that a run is limited to are no part of what is deployed."""

    code = "run.not_deployed"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not part of what is deployed here; leave it out", field="only")


class NothingToReturnTo(Conflict):
    """No earlier run of the environment succeeded with something else."""

    code = "run.nothing_to_return_to"

    def __init__(self, environment: Environment, *, is_empty: bool) -> None:
        if is_empty:
            super().__init__(
                f"nothing is deployed in “{environment['name']}”, and no run succeeded there that could be returned "
                "to; start a run of what is drawn"
            )
            return
        super().__init__(
            f"no earlier run succeeded in “{environment['name']}”, so there is nothing to return to; to take "
            "everything back, start a run of kind destroy"
        )


class NotReturnable(Conflict):
    """What that run applied is not known to work here."""

    code = "run.not_returnable"

    def __init__(self, detail: str) -> None:
        super().__init__(f"{detail}; choose a run that succeeded in this environment", field="to_run")


@dataclass(frozen=True, slots=True)
class Choice:
    version: int
    drawn: Drawn | None = None
    """None: everything is destroyed."""
    content: str = ""
    """Digest of the version's graph, as a workflow's own."""
    release_of: ObjectId | None = None
    """The run whose stored objects these are."""
    to_run: OtherRun | None = None
    rolled_back_from: OtherRun | None = None
    """Both of a rollback."""
    images: Images = field(default_factory=dict)
    """What was built of the sources that are drawn."""


def saved_graph(
    principal: Principal,
    workflow: Workflow,
    environment: Environment,
    run_id: ObjectId,
    number: int | None,
    images: Images | None,
    session: ClientSession,
) -> Choice:
    """The saved graph, or the version of that number, with those images or the newest there are.

    Raises WorkflowArchived, VersionNotFound and GraphInvalid.
    """
    if number is None:
        version = freeze_version(workflow, principal=principal, session=session, run_id=run_id)
        known = problems_of(workflow)
    else:
        store.require_editable(workflow)
        version = version_store.find(workflow["_id"], number, session=session)
        known = None
    graph = graph_of(version)
    if images is None:
        images = images_in(environment, graph)
    drawn = checked(environment, graph, images, known)
    return Choice(version["number"], drawn, content_digest_of(version), images=images)


def deployed_again(workflow: Workflow, environment: Environment, options: RunOptions, session: ClientSession) -> Choice:
    """The objects in `options.only`, as they were applied last.

    Raises WorkflowArchived, NothingDeployed, DeployedSince, NotDeployed and GraphInvalid.
    """
    store.require_editable(workflow)
    deployed = environment["deployed"]
    if deployed is None:
        raise NothingDeployed(environment)
    _check_whole(environment, deployed["run_id"], session)
    images = _images_of(deployed["run_id"], session)
    release_of = deployed["run_id"] if release_store.heads([deployed["run_id"]], session=session) else None
    if release_of is not None:
        drawn = again(environment["_id"], release_of, session=session).limited(options.only)
    else:  # an earlier release of the product applied it
        version = version_store.find(workflow["_id"], deployed["version"], session=session)
        drawn = checked(environment, graph_of(version), images).limited(options.only)
    there = {item.ref.identity for item in drawn.items}
    missing = next((ref for ref in options.only if ref.identity not in there), None)
    if missing is not None:
        raise NotDeployed(f"{missing.kind} {missing.name}")
    return Choice(deployed["version"], drawn, deployed["content"], release_of, images=images)


def _images_of(run_id: ObjectId, session: ClientSession | None) -> Images:
    """What a run took, as long as it is kept."""
    found = run_store.by_ids([run_id], session=session).get(run_id)
    return images_from(found.get("images")) if found is not None else {}


def check_still_deployed(run: Run, environment: Environment) -> None:
    """Raise DeployedSince when a run of some objects, whose turn has come, is no longer of what is deployed."""
    deployed = environment["deployed"]
    chosen = (run["release_of"], run["version"]) if "release_of" in run else (None, run["version"])
    if deployed is None or (deployed["run_id"] if chosen[0] else None, deployed["version"]) != chosen:
        raise DeployedSince(environment, "something else was deployed meanwhile")
    _check_whole(environment, deployed["run_id"], None)


def _check_whole(environment: Environment, run_id: ObjectId, session: ClientSession | None) -> None:
    """Raise DeployedSince when a run after the deployed one has changed some objects and broke off."""
    with suppress(RunNotFound):
        turn = turn_of(run_store.find(run_id, {}, session=session))
        broken = history_store.last_broken_off(environment["_id"], turn, session, of_all=True)
        if broken is not None:
            raise DeployedSince(environment, f"run {broken['number']} has changed objects and broke off")


def earlier_run(
    workflow: Workflow, environment: Environment, to_run: ObjectId | None, session: ClientSession
) -> Choice:
    """Just what an earlier run applied: the given one, else the newest that succeeded before what is live now.

    Raises WorkflowArchived, NotReturnable, NothingToReturnTo and ReleaseGone.
    """
    store.require_editable(workflow)
    live = run_of_now(environment, session)
    if to_run is not None:
        target = _named(environment, to_run, session)
    else:
        found = before(environment, live, session)
        if found is None:
            is_empty = not owns_objects(environment["_id"], session=session)
            raise NothingToReturnTo(environment, is_empty=is_empty)
        target = found
    return return_to(target, live, session)


def return_to(target: Run, live: Run | None, session: ClientSession) -> Choice:
    """What a rollback from `live` to a run applies. Raises ReleaseGone."""
    environment_id, taken = target["environment_id"], images_from(target.get("images"))
    stored = again(environment_id, target["_id"], target["number"], session=session)
    images = pinned_again(environment_id, stored.whole, taken, session)
    drawn = again(environment_id, target["_id"], target["number"], images=images, session=session)
    return Choice(
        target["version"],
        drawn,
        target.get("content", ""),
        target["_id"],
        other_run(target),
        other_run(live) if live else None,
        images,
    )


def _named(environment: Environment, run_id: ObjectId, session: ClientSession) -> Run:
    try:
        run = run_store.find(run_id, {"environment_id": environment["_id"]}, session=session)
    except RunNotFound:
        raise NotReturnable("there is no such run here") from None
    if run["state"] != RunState.SUCCEEDED:
        raise NotReturnable(f"run {run['number']} is {run['state'].replace('_', ' ')}")
    if run["kind"] == "destroy" or RunOptions.of(run).only:
        raise NotReturnable(f"run {run['number']} did not apply everything")
    if (run["cluster_id"], run["namespace"]) != (environment["cluster_id"], environment["namespace"]):
        raise NotReturnable(f"run {run['number']} was in another cluster or namespace")
    return run


def run_of_now(environment: Environment, session: ClientSession) -> Run | None:
    """The run that changed the environment last: the deployed one, or a later one that broke off on its way.

    None where nothing is there.
    """
    deployed = environment["deployed"]
    try:
        live = run_store.find(deployed["run_id"], {}, session=session) if deployed else None
    except RunNotFound:
        live = None
    undeployed = environment["undeployed"]["turn"] if "undeployed" in environment else 0
    broken = history_store.last_broken_off(environment["_id"], turn_of(live) if live else undeployed, session)
    return broken or live


def before(environment: Environment, live: Run | None, session: ClientSession) -> Run | None:
    """The newest run that succeeded before `live` and applied something else; None where there is none.

    Before a run that broke off this is the deployed one, if that succeeded. Before a rollback it is what came before
    the run to which that returned, so that going back twice does not go forth.
    """
    oldest = live
    while oldest is not None and "to_run" in oldest and oldest["state"] == RunState.SUCCEEDED:
        try:
            oldest = run_store.find(oldest["to_run"]["id"], {}, session=session)
        except RunNotFound:
            break
    turn = turn_of(oldest) if oldest is not None else None
    found = history_store.succeeded_in(environment, session, before=turn)
    heads = release_store.heads(
        [live["_id"], *(run["_id"] for run in found)] if live else [run["_id"] for run in found]
    )
    is_whole = live is not None and live["applied_at"] is not None
    now = heads[live["_id"]]["digest"] if live is not None and is_whole and live["_id"] in heads else None
    return next((run for run in found if run["_id"] in heads and heads[run["_id"]]["digest"] != now), None)


def all_owned(workflow: Workflow, environment: Environment) -> Choice:
    """To destroy what exists: the version it is of; the newest one where none was ever applied to its end."""
    return Choice(environment["deployed"]["version"] if environment["deployed"] else workflow["version"])
