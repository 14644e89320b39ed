"""The collection `build_engines`: BuildKit services by address, and places in clusters for BuildKit. Those without a
team are the instance's.

Indexes: `team_name` (unique), `team_default` (unique: one default of a team).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NotRequired, TypedDict, cast

import bson
from bson import Binary, ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from builds.domain.engines import engine_of_service, service_id
from builds.engines.services.material import Material
from kubeorch.accounts.principal import Principal
from kubeorch.base import seal
from kubeorch.base.clock import now
from kubeorch.base.errors import NotFound
from kubeorch.mongo.client import db
from kubeorch.mongo.ids import as_object_id
from kubeorch.mongo.resealing import SealedField

State = Literal["ok", "failed"]
SERVICES_OF_A_TEAM = 20


class Trouble(TypedDict):
    """Why the last test failed."""

    code: str
    detail: str


class NatureRow(TypedDict):
    """As `Nature`."""

    version: str
    platforms: list[str]
    executor: str
    snapshotter: str
    network: str
    process_mode: str


class InCluster(TypedDict):
    """Where in a cluster BuildKit gets a pod for each build."""

    cluster_id: ObjectId
    namespace: str
    mode: str
    """`rootless` or `privileged`"""
    memory_mib: int
    disk_mib: int
    pull_secret: NotRequired[str]
    """Name of a Secret in the namespace, for BuildKit's own image."""


class Service(TypedDict):
    """A document of the collection. Times are UTC. Of a service by address `cluster` is missing; of a place in a
    cluster all that has to do with the address."""

    _id: ObjectId
    team_id: ObjectId | None
    """None for one of the instance, which every team may use."""
    name: str
    host: NotRequired[str]
    port: NotRequired[int]
    server_name: NotRequired[str]
    """The name that its certificate is for; "" for the host."""
    sealed: NotRequired[Binary]
    """Of authority, client certificate and key; bound to this document."""
    subject: NotRequired[str]
    """Of the client certificate."""
    not_after: NotRequired[datetime]
    """Of the client certificate."""
    cluster: NotRequired[InCluster]
    slots: int
    """Builds at once."""
    is_default: bool
    """It builds what no source says otherwise of."""
    nature: NatureRow
    """What it said of itself in the last test that came so far."""
    state: State
    trouble: Trouble | None
    checked_at: datetime
    created_at: datetime
    created_by: ObjectId
    updated_at: datetime
    rev: int


class NoSuchEngine(NotFound):
    code = "engine.not_found"

    def __init__(self) -> None:
        super().__init__("there is no such engine; it may have been removed")


@dataclass(frozen=True, slots=True)
class Choice:
    """As `builds.domain.engines.Usable`."""

    engine: str
    is_of_instance: bool
    is_default: bool


def _aad(service: ObjectId) -> str:
    return f"build_engines/{service}/sealed"


SEALED = (SealedField("build_engines", "sealed", lambda row: _aad(row["_id"])),)


def sealed(service: ObjectId, material: Material) -> Binary:
    plain = {"ca": material.ca, "certificate": material.certificate, "key": material.key}
    return Binary(seal.seal(bson.encode(plain), aad=_aad(service)))


def material_of(row: Service) -> Material:
    """Raises Unsealable."""
    found = bson.decode(seal.unseal(bytes(row["sealed"]), aad=_aad(row["_id"])))
    return Material(found["ca"], found["certificate"], found["key"])


def visible_to(principal: Principal) -> list[Service]:
    """Their teams' and the instance's, by name."""
    query = {"team_id": {"$in": [*principal.team_ids, None]}}
    return list(_services().find(query).sort([("name", 1), ("_id", 1)]))


def find(service: object, principal: Principal) -> Service:
    """Raises NoSuchEngine."""
    query = {"_id": as_object_id(service, what="engine"), "team_id": {"$in": [*principal.team_ids, None]}}
    return _found(_services().find_one(query))


def for_team(team_id: ObjectId, engine: str) -> Service:
    """The service that builds for a team. Raises NoSuchEngine."""
    given = service_id(engine) or ""
    if not ObjectId.is_valid(given):
        raise NoSuchEngine
    return _found(_services().find_one({"_id": ObjectId(given), "team_id": {"$in": [team_id, None]}}))


def hold(engine: str, session: ClientSession) -> None:
    """Have nobody remove it before this transaction has ended. Raises NoSuchEngine."""
    given = service_id(engine) or ""
    touched = {"$set": {"updated_at": now()}}
    if (
        not ObjectId.is_valid(given)
        or not _services().update_one({"_id": ObjectId(given)}, touched, session=session).matched_count
    ):
        raise NoSuchEngine


def choices_of(team_id: ObjectId, session: ClientSession | None = None) -> list[Choice]:
    found = _services().find({"team_id": {"$in": [team_id, None]}}, {"team_id": 1, "is_default": 1}, session=session)
    return [Choice(engine_of_service(row["_id"]), row["team_id"] is None, row["is_default"]) for row in found]


def slots(session: ClientSession | None = None) -> dict[str, int]:
    """How many builds each service has at once, by engine."""
    return {engine_of_service(row["_id"]): row["slots"] for row in _services().find({}, {"slots": 1}, session=session)}


def names() -> dict[str, str]:
    """Of all services, by engine."""
    return {engine_of_service(row["_id"]): row["name"] for row in _services().find({}, {"name": 1})}


def in_clusters() -> list[Service]:
    """All that build in a cluster."""
    return list(_services().find({"cluster": {"$exists": True}}))


def names_in_cluster(cluster_id: ObjectId, session: ClientSession) -> list[str]:
    """Of the engines that build in it, by name."""
    found = _services().find({"cluster.cluster_id": cluster_id}, {"_id": 0, "name": 1}, session=session)
    return sorted(row["name"] for row in found)


def count_of(team_id: ObjectId | None, session: ClientSession) -> int:
    return _services().count_documents({"team_id": team_id}, session=session)


def give_up_default(team_id: ObjectId | None, session: ClientSession, *, besides: ObjectId) -> None:
    query = {"_id": {"$ne": besides}, "team_id": team_id, "is_default": True}
    _services().update_many(query, {"$set": {"is_default": False}, "$inc": {"rev": 1}}, session=session)


def insert(row: Service, session: ClientSession) -> None:
    """Raises DuplicateKeyError for a name that the team has."""
    _services().insert_one(row, session=session)


def change(service: ObjectId, rev: int, values: Mapping[str, Any], session: ClientSession) -> Service | None:
    """None for one that is gone or was changed since `rev`. Raises DuplicateKeyError for a name that the team has."""
    return _services().find_one_and_update(
        {"_id": service, "rev": rev},
        {"$set": {**values, "updated_at": now()}, "$inc": {"rev": 1}},
        return_document=ReturnDocument.AFTER,
        session=session,
    )


def note_test(row: Service, values: Mapping[str, Any]) -> Service:
    """What a test has found of just this row; of one that was changed meanwhile it says nothing."""
    found = _services().find_one_and_update(
        {"_id": row["_id"], "rev": row["rev"]}, {"$set": dict(values)}, return_document=ReturnDocument.AFTER
    )
    return found or row


def delete(service: ObjectId, session: ClientSession) -> None:
    _services().delete_one({"_id": service}, session=session)


def _found(row: Service | None) -> Service:
    if row is None:
        raise NoSuchEngine
    return row


def _services() -> Collection[Service]:
    return cast("Collection[Service]", db().build_engines)
