"""Sources as documents. Values of secret variables are sealed together, bound to their source.

Indexes: `sources.team_name` (a name once in a team), `team_listed`, `team_updated`, `team_connection`;
`source_numbers.team_name`.
"""

from __future__ import annotations

from collections.abc import Collection as Many
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NotRequired, TypedDict, cast

import bson
from bson import Binary, ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from builds.domain.sources import BuilderSpec, Usage, Variable
from kubeorch.base import seal
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, NotFound
from kubeorch.mongo.client import db
from kubeorch.mongo.pages import Page, find_page
from kubeorch.mongo.resealing import SealedField

Scope = Mapping[str, Any]
SOURCES_MOST = 500
"""Of a team."""


class BuilderRow(TypedDict):
    """As `BuilderSpec`."""

    type: str
    dockerfile: str
    text: str
    target: str
    args: list[tuple[str, str]]
    """Pairs: a name may not be a key of a document."""
    platform: str
    ignore: NotRequired[str]
    provenance: NotRequired[bool]
    sbom: NotRequired[bool]
    submodules: NotRequired[bool]
    lfs: NotRequired[bool]
    deploy_key: NotRequired[bool]


class VariableRow(TypedDict):
    key: str
    usage: Usage
    is_secret: bool
    value: str
    """"" for a secret."""
    changed_at: datetime


class ImagesNote(TypedDict):
    at: datetime
    removed: int
    trouble: str
    """Why some are still there; "" where all are gone that were to go."""


class SourceRow(TypedDict):
    """A document of `sources`. Times are UTC with milliseconds."""

    _id: ObjectId
    team_id: ObjectId
    name: str
    repository: str
    connection_id: ObjectId | None
    """The git connection that opens the repository; None for a public one."""
    ref: str
    """"" for the branch that the server shows first."""
    root: str
    builder: BuilderRow
    image: str
    """host/path without a tag; "" for the registry of the team, or of the installation."""
    engine: NotRequired[str]
    """What builds it; "" for the default of its team."""
    keep_images: NotRequired[int]
    """So many of its newest images stay in their registry; 0 for all."""
    images_note: NotRequired[ImagesNote | None]
    """What came of removing the others last."""
    variables: list[VariableRow]
    sealed_values: bytes
    """Of the secret variables, by key."""
    last_number: int
    """Of its builds."""
    rev: int
    created_at: datetime
    created_by: ObjectId
    updated_at: datetime
    updated_by: ObjectId


class SourceNumber(TypedDict):
    """A document of `source_numbers`: what is left of a source that was removed."""

    team_id: ObjectId
    name: str
    last_number: int
    """Of its builds."""


class SourceNotFound(NotFound):
    """No such source in the caller's teams."""

    code = "source.not_found"

    def __init__(self) -> None:
        super().__init__("there is no such source; it may have been removed")


class SourceNameTaken(Conflict):
    """Another source of the team has the name."""

    code = "source.name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"your team has a source called {name} already; choose another name", field="name")


def builder_row(spec: BuilderSpec) -> BuilderRow:
    return {
        "type": spec.type,
        "dockerfile": spec.dockerfile,
        "text": spec.text,
        "target": spec.target,
        "args": list(spec.args.items()),
        "platform": spec.platform,
        "ignore": spec.ignore,
        "provenance": spec.provenance,
        "sbom": spec.sbom,
        "submodules": spec.submodules,
        "lfs": spec.lfs,
        "deploy_key": spec.deploy_key,
    }


def builder_spec(row: BuilderRow) -> BuilderSpec:
    return BuilderSpec(
        type=row["type"],  # type: ignore[arg-type]
        dockerfile=row["dockerfile"],
        text=row["text"],
        target=row["target"],
        args=dict(row["args"]),
        platform=row["platform"],
        ignore=row.get("ignore", ""),
        provenance=row.get("provenance", False),
        sbom=row.get("sbom", False),
        submodules=row.get("submodules", False),
        lfs=row.get("lfs", False),
        deploy_key=row.get("deploy_key", False),
    )


def seal_values(source_id: ObjectId, values: Mapping[str, str]) -> Binary:
    return Binary(seal.seal(bson.encode({"values": list(values.items())}), aad=_aad(source_id)))


def open_values(row: SourceRow) -> dict[str, str]:
    """Of the secret variables, by key. Raises Unsealable."""
    return dict(bson.decode(seal.unseal(bytes(row["sealed_values"]), aad=_aad(row["_id"])))["values"])


def fingerprint(source_id: ObjectId, key: str, value: str) -> str:
    """Equal for equal values of that variable; nobody can try values against it without our key."""
    return seal.fingerprint(value.encode(), aad=f"{_aad(source_id)}/{key}")


def open_variables(row: SourceRow, usages: Many[Usage]) -> list[Variable]:
    """The variables of these usages with their values. Raises Unsealable."""
    secrets = open_values(row)
    return [
        Variable(one["key"], one["usage"], one["is_secret"], secrets[one["key"]] if one["is_secret"] else one["value"])
        for one in row["variables"]
        if one["usage"] in usages
    ]


def _aad(source_id: ObjectId) -> str:
    return f"sources/{source_id}/variables"


SEALED = (SealedField("sources", "sealed_values", lambda row: _aad(row["_id"])),)


def insert(row: SourceRow, session: ClientSession) -> None:
    """Raises DuplicateKeyError for a name that the team has."""
    _sources().insert_one(row, session=session)


