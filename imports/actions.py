"""Imports: made from files, answered, applied as a workflow, removed."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from imports import store
from imports.converting import convert_source
from imports.domain.sources import SourceFile
from imports.intake import check_source, chosen_files, compose_files, source_files
from imports.outcomes import Converted, Outcome, Refused, Source
from imports.store import Given, Import
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import choose_team, require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, InvalidInput
from kubeorch.mongo.transaction import run_in_transaction
from workflows import store as workflow_store
from workflows.actions import create_workflow
from workflows.catalog import catalog
from workflows.environments import secret_store
from workflows.names import NAME_MAX, clean_name
from workflows.store import Workflow

GENERATED_BYTES = 24
GIVEN_MAX = 2000
"""Answers, and variables, of an import."""
GIVEN_MOST_CHARACTERS = 1_000_000
"""Of all answers, and of all variables, together."""

UNNAMED = "imported"
"""The name of what names itself nowhere."""
_PROJECT_NAME = re.compile(rb"^name:[ \t]*[\"']?([a-z0-9][a-z0-9_-]*)", re.MULTILINE)


class ImportChanged(Conflict):
    """Somebody else answered or applied it in between."""

    code = "import.changed"

    def __init__(self) -> None:
        super().__init__("this import was changed in the meantime; look at it again")


class ImportApplied(Conflict):
    """Its workflow exists."""

    code = "import.applied"

    def __init__(self, name: str) -> None:
        super().__init__(f"this import has made the workflow “{name}”; open that, or import the files again")


class ImportRefused(InvalidInput):
    """It cannot be applied, since its files could not be converted."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.detail, code=refused.code)


def make_import(principal: Principal, *, name: str, team: object, source: Mapping[str, Any]) -> tuple[Import, Outcome]:
    """Keep files, sealed, and convert them. Files that cannot be converted are kept as well, with the reason.

    Raises Forbidden, NotFound, FileRefused or InvalidInput.
    """
    team_id = choose_team(principal, "workflow.edit", team)
    check_source(source)
    files = source_files(source["files"])
    import_id, at = ObjectId(), now()
    environment = _over({}, source.get("environment") or {}, field="source.environment")
    given: Given = {"environment": environment, "answers": {}}
    row: Import = {
        "_id": import_id,
        "team_id": team_id,
        "name": clean_name(name) if name else "",
        "type": source["type"],
        "files": [
            {"path": one.path, "bytes": len(one.content), "sha256": hashlib.sha256(one.content).hexdigest()}
            for one in files
        ],
        "compose_files": chosen_files(files, source.get("compose_files") or (), field="compose_files"),
        "env_files": chosen_files(files, source.get("env_files") or (), field="env_files"),
        "profiles": list(dict.fromkeys(source.get("profiles") or ())),
        "sealed_files": store.seal_files(import_id, files),
        "sealed_given": store.seal_given(import_id, given),
        "stored_bytes": 0,
        "state": "refused",
        "counts": {},
        "node_count": 0,
        "workflow_id": None,
        "rev": 1,
        "created_at": at,
        "created_by": ObjectId(principal.user_id),
        "updated_at": at,
    }
    row["stored_bytes"] = len(row["sealed_files"])
    outcome = convert_source(_source(row, given))
    row |= _summary(outcome)  # type: ignore[typeddict-item]
    row["name"] = row["name"] or _name_of(row, files, outcome)
    run_in_transaction(lambda session: store.insert(row, session))
    return row, outcome


def look_at(row: Import) -> Outcome:
    """What the import's files and answers become now."""
    return convert_source(_source(row, store.open_given(row)))


def answer_import(
    principal: Principal,
    import_id: ObjectId,
    *,
    answers: Mapping[str, str | None],
    environment: Mapping[str, str | None],
) -> tuple[Import, Outcome]:
    """Give answers and variables, over earlier ones; None takes one back. The files are converted again.

    Raises ImportNotFound, Forbidden, ImportApplied, AnswerInvalid or ImportChanged.
    """
    before = store.find(import_id, team_filter(principal))
    require(principal, "workflow.edit", before["team_id"])
    _check_open(before)
    had = store.open_given(before)
    given: Given = {
        "environment": _over(had["environment"], environment, field="environment"),
        "answers": _over(had["answers"], answers, field="answers"),
    }
    outcome = convert_source(_source(before, given))
    sealed = store.seal_given(import_id, given)
    values = {"sealed_given": sealed, "updated_at": now(), **_summary(outcome)}
    after = store.change(import_id, before["rev"], values)
    if after is None:
        raise ImportChanged
    return after, outcome


