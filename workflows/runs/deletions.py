"""What a run deletes and keeps, told before it starts; and that nothing more is deleted than a person has confirmed.

It is foreseen without a cluster: from the drawing, the inventory, and the runs that have their turn before. The worker
plans again when the run's turn has come, and stops a run that would delete any other object.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pymongo.client_session import ClientSession

from clusters.domain.objects import Ref, Refs, ref_from_json
from kubeorch.base.errors import Conflict, InvalidInput
from workflows.domain.rendering.budget import DEFAULT, Deletions, Rename, budget_of, renames
from workflows.domain.rendering.plan import NAMESPACE_STAYS, Action, Owned, Plan, make_plan, with_namespace
from workflows.domain.rendering.render import Rendered
from workflows.domain.run_options import RunOptions
from workflows.environments import standing_store
from workflows.environments.inventory_store import owned_objects, turn_of
from workflows.environments.owned import owned_after, owned_of
from workflows.environments.store import Environment
from workflows.runs import step_store
from workflows.runs import store as run_store
from workflows.runs.drawn import drawn_of
from workflows.runs.run import Run
from workflows.runs.unmade import is_unproven

NAMED = 5
"""How many objects a sentence names before it counts the rest."""


@dataclass(frozen=True, slots=True)
class Deletion:
    ref: Ref
    node_id: str
    holds_data: bool
    """Deleting it loses data."""


@dataclass(frozen=True, slots=True)
class Kept:
    ref: Ref
    node_id: str
    reason: str
    holds_data: bool = False
    """It stays for its data, and goes where data is to go."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What becomes of the objects that are owned and not drawn any more."""

    deletions: Sequence[Deletion] = ()
    kept: Sequence[Kept] = ()
    budget: int = DEFAULT.objects
    """So many deletions need no person who types their number."""
    renames: Sequence[Rename] = ()
    """Which deletions are the old names of nodes."""

    @property
    def counted(self) -> Deletions:
        return Deletions(len(self.deletions), self.budget)

    @property
    def deletions_json(self) -> list[dict[str, Any]]:
        return [
            {"ref": one.ref.as_json(), "node_id": one.node_id, "holds_data": one.holds_data} for one in self.deletions
        ]

    @property
    def refs_json(self) -> list[dict[str, str]]:
        return [one.ref.as_json() for one in self.deletions]

    @property
    def confirmation(self) -> str:
        """A digest of which objects are deleted: who sends it back has seen just these."""
        return hashlib.sha256("\n".join(sorted(one.ref.key for one in self.deletions)).encode()).hexdigest()[:16]

    @property
    def kept_json(self) -> list[dict[str, Any]]:
        return [{"ref": one.ref.as_json(), "node_id": one.node_id or None, "reason": one.reason} for one in self.kept]

    @classmethod
    def of(cls, plan: Plan, budget: int = DEFAULT.objects, renamed: Sequence[Rename] = ()) -> Foreseen:
        return cls(
            [Deletion(step.ref, step.node_id, step.holds_data) for step in plan.deletions],
            [Kept(step.ref, step.node_id, step.reason, step.holds_data) for step in plan.kept],
            budget,
            renamed,
        )


class DeletionsUnconfirmed(Conflict):
    """The run would delete objects, and nobody has said yes to just so many."""

    code = "run.deletions_unconfirmed"

    def __init__(self, found: Foreseen) -> None:
        counted = found.counted
        above = f" That is more than the {counted.budget} that may go unasked here." if counted.above else ""
        holding = ", ".join(f"{one.ref.kind} {one.ref.name}" for one in found.kept if one.holds_data)
        super().__init__(
            f"the run would delete {named(found.deletions)}, no longer in the workflow; "
            f"look at the list, and send confirm_deletions: {counted.count} to go on.{above}"
            if found.deletions
            else f"the run would keep {holding}, no longer in the workflow, for its data; send the confirmation to go "
            "on, or delete_volumes to delete it with its data",
            field="confirm_deletions",
            extra={
                "confirmation": found.confirmation,
                "deletions": found.deletions_json,
                "kept": [
                    {**row, "holds_data": one.holds_data} for row, one in zip(found.kept_json, found.kept, strict=True)
                ],
                "budget": counted.budget,
                "above": counted.above,
                "renames": [one.as_json() for one in found.renames],
            },
        )


class DeletionsAboveBudget(Conflict):
    """Nobody is there to confirm so many deletions."""

    code = "run.deletions_above_budget"

    def __init__(self, counted: Deletions) -> None:
        super().__init__(
            f"{counted.count} objects would be deleted, more than the {counted.budget} that may go without a person; "
            f"nothing was changed. Look at a plan, and start a run of it with confirm_deletions: {counted.count}"
        )


class MoreToDelete(Conflict):
    """When the run's turn came there was more to delete than a person had confirmed."""

    code = "run.deletions_grown"

    def __init__(self, deletions: Sequence[Deletion], confirmed: int) -> None:
        super().__init__(
            f"the run would delete {named(deletions)}: {len(deletions)} in all, but {confirmed} confirmed; "
            "nothing was changed. Start a new run to see the list and confirm it"
        )


def named(deletions: Sequence[Deletion]) -> str:
    """`ConfigMap a, Service b and 3 more`."""
    names = ", ".join(f"{one.ref.kind} {one.ref.name}" for one in deletions[:NAMED])
    return names + (f" and {len(deletions) - NAMED} more" if len(deletions) > NAMED else "")


