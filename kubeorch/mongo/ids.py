"""Ids as they come in from outside."""

from __future__ import annotations

from bson import ObjectId

from kubeorch.base.errors import NotFound


def as_object_id(text: object, *, what: str = "item") -> ObjectId:
    """The id, or NotFound: an id that cannot exist is answered like one that does not."""
    if isinstance(text, ObjectId):
        return text
    if isinstance(text, str) and len(text) == 24 and ObjectId.is_valid(text):
        return ObjectId(text)
    raise NotFound(f"there is no such {what}")
