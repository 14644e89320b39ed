"""Imports as documents. Files, variables and answers are sealed: they hold secrets.

Each sealed value is bound by its additional data to its import and field. What a conversion says is not stored: it
follows from the files and the answers, and is made anew whenever somebody looks.
Indexes: `imports.team_created`; rows end after 30 days.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, cast

import bson
from bson import Binary, ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from imports.domain.sources import SourceFile
from imports.intake import SourceType
from kubeorch.base import seal
from kubeorch.base.errors import NotFound
from kubeorch.mongo.client import Document, db
from kubeorch.mongo.pages import Page, find_page

Scope = Mapping[str, Any]

KEPT_MOST = 200
KEPT_MOST_BYTES = 200_000_000
"""Of a team, as they lie in the database."""
_WITHOUT_FILES = {"sealed_files": 0}
_HEAD = {"sealed_files": 0, "sealed_given": 0}


class FileRow(TypedDict):
    path: str
    bytes: int
    sha256: str


class Given(TypedDict):
    """What a person gave beside files; both may hold secrets."""

    environment: dict[str, str]
    answers: dict[str, str]


class Import(TypedDict):
    """A document of `imports`. Times are UTC with milliseconds."""

    _id: ObjectId
    team_id: ObjectId
    name: str
    type: SourceType
    files: list[FileRow]
    compose_files: list[str]
    """Chosen by the person, in their order; empty for those that Compose would take."""
    env_files: list[str]
    """Chosen for interpolation; empty for the `.env` beside the first Compose file."""
    profiles: list[str]
    sealed_files: bytes
    sealed_given: bytes
    stored_bytes: int
    state: str
    """`ready` or `refused`, as the last conversion ended."""
    counts: dict[str, int]
    """Keys by what became of them; empty where it was refused."""
    node_count: int
    workflow_id: ObjectId | None
    rev: int
    """Counts changes."""
    created_at: datetime
    created_by: ObjectId
    updated_at: datetime


class ImportNotFound(NotFound):
    """No such import in the caller's teams."""

    code = "import.not_found"

    def __init__(self) -> None:
        super().__init__("there is no such import; imports are kept for 30 days")


def seal_files(import_id: ObjectId, files: Sequence[SourceFile]) -> Binary:
    rows = [{"path": file.path, "content": Binary(file.content)} for file in files]
    return _seal(import_id, "files", {"files": rows})


def open_files(row: Import) -> list[SourceFile]:
    """The files, byte for byte as they came. Raises Unsealable."""
    rows = _unseal(row["_id"], "files", row["sealed_files"])["files"]
    return [SourceFile(one["path"], bytes(one["content"])) for one in rows]


def seal_given(import_id: ObjectId, given: Given) -> Binary:
    return _seal(import_id, "given", given)


def open_given(row: Import) -> Given:
    """Raises Unsealable."""
    return cast("Given", _unseal(row["_id"], "given", row["sealed_given"]))


def insert(row: Import, session: ClientSession) -> None:
    """Add one; what the team then has beyond the bounds goes, the oldest first."""
    _imports().insert_one(row, session=session)
    fields = {"stored_bytes": 1}
    left_bytes, gone = KEPT_MOST_BYTES, []
    order = [("created_at", -1), ("_id", -1)]
    of_team = _imports().find({"team_id": row["team_id"]}, fields, session=session).sort(order)
    for number, one in enumerate(of_team, start=1):
        left_bytes -= one["stored_bytes"]
        if number > KEPT_MOST or left_bytes < 0:
            gone.append(one["_id"])
    if gone:
        _imports().delete_many({"_id": {"$in": gone}}, session=session)


def page(base: Mapping[str, Any], query: Mapping[str, str]) -> Page:
    """One page of imports without their files, newest first; see `find_page`."""
    sorts = {"created_at": "created_at"}
    return find_page(_imports(), base, query, sorts=sorts, default="-created_at", projection=_HEAD)


def find(import_id: ObjectId, scope: Scope, *, session: ClientSession | None = None) -> Import:
    """One import with its files. Raises ImportNotFound."""
    return _known(_imports().find_one({"_id": import_id, **scope}, session=session))


def change(
    import_id: ObjectId, rev: int, values: Mapping[str, Any], session: ClientSession | None = None
) -> Import | None:
    """Set fields of the import as it was at that revision, and count one; None when it was changed or is gone."""
    return _imports().find_one_and_update(
        {"_id": import_id, "rev": rev},
        {"$set": dict(values), "$inc": {"rev": 1}},
        projection=_WITHOUT_FILES,
        return_document=ReturnDocument.AFTER,
        session=session,
    )


def remove(import_id: ObjectId, session: ClientSession) -> None:
    _imports().delete_one({"_id": import_id}, session=session)


def _known(found: Import | None) -> Import:
    if found is None:
        raise ImportNotFound
    return found


def _imports() -> Collection[Import]:
    return cast("Collection[Import]", db().imports)


def _seal(import_id: ObjectId, field: str, values: Mapping[str, Any]) -> Binary:
    return Binary(seal.seal(zlib.compress(bson.encode(dict(values)), 1), aad=_aad(import_id, field)))


def _unseal(import_id: ObjectId, field: str, blob: bytes) -> Document:
    return bson.decode(zlib.decompress(seal.unseal(bytes(blob), aad=_aad(import_id, field))))


def _aad(import_id: ObjectId, field: str) -> str:
    return f"imports/{import_id}/{field}"
