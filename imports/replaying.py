"""Answers are kept: the same files, imported again, start with what was given for them the last time."""

from __future__ import annotations

from collections.abc import Sequence

from imports import store
from imports.converting import convert_source
from imports.describing import source_of
from imports.domain.convert.decisions import AnswerInvalid
from imports.domain.sources import SourceFile
from imports.outcomes import Outcome
from imports.store import Given, Import

UNFIT_MOST = 20
"""Earlier answers that may no longer fit, before all of them are left out."""


def convert_again(row: Import, given: Given, files: Sequence[SourceFile]) -> tuple[Given, Outcome]:
    """Convert a new row with what is given for it, over what was given for the team's last import of these files.

    Sets `answers_from` of the row. Earlier answers that the files no longer take are left out.
    """
    last = store.last_like(row["team_id"], row["type"], [file.path for file in files])
    earlier = store.open_given(last) if last is not None else None
    if last is None or earlier is None or not (earlier["answers"] or earlier["environment"]):
        return given, convert_source(source_of(row, given, files))
    answers = {**earlier["answers"], **given["answers"]}
    environment = {**earlier["environment"], **given["environment"]}
    for _ in range(UNFIT_MOST):
        both: Given = {**given, "environment": environment, "answers": answers}
        try:
            outcome = convert_source(source_of(row, both, files))
        except AnswerInvalid as error:
            answers = {id_: answer for id_, answer in answers.items() if id_ != error.decision_id}
        else:
            row["answers_from"] = last["_id"]
            return both, outcome
    return given, convert_source(source_of(row, given, files))
