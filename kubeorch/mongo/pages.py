"""Cursor pages over raw collections: a stable order, an opaque signed cursor, no offset to pay for.

A cursor holds the last row's sort value and id. It is signed for its list and sort, so a client can neither send
operators of the database nor a position that it was not given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import bson
from bson.codec_options import CodecOptions
from django.core.signing import BadSignature, Signer
from pymongo.collection import Collection

from kubeorch.base.errors import InvalidInput
from kubeorch.base.query import BadQuery, query_number

DEFAULT_LIMIT = 50
MAX_LIMIT = 100


class BadCursor(InvalidInput):
    """The cursor was not made by this list with this sort."""

    code = "page.cursor"

    def __init__(self) -> None:
        super().__init__("this cursor does not belong to this list; start again without one", field="cursor")


@dataclass(frozen=True, slots=True)
class Page:
    results: list[dict[str, Any]]
    next: str | None

    def as_json(self, rows: Sequence[Any] | None = None) -> dict[str, Any]:
        """`{results, next}`, with `rows` in place of the raw documents when given."""
        return {"results": list(self.results if rows is None else rows), "next": self.next}


def find_page(
    collection: Collection[Any],
    base: Mapping[str, Any],
    query: Mapping[str, str],
    *,
    sorts: Mapping[str, str],
    default: str,
    projection: Mapping[str, Any] | None = None,
    collation: Mapping[str, Any] | None = None,
) -> Page:
    """One page of the documents matching `base` (scope and filters, made by the caller).

    `query` gives `cursor`, `limit` and `sort`; `sorts` maps each accepted sort word to a field, a word
    with `-` before it sorts downwards. Every sort field wants an index that ends with `_id`.
    Rows without the field come first upwards and last downwards, as MongoDB sorts null.
    Raises BadCursor or BadQuery.
    """
    sort = query.get("sort") or default
    word, down = sort.removeprefix("-"), sort.startswith("-")
    field = sorts.get(word)
    if field is None:
        raise BadQuery(f"sort by one of {', '.join(sorted(sorts))}, with - before it for downwards", field="sort")
    limit = query_number(query, "limit", least=1, most=MAX_LIMIT) or DEFAULT_LIMIT
    condition = dict(base)
    cursor = query.get("cursor")
    if cursor:
        value, last_id = _open(cursor, scope=f"{collection.name}:{sort}")
        after = _after(field, down, value, last_id)
        condition = {"$and": [condition, after]}
    direction = -1 if down else 1
    order = [("_id", direction)] if field == "_id" else [(field, direction), ("_id", direction)]
    found = collection.find(condition, _with(projection, field)).sort(order).limit(limit + 1)
    if collation:
        found = found.collation(dict(collation))
    rows = list(found)
    if len(rows) <= limit:
        return Page(rows, None)
    last = rows[limit - 1]
    return Page(rows[:limit], _seal(_get(last, field), last["_id"], scope=f"{collection.name}:{sort}"))


def _after(field: str, down: bool, value: Any, last_id: Any) -> dict[str, Any]:
    beyond = "$lt" if down else "$gt"
    if field == "_id":
        return {"_id": {beyond: last_id}}
    same: dict[str, Any] = {field: value, "_id": {beyond: last_id}}
    if value is None:
        return same if down else {"$or": [same, {field: {"$ne": None}}]}
    further: list[dict[str, Any]] = [{field: {beyond: value}}, same]
    if down:
        further.append({field: None})
    return {"$or": further}


def _with(projection: Mapping[str, Any] | None, field: str) -> dict[str, Any] | None:
    """The projection with the sort field, which the cursor needs."""
    if projection is None:
        return None
    including = any(value for key, value in projection.items() if key != "_id")
    return {**projection, field: 1} if including and field != "_id" else dict(projection)


def _get(row: Mapping[str, Any], field: str) -> Any:
    value: Any = row
    for part in field.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


class _BSON:
    """Turns the content of a cursor into bytes. Unlike JSON, BSON keeps the types of ids and times."""

    def dumps(self, content: Mapping[str, Any]) -> bytes:
        return bson.encode(content)

    def loads(self, body: bytes) -> dict[str, Any]:
        return bson.decode(body, CodecOptions(tz_aware=True))


def _seal(value: Any, last_id: Any, *, scope: str) -> str:
    return Signer(salt=f"page cursor {scope}").sign_object({"v": value, "i": last_id}, serializer=_BSON)


def _open(cursor: str, *, scope: str) -> tuple[Any, Any]:
    try:
        content = Signer(salt=f"page cursor {scope}").unsign_object(cursor, serializer=_BSON)
    except BadSignature:
        raise BadCursor from None
    return content["v"], content["i"]
