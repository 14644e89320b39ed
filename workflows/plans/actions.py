"""A new plan: made, and stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import orjson
from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import check_scope, require, team_filter
from kubeorch.accounts.token_scopes import TokenScope
from kubeorch.base.clock import now
from kubeorch.base.digests import content_digest
from kubeorch.base.errors import InvalidInput
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events
from workflows import store
from workflows.domain.graphs.graph import graph_to_dict
from workflows.domain.images import images_digest, images_json
from workflows.domain.planning.effects import Effect
from workflows.domain.rendering.digest import content_hash
from workflows.domain.run_options import RunKind, RunOptions
from workflows.environments import store as environment_store
from workflows.environments.store import Environment
from workflows.graphs.actions import graph_of
from workflows.plans import store as plan_store
from workflows.plans.choices import Choice, ChoiceWrong, taken, with_shared
from workflows.plans.judged import Judged
from workflows.plans.making import Made, make
from workflows.plans.representations import asked_json
from workflows.plans.schemas import schemas_json
from workflows.plans.sources import Source
from workflows.plans.store import Plan, PlanObject, TakenBack, packed, would_fail
from workflows.plans.surroundings import surroundings_json
from workflows.runs import store as run_store
from workflows.runs.choosing import earlier_run
from workflows.runs.drawn import images_in
from workflows.runs.permission import require_own_cluster
from workflows.runs.run import OtherRun, other_run
from workflows.runs.states import RunState
from workflows.versions import store as version_store
from workflows.versions.actions import freeze_version, known_version
from workflows.versions.store import Version


class VersionAndRun(InvalidInput):
    """A rollback applies what a run applied, whatever its version draws."""

    code = "plan.version_and_run"

    def __init__(self) -> None:
        super().__init__("give a version, or the run to return to, not both", field="to_run")


def make_plan(
    principal: Principal,
    workflow_id: ObjectId,
    environment: str | None = None,
    *,
    version: int | None = None,
    to_run: ObjectId | None = None,
    kind: RunKind = "apply",
    delete_volumes: bool = False,
    take_over: bool = False,
    adopt: bool = False,
    choices: Sequence[Choice] = (),
) -> tuple[Plan, list[PlanObject]]:
    """Plan a version of the workflow, or without a number its saved graph, in an environment, and store the plan; with
    `to_run` the rollback to that run, of kind rollback without it that to the newest run that succeeded before.

    `environment` is an id or a name. Whoever may read the workflow and its environments may plan: the cluster is asked
    with the environment's own credentials, and nothing is changed. To plan to `adopt` shows objects of others, and
    takes the right to run. The saved graph becomes a version only where who plans may run it, too. Raises
    WorkflowNotFound, WorkflowArchived, VersionNotFound, EnvironmentNotFound, EnvironmentNotChosen, ClusterWithdrawn,
    ClusterOfOthers, ReachesTooFar, ChoiceWrong, NotDrawn, CannotAdopt, InvalidInput for a graph that cannot be
    rendered, and Unavailable.
    """
    head = store.find(workflow_id, team_filter(principal), projection=store.HEAD)
    require(principal, "workflow.read", head["team_id"])
    require(principal, "environment.read", head["team_id"])
    if head["state"] == "archived":
        raise store.WorkflowArchived(head["name"])
    here = environment_store.find_named(workflow_id, environment)
    if adopt:
        require(principal, "run.start", head["team_id"])
        if principal.credential:
            check_scope(principal.credential, TokenScope.RUN)
        require_own_cluster(head["team_id"], here["cluster_id"])
    options = RunOptions(delete_volumes=delete_volumes, take_over=take_over, adopt=adopt, taken=taken(choices))
    with ThreadPoolExecutor(1, thread_name_prefix="freeze") as beside:
        drawn, source, target, freezing = _wanted(
            principal, workflow_id, here, version, to_run, beside, is_rollback=kind == "rollback"
        )
        drawn, source, shared_from, shared = _chosen(here, drawn, source, choices)
        made = make(here, source, options)
    if freezing is not None:
        drawn = _numbered(drawn, freezing.result())
    options = replace(options, confirm_deletions=len(made.deletions))
    objects = [_stored(one) for one in made.judged]
    plan: Plan = {
        "_id": ObjectId(),
        "team_id": head["team_id"],
        "workflow_id": workflow_id,
        "workflow_name": head["name"],
        "environment_id": here["_id"],
        "environment_name": here["name"],
        "cluster_id": here["cluster_id"],
        "namespace": here["namespace"],
        "version": drawn["number"],
        "content_hash": drawn["content_hash"],
        "variables": _variables_digest(here),
        "secrets": made.secrets,
        "schemas": schemas_json(made.schemas),
        "options": options.as_document(),
        "hash": "",
        "counts": _counts(made),
        "deletions": made.counted.as_json(),
        "created_at": now(),
        "created_by": ObjectId(principal.user_id),
        "created_by_name": principal.name or principal.email,
        "taken_back": _taken_back(here),
    }
    if made.surroundings is not None:
        plan["surroundings"] = surroundings_json(made.surroundings)
    if made.lacking:
        plan["lacking"] = [one.as_json() for one in made.lacking]
    if target is not None:
        plan["to_run"] = target
    if source.images:
        plan["images"] = images_json(source.images)
    if choices:
        plan["choices"] = [{**one.as_json(), "value": shared.get(one)} for one in choices]
    if shared_from is not None:
        plan["shared_from"] = shared_from
    if drawn["number"] is None:
        plan["graph"] = packed({"nodes": drawn["nodes"], "edges": drawn["edges"]})
    if here.get("protected") and _may_run(principal, head["team_id"]) and not would_fail(objects):
        plan["asked"] = True
    plan["hash"] = _hash(plan, objects)

    def work(session: ClientSession) -> None:
        environment_store.find(here["_id"], {}, session=session)  # it may have been removed meanwhile
        bodies = ((one.planned.ref, one.body) for one in made.judged if one.body is not None)
        plan_store.insert(plan, objects, bodies, session)
        if plan.get("asked"):
            events.publish(
                f"team:{plan['team_id']}", f"approval:{plan['_id']}", asked_json(plan), rev=0, session=session
            )

    run_in_transaction(work)
    return plan, objects


def _chosen(
    here: Environment, drawn: Mapping[str, Any], source: Source, choices: Sequence[Choice]
) -> tuple[Mapping[str, Any], Source, str | None, Mapping[Choice, Any]]:
    """The same with what was chosen; the third is the content of the graph into which values were taken, if any were,
    the fourth are these values.

    Raises ChoiceWrong.
    """
    if not choices:
        return drawn, source, None, {}
    shares = any(one.choice == "share" for one in choices)
    if source.graph is None:
        if shares:
            raise ChoiceWrong("a rollback applies what was applied then; take the field over, or leave it to others")
        return drawn, replace(source, choices=tuple(choices)), None, {}
    graph, shared = with_shared(here, source.graph, source.images, choices)
    source = Source(graph, None, tuple(choices), source.images)
    if not shares:
        return drawn, source, None, {}
    before, content = drawn["content_hash"], content_hash(graph)
    return {"number": None, "content_hash": content, **graph_to_dict(graph)}, source, before, shared


def _variables_digest(environment: Environment) -> str:
    return content_digest(orjson.dumps(environment["variables"], option=orjson.OPT_SORT_KEYS))


def _wanted(
    principal: Principal,
    workflow_id: ObjectId,
    here: Environment,
    version: int | None,
    to_run: ObjectId | None,
    beside: Executor,
    *,
    is_rollback: bool,
) -> tuple[Mapping[str, Any], Source, OtherRun | None, Future[Version] | None]:
    """(`{number, content_hash}`, what is applied, the run that a rollback returns to, the version that the drawing
    becomes `beside`)."""
    if to_run is None and not is_rollback:
        drawn, freezing = _drawing(principal, workflow_id, version, beside)
        graph = graph_of(drawn)
        return drawn, Source(graph, images=images_in(here, graph)), None, freezing
    if version is not None:
        raise VersionAndRun
    workflow = store.find(workflow_id, team_filter(principal), projection=store.HEAD)
    choice = run_in_transaction(lambda session: earlier_run(workflow, here, to_run, session))
    drawn = {"number": choice.version, "content_hash": f"run {choice.release_of}"}
    return drawn, Source(release_of=choice.release_of, images=choice.images), choice.to_run, None


def _drawing(
    principal: Principal, workflow_id: ObjectId, number: int | None, beside: Executor
) -> tuple[Mapping[str, Any], Future[Version] | None]:
    """`{number, content_hash, nodes, edges}` of a version, or without a number of the saved graph.

    A saved graph that is in no version yet has the number None. If `principal` may run it, it is frozen `beside`,
    while the cluster is asked: the future raises WorkflowArchived and TooManyVersions. Raises VersionNotFound.
    """
    if number is not None:
        return version_store.find(workflow_id, number), None
    seen = store.find(workflow_id, team_filter(principal), projection=store.GRAPH)
    content = content_hash(graph_of(seen))
    if (known := known_version(seen, content)) is not None:
        return known, None
    drawn = {"number": None, "content_hash": content, "nodes": seen["nodes"], "edges": seen["edges"]}
    if not _may_run(principal, seen["team_id"]):
        return drawn, None

    def work(session: ClientSession) -> Version:
        workflow = store.lock(workflow_id, team_filter(principal), session)
        return freeze_version(workflow, principal=principal, session=session)

    return drawn, beside.submit(run_in_transaction, work)


def _numbered(drawn: Mapping[str, Any], version: Version) -> Mapping[str, Any]:
    """The version, if it is what was planned: somebody may have saved between reading and freezing."""
    return version if version["content_hash"] == drawn["content_hash"] else drawn


def _may_run(principal: Principal, team_id: ObjectId) -> bool:
    scope = principal.credential.scope if principal.credential else TokenScope.FULL
    return principal.may("run.start", team_id) and scope.covers(TokenScope.RUN)


def _taken_back(environment: Environment) -> TakenBack:
    deployed = environment.get("deployed")
    runs = run_store.by_ids([deployed["run_id"]]) if deployed else {}
    run = next((one for one in runs.values() if one["state"] == RunState.SUCCEEDED), None)
    return {"to_run": other_run(run) if run else None, "partly": bool(environment.get("partly"))}


def _stored(judged: Judged) -> PlanObject:
    return {
        "planned": judged.planned.as_json(),
        "action": judged.action,
        "manifest": judged.manifest,
        "outcome": judged.outcome.as_json(),
        "basis": judged.basis.as_json(),
        "predicted": judged.predicted,
        "keys": judged.keys,
        "undo": judged.undo.as_json() if judged.undo else None,
    }


def _counts(made: Made) -> dict[str, int]:
    counted = Counter(one.planned.effect.value for one in made.judged)
    return {effect.value: counted[effect.value] for effect in Effect}


def _hash(plan: Plan, objects: list[PlanObject]) -> str:
    content: dict[str, Any] = {
        "place": [str(plan["environment_id"]), str(plan["cluster_id"]), plan["namespace"]],
        "content": plan["content_hash"],
        "variables": plan["variables"],
        "options": plan["options"],
        "choices": plan.get("choices", []),
        "objects": [[one["planned"]["ref"], one["planned"]["proof"], one["outcome"]] for one in objects],
    }
    if "images" in plan:
        content["images"] = images_digest(plan["images"])
    return content_digest(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))
