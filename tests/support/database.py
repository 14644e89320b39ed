"""The test's database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.errors import OperationFailure

KEPT_BETWEEN_TESTS = ("system.", "django_migrations", "django_content_type", "auth_permission")


def trust_the_process(uri: str) -> None:
    """Have a mongod that nobody kills take a write for kept before its journal is written.

    Waiting for the journal is a third or more of what a write costs it. What must outlive a kill is tested on mongods
    of the product's own, and these wait.
    """
    with MongoClient[dict[str, Any]](uri) as client:
        config = client.admin.command("replSetGetConfig")["config"]
        config |= {"writeConcernMajorityJournalDefault": False, "version": config["version"] + 1}
        client.admin.command("replSetReconfig", config)


def empty(database: Any) -> None:
    """Delete every document that a test may have written; collections and indexes stay.

    In one transaction, for which the journal is written once: a third of what a delete for each costs the database.
    """
    names = filled(database)
    try:
        with database.client.start_session() as session, session.start_transaction():
            _empty(database, names, session)
    except OperationFailure:  # somebody writes beside it, or it is too much for one
        _empty(database, names)


def _empty(database: Any, names: Sequence[str], session: ClientSession | None = None) -> None:
    for name in names:
        database[name].delete_many({}, session=session)


def put_back(database: Any, documents: Mapping[str, Sequence[dict[str, Any]]]) -> None:
    """Insert the documents of each collection into the empty database, in one transaction."""
    with database.client.start_session() as session, session.start_transaction():
        for name, rows in documents.items():
            database[name].insert_many(rows, session=session)


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
