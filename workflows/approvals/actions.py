"""Plans approved and refused, by another person than the one who made them, who may withdraw what they asked for."""

from __future__ import annotations

from collections.abc import Sequence

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.accounts.store import principal_of_user
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, Forbidden
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events
from workflows.approvals import store as approval_store
from workflows.approvals.representations import decision_json
from workflows.environments import questions as environment_questions
from workflows.plans import store as plan_store
from workflows.plans.judging import moved
from workflows.plans.representations import asked_json
from workflows.plans.starting import PlanMoved
from workflows.plans.store import ApprovalState, Plan, PlanObject
from workflows.runs.history_store import runs_of_plans


class OwnPlan(Forbidden):
    """Four eyes: nobody approves a plan of their own."""

    code = "approval.own_plan"

    def __init__(self) -> None:
        super().__init__("you made this plan, so another operator or administrator of the team has to decide about it")


class MakerMayNotRun(Conflict):
    """A plan of somebody who may not run it would leave the whole change to whoever approves it."""

    code = "approval.maker_may_not_run"

    def __init__(self, maker: str) -> None:
        super().__init__(f"{maker}, who made this plan, may not start runs here; somebody who may has to make it anew")


class PlanWouldFail(Conflict):
    """Nothing is approved that cannot be carried out."""

    code = "approval.would_fail"

    def __init__(self, names: Sequence[str]) -> None:
        more = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
        super().__init__(
            f"a run of this plan would fail at {names[0]}{more}, so there is nothing to approve yet; whoever made it "
            "has to choose what becomes of the fields of others, or change the workflow, and plan again"
        )


class NotYourPlan(Forbidden):
    """What somebody asked for is theirs to withdraw; others refuse it."""

    code = "approval.not_yours"

    def __init__(self, maker: str) -> None:
        super().__init__(f"{maker} made this plan, so only they withdraw it or ask again; an operator can refuse it")


class Withdrawn(Conflict):
    """Nobody asks for this approval any more."""

    code = "approval.withdrawn"

    def __init__(self, maker: str) -> None:
        super().__init__(f"{maker} has withdrawn this plan, so there is nothing to decide until they ask again")


class NothingToWithdraw(Conflict):
    """The plan waits for no approval and has none."""

    code = "approval.not_asked"

    def __init__(self, why: str) -> None:
        super().__init__(why)


class DecidedMeanwhile(Conflict):
    """Somebody else was quicker."""

    code = "approval.decided_meanwhile"

    def __init__(self) -> None:
        super().__init__("somebody has decided about this plan at the same moment; look at it again")


def approve(principal: Principal, plan_id: ObjectId, reason: str = "") -> tuple[Plan, list[PlanObject]]:
    """Let a plan run in a protected environment, as long as it is true.

    Raises PlanNotFound, Forbidden, OwnPlan, Withdrawn, MakerMayNotRun, PlanWouldFail, DecidedMeanwhile, or PlanMoved
    when the plan is no longer true.
    """
    plan = _deciding(principal, plan_id)
    _require_maker(plan)
    objects = plan_store.objects_of(plan_id)
    if found := moved(plan, objects):
        raise PlanMoved(found)
    if names := plan_store.would_fail(objects):
        raise PlanWouldFail(names)
    return _decide(principal, plan, "approved", reason), objects


def refuse(principal: Principal, plan_id: ObjectId, reason: str) -> tuple[Plan, list[PlanObject]]:
    """Keep a plan from running in a protected environment, also one that was approved. Raises as `approve`."""
    plan = _deciding(principal, plan_id)
    return _decide(principal, plan, "refused", reason), plan_store.objects_of(plan_id)


def withdraw(principal: Principal, plan_id: ObjectId, reason: str = "") -> tuple[Plan, list[PlanObject]]:
    """Have a plan of one's own wait for nobody any more, also one that was approved and not run.

    Raises PlanNotFound, NotYourPlan, NothingToWithdraw or DecidedMeanwhile.
    """
    plan = _own(principal, plan_id)
    if run := runs_of_plans([plan_id]).get(plan_id):
        raise NothingToWithdraw(f"run #{run['number']} was started from this plan; cancel the run instead")
    if not plan.get("asked") and plan_store.approval_of(plan) is None:
        raise NothingToWithdraw("this plan waits for no approval and has none, so there is nothing to withdraw")
    return _decide(principal, plan, "withdrawn", reason), plan_store.objects_of(plan_id)


def ask_again(principal: Principal, plan_id: ObjectId) -> tuple[Plan, list[PlanObject]]:
    """Put a plan that was withdrawn before the approvers again, in place of a later one of the same person.

    Raises PlanNotFound, NotYourPlan, NothingToWithdraw where it was not withdrawn or its environment asks for no
    approval, MakerMayNotRun, PlanMoved or DecidedMeanwhile.
    """
    plan = _own(principal, plan_id)
    if not _is_withdrawn(plan):
        raise NothingToWithdraw("only a plan that was withdrawn is asked for again; make a new plan")
    if not environment_questions.are_protected([plan["environment_id"]]):
        raise NothingToWithdraw(f"{plan['environment_name']} is not protected any more: the plan runs without approval")
    _require_maker(plan)
    objects = plan_store.objects_of(plan_id)
    if found := moved(plan, objects):
        raise PlanMoved(found)
    return _decide(principal, plan, "none", ""), objects


def _deciding(principal: Principal, plan_id: ObjectId) -> Plan:
    plan = plan_store.find(plan_id, team_filter(principal))
    require(principal, "plan.approve", plan["team_id"])
    if plan["created_by"] == ObjectId(principal.user_id):
        raise OwnPlan
    if _is_withdrawn(plan):
        raise Withdrawn(plan["created_by_name"])
    return plan


def _is_withdrawn(plan: Plan) -> bool:
    approval = plan.get("approval")
    return approval is not None and approval["state"] == "withdrawn"


def _own(principal: Principal, plan_id: ObjectId) -> Plan:
    plan = plan_store.find(plan_id, team_filter(principal))
    if plan["created_by"] != ObjectId(principal.user_id):
        raise NotYourPlan(plan["created_by_name"])
    return plan


def _require_maker(plan: Plan) -> None:
    maker = principal_of_user(plan["created_by"])
    if maker is None or not maker.may("run.start", plan["team_id"]):
        raise MakerMayNotRun(plan["created_by_name"])


def _decide(principal: Principal, plan: Plan, state: ApprovalState, reason: str) -> Plan:
    known = plan.get("approval")
    decision: plan_store.Approval = {
        "state": state,
        "by": ObjectId(principal.user_id),
        "by_name": principal.name or principal.email,
        "at": now(),
        "reason": reason,
        "hash": plan["hash"],
        "rev": 0,
    }

    def work(session: ClientSession) -> Plan:
        scope = team_filter(principal)
        after = approval_store.decide(plan["_id"], scope, decision, known["rev"] if known else 0, session)
        if after is None:
            plan_store.find(plan["_id"], scope)
            raise DecidedMeanwhile
        if state == "none":
            approval_store.take_back_others(after, session)
        rev, key = after["approval"]["rev"], str(plan["_id"])
        events.publish(
            f"environment:{plan['environment_id']}", f"plan:{key}", decision_json(after), rev=rev, session=session
        )
        events.publish(f"team:{plan['team_id']}", f"approval:{key}", asked_json(after), rev=rev, session=session)
        return after

    return run_in_transaction(work)
