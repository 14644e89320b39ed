"""Answers are kept: the same files, imported again, start with what was given for them the last time."""

from __future__ import annotations

from collections.abc import Sequence

from imports import store
from imports.converting import convert_source
from imports.describing import source_of
from imports.domain.convert.decisions import AnswerInvalid
from imports.domain.sources import SourceFile
from imports.outcomes import Outcome, Refused
from imports.store import Given, Import

LOOKED_AT_MOST = 3
"""Earlier imports of files with these paths, each of which may be another project."""
UNFIT_MOST = 20
"""Earlier answers that may no longer fit, before all of them are left out."""


def convert_again(row: Import, given: Given, files: Sequence[SourceFile]) -> tuple[Given, Outcome]:
    """Convert a new row with what is given for it, over what the same person gave for the last import of this project.

    Sets `answers_from` of the row, and `drawn_before`. Earlier answers that the files no longer take are left out. What
    others gave, and what was given for another project with files of these names, stays with them: it holds passwords.
    """
    answered = given, convert_source(source_of(row, given, files))
    paths = [file.path for file in files]
    for last in store.last_like(row["team_id"], row["created_by"], row["type"], paths, LOOKED_AT_MOST):
        earlier = store.open_given(last)
        answers = "answers_from" not in row and bool(earlier["answers"] or earlier["environment"])
        draws = "drawn_before" not in row and last["workflow_id"] is not None
        if not (answers or draws):
            continue
        found = _with_earlier(row, given, earlier, files)
        if found is None or not _is_same_project(row, found[1], last, earlier):
            continue
        if answers:
            row["answers_from"], answered = last["_id"], found
        if draws:
            row["drawn_before"] = last["_id"]
    return answered


def is_of_same_project(row: Import, outcome: Outcome, last: Import, then: Outcome) -> bool:
    """Whether an earlier import is of the same place, or at least half of what is drawn is the same. A file that both
    have, as a licence, says nothing: what an earlier import drew, and this one does not, is taken out of a workflow.
    Another chart, and another release of one, is another project wherever it comes from and whatever it draws."""
    if _are_apart(_release(row), _release(last)):
        return False
    place = _place(row)
    return (place is not None and place == _place(last)) or _are_alike(outcome, then)


def _place(row: Import) -> tuple[object, ...] | None:
    """Where it was fetched, and what of it was chosen; None where that is not known, as of a chart without its name."""
    release = _release(row)
    address = row["facts"].get("url") or (row["facts"].get("chart") or {}).get("url")
    chosen = row["choice"]["paths"] if row["choice"] else ()
    return (row["reads"], address, *release, *chosen) if address and all(release) else None


def _release(row: Import) -> tuple[str, ...]:
    """The chart, the release and its namespace, "" for what was not written down; nothing for what is not a chart."""
    facts = row["facts"].get("chart") if row["reads"] == "chart" else None
    return (row["facts"].get(store.CHART_NAME, ""), facts["release"], facts["namespace"]) if facts else ()


def _are_apart(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return any(now and then and now != then for now, then in zip(one, other, strict=False))


def _with_earlier(
    row: Import, given: Given, earlier: Given, files: Sequence[SourceFile]
) -> tuple[Given, Outcome] | None:
    """What the files become with earlier answers below what is given; None where too many of them do not fit."""
    answers = {**earlier["answers"], **given["answers"]}
    environment = {**earlier["environment"], **given["environment"]}
    for _ in range(UNFIT_MOST):
        both: Given = {**given, "environment": environment, "answers": answers}
        try:
            return both, convert_source(source_of(row, both, files))
        except AnswerInvalid as error:
            answers = {id_: answer for id_, answer in answers.items() if id_ != error.decision_id}
    return None


def _is_same_project(row: Import, outcome: Outcome, last: Import, earlier: Given) -> bool:
    """Whether a file is the same, or at least half of what is drawn: nodes by kind, name and image without its tag."""
    before = {file["sha256"] for file in last["files"] if file["bytes"]}
    if any(file["sha256"] in before for file in row["files"]):
        return True
    try:
        then = convert_source(source_of(last, earlier, store.open_files(last)))
    except AnswerInvalid:
        return False
    return _are_alike(outcome, then)


def _are_alike(one: Outcome, other: Outcome) -> bool:
    now, then = _marks(one), _marks(other)
    return 2 * len(now & then) >= max(len(now), len(then), 1)


def _marks(outcome: Outcome) -> set[tuple[str, str, str]]:
    if isinstance(outcome, Refused):
        return set()
    nodes = outcome.graph["nodes"]
    return {(one["kind"], one["name"], str(one["parameters"].get("image", "")).partition(":")[0]) for one in nodes}
