"""The test's database."""

from __future__ import annotations

from typing import Any

KEPT_BETWEEN_TESTS = ("system.", "django_migrations", "django_content_type", "auth_permission")


def empty(database: Any) -> None:
    """Delete every document that a test may have written; collections and indexes stay."""
    for name in filled(database):
        database[name].delete_many({})


def collections_of(database: Any) -> list[str]:
    """Those that may be read: MongoDB keeps views and the buckets of time series in some of its own."""
    return [name for name in database.list_collection_names() if not name.startswith("system.")]


def filled(database: Any) -> list[str]:
    """The collections in which a test has written anything.

    One question says it of all: a delete for each would be most of what a short test costs.
    """
    names = [name for name in database.list_collection_names() if not name.startswith(KEPT_BETWEEN_TESTS)]
    if not names:
        return []
    first, *others = names
    unions = [{"$unionWith": {"coll": name, "pipeline": _named(name)}} for name in others]
    return [row["name"] for row in database[first].aggregate([*_named(first), *unions])]


def _named(name: str) -> list[dict[str, Any]]:
    """The name of a collection that holds something."""
    return [{"$limit": 1}, {"$project": {"_id": 0, "name": {"$literal": name}}}]
