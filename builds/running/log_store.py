"""Logs of builds, in batches of numbered lines: the first 2 MiB and the last 8 are kept.

Index: `build_logs.build_first`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, TypedDict, cast

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from kubeorch.mongo.client import db

HEAD_BYTES = 2 * 1024 * 1024
TAIL_BYTES = 8 * 1024 * 1024
BATCH_BYTES = 64 * 1024
LINE_BYTES = 80
"""Of a line beside its text, as it is kept."""


class LineRow(TypedDict):
    at: datetime
    stage: str
    step: int | None
    stream: str
    level: str
    text: str


class Batch(TypedDict):
    """A document of `build_logs`: the lines `first` to `last` of a build, whose numbers begin with 1."""

    build_id: ObjectId
    first: int
    last: int
    bytes: int
    is_head: bool
    lines: list[LineRow]


class Kept(NamedTuple):
    """What a build's log has by now."""

    last: int
    head_bytes: int
    tail: list[tuple[int, int]]
    """(first line, bytes) of the batches after the head, oldest first."""


class Numbered(NamedTuple):
    seq: int
    line: LineRow


def kept_of(build_id: ObjectId) -> Kept:
    """Of the batches alone, without their lines."""
    fields = {"first": 1, "last": 1, "bytes": 1, "is_head": 1}
    last, head, tail = 0, 0, []
    for row in _logs().find({"build_id": build_id}, fields).sort("first", 1):
        last = row["last"]
        if row["is_head"]:
            head += row["bytes"]
        else:
            tail.append((row["first"], row["bytes"]))
    return Kept(last, head, tail)


def add(build_id: ObjectId, first: int, lines: Sequence[LineRow], size: int, *, is_head: bool) -> None:
    row: Batch = {
        "build_id": build_id,
        "first": first,
        "last": first + len(lines) - 1,
        "bytes": size,
        "is_head": is_head,
        "lines": list(lines),
    }
    _logs().insert_one(row)


def drop(build_id: ObjectId, firsts: Iterable[int]) -> None:
    """Remove batches from the middle."""
    _logs().delete_many({"build_id": build_id, "first": {"$in": list(firsts)}})


def lines_after(build_id: ObjectId, after: int, most_bytes: int) -> list[Numbered]:
    """Lines in their order from the one after number `after` on, of whole batches until `most_bytes` are there.

    A jump in the numbers is what was dropped.
    """
    found: list[Numbered] = []
    size = 0
    for row in _logs().find({"build_id": build_id, "last": {"$gt": after}}).sort("first", 1):
        numbered = (Numbered(row["first"] + index, line) for index, line in enumerate(row["lines"]))
        found += [one for one in numbered if one.seq > after]
        size += row["bytes"]
        if size >= most_bytes:
            break
    return found


def forget(build_ids: Iterable[ObjectId], session: ClientSession | None = None) -> None:
    _logs().delete_many({"build_id": {"$in": list(build_ids)}}, session=session)


def _logs() -> Collection[Batch]:
    return cast("Collection[Batch]", db().build_logs)
