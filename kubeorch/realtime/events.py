"""The bus is a collection: a change is published by an insert here, in the change's own transaction.

Every web process reads `events` through one change stream (`hub.py`); rows expire after an hour.
An event carries the latest value of one entity, never a difference, so any later one makes up for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pymongo.client_session import ClientSession

from kubeorch.base import clock
from kubeorch.mongo.client import db
from kubeorch.mongo.encoding import jsonable


@dataclass(frozen=True, slots=True)
class Event:
    """The latest value of entity `key` of `topic`; `data` None means it is gone. Of two, the higher `rev` wins."""

    topic: str
    key: str
    data: Mapping[str, Any] | None
    rev: int
    type: str = "update"


def publish(
    topic: str,
    key: str,
    data: Mapping[str, Any] | None,
    *,
    rev: int,
    type: str = "update",  # noqa: A002  (the field's name on the wire)
    session: ClientSession | None = None,
) -> None:
    """Publish to every subscriber of `topic` that `key` is now `data`; sent when the session's transaction commits."""
    publish_many([Event(topic, key, data, rev, type)], session=session)


def publish_many(events: Iterable[Event], *, session: ClientSession | None = None) -> None:
    """As `publish`, for several in one round trip; they are delivered in this order."""
    at = clock.now()
    documents = [
        {
            "topic": event.topic,
            "key": event.key,
            "type": event.type,
            "data": None if event.data is None else jsonable(event.data),
            "rev": event.rev,
            "at": at,
        }
        for event in events
    ]
    if documents:
        db().events.insert_many(documents, ordered=True, session=session)
