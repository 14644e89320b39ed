"""Imports as documents. Files, variables and answers are sealed: they hold secrets.

Each sealed value is bound by its additional data to its import and field. What a conversion says is not stored: it
follows from the files and the answers, and is made anew whenever somebody looks.
Indexes: `imports.team_bytes`, `team_state` and `team_person`; rows end after 30 days.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NotRequired, TypedDict, cast

import bson
from bson import Binary, ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from imports.domain.sources import SourceFile
from imports.intake import ContentType, SourceType
from kubeorch.base import seal
from kubeorch.base.errors import NotFound
from kubeorch.mongo.client import Document, db
from kubeorch.mongo.pages import Page, find_page
from kubeorch.mongo.resealing import SealedField

Scope = Mapping[str, Any]

STATES = ("fetching", "choosing", "ready", "refused", "canceled")
KEPT_MOST = 200
KEPT_MOST_BYTES = 200_000_000
"""Of a team, as they lie in the database."""
CHART_NAME = "chart_name"
"""In the facts of a chart: what it calls itself; "" where it cannot be read. It is not shown."""
_WITHOUT_FILES = {"sealed_files": 0}
_HEAD = {"sealed_files": 0, "sealed_given": 0, "found": 0}


class FileRow(TypedDict):
    path: str
    bytes: int
    sha256: str


class Given(TypedDict):
    """What a person gave beside files; all of it may hold secrets."""

    environment: dict[str, str]
    answers: dict[str, str]
    asked: NotRequired[dict[str, Any]]
    """The source that is fetched, as it was given; its `credential` goes with the end of the fetch."""


class Progress(TypedDict):
    """How far a fetch is; `done` of `total` where that is known."""

    text: str
    done: int | None
    total: int | None


class Proposal(TypedDict):
    """Something that was found in a repository, and can be chosen if `why_not` is empty."""

    type: str
    path: str
    """The folder, or the file of a Dockerfile; "" is the top."""
    files: list[str]
    """Of Compose those that may be merged, of others what belongs to it; FILES_SHOWN at most."""
    taken: list[str]
    """Which of them are merged unless a person says otherwise; for Compose alone."""
    file_count: int
    bytes: int
    why_not: str
    part_of: NotRequired[str]
    """What reads it, too; "" for none. Rows from before it was told lack it."""


class Choice(TypedDict):
    type: str
    paths: list[str]


class Failure(TypedDict):
    """Why a source could not be read."""

    code: str
    detail: str


class Import(TypedDict):
    """A document of `imports`. Times are UTC with milliseconds."""

    _id: ObjectId
    team_id: ObjectId
    name: str
    type: SourceType
    reads: ContentType | None
    """How the files are converted; None until that is known."""
    facts: dict[str, Any]
    """What is known of the source beside its files, as the commit; no secret."""
    found: list[Proposal]
    choice: Choice | None
    progress: Progress | None
    failure: Failure | None
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
    """One of STATES: `ready` or `refused` as the last conversion ended, or the fetch."""
    counts: dict[str, int]
    """Keys by what became of them; empty where it was refused."""
    node_count: int
    workflow_id: ObjectId | None
    drawn_as: NotRequired[list[list[str | None]]]
    """Of what was merged into that workflow: see `domain.drawn.Drawn`."""
    answers_from: NotRequired[ObjectId]
    """The import whose answers and variables it began with."""
    drawn_before: NotRequired[ObjectId]
    """The last import of the same project that became a workflow."""
    rev: int
    """Counts changes."""
    created_at: datetime
    created_by: ObjectId
    updated_at: datetime


SEALED = tuple(
    SealedField("imports", f"sealed_{field}", lambda row, field=field: _aad(row["_id"], field))  # type: ignore[misc]
    for field in ("files", "given")
)


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
    found = find_page(_imports(), base, query, sorts=sorts, default="-created_at", projection=_HEAD)
    return Page([dict(_known(cast("Import", row))) for row in found.results], found.next)


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


def fetching_of(team_id: ObjectId, session: ClientSession) -> int:
    """How many fetches of the team have not ended."""
    return _imports().count_documents({"team_id": team_id, "state": "fetching"}, session=session)


def find_fetching(import_id: ObjectId, rev: int) -> Import | None:
    """The import while the fetch that began at this revision has not ended."""
    found = _imports().find_one({"_id": import_id, "rev": rev, "state": "fetching"})
    return None if found is None else _known(found)


def set_progress(import_id: ObjectId, rev: int, progress: Progress) -> bool:
    """Whether that fetch has not ended."""
    found = _imports().update_one({"_id": import_id, "rev": rev, "state": "fetching"}, {"$set": {"progress": progress}})
    return found.matched_count == 1


def end_fetch(
    import_id: ObjectId, rev: int, values: Mapping[str, Any], session: ClientSession | None = None
) -> Import | None:
    """Set fields of an import that is being fetched, its state among them; None when that fetch has ended before."""
    return _imports().find_one_and_update(
        {"_id": import_id, "rev": rev, "state": "fetching"},
        {"$set": {**values, "progress": None}, "$inc": {"rev": 1}},
        projection=_WITHOUT_FILES,
        return_document=ReturnDocument.AFTER,
        session=session,
    )


def last_into(team_id: ObjectId, workflow_id: ObjectId, but: ObjectId, most: int) -> list[Import]:
    """The imports that were applied to the workflow last, newest first, with their files."""
    order = [("updated_at", -1), ("_id", -1)]
    found = _imports().find({"team_id": team_id, "workflow_id": workflow_id, "_id": {"$ne": but}}).sort(order)
    return [_known(one) for one in found.limit(most)]


def last_like(
    team_id: ObjectId, person_id: ObjectId, type_: SourceType, paths: Sequence[str], most: int
) -> list[Import]:
    """The person's newest imports for the team from files of just these paths, newest first."""
    of_person: Document = {"team_id": team_id, "created_by": person_id, "type": type_}
    wanted = {**of_person, "files.path": {"$all": list(paths)}, "files": {"$size": len(paths)}}
    found = _imports().find(wanted).sort([("created_at", -1), ("_id", -1)]).limit(most)
    return [_known(one) for one in found]


def remove(import_id: ObjectId, session: ClientSession) -> None:
    _imports().delete_one({"_id": import_id}, session=session)


_SINCE: Document = {"facts": {}, "found": [], "choice": None, "progress": None, "failure": None}
"""Fields that imports of earlier versions lack."""


def _known(found: Import | None) -> Import:
    if found is None:
        raise ImportNotFound
    return cast("Import", {**_SINCE, "reads": found["type"], **found})


def _imports() -> Collection[Import]:
    return cast("Collection[Import]", db().imports)


def _seal(import_id: ObjectId, field: str, values: Mapping[str, Any]) -> Binary:
    return Binary(seal.seal(zlib.compress(bson.encode(dict(values)), 1), aad=_aad(import_id, field)))


def _unseal(import_id: ObjectId, field: str, blob: bytes) -> Document:
    return bson.decode(zlib.decompress(seal.unseal(bytes(blob), aad=_aad(import_id, field))))


def _aad(import_id: ObjectId, field: str) -> str:
    return f"imports/{import_id}/{field}"
