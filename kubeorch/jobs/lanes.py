"""Lanes: no more than a few jobs of one lane run at once, so that a slow lane leaves workers to the others.

A running job holds one numbered place in each of its lanes (`cluster:7#0`), and the unique index `lane_slots` of `jobs`
gives every place to one job alone: two workers that claim together cannot both take the last one.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

NO_PLACES: Mapping[str, Any] = {"lane_slots": None}
"""What a job sets that stops running."""


TRIES = 10
"""How often a claim looks again when other workers take the places that it saw free."""

Document = dict[str, Any]


def take(
    jobs: Collection[Document], due: Document, values: Document, order: Sequence[tuple[str, int]], limit: int
) -> Document | None:
    """Set `values` in the first of the due jobs that has a free place in each of its lanes; the job as it is then."""

    def update(condition: Document, places: Any) -> Document | None:
        change = [{"$set": {**values, "lane_slots": places}}]
        return jobs.find_one_and_update(condition, change, sort=order, return_document=ReturnDocument.AFTER)

    with suppress(DuplicateKeyError):  # another job has the place
        # Most jobs have no lane, and most lanes are empty: any place will do.
        return update(due, _same_place(secrets.randbelow(limit)))
    for _ in range(TRIES):
        places = taken(jobs)
        first = jobs.find_one({**due, "lanes": {"$nin": full(places, limit)}}, {"lanes": 1}, sort=order)
        if first is None:
            return None
        free = _free_places(first.get("lanes", ()), places, limit)
        with suppress(DuplicateKeyError):  # another worker was quicker
            found = update({**due, "_id": first["_id"]}, {"$literal": free})
            if found is not None:
                return found
    return None


def taken(jobs: Collection[Document]) -> set[str]:
    """The places that running jobs hold."""
    found = jobs.find({"lane_slots": {"$type": "string"}}, {"_id": 0, "lane_slots": 1})
    return {place for job in found for place in job["lane_slots"]}


def full(places: Iterable[str], limit: int) -> list[str]:
    """The lanes in which `limit` places, or more, are taken."""
    counts = Counter(place.rpartition("#")[0] for place in places)
    return [lane for lane, count in counts.items() if count >= limit]


def _same_place(number: int) -> Document:
    """An expression: the place of that number in each lane of the job, null for a job without lanes."""
    places = {"$map": {"input": "$lanes", "as": "lane", "in": {"$concat": ["$$lane", "#", str(number)]}}}
    return {"$cond": [{"$isArray": "$lanes"}, places, None]}


def _free_places(lanes: Sequence[str], places: set[str], limit: int) -> list[str] | None:
    """A place in each of the lanes that is not taken; None for no lanes."""
    if not lanes:
        return None
    return [next(f"{lane}#{n}" for n in range(limit) if f"{lane}#{n}" not in places) for lane in lanes]
