"""Who did what, when, from where. Never what the secret was: callers pass names and ids, no values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.base.clock import now
from kubeorch.mongo.client import db


def record(
    action: str,
    *,
    actor_id: object = None,
    actor: str = "",
    team_id: object = None,
    target: Mapping[str, Any] | None = None,
    request: Any = None,
    outcome: str = "done",
    session: ClientSession | None = None,
) -> None:
    """Add one row to the `audit` collection, in the caller's transaction when a session is given.

    `action` is a verb of the product (`member.edit`, `auth.login`); `target` names what it was done to.
    """
    db()["audit"].insert_one(
        {
            "at": now(),
            "action": action,
            "outcome": outcome,
            "actor_id": _id(actor_id),
            "actor": actor[:254],
            "team_id": _id(team_id),
            "target": {key: str(value)[:300] for key, value in (target or {}).items()},
            "source": str(getattr(request, "source", "") or ""),
            "request_id": str(getattr(request, "request_id", "") or ""),
        },
        session=session,
    )


def _id(value: object) -> ObjectId | None:
    if isinstance(value, ObjectId):
        return value
    return ObjectId(value) if isinstance(value, str) and ObjectId.is_valid(value) else None
