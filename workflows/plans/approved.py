"""Whether the approval of a plan stands: asked when a run of it is started or goes on, never kept."""

from __future__ import annotations

from typing import Any

from bson import ObjectId

from kubeorch.accounts.store import principal_of_user
from workflows.environments.store import Environment
from workflows.plans.store import Plan, approval_of
from workflows.runs.permission import EnvironmentProtected
from workflows.runs.run import Run


def standing_approval(plan: Plan) -> dict[str, Any] | None:
    """The approval of a plan, while two people stand behind it: who made the plan may still run it, and who approved it
    may still approve one."""
    approval = approval_of(plan)
    if approval is None or not _may(plan["created_by"], "run.start", plan):
        return None
    return approval if _may(approval["by"], "plan.approve", plan) else None


def _may(user_id: ObjectId, verb: str, plan: Plan) -> bool:
    person = principal_of_user(user_id)
    return person is not None and person.may(verb, plan["team_id"])


def require_standing(environment: Environment, plan: Plan, run: Run) -> None:
    """Raise EnvironmentProtected where a run of the plan would change a protected environment and its approval does not
    stand any more."""
    if environment.get("protected") and standing_approval(plan) is None:
        raise EnvironmentProtected(environment, run["kind"])
