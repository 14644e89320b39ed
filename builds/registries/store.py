"""The collection `registries`: where images are kept, and as whom. Those without a team are the instance's.

Indexes: `team_name` (unique), `team_host` (choosing), `team_place_default` (unique: one default for a host and prefix),
`team_created`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NotRequired, TypedDict, cast

from bson import Binary, ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from builds.domain.images import Image
from builds.domain.registries import chosen_for
from builds.registries.reach import is_of_another_team
from kubeorch.accounts.principal import Principal
from kubeorch.base import seal
from kubeorch.base.clock import now
from kubeorch.base.errors import NotFound
from kubeorch.mongo.client import db
from kubeorch.mongo.ids import as_object_id
from kubeorch.mongo.resealing import SealedField

Pulls = Literal["same", "own", "none"]
"""As whom nodes of clusters pull: as KubeOrch itself, as an account of their own, or without signing in."""
State = Literal["untested", "ok", "failed"]
REGISTRIES_OF_A_TEAM = 50


class Trouble(TypedDict):
    """Why the last test failed."""

    code: str
    detail: str


class Registry(TypedDict):
    """A document of the collection. Times are UTC."""

    _id: ObjectId
    team_id: ObjectId | None
    """None for one of the instance, which every team may use."""
    name: str
    provider: str
    host: str
    path_prefix: str
    """The first parts of the paths that the credentials are for; "" for all."""
    plain_http: bool
    ca: str
    """PEM of the authority that signed its certificate; "" for those that everybody knows."""
    username: str
    sealed: Binary | None
    """Of password, token or key; bound to this document. None for one that is read without."""
    expires_at: NotRequired[datetime | None]
    """When the password or token ends, as somebody noted it: registries do not tell."""
    pulls: NotRequired[Pulls]
    """As whom nodes pull; rows without it give them nothing."""
    pull_username: NotRequired[str]
    pull_sealed: NotRequired[Binary | None]
    """Both of the account of their own; bound to this document."""
    is_default: bool
    """Used before others for the same host and prefix."""
    state: State
    may_push: bool | None
    """As the last test found; None when it did not come so far."""
    trouble: Trouble | None
    checked_at: datetime | None
    created_at: datetime
    created_by: ObjectId
    updated_at: datetime
    rev: int


class NoSuchRegistry(NotFound):
    code = "registry.not_found"

    def __init__(self) -> None:
        super().__init__("there is no such registry")


@dataclass(frozen=True, slots=True)
class _Choice:
    row: Registry
    host: str
    path_prefix: str
    is_of_instance: bool
    is_default: bool
    created_at: datetime


SEALED = (
    SealedField("registries", "sealed", lambda row: _aad(row["_id"])),
    SealedField("registries", "pull_sealed", lambda row: _pull_aad(row["_id"])),
)


def collection() -> Collection[Registry]:
    return cast("Collection[Registry]", db()["registries"])


def visible_to(principal: Principal) -> dict[str, Any]:
    """The base of every query for a person: their teams' and the instance's."""
    return {"team_id": {"$in": [*principal.team_ids, None]}}


def find(registry_id: object, principal: Principal) -> Registry:
    """Raises NoSuchRegistry."""
    found = collection().find_one({"_id": as_object_id(registry_id, what="registry"), **visible_to(principal)})
    if found is None:
        raise NoSuchRegistry
    return found


def for_image(team_id: ObjectId, image: Image, *, only_own: bool = False) -> Registry | None:
    """Whose credentials a team uses for an image; `only_own`: of those that are its own. Index: `team_host`."""
    return choose(team_id, image, list(collection().find({**_usable(team_id, only_own), "host": image.host})))


def usable_by(team_id: ObjectId, *, only_own: bool = False) -> list[Registry]:
    """The team's and the instance's."""
    return list(collection().find(_usable(team_id, only_own)))


def _usable(team_id: ObjectId, only_own: bool) -> dict[str, Any]:
    return {"team_id": {"$in": [team_id] if only_own else [team_id, None]}}


def of_host(host: str) -> list[Registry]:
    """Every team's and the instance's: only for what they share, and never shown."""
    return list(collection().find({"host": host}))


def choose(team_id: ObjectId, image: Image, rows: Sequence[Registry]) -> Registry | None:
    """As `for_image`, of rows that were read already. The instance's are not for an image of another team."""
    only_own = is_of_another_team(image, team_id)
    found = chosen_for(image, [_choice(row) for row in rows if row["team_id"] is not None or not only_own])
    return found.row if found else None


