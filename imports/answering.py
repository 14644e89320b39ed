"""What people decide about an import, and the variables that they give."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bson import ObjectId

from imports import store
from imports.actions import check_open
from imports.describing import outcome_of, summary
from imports.given import given_over
from imports.outcomes import Converted, Outcome
from imports.refusals import ImportChanged, ImportNotReady
from imports.store import Given, Import
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import InvalidInput, Problem

NAMED = 20
"""Unknown ids, and known ones, that an error names."""
ID_SHOWN = 120


class AnswersUnknown(InvalidInput):
    """Answers to what is not asked: nobody would learn that they have no effect."""

    code = "import.answer_unknown"

    def __init__(self, unknown: Collection[str], known: Collection[str]) -> None:
        shown = [one[:ID_SHOWN] for one in sorted(unknown)[:NAMED]]
        named = _listed(shown, len(unknown))
        are = "is not a decision" if len(unknown) == 1 else "are not decisions"
        detail = f"{named} {are} of this import; there are: {_listed([*known][:NAMED], len(known))}"
        super().__init__(detail, problems=[Problem(self.code, detail, f"answers.{one}") for one in shown])


def answer_import(
    principal: Principal,
    import_id: ObjectId,
    *,
    answers: Mapping[str, str | None],
    environment: Mapping[str, str | None],
) -> tuple[Import, Outcome]:
    """Give answers and variables, over earlier ones; None takes one back. The files are converted again.

    Raises ImportNotFound, Forbidden, ImportApplied, ImportNotReady, AnswersUnknown, AnswerInvalid or ImportChanged.
    """
    before = store.find(import_id, team_filter(principal))
    require(principal, "workflow.edit", before["team_id"])
    check_open(before)
    had = store.open_given(before)
    given: Given = {
        **had,
        "environment": given_over(had["environment"], environment, field="environment"),
        "answers": given_over(had["answers"], answers, field="answers"),
    }
    outcome = outcome_of(before, given)
    if outcome is None or before["failure"] is not None:
        raise ImportNotReady(before)
    if unknown := answers.keys() - had["answers"].keys() - set(_asked(outcome)):
        known = _asked(outcome_of(before, had))  # an answer may end the question of another one that is given with it
        if unknown := unknown - set(known):
            raise AnswersUnknown(unknown, known)
    values = {"sealed_given": store.seal_given(import_id, given), "updated_at": now(), **summary(outcome)}
    after = store.change(import_id, before["rev"], values)
    if after is None:
        raise ImportChanged
    return after, outcome


def _asked(outcome: Outcome | None) -> list[str]:
    """The ids of all decisions."""
    return [one.id for one in outcome.decisions] if isinstance(outcome, Converted) else []


def _listed(names: Collection[str], count: int) -> str:
    more = count - len(names)
    return (", ".join(names) or "none") + (f" and {more} more" if more > 0 else "")
