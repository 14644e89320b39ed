"""What a trigger does when it fires: it plans, and starts a run of the plan if nothing speaks against that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from bson import ObjectId

from clusters.domain.judgement import plural
from clusters.domain.ownership.added import NOTHING_ADDED
from kubeorch.accounts.scope import require, team_filter
from kubeorch.accounts.store import principal_of_user
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, Forbidden, InvalidInput, NotFound
from workflows.domain.forecast.impact import Level
from workflows.domain.images import images_digest
from workflows.domain.planning.effects import Effect
from workflows.domain.rendering.digest import content_digest_of
from workflows.domain.run_options import DEFAULTS
from workflows.environments import store as environment_store
from workflows.environments.quarantine_store import quarantined_as
from workflows.environments.store import Environment
from workflows.plans.actions import make_plan
from workflows.plans.starting import start_planned
from workflows.plans.store import Plan, PlanObject
from workflows.runs import store as run_store
from workflows.runs.permission import EnvironmentProtected
from workflows.triggers.images import deployed_by_person, moved_images, news
from workflows.triggers.store import Last, Outcome, Trigger, called_at
from workflows.versions import store as version_store

NAMED = 3
"""Objects that a reason names."""
REASON_MAX = 600


PASSING = ("trigger.busy", "plan.moved", "environment.busy", "environment.being_removed")
"""Codes of what holds a run and passes by itself."""


class Held(Conflict):
    """A plan that nobody looked at is not run."""

    code = "trigger.held"


class HeldForRun(Held):
    code = "trigger.busy"

    def __init__(self) -> None:
        super().__init__("another run is in progress; nothing was started beside it")


def fire(trigger: Trigger, call: str) -> Last:
    """Plan, and start a run; or say why not. The same call gives the same run.

    What may pass by itself (a cluster that does not answer) raises Unavailable, and is tried again.
    """
    plan: Plan | None = None
    try:
        principal = principal_of_user(trigger["made_by"])
        if principal is None:
            raise Held(f"{trigger['made_by_name']}, whose rights it uses, has no account any more{_ANEW}")
        key = key_of(trigger, call)
        scope = team_filter(principal)
        if (started := run_store.with_key(trigger["workflow_id"], key, scope, None)) is not None:
            return _last("run", started["_id"], started["number"])
        if not principal.may("run.start", trigger["team_id"]):
            raise Held(f"{trigger['made_by_name']}, whose rights it uses, may no longer start runs here{_ANEW}")
        require(principal, "run.start", trigger["team_id"])
        here = environment_store.find(trigger["environment_id"], scope)
        if here.get("protected"):
            raise EnvironmentProtected(here, "apply")
        if here.get("removing"):
            raise Held(f"the removal of “{here['name']}” was asked for; change it or start a run to go on with it")
        if here["deployed"] is None and here.get("undeployed"):
            raise Held(f"“{here['name']}” was undeployed; run it yourself, and the trigger goes on from then")
        if run_store.first_open(here["_id"]) is not None:
            raise HeldForRun
        _check_not_returned(trigger, here, call)
        version = _deployed_by_person(here) if trigger.get("deploys") == "deployed" else None
        if trigger["type"] == "build" and not news(trigger, here):
            return _last("unneeded", reason="the images that were built run already")
        if trigger["type"] == "image" and not moved_images(trigger, here):
            return _last("unneeded", reason="the images that it watches run already, or are not drawn")
        plan, objects = make_plan(principal, trigger["workflow_id"], str(here["_id"]), version=version)
        may_delete = trigger.get("may_delete", False)
        check_unattended(here, plan, objects, _content_of(plan), may_delete=may_delete)
        given = {
            "kind": "apply",
            "idempotency_key": key,
            "deadline_s": DEFAULTS.deadline_s,
            "triggered_by": trigger["type"],
            "trigger_name": trigger.get("name", ""),
        }
        run = start_planned(principal, trigger["workflow_id"], plan["_id"], given)
    except (Conflict, Forbidden, InvalidInput, NotFound) as error:
        return {**_last("held", reason=error.detail, plan=plan), "passes": error.code in PASSING}
    return _last("run", run["_id"], run["number"], plan=plan)


def _check_not_returned(trigger: Trigger, environment: Environment, call: str) -> None:
    """Raise Held when somebody, or the environment by itself, returned to an earlier run while the call waited."""
    at, last = called_at(trigger["_id"], call), run_store.newest_shown(environment["_id"], {})
    if at is not None and last is not None and last["kind"] == "rollback" and last["created_at"] >= at:
        raise Held(f"run {last['number']} returned to an earlier one after this call; nothing was started over it")


def key_of(trigger: Trigger, call: str) -> str:
    """The idempotency key of the run for a call."""
    return f"{trigger['type']}:{trigger['_id']}:{call}"


_ANEW = ", so nothing was started; somebody who may has to change or enable the trigger"


def _deployed_by_person(environment: Environment) -> int:
    """Raises Held where nobody has deployed any version."""
    version = deployed_by_person(environment)
    if version is None:
        raise Held("nobody has deployed a version here yet; run it yourself, and the trigger goes on from then")
    return version


def _content_of(plan: Plan) -> str:
    """The digest of its version, as quarantine has it."""
    number = plan["version"]
    return content_digest_of(version_store.find(plan["workflow_id"], number)) if number is not None else ""


def check_unattended(
    environment: Environment, plan: Plan, objects: list[PlanObject], content: str = "", *, may_delete: bool = False
) -> None:
    """Raise Held for what a person should look at first; `content` is the digest of the plan's version."""
    row = quarantined_as(environment, plan["version"], content, images_digest(plan.get("images")))
    if row is not None:
        raise Held(f"version {row['version']} is in quarantine: {row['reason']}; release it, or change the graph")
    deletions = plan.get("deletions")
    if deletions and deletions["above"]:
        count = plural(deletions["count"], "object")
        raise Held(
            f"the run would delete {count}, more than the {deletions['budget']} that may go unasked here; look at the "
            "plan, and run it yourself"
        )
    if deletions and deletions["count"] and not may_delete:
        gone = list(_named(objects, lambda one: one["effect"] == Effect.DELETE))
        raise Held(
            f"the run would delete {_few(gone)}, and this trigger may delete nothing; look at the plan, and run it "
            "yourself, or allow the trigger to delete"
        )
    for why, names in (
        ("meets fields or objects of others at", list(_named(objects, _has_conflict))),
        ("can lose data of", list(_named(objects, _loses_data))),
        ("takes fields of others away with", list(_named(objects, _takes_along))),
        ("would fail at", list(_named(objects, lambda one: one["error"] is not None))),
    ):
        if names:
            raise Held(f"the run {why} {_few(names)}; look at the plan, and run it yourself")


def _few(names: list[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


def _named(objects: list[PlanObject], applies: Callable[[dict[str, Any]], bool]) -> Iterator[str]:
    for one in objects:
        planned = one["planned"]
        if applies(planned):
            yield f"{planned['ref']['kind']} {planned['ref']['name']}"


def _has_conflict(planned: dict[str, Any]) -> bool:
    return planned["effect"] == Effect.CONFLICT or bool(planned["conflicts"])


def _loses_data(planned: dict[str, Any]) -> bool:
    return bool(planned["impact"]) and planned["impact"]["level"] == Level.DATA


def _takes_along(planned: dict[str, Any]) -> bool:
    return planned["effect"] == Effect.DELETE and planned.get("added", NOTHING_ADDED.as_json())["count"] > 0


def held(reason: str) -> Last:
    """What is noted of a call that starts nothing."""
    return _last("held", reason=reason)


def _last(
    outcome: Outcome,
    run_id: ObjectId | None = None,
    number: int | None = None,
    *,
    reason: str = "",
    plan: Plan | None = None,
) -> Last:
    run = {"id": run_id, "number": number} if run_id is not None else None
    return {"at": now(), "outcome": outcome, "run": run, "reason": reason[:REASON_MAX], "plan": plan and plan["_id"]}
