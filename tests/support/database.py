"""The test's database."""

from __future__ import annotations

from typing import Any

KEPT_BETWEEN_TESTS = ("system.", "django_migrations", "django_content_type", "auth_permission")


def empty(database: Any) -> None:
    """Delete every document that a test may have written; collections and indexes stay."""
    for name in database.list_collection_names():
        if not name.startswith(KEPT_BETWEEN_TESTS):
            database[name].delete_many({})
