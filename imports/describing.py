"""Rows of imports beside what they become: what is converted, what a row says of it, and what it is called."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from imports import store
from imports.converting import convert_source
from imports.discovery import chosen_files_of
from imports.domain.convert.build_values import Origin
from imports.domain.sources import SourceFile
from imports.intake import OWN, compose_files
from imports.outcomes import Converted, Outcome, Refused, Source
from imports.store import FileRow, Given, Import
from workflows.catalog import catalog
from workflows.names import NAME_MAX

UNNAMED = "imported"
"""The name of what names itself nowhere."""
_PROJECT_NAME = re.compile(rb"^name:[ \t]*[\"']?([a-z0-9][a-z0-9_-]*)", re.MULTILINE)


def outcome_of(row: Import, given: Given) -> Outcome | None:
    """What the import's files become with what was given; None before it is known which files and how.

    Raises AnswerInvalid.
    """
    failure = row["failure"]
    if failure is not None:
        return Refused(failure["code"], failure["detail"])
    if row["reads"] is None or row["state"] not in ("ready", "refused"):
        return None
    outcome = convert_source(source_of(row, given, store.open_files(row)))
    if row["workflow_id"] is not None and isinstance(outcome, Converted):
        return outcome.applied()
    return outcome


def source_of(row: Import, given: Given, files: Sequence[SourceFile]) -> Source:
    """What is converted, of a row that says how its files are read."""
    assert row["reads"] is not None  # noqa: S101
    choice = row["choice"]
    return Source(
        type=row["reads"],
        files=files if choice is None else chosen_files_of(choice["type"], choice["paths"], files),
        compose_files=row["compose_files"],
        env_files=row["env_files"],
        profiles=row["profiles"],
        environment=given["environment"],
        answers=given["answers"],
        name=row["name"] or UNNAMED,
        origin=Origin(row["facts"]["url"], row["facts"]["ref"]) if row["type"] == "git" else None,
    )


def summary(outcome: Outcome) -> dict[str, Any]:
    """The fields of a row that say how a conversion ended."""
    if isinstance(outcome, Refused):
        return {"state": "refused", "counts": {}, "node_count": 0}
    return {"state": "ready", "counts": outcome.ledger.counts(), "node_count": len(outcome.graph["nodes"])}


def file_rows(files: Sequence[SourceFile]) -> list[FileRow]:
    """The files that were brought in, as they are shown."""
    return [
        {"path": one.path, "bytes": len(one.content), "sha256": hashlib.sha256(one.content).hexdigest()}
        for one in files
        if not one.path.startswith(OWN)
    ]


def name_of(source: Source, outcome: Outcome) -> str:
    """The name of a project, also of one that was refused; of objects their namespace, else the first workload."""
    if isinstance(outcome, Refused):
        merged = source.compose_files or (compose_files(source.files) if source.type == "compose" else [])
        named = [_PROJECT_NAME.search(file.content) for file in source.files if file.path in merged]
        return next((found[1].decode() for found in named if found), UNNAMED)
    if source.type == "compose":
        return outcome.name
    spaces = {str(entry.path[1]) for entry in outcome.ledger.entries if len(entry.path) > 2} - {"", "default"}
    if len(spaces) == 1:
        return spaces.pop()[:NAME_MAX]
    nodes = outcome.graph["nodes"]
    workloads = [node["name"] for node in nodes if catalog().kinds[node["kind"]].group == "workloads"]
    return str(next(iter([*workloads, *(node["name"] for node in nodes)]), UNNAMED))
