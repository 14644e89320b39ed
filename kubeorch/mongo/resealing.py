"""Sealing anew what is stored, with the key that is the first now; for the command `manage.py reseal`.

What is sealed with the current key is left as it is, so the command can be stopped and started again at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bson import Binary

from kubeorch.base.seal import Unsealable, resealed
from kubeorch.mongo.client import db

BATCH = 20
"""Documents that are read at once: the files of an import may be some megabytes."""


@dataclass(frozen=True, slots=True)
class SealedField:
    """Where sealed values are stored."""

    collection: str
    field: str
    aad: Callable[[Mapping[str, Any]], str]
    """To what the value of a document is bound."""


@dataclass(slots=True)
class Count:
    resealed: int = 0
    current: int = 0
    """Sealed with the current key already."""
    unreadable: int = 0
    """No key at hand opens them."""


def reseal(place: SealedField) -> Count:
    """Seal every value of a place with the current key. Values that change meanwhile are sealed with it anyway."""
    count = Count()
    collection = db()[place.collection]
    for row in collection.find({place.field: {"$type": "binData"}}, batch_size=BATCH):
        before = row[place.field]
        try:
            after = resealed(bytes(before), aad=place.aad(row))
        except Unsealable:
            count.unreadable += 1
            continue
        if after is None:
            count.current += 1
            continue
        collection.update_one({"_id": row["_id"], place.field: before}, {"$set": {place.field: Binary(after)}})
        count.resealed += 1
    return count
