"""The lines that runs write about themselves. Index: `run_logs.run`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from kubeorch.base.clock import now
from kubeorch.mongo.client import Document, db

MESSAGE_MAX = 2000


class LogLine(TypedDict):
    """A document of `run_logs`, without its id, which orders the lines of a run."""

    run_id: ObjectId
    at: datetime
    level: str
    """`info`, `warning` or `error`."""
    node_id: str | None
    message: str
    """MESSAGE_MAX characters at most."""


def lines() -> Collection[Document]:
    """The lines of all runs, for pages of one run's."""
    return db().run_logs


def line(run_id: ObjectId, at: datetime, level: str, message: str, node_id: str | None = None) -> LogLine:
    return {"run_id": run_id, "at": at, "level": level, "node_id": node_id, "message": message[:MESSAGE_MAX]}


def add(run_id: ObjectId, level: str, message: str, *, session: ClientSession | None = None) -> None:
    """Write one line, now."""
    db().run_logs.insert_one(dict(line(run_id, now(), level, message)), session=session)


def add_all(rows: Sequence[LogLine]) -> None:
    if rows:
        db().run_logs.insert_many([dict(row) for row in rows])


def count(run_id: ObjectId) -> int:
    """How many lines the run has: the number of the next one."""
    return db().run_logs.count_documents({"run_id": run_id})


def last_lines(run_id: ObjectId, most: int) -> list[tuple[int, dict[str, Any]]]:
    """The end of the run's log, oldest first, each line with its number; the log's first line has number 0."""
    rows = list(db().run_logs.find({"run_id": run_id}).sort("_id", -1).limit(most))
    first = count(run_id) - len(rows) if len(rows) == most else 0
    return list(enumerate(reversed(rows), first))