def check_deletions(found: Foreseen, confirmed: int, confirmation: str = "") -> None:
    """Raise DeletionsUnconfirmed unless just so many deletions are confirmed as there are, and with a `confirmation`
    just these objects."""
    if not found.deletions:
        return
    if len(found.deletions) != confirmed or confirmation not in ("", found.confirmation):
        raise DeletionsUnconfirmed(found)


def check_kept(found: Foreseen, known: Refs, confirmation: str) -> None:
    """Raise DeletionsUnconfirmed where a run deletes nothing, and keeps what holds data and is not among the `known`,
    so that a person may say that it goes as well; who has seen that sends its `confirmation`."""
    new = [one for one in found.kept if one.holds_data and known.find(one.ref) is None]
    if new and not found.deletions and confirmation != found.confirmation:
        raise DeletionsUnconfirmed(found)


def check_budget(counted: Deletions) -> None:
    """Raise DeletionsAboveBudget when a run that no person starts would delete more than the budget."""
    if counted.above:
        raise DeletionsAboveBudget(counted)


def unconfirmed(run: Run, deletions: Sequence[Deletion]) -> list[Deletion]:
    """Those that were not foreseen when a person confirmed the run's deletions.

    Of a run that an earlier release stored only their number is known: beyond it, the last ones.
    """
    if "confirmed_deletions" not in run:
        return list(deletions[RunOptions.of(run).confirm_deletions :])
    confirmed = Refs(ref_from_json(one) for one in run["confirmed_deletions"])
    return [one for one in deletions if confirmed.find(one.ref) is None]


def check_planned(run: Run, plan: Plan) -> None:
    """Raise MoreToDelete when a planned run would delete an object that no person has confirmed.

    A destroy run is asked for by name, so it needs no confirmation.
    """
    deletions = Foreseen.of(plan).deletions
    if run["kind"] != "destroy" and (more := unconfirmed(run, deletions)):
        raise MoreToDelete(deletions, len(deletions) - len(more))


def gives_back(run: Run) -> bool:
    """Whether a run gives back what was taken over and is not drawn any more. A rollback that nobody started does not:
    the next run has it again, and would have to take it over anew."""
    return run.get("triggered_by") != "rollback"


def foreseen(
    environment: Environment,
    rendered: Sequence[Rendered] | None,
    options: RunOptions,
    session: ClientSession,
    *,
    turn: int | None = None,
    before: Sequence[Run] | None = None,
    unproven: bool = False,
) -> Foreseen:
    """What a run that applies `rendered`, or without it a destroy run, will delete and keep, after the open runs of the
    environment before it (all, or those before `turn`, or those given) have had their turn. A run of some objects
    deletes none.

    With `unproven`, also what a run was about to make and may not have made, and nothing is given back: for a run that
    nobody is there to confirm.
    """
    if options.only:
        return Foreseen()
    rows = owned_objects([environment["_id"]], session=session)
    owned = [owned_of(row) for row in rows if unproven or not is_unproven(row)]
    if before is None:
        before = run_store.waiting_in(environment["_id"], session, before=turn)
    if not owned and not before and rendered is not None:
        return Foreseen()
    for run in before:
        owned = _after(run, environment, owned, session)
    destroy, delete_volumes = rendered is None, options.delete_volumes
    plan = make_plan(rendered or (), owned, destroy=destroy, delete_volumes=delete_volumes, gives_back=not unproven)
    if rendered is None and standing_store.has_made_namespace(environment):
        plan = with_namespace(plan, environment["namespace"], Action.KEEP, NAMESPACE_STAYS)
    kept = {step.ref for step in plan.kept}
    return Foreseen.of(plan, budget_of(environment).of(len(owned)), renames(rendered or (), owned, kept))


def foreseen_again(
    run: Run, environment: Environment, rendered: Sequence[Rendered], session: ClientSession
) -> Foreseen:
    """What a run that is tried again will still delete: by its plan, where it has one already."""
    if step_store.has_steps(run["_id"]):
        left = step_store.deletions_left(run["_id"], session)
        owned = owned_objects([environment["_id"]], session=session)
        return Foreseen(
            [Deletion(ref_from_json(step["ref"]), step["node_id"], step.get("holds_data", False)) for step in left],
            budget=budget_of(environment).of(len(owned)),
        )
    return foreseen(environment, rendered, RunOptions.of(run), session, turn=turn_of(run))


def _after(run: Run, environment: Environment, owned: Sequence[Owned], session: ClientSession) -> list[Owned]:
    """What is owned after a run that has not ended yet, if it succeeds."""
    if RunOptions.of(run).only:
        return list(owned)
    rendered: Sequence[Rendered] = ()
    if run["kind"] != "destroy":
        try:
            rendered = drawn_of(run, environment, session=session).items
        except InvalidInput:
            return list(owned)  # it will fail and change nothing
    destroy, delete_volumes = run["kind"] == "destroy", RunOptions.of(run).delete_volumes
    plan = make_plan(rendered, owned, destroy=destroy, delete_volumes=delete_volumes, gives_back=gives_back(run))
    kept = {step.ref for step in plan.kept if step.action is Action.KEEP}
    return [
        *owned_after(rendered),
        *(one for one in owned if one.ref in kept),
    ]