def count(team_id: ObjectId, session: ClientSession) -> int:
    return _sources().count_documents({"team_id": team_id}, session=session)


def page(base: Mapping[str, Any], query: Mapping[str, str]) -> Page:
    """One page of sources; see `find_page`."""
    return find_page(_sources(), base, query, sorts={"name": "name", "updated_at": "updated_at"}, default="name")


def find(source_id: ObjectId, scope: Scope, *, session: ClientSession | None = None) -> SourceRow:
    """Raises SourceNotFound."""
    found = _sources().find_one({"_id": source_id, **scope}, session=session)
    if found is None:
        raise SourceNotFound
    return found


def find_if_there(source_id: ObjectId) -> SourceRow | None:
    """For what happens by itself, while the source may be removed."""
    return _sources().find_one({"_id": source_id})


def find_named(team_id: ObjectId, name: str, *, session: ClientSession | None = None) -> SourceRow | None:
    return _sources().find_one({"team_id": team_id, "name": name}, session=session)


def named(team_id: ObjectId, names: Many[str]) -> dict[str, SourceRow]:
    """Those that there are, by name."""
    found = _sources().find({"team_id": team_id, "name": {"$in": list(names)}})
    return {row["name"]: row for row in found}


def names(team_id: ObjectId) -> list[str]:
    """Of all sources of the team, in order; SOURCES_MOST at most."""
    found = _sources().find({"team_id": team_id}, {"_id": 0, "name": 1}).sort("name", 1).limit(SOURCES_MOST)
    return [row["name"] for row in found]


def names_of(source_ids: Many[ObjectId]) -> dict[ObjectId, str]:
    found = _sources().find({"_id": {"$in": list(set(source_ids))}}, {"name": 1})
    return {row["_id"]: row["name"] for row in found}


def change(
    source_id: ObjectId, rev: int, values: Mapping[str, Any], *, session: ClientSession | None = None
) -> SourceRow | None:
    """Set fields of the source as it was at that revision; None when it was changed or is gone."""
    return _sources().find_one_and_update(
        {"_id": source_id, "rev": rev},
        {"$set": dict(values), "$inc": {"rev": 1}},
        return_document=ReturnDocument.AFTER,
        session=session,
    )


def note_images(source_id: ObjectId, note: ImagesNote) -> None:
    """It is no change of the source: whoever edits it goes on."""
    _sources().update_one({"_id": source_id}, {"$set": {"images_note": note}})


def keeping_images(source_id: ObjectId | None, most: int) -> list[SourceRow]:
    """Sources of all teams of which only the newest images are kept, in order of their ids. Index: `keep_images`."""
    query: dict[str, Any] = {"keep_images": {"$gt": 0}, **({} if source_id is None else {"_id": {"$gt": source_id}})}
    return list(_sources().find(query).sort("_id", 1).limit(most))


NAMED_MOST = 5


def names_with_engine(engine: str, session: ClientSession) -> list[str]:
    """Of the sources of all teams that name an engine; NAMED_MOST at most."""
    found = _sources().find({"engine": engine}, {"_id": 0, "name": 1}, session=session).sort("name", 1)
    return [row["name"] for row in found.limit(NAMED_MOST)]


def names_using(team_id: ObjectId, connection_id: ObjectId, session: ClientSession) -> list[str]:
    """Of the sources that read their repository by a git connection."""
    use = {"team_id": team_id, "connection_id": connection_id}
    return [row["name"] for row in _sources().find(use, {"_id": 0, "name": 1}, session=session).sort("name", 1)]


def use_without(team_id: ObjectId, connection_id: ObjectId, session: ClientSession) -> None:
    """They go on without one."""
    use = {"team_id": team_id, "connection_id": connection_id}
    _sources().update_many(
        use, {"$set": {"connection_id": None, "updated_at": now()}, "$inc": {"rev": 1}}, session=session
    )


def next_number(source_id: ObjectId, session: ClientSession) -> int:
    """The number of a new build of the source. Raises SourceNotFound."""
    found = _sources().find_one_and_update(
        {"_id": source_id},
        {"$inc": {"last_number": 1}},
        projection={"last_number": 1},
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    if found is None:
        raise SourceNotFound
    return found["last_number"]


def remove(row: SourceRow, session: ClientSession) -> None:
    """The number of its last build stays with its name: a pin means one build for good."""
    found = _sources().find_one_and_delete({"_id": row["_id"]}, session=session)
    if found is not None and found["last_number"]:
        name = {"team_id": row["team_id"], "name": row["name"]}
        _numbers().update_one(name, {"$max": {"last_number": found["last_number"]}}, upsert=True, session=session)


def last_number_of(team_id: ObjectId, name: str, session: ClientSession) -> int:
    """Of the builds of a source that had this name, and is gone; else 0."""
    found = _numbers().find_one({"team_id": team_id, "name": name}, session=session)
    return found["last_number"] if found is not None else 0


def rows_after(source_id: ObjectId | None, most: int) -> list[SourceRow]:
    """All there are of all teams, in order of their ids."""
    query = {} if source_id is None else {"_id": {"$gt": source_id}}
    return list(_sources().find(query).sort("_id", 1).limit(most))


def _sources() -> Collection[SourceRow]:
    return cast("Collection[SourceRow]", db().sources)


def _numbers() -> Collection[SourceNumber]:
    return cast("Collection[SourceNumber]", db().source_numbers)
