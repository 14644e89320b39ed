"""The bus: an event becomes known together with the change it tells of, in one of two ways.

It is inserted into `events`, in the change's own transaction; rows expire after an hour. Or, where a change is one
write to one document, that write sets the document's field `told` to the change's events, and needs no transaction.
Every web process reads both through one change stream (`bus_reader.py`). An event carries the latest value of one
entity, never a difference, so any later one makes up for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pymongo.client_session import ClientSession

from kubeorch.base import clock
from kubeorch.mongo.client import Document, db
from kubeorch.mongo.encoding import jsonable

TOLD = "told"
"""The field in which a document holds the events of the write that set it."""


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
    documents = _documents(events)
    if documents:
        db().events.insert_many(documents, ordered=True, session=session)


def told(events: Iterable[Event]) -> Document:
    """What an update of one document sets for its events to be delivered, in this order, once it is committed."""
    return {TOLD: _documents(events)}


def _documents(events: Iterable[Event]) -> list[Document]:
    at = clock.now()
    return [
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
