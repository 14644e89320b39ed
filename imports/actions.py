"""Imports: made from files, applied as a workflow, removed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from builds.domain.sources import ref_or_none, repository_url
from builds.sources.store import SourceRow
from imports import jobs, store
from imports.converting import convert_source
from imports.describing import file_rows, name_of, outcome_of, source_of, summary
from imports.discovery import check_choice
from imports.domain.convert.build_places import REF, REPOSITORY
from imports.given import given_over
from imports.intake import SourceType, check_source, chosen_files, source_files
from imports.outcomes import Converted, Outcome, Refused
from imports.refusals import FETCHES_MOST, ImportApplied, ImportChanged, ImportNotReady, ImportRefused, TooManyFetches
from imports.replaying import convert_again
from imports.sourcing import make_sources, named_in, planned_sources
from imports.store import Given, Import
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import choose_team, require, team_filter
from kubeorch.base.clock import now
from kubeorch.mongo.transaction import run_in_transaction
from workflows import store as workflow_store
from workflows.actions import create_workflow
from workflows.environments import secret_store
from workflows.names import clean_name
from workflows.store import Workflow

GENERATED_BYTES = 24


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of an import: its workflow, and the sources that were made with it."""

    row: Import
    workflow: Workflow
    sources: Sequence[SourceRow]


def make_import(
    principal: Principal, *, name: str, team: object, source: Mapping[str, Any]
) -> tuple[Import, Outcome | None]:
    """Keep files, sealed, and convert them; or have them fetched, where the source is not in the request.

    Files that cannot be converted are kept as well, with the reason.
    Raises Forbidden, NotFound, FileRefused, TooManyFetches or InvalidInput.
    """
    team_id = choose_team(principal, "workflow.edit", team)
    check_source(source)
    row = _new_row(principal, team_id, clean_name(name) if name else "", source["type"])
    if source["type"] in jobs.FETCHERS:
        return _start_fetch(principal, row, source), None
    files = source_files(source["files"])
    environment = given_over({}, source.get("environment") or {}, field="source.environment")
    given: Given = {"environment": environment, "answers": _of_repository(source)}
    sealed = store.seal_files(row["_id"], files)
    row |= {
        "reads": source["type"],
        "files": file_rows(files),
        "compose_files": chosen_files(files, source.get("compose_files") or (), field="compose_files"),
        "env_files": chosen_files(files, source.get("env_files") or (), field="env_files"),
        "profiles": list(dict.fromkeys(source.get("profiles") or ())),
        "sealed_files": sealed,
        "stored_bytes": len(sealed),
    }
    given, outcome = convert_again(row, given, files)
    row["sealed_given"] = store.seal_given(row["_id"], given)
    row |= summary(outcome)  # type: ignore[typeddict-item]
    row["name"] = row["name"] or name_of(source_of(row, given, files), outcome)
    run_in_transaction(lambda session: store.insert(row, session))
    return row, outcome


def _of_repository(source: Mapping[str, Any]) -> dict[str, str]:
    """Where the files are from, as the answers that say so. Raises RepositoryInvalid."""
    answers = {}
    if repository := source.get("repository"):
        answers[REPOSITORY] = repository_url(repository, field="source.repository")
    if ref := source.get("ref"):
        answers[REF] = ref_or_none(ref, field="source.ref")
    return answers


def _new_row(principal: Principal, team_id: ObjectId, name: str, type_: SourceType) -> Import:
    at = now()
    return {
        "_id": ObjectId(),
        "team_id": team_id,
        "name": name,
        "type": type_,
        "reads": None,
        "facts": {},
        "found": [],
        "choice": None,
        "progress": None,
        "failure": None,
        "files": [],
        "compose_files": [],
        "env_files": [],
        "profiles": [],
        "sealed_files": b"",
        "sealed_given": b"",
        "stored_bytes": 0,
        "state": "fetching",
        "counts": {},
        "node_count": 0,
        "workflow_id": None,
        "rev": 1,
        "created_at": at,
        "created_by": ObjectId(principal.user_id),
        "updated_at": at,
    }


def _start_fetch(principal: Principal, row: Import, source: Mapping[str, Any]) -> Import:
    """Raises TooManyFetches, and what the source refuses at once."""
    given_source = {name: value for name, value in source.items() if name != "type"}
    accepted = jobs.FETCHERS[row["type"]].check(principal, given_source)
    asked = {name: value for name, value in given_source.items() if name != "files"}
    if "files" in source:
        files = source_files(source["files"])
        row["files"], row["sealed_files"] = file_rows(files), store.seal_files(row["_id"], files)
        row["stored_bytes"] = len(row["sealed_files"])
    given: Given = {"environment": {}, "answers": {}, "asked": asked}
    row["name"] = row["name"] or accepted.name
    row["facts"] = accepted.facts
    row["sealed_given"] = store.seal_given(row["_id"], given)
    start_fetch(row)
    return row


def start_fetch(row: Import) -> None:
    """Keep a new import, and let a job fetch or render it. Raises TooManyFetches."""

    def work(session: ClientSession) -> None:
        _check_room(row["team_id"], session)
        store.insert(row, session)
        jobs.start(row, session)

    run_in_transaction(work)


def cancel_import(principal: Principal, import_id: ObjectId) -> Import:
    """End a fetch; one that has ended stays as it is. Raises ImportNotFound or Forbidden."""
    row = store.find(import_id, team_filter(principal))
    require(principal, "workflow.edit", row["team_id"])
    values = {**jobs.without_credential(import_id, store.open_given(row)), "state": "canceled"}
    canceled = store.end_fetch(import_id, row["rev"], values)
    if canceled is None:
        return store.find(import_id, team_filter(principal))
    jobs.stop(import_id, row["rev"])
    return canceled