def secret_of(row: Registry) -> str:
    """ "" without one. Raises Unsealable."""
    return seal.unseal(bytes(row["sealed"]), aad=_aad(row["_id"])).decode() if row["sealed"] is not None else ""


def sealed(registry_id: ObjectId, secret: str) -> Binary | None:
    return Binary(seal.seal(secret.encode(), aad=_aad(registry_id))) if secret else None


def pulls_of(row: Registry) -> Pulls:
    """As whom nodes pull: without a word without signing in, since whoever may run something in a namespace reads its
    Secrets."""
    return row.get("pulls", "none")


def nodes_sign_in(row: Registry) -> bool:
    found = {"same": row["sealed"], "own": row.get("pull_sealed"), "none": None}
    return found[pulls_of(row)] is not None


def pull_secret_of(row: Registry) -> str:
    """Of the account that nodes have of their own; "" without one. Raises Unsealable."""
    sealed_secret = row.get("pull_sealed")
    return seal.unseal(bytes(sealed_secret), aad=_pull_aad(row["_id"])).decode() if sealed_secret is not None else ""


def pull_sealed(registry_id: ObjectId, secret: str) -> Binary | None:
    return Binary(seal.seal(secret.encode(), aad=_pull_aad(registry_id))) if secret else None


def count_of(team_id: ObjectId | None, session: ClientSession) -> int:
    return collection().count_documents({"team_id": team_id}, session=session)


def has_default(team_id: ObjectId | None, host: str, path_prefix: str, session: ClientSession) -> bool:
    place = {"team_id": team_id, "host": host, "path_prefix": path_prefix, "is_default": True}
    return collection().find_one(place, {"_id": 1}, session=session) is not None


def give_up_default(
    team_id: ObjectId | None, host: str, path_prefix: str, session: ClientSession, *, besides: ObjectId
) -> None:
    """No registry but that one is the default of the place any more."""
    place = {
        "_id": {"$ne": besides},
        "team_id": team_id,
        "host": host,
        "path_prefix": path_prefix,
        "is_default": True,
    }
    collection().update_many(place, {"$set": {"is_default": False}, "$inc": {"rev": 1}}, session=session)


def insert(row: Registry, session: ClientSession) -> None:
    """Raises DuplicateKeyError for a name that the team has."""
    collection().insert_one(row, session=session)


def change(registry_id: ObjectId, rev: int, values: Mapping[str, Any], session: ClientSession) -> Registry | None:
    """None for one that is gone or was changed since `rev`. Raises DuplicateKeyError for a name that the team has."""
    return collection().find_one_and_update(
        {"_id": registry_id, "rev": rev},
        {"$set": {**values, "updated_at": now()}, "$inc": {"rev": 1}},
        return_document=ReturnDocument.AFTER,
        session=session,
    )


def note_test(row: Registry, *, state: State, may_push: bool | None, trouble: Trouble | None) -> Registry:
    """What a test has found of just this row; of one that was changed meanwhile it says nothing."""
    values = {"state": state, "may_push": may_push, "trouble": trouble, "checked_at": now()}
    found = collection().find_one_and_update(
        {"_id": row["_id"], "rev": row["rev"]}, {"$set": values}, return_document=ReturnDocument.AFTER
    )
    return found or row


def delete(registry_id: ObjectId) -> None:
    collection().delete_one({"_id": registry_id})


def _choice(row: Registry) -> _Choice:
    return _Choice(row, row["host"], row["path_prefix"], row["team_id"] is None, row["is_default"], row["created_at"])


def _aad(registry_id: ObjectId) -> str:
    return f"registries/{registry_id}/sealed"


def _pull_aad(registry_id: ObjectId) -> str:
    return f"registries/{registry_id}/pull_sealed"
