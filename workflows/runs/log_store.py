"""The lines that runs write about themselves. Index: `run_logs.run`."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NotRequired, TypedDict

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.base.clock import now
from kubeorch.mongo.client import Document, db
from kubeorch.mongo.pages import Page, find_page

MESSAGE_MAX = 2000
LINES_MAX = 5000
BYTES_MAX = 2 * 1024 * 1024
ERRORS_MAX = 100
"""Errors that are written although the log is full, since they say how the run ended."""
_STEPS = 2**20
"""So that two that write after the same line hardly choose the same id."""
FULL = "the log of this run is full: of what follows only errors are kept"


class LogLine(TypedDict):
    """A document of `run_logs`, without its id, which orders the lines of a run."""

    run_id: ObjectId
    at: datetime
    level: str
    """`info`, `warning` or `error`."""
    node_id: str | None
    message: str
    """MESSAGE_MAX characters at most."""
    lines: NotRequired[int]
    size: NotRequired[int]
    """How many lines and bytes the log of the run has, with this one; a full log counts from LINES_MAX on."""


def page(run_id: ObjectId, query: Mapping[str, str]) -> Page:
    """One page of a run's lines, oldest first; see `find_page`."""
    return find_page(db().run_logs, {"run_id": run_id}, query, sorts={"id": "_id"}, default="id")


def line(run_id: ObjectId, at: datetime, level: str, message: str, node_id: str | None = None) -> LogLine:
    return {"run_id": run_id, "at": at, "level": level, "node_id": node_id, "message": message[:MESSAGE_MAX]}


def add(run_id: ObjectId, level: str, message: str, *, session: ClientSession | None = None) -> None:
    """Write one line, now."""
    _write([line(run_id, now(), level, message)], session)


def add_all(
    rows: Sequence[LogLine], last: Document | None = None, session: ClientSession | None = None
) -> Document | None:
    """Write lines of one run, as far as its log has room. `last` is its last line, as this has returned it before,
    where nobody else has written one since."""
    return _write(rows, session, last) if rows else last


def _write(rows: Sequence[LogLine], session: ClientSession | None, last: Document | None = None) -> Document | None:
    run_id = rows[0]["run_id"]
    last = last or db().run_logs.find_one({"run_id": run_id}, sort=[("_id", -1)], session=session) or {}
    lines, size = last.get("lines", 0), last.get("size", 0)
    newest: ObjectId | None = last.get("_id")
    kept: list[Document] = []

    def keep(row: LogLine) -> None:
        nonlocal lines, size, newest
        lines, size = lines + 1, size + len(row["message"].encode())
        newest = _after(newest)
        kept.append({"_id": newest, **row, "lines": lines, "size": size})

    for row in rows:
        if lines < LINES_MAX and (lines == LINES_MAX - 1 or size >= BYTES_MAX):
            lines = LINES_MAX - 1
            keep(line(run_id, row["at"], "warning", FULL))
        if lines < LINES_MAX or (row["level"] == "error" and lines < LINES_MAX + ERRORS_MAX):
            keep(row)
    if kept:
        db().run_logs.insert_many(kept, session=session)
    return kept[-1] if kept else last


def _after(newest: ObjectId | None) -> ObjectId:
    """An id that orders after `newest`: of two processes in one second, an id alone does not say who was first."""
    fresh = ObjectId()
    if newest is None or newest < fresh:
        return fresh
    return ObjectId((int.from_bytes(newest.binary, "big") + secrets.randbelow(_STEPS) + 1).to_bytes(12, "big"))


def forget(run_ids: Iterable[ObjectId]) -> None:
    """Remove the lines of these runs."""
    db().run_logs.delete_many({"run_id": {"$in": list(run_ids)}})


def count(run_id: ObjectId) -> int:
    """How many lines the run has: the number of the next one."""
    return db().run_logs.count_documents({"run_id": run_id})


def last_lines(run_id: ObjectId, most: int) -> list[tuple[int, dict[str, Any]]]:
    """The end of the run's log, oldest first, each line with its number; the log's first line has number 0."""
    rows = list(db().run_logs.find({"run_id": run_id}).sort("_id", -1).limit(most))
    first = count(run_id) - len(rows) if len(rows) == most else 0
    return list(enumerate(reversed(rows), first))