def apply_import(
    principal: Principal, import_id: ObjectId, *, name: str, environment: Mapping[str, Any] | None
) -> tuple[Import, Workflow]:
    """Make the workflow, with its first environment where that is given; all of it or nothing.

    Values of secrets are stored, sealed, for that environment; without one they are asked for at the first run.
    Raises ImportNotFound, Forbidden, ImportRefused, ImportApplied, ImportChanged, and what `create_workflow` raises.
    """
    row = store.find(import_id, team_filter(principal))
    require(principal, "workflow.edit", row["team_id"])
    outcome = look_at(row)
    if isinstance(outcome, Refused):
        raise ImportRefused(outcome)
    values = _values_of(outcome) if environment is not None else {}
    if values:
        require(principal, "secret.edit", row["team_id"])

    def work(session: ClientSession) -> tuple[Import, Workflow]:
        _check_open(row)
        made = create_workflow(
            principal, name=name, team=str(row["team_id"]), graph=outcome.graph, environment=environment
        )
        if values:
            place = made["environments"][0]["id"]
            secret_store.store_values(made["_id"], place, values, at=now(), session=session)
        after = store.change(import_id, row["rev"], {"workflow_id": made["_id"], "updated_at": now()}, session)
        if after is None:
            raise ImportChanged
        return after, made

    return run_in_transaction(work)


def remove_import(principal: Principal, import_id: ObjectId) -> Import:
    """Forget the files and answers; the workflow that was made of it stays. Raises ImportNotFound or Forbidden."""

    def work(session: ClientSession) -> Import:
        row = store.find(import_id, team_filter(principal), session=session)
        require(principal, "workflow.edit", row["team_id"])
        store.remove(import_id, session)
        return row

    return run_in_transaction(work)


def _source(row: Import, given: Given) -> Source:
    return Source(
        type=row["type"],
        files=store.open_files(row),
        compose_files=row["compose_files"],
        env_files=row["env_files"],
        profiles=row["profiles"],
        environment=given["environment"],
        answers=given["answers"],
        name=row["name"] or UNNAMED,
    )


def _summary(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Refused):
        return {"state": "refused", "counts": {}, "node_count": 0}
    return {"state": "ready", "counts": outcome.ledger.counts(), "node_count": len(outcome.graph["nodes"])}


def _name_of(row: Import, files: Sequence[SourceFile], outcome: Outcome) -> str:
    """The name of a project, also of one that was refused; of objects their namespace, else the first workload."""
    if isinstance(outcome, Refused):
        merged = row["compose_files"] or (compose_files(files) if row["type"] == "compose" else [])
        named = [_PROJECT_NAME.search(file.content) for file in files if file.path in merged]
        return next((found[1].decode() for found in named if found), UNNAMED)
    if row["type"] == "compose":
        return outcome.name
    spaces = {str(entry.path[1]) for entry in outcome.ledger.entries if len(entry.path) > 2} - {"", "default"}
    if len(spaces) == 1:
        return spaces.pop()[:NAME_MAX]
    nodes = outcome.graph["nodes"]
    workloads = [node["name"] for node in nodes if catalog().kinds[node["kind"]].group == "workloads"]
    return str(next(iter([*workloads, *(node["name"] for node in nodes)]), UNNAMED))


def _check_open(row: Import) -> None:
    """Raise ImportApplied when the workflow that was made of it still exists."""
    made = row["workflow_id"]
    name = workflow_store.names_of([made]).get(made) if made is not None else None
    if name is not None:
        raise ImportApplied(name)


def _over(had: Mapping[str, str], given: Mapping[str, str | None], *, field: str) -> dict[str, str]:
    """Earlier values with new ones over them; None takes one back. Raises InvalidInput for too many or too much."""
    found = {key: value for key, value in {**had, **given}.items() if value is not None}
    if len(found) > GIVEN_MAX:
        raise InvalidInput(
            f"{field} takes {GIVEN_MAX:,} values at most; remove some", code="import.too_many", field=field
        )
    if sum(len(key) + len(value) for key, value in found.items()) > GIVEN_MOST_CHARACTERS:
        raise InvalidInput(
            f"the values in {field} have more than {GIVEN_MOST_CHARACTERS:,} characters together; shorten some",
            code="import.too_large",
            field=field,
        )
    return found


def _values_of(converted: Converted) -> dict[str, dict[str, str]]:
    """Values of secrets by node and key: those of the files, and random ones where they were asked for.

    A value that is not UTF-8 is left out, since a value is given as text; the run asks for it.
    """
    values: dict[str, dict[str, str]] = {}
    for node_id, contents in converted.secret_values.items():
        texts = {key: text for key, content in contents.items() if (text := _as_text(content)) is not None}
        values.setdefault(node_id, {}).update(texts)
    made: dict[str, str] = {}
    for node_id, names in converted.to_generate.items():
        for key, name in names.items():
            value = made.setdefault(name, secrets.token_urlsafe(GENERATED_BYTES))
            values.setdefault(node_id, {})[key] = value
    return values


def _as_text(content: bytes) -> str | None:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None
