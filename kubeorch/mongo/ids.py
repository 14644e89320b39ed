"""Ids as they come in from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId

from kubeorch.base.errors import NotFound
from kubeorch.base.query import Query

ID_LENGTH = 24
"""Hexadecimal digits of an ObjectId."""


def as_object_id(text: object, *, what: str = "item") -> ObjectId:
    """The id, or NotFound: an id that cannot exist is answered like one that does not."""
    if isinstance(text, ObjectId):
        return text
    if isinstance(text, str) and len(text) == ID_LENGTH and ObjectId.is_valid(text):
        return ObjectId(text)
    raise NotFound(f"there is no such {what}")


def query_id(query: Query, name: str, *, what: str | None = None) -> ObjectId | None:
    """The id in `name`, None without one. Raises NotFound("there is no such `what`") for what cannot be an id."""
    value = query.get(name)
    return as_object_id(value, what=what or name) if value else None


def made_since(at: datetime | None) -> dict[str, Any]:
    """Matches documents whose ids were made since then, to a second; without one all."""
    return {} if at is None else {"_id": {"$gte": ObjectId.from_datetime(at)}}
