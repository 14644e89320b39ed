"""Fields that environments leave to others, one document a field: they are drawn, and not applied any more.

Indexes: `yields.environment_field` (unique).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypedDict, cast

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from clusters.domain.objects import Identity, Ref, ref_from_json
from clusters.domain.ownership.paths import Path, read_path
from kubeorch.base.errors import Conflict, NotFound
from kubeorch.mongo.client import db
from workflows.domain.rendering.leaving_out import check_can_be_left_out

YIELDS_MOST = 500
"""Fields that one environment leaves to others."""


class Yield(TypedDict):
    """A document of `yields`."""

    _id: ObjectId
    environment_id: ObjectId
    team_id: ObjectId
    node_id: str
    """The node that draws the object."""
    ref: dict[str, str]
    path: str
    """As `path_text` writes it."""
    at: datetime
    by: ObjectId
    by_name: str


class TooManyYields(Conflict):
    """An environment that leaves so much to others should be drawn otherwise."""

    code = "drift.too_many_yields"

    def __init__(self) -> None:
        super().__init__(
            f"the environment leaves {YIELDS_MOST} fields to others already; take some back, or remove them from the "
            "graph"
        )


class YieldNotFound(NotFound):
    """The environment leaves no such field to others."""

    code = "drift.yield_not_found"

    def __init__(self) -> None:
        super().__init__("the environment does not leave this field to others; it is applied already")


def _yields() -> Collection[Yield]:
    return cast("Collection[Yield]", db().yields)


def rows_of(environment_id: ObjectId, *, session: ClientSession | None = None) -> list[Yield]:
    """What the environment leaves to others, oldest first."""
    return list(_yields().find({"environment_id": environment_id}, session=session).sort("_id", 1))


def paths_of(environment_id: ObjectId, *, session: ClientSession | None = None) -> Mapping[Identity, tuple[Path, ...]]:
    """The fields that the environment leaves to others, by object."""
    found: dict[Identity, tuple[Path, ...]] = {}
    for row in rows_of(environment_id, session=session):
        identity = ref_from_json(row["ref"]).identity
        found[identity] = (*found.get(identity, ()), read_path(row["path"]))
    return found


def check_room(environment_id: ObjectId, more: int, session: ClientSession) -> None:
    """Raise TooManyYields where the environment cannot leave so many more fields to others."""
    if _yields().count_documents({"environment_id": environment_id}, session=session) + more > YIELDS_MOST:
        raise TooManyYields


def add(row: Yield, session: ClientSession) -> Yield:
    """Leave the field to others from the next apply on; one that is left to them already stays so. The
    field as it is stored.

    Raises FieldNeeded, TooManyYields, and PathInvalid.
    """
    check_can_be_left_out(read_path(row["path"]))
    check_room(row["environment_id"], 1, session)
    fresh = {key: value for key, value in row.items() if key not in ("environment_id", "ref", "path")}
    query = _field(row["environment_id"], ref_from_json(row["ref"]), row["path"])
    _yields().update_one(query, {"$setOnInsert": fresh}, upsert=True, session=session)
    stored = _yields().find_one(query, session=session)
    assert stored is not None  # noqa: S101 - it was written in this transaction
    return stored


def remove(environment_id: ObjectId, ref: Ref, path: str, session: ClientSession) -> bool:
    """Apply the field again from the next run on; whether it was left to others."""
    return _yields().delete_many({**_object(environment_id, ref), "path": path}, session=session).deleted_count > 0


def end_of(environment_id: ObjectId, refs: Sequence[Ref], session: ClientSession | None = None) -> None:
    """Nothing of these objects is left to others any more: they were made anew, whole."""
    for ref in refs:
        _yields().delete_many(_object(environment_id, ref), session=session)


def remove_by_id(environment_id: ObjectId, yield_id: ObjectId) -> None:
    """Apply the field again from the next run on. Raises YieldNotFound."""
    if _yields().delete_one({"_id": yield_id, "environment_id": environment_id}).deleted_count == 0:
        raise YieldNotFound


def _object(environment_id: ObjectId, ref: Ref) -> dict[str, object]:
    """Matches what is left to others of the object, whichever version of its kind it was given in."""
    names: dict[str, object] = {f"ref.{name}": value for name, value in ref.as_json().items()}
    if ref.group:
        names["ref.api_version"] = {"$regex": f"^{re.escape(ref.group)}/"}
    return {"environment_id": environment_id, **names}


def _field(environment_id: ObjectId, ref: Ref, path: str) -> dict[str, object]:
    names = {f"ref.{name}": value for name, value in ref.as_json().items()}
    return {"environment_id": environment_id, **names, "path": path}
