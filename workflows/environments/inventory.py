"""What environments own in clusters, and what is asked before they or their workflow are taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.base.errors import Conflict
from kubeorch.mongo.client import Document, db

Objects = Literal["keep", "destroy"] | None
"""What becomes of owned objects; None: nobody has chosen yet."""


class OwnsObjects(Conflict):
    """Objects exist in a cluster because of this; a person has to choose what becomes of them."""

    def __init__(self, what: str, owned: Sequence[Mapping[str, Any]]) -> None:
        noun = "object" if len(owned) == 1 else "objects"
        super().__init__(
            f"this {what} owns {len(owned)} {noun} in its cluster; choose objects=keep to leave them there, "
            "or objects=destroy to delete them",
            code=f"{what}.owns_objects",
            extra={"owned": list(owned)},
        )


class EnvironmentBusy(Conflict):
    """A run is in progress in the environment."""

    code = "environment.busy"

    def __init__(self, name: str) -> None:
        super().__init__(f"a run is in progress in “{name}”; wait for it to end, or cancel it")


def check_idle(environment: Document) -> None:
    """Raise EnvironmentBusy while a run of the environment has not ended."""
    if environment["active_run_id"] is not None:
        raise EnvironmentBusy(environment["name"])


def owned_objects(environment_ids: Sequence[ObjectId], *, session: ClientSession | None = None) -> list[Document]:
    """Inventory rows of these environments: the objects that exist in clusters because of us.

    Index: `inventory.environment_ref`.
    """
    query = {"environment_id": {"$in": list(environment_ids)}}
    return list(db().inventory.find(query, session=session).sort("_id", 1))


def owns_objects(environment_id: ObjectId, *, session: ClientSession | None = None) -> bool:
    return db().inventory.find_one({"environment_id": environment_id}, {"_id": 1}, session=session) is not None
