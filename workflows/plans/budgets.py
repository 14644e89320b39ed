"""A plan's deletions against the budget of its environment as it is now: it guards runs, whenever they were planned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo.client_session import ClientSession

from kubeorch.base.errors import Conflict
from workflows.domain.rendering.budget import Deletions, budget_of
from workflows.environments import store as environment_store
from workflows.environments.inventory_store import count_owned
from workflows.plans.store import Plan, options_of


class PlanAboveBudget(Conflict):
    """A plan that deletes more than the environment's budget runs only with its number."""

    code = "plan.above_budget"

    def __init__(self, deletions: Mapping[str, Any]) -> None:
        count = deletions["count"]
        super().__init__(
            f"this plan deletes {count} objects, more than the {deletions['budget']} that may go unasked here; "
            f"look at them, and send confirm_deletions: {count} to go on",
            field="confirm_deletions",
            extra=dict(deletions),
        )


def check_number(plan: Plan, number: int, session: ClientSession | None = None) -> None:
    """Raise PlanAboveBudget unless who starts a run of a plan above the budget says how many objects it deletes."""
    if not options_of(plan).confirm_deletions:
        return
    counted = deletions_now(plan, session)
    if counted.above and counted.count != number:
        raise PlanAboveBudget(counted.as_json())


def deletions_now(plan: Plan, session: ClientSession | None = None) -> Deletions:
    """How many objects the plan deletes, and how many may go unasked. Raises EnvironmentNotFound."""
    here = environment_store.find(plan["environment_id"], {}, session=session)
    return Deletions(options_of(plan).confirm_deletions, budget_of(here).of(count_owned(here["_id"], session)))


def as_of_now(plan: Plan) -> Plan:
    """The plan with what its deletions are against the budget of now. Raises EnvironmentNotFound."""
    return {**plan, "deletions": deletions_now(plan).as_json()}
