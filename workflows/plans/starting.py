"""A plan started as a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from clusters.domain.objects import ref_from_json
from clusters.kube.apply import is_secret
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.errors import Conflict, InvalidInput
from workflows import store
from workflows.domain.graphs.graph import graph_to_dict
from workflows.domain.images import images_from
from workflows.domain.rendering.digest import content_hash
from workflows.domain.rendering.plan import Action
from workflows.domain.run_options import RunKind, RunOptions
from workflows.environments import store as environment_store
from workflows.graphs.actions import graph_of
from workflows.plans import store as plan_store
from workflows.plans.approved import standing_approval
from workflows.plans.budgets import check_number
from workflows.plans.choices import check_room, require_choosing
from workflows.plans.given import check_given
from workflows.plans.judging import moved
from workflows.plans.sources import choices_of
from workflows.plans.store import Plan, PlanObject, graph_in, options_of
from workflows.plans.verdicts import Moved
from workflows.runs import store as run_store
from workflows.runs.actions import start_run
from workflows.runs.keys import KeyReused, check_same_values
from workflows.runs.run import Run
from workflows.runs.sealed import Sealed, plan_of
from workflows.versions import store as version_store
from workflows.versions.actions import freeze_version

MOVED_NAMED = 100
"""What has moved that a refusal lists."""


class PlanMoved(Conflict):
    """A run of the plan would do something else than what the plan says."""

    code = "plan.moved"

    def __init__(self, found: Sequence[Moved]) -> None:
        first = found[0]
        name = f"{first.ref.kind} {first.ref.name}: " if first.ref else ""
        by = f" by {first.manager}" if first.manager else ""
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        super().__init__(
            f"the plan is no longer true: {name}{first.what}{by}{more}. Nothing was changed; make a new plan",
            extra={"moved": [one.as_json() for one in found[:MOVED_NAMED]]},
        )


class PlanOptionsDiffer(InvalidInput):
    """A run of a plan has the plan's options."""

    code = "plan.options"

    def __init__(self, name: str) -> None:
        super().__init__(f"this plan was made without {name}; make one with it, or leave it out", field=name)


class PlanElsewhere(Conflict):
    """A plan belongs to one workflow and one environment."""

    code = "plan.elsewhere"

    def __init__(self) -> None:
        super().__init__("this plan is for another workflow or environment; make one for this", field="plan")


def start_planned(principal: Principal, workflow_id: ObjectId, plan_id: ObjectId, given: dict[str, Any]) -> Run:
    """Start a run that does just what a plan says; `given` are the further members of a request for a run.

    The same idempotency key gives the same run, also when the plan is not kept any more, and then nothing is judged.
    Raises PlanNotFound, WorkflowNotFound, PlanElsewhere, PlanAboveBudget, PlanMoved, PlanOptionsDiffer when the request
    asks for other options than the plan, ValuesGiven when it has values of Secrets that the plan did not leave to it,
    and what `start_run` raises.
    """
    if same := _same_run(principal, workflow_id, plan_id, given):
        return same
    plan = plan_store.find(plan_id, team_filter(principal))
    require(principal, "run.start", plan["team_id"])
    store.find(workflow_id, team_filter(principal), projection=store.HEAD)
    environment = given.pop("environment", None)
    target = plan.get("to_run")
    kind: RunKind = "rollback" if target else "apply"
    given_run = given.pop("to_run", None)
    if plan["workflow_id"] != workflow_id or given.pop("kind") not in ("apply", kind):
        raise PlanElsewhere
    if given_run is not None and (target is None or str(target["id"]) != given_run):
        raise PlanElsewhere
    if environment and environment_store.find_named(workflow_id, environment)["_id"] != plan["environment_id"]:
        raise PlanElsewhere
    given.pop("confirmation", None)  # the plan's own list is what is confirmed
    number = given.pop("confirm_deletions", 0)
    check_number(plan, number)
    for name in ("delete_volumes", "take_over"):
        if given.pop(name, False) and not plan["options"][name]:
            raise PlanOptionsDiffer(name)
    objects = plan_store.objects_of(plan_id)
    here = environment_store.find(plan["environment_id"], {})
    check_given(objects, given.get("secrets") or {}, protected=bool(here.get("protected")))
    if found := moved(plan, objects):
        if same := _same_run(principal, workflow_id, plan_id, given):
            return same  # started meanwhile, and it is what has moved the plan
        raise PlanMoved(found)
    deletions = tuple(ref_from_json(one["planned"]["ref"]) for one in objects if one["action"] == Action.DELETE)
    options = replace(options_of(plan), confirm_deletions=len(deletions), deadline_s=given.pop("deadline_s"))
    choices = choices_of(plan)
    require_choosing(principal, plan["team_id"], choices)

    def settle(session: ClientSession) -> int:
        check_number(plan, number, session)  # the environment is locked by now
        check_room(plan["environment_id"], choices, session)
        return _version(principal, plan, session)

    images = images_from(plan.get("images"))
    approval = standing_approval(plan)
    sealed = Sealed(plan_id, plan["hash"], settle, deletions, _adopted_secrets(objects), images, approval)
    return start_run(
        principal,
        workflow_id,
        str(plan["environment_id"]),
        kind=kind,
        to_run=target["id"] if target else None,
        options=options,
        sealed=sealed,
        **given,
    )