def choose(
    principal: Principal, import_id: ObjectId, *, type_: str, paths: Sequence[str]
) -> tuple[Import, Outcome | None]:
    """Say which of what was found is imported; it may be said again. Answers that were given stay.

    Of Compose the paths are files, merged in their order; of others folders.
    Raises ImportNotFound, Forbidden, ImportApplied, ImportNotReady, InvalidInput or ImportChanged.
    """
    before = store.find(import_id, team_filter(principal))
    require(principal, "workflow.edit", before["team_id"])
    check_open(before)
    if not before["found"]:
        raise ImportNotReady(before)
    content = check_choice(before["found"], type_, paths)
    merged = list(dict.fromkeys(paths)) if content == "compose" else []
    values: dict[str, Any] = {
        "choice": {"type": type_, "paths": list(paths)},
        "reads": content,
        "compose_files": merged,
        "updated_at": now(),
    }
    if content in jobs.RENDERERS:
        return start_again(before, values), None
    after: Import = {**before, **values}  # type: ignore[typeddict-item]
    outcome = convert_source(source_of(after, store.open_given(before), store.open_files(before)))
    changed = store.change(import_id, before["rev"], values | summary(outcome))
    if changed is None:
        raise ImportChanged
    return changed, outcome


def start_again(before: Import, values: Mapping[str, Any]) -> Import:
    """Let a job render the files that are there, with other values or what was chosen.

    Raises TooManyFetches or ImportChanged.
    """

    def work(session: ClientSession) -> Import:
        _check_room(before["team_id"], session)
        change = {**values, "state": "fetching", "failure": None, "progress": None}
        after = store.change(before["_id"], before["rev"], change, session)
        if after is None:
            raise ImportChanged
        jobs.start(after, session)
        return after

    return run_in_transaction(work)


def _check_room(team_id: ObjectId, session: ClientSession) -> None:
    if store.fetching_of(team_id, session) >= FETCHES_MOST:
        raise TooManyFetches


def look_at(row: Import) -> Outcome | None:
    """What the import's files and answers become now; None before it is known which files and how."""
    return outcome_of(row, store.open_given(row))


def converted_of(row: Import) -> Converted:
    """The graph of an import. Raises ImportNotReady or ImportRefused where it has none."""
    outcome = look_at(row)
    if outcome is None:
        raise ImportNotReady(row)
    if isinstance(outcome, Refused):
        raise ImportRefused(outcome)
    return outcome


def apply_import(
    principal: Principal, import_id: ObjectId, *, name: str, environment: Mapping[str, Any] | None
) -> Applied:
    """Make the workflow, with its first environment where that is given, and the sources of its images; all of it or
    nothing.

    Values of secrets are stored, sealed, for that environment; without one they are asked for at the first run.
    Raises ImportNotFound, Forbidden, ImportRefused, ImportApplied, ImportChanged, and what `create_workflow` and
    `create_source` raise.
    """
    row = store.find(import_id, team_filter(principal))
    require(principal, "workflow.edit", row["team_id"])
    outcome = converted_of(row)
    values = values_of(outcome) if environment is not None else {}
    if values:
        require(principal, "secret.edit", row["team_id"])
    planned = planned_sources(row["team_id"], outcome.sources)
    graph = named_in(outcome.graph, planned)

    def work(session: ClientSession) -> Applied:
        check_open(row)
        sources = make_sources(principal, row, planned)
        made = create_workflow(principal, name=name, team=str(row["team_id"]), graph=graph, environment=environment)
        if values:
            place = made["environments"][0]["id"]
            secret_store.store_values(made["_id"], place, values, at=now(), session=session)
        counts = outcome.applied().ledger.counts()
        change = {"workflow_id": made["_id"], "drawn_as": [], "counts": counts, "updated_at": now()}
        after = store.change(import_id, row["rev"], change, session)
        if after is None:
            raise ImportChanged
        return Applied(after, made, sources)

    return run_in_transaction(work)


def remove_import(principal: Principal, import_id: ObjectId) -> Import:
    """Forget the files and answers; the workflow that was made of it stays. Raises ImportNotFound or Forbidden."""

    def work(session: ClientSession) -> Import:
        row = store.find(import_id, team_filter(principal), session=session)
        require(principal, "workflow.edit", row["team_id"])
        store.remove(import_id, session)
        return row

    row = run_in_transaction(work)
    jobs.stop(import_id, row["rev"])
    return row


def check_open(row: Import) -> None:
    """Raise ImportApplied when the workflow that was made of it still exists."""
    made = row["workflow_id"]
    name = workflow_store.names_of([made]).get(made) if made is not None else None
    if name is not None:
        raise ImportApplied(name)


def values_of(converted: Converted) -> secret_store.Values:
    """Values of secrets by node and key: those of the files, byte for byte, and random ones where they are wanted."""
    values: dict[str, dict[str, str | bytes]] = {
        node_id: {**contents} for node_id, contents in converted.secret_values.items()
    }
    made: dict[str, str] = {}
    for node_id, names in converted.to_generate.items():
        for key, name in names.items():
            value = made.setdefault(name, secrets.token_urlsafe(GENERATED_BYTES))
            values.setdefault(node_id, {})[key] = value
    return values
