"""Plans approved and refused, by another person than the one who made them."""

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
from workflows.plans import store as plan_store
from workflows.plans.judging import moved
from workflows.plans.representations import asked_json
from workflows.plans.starting import PlanMoved
from workflows.plans.store import ApprovalState, Plan, PlanObject


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


def approve(principal: Principal, plan_id: ObjectId, reason: str = "") -> tuple[Plan, list[PlanObject]]:
    """Let a plan run in a protected environment, as long as it is true.

    Raises PlanNotFound, Forbidden, OwnPlan, MakerMayNotRun, PlanWouldFail, or PlanMoved when the plan is no longer
    true.
    """
    plan = _deciding(principal, plan_id)
    maker = principal_of_user(plan["created_by"])
    if maker is None or not maker.may("run.start", plan["team_id"]):
        raise MakerMayNotRun(plan["created_by_name"])
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


def _deciding(principal: Principal, plan_id: ObjectId) -> Plan:
    plan = plan_store.find(plan_id, team_filter(principal))
    require(principal, "plan.approve", plan["team_id"])
    if plan["created_by"] == ObjectId(principal.user_id):
        raise OwnPlan
    return plan


def _decide(principal: Principal, plan: Plan, state: ApprovalState, reason: str) -> Plan:
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
        after = approval_store.decide(plan["_id"], team_filter(principal), decision, session)
        key, told = f"plan:{plan['_id']}", decision_json(after)
        events.publish(
            f"environment:{plan['environment_id']}", key, told, rev=after["approval"]["rev"], session=session
        )
        waited = f"approval:{plan['_id']}"
        events.publish(
            f"team:{plan['team_id']}", waited, asked_json(after), rev=after["approval"]["rev"], session=session
        )
        return after

    return run_in_transaction(work)