def _adopted_secrets(objects: Sequence[PlanObject]) -> frozenset[str]:
    """The nodes of Secrets of which the plan has found every value in the cluster."""
    found = [one["planned"] for one in objects if one["planned"].get("adopts") and one["planned"]["proof"] == "proven"]
    return frozenset(str(one["node_id"]) for one in found if is_secret(ref_from_json(one["ref"])))


def _same_run(principal: Principal, workflow_id: ObjectId, plan_id: ObjectId, given: dict[str, Any]) -> Run | None:
    """The run that this key has started. Raises KeyReused when it was asked for in another way."""
    key: str | None = given.get("idempotency_key")
    found = run_store.with_key(workflow_id, key, team_filter(principal), None) if key is not None else None
    if found is None:
        return None
    require(principal, "run.start", found["team_id"])
    named, options = given.get("environment"), RunOptions.of(found)
    if named and environment_store.find_named(workflow_id, named)["_id"] != found["environment_id"]:
        raise KeyReused("environment")
    if given.get("kind", "apply") not in ("apply", found["kind"]):
        raise KeyReused("kind")
    if plan_of(found) != plan_id:
        raise KeyReused("plan")
    if given["deadline_s"] != options.deadline_s:
        raise KeyReused("deadline_s")
    for name in ("delete_volumes", "take_over"):
        if given.get(name) and not getattr(options, name):
            raise KeyReused(name)
    check_same_values(found, workflow_id, given.get("secrets") or {}, keep=bool(given.get("keep_secrets")))
    return found


def _version(principal: Principal, plan: Plan, session: ClientSession) -> int:
    """The number of the version that the run applies; of a graph that was not frozen when it was planned, now. One that
    took values of the cluster in is saved once the run begins to apply it."""
    if plan["version"] is not None:
        return plan["version"]
    workflow = store.lock(plan["workflow_id"], team_filter(principal, "run.start"), session)
    content = content_hash(graph_of(workflow))
    if content == plan.get("shared_from"):
        rows = graph_to_dict(graph_in(plan))
        workflow = {**workflow, "nodes": rows["nodes"], "edges": rows["edges"]}
    elif content != plan["content_hash"]:
        known = version_store.newest_with(plan["workflow_id"], plan["content_hash"], session=session)
        if known is None:
            raise PlanMoved([Moved(None, "the graph that it was made of was never run or saved, and has changed")])
        return known["number"]
    return freeze_version(workflow, principal=principal, session=session)["number"]
