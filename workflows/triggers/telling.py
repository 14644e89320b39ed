"""Triggers told to who follows their environment: under `trigger:<id>` of the topic `environment:<id>`."""

from __future__ import annotations

from bson import ObjectId
from pymongo.client_session import ClientSession

from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events
from workflows.triggers import store as trigger_store
from workflows.triggers.representations import trigger_json
from workflows.triggers.store import Last, Trigger, Waiting


def tell(trigger: Trigger, session: ClientSession) -> None:
    events.publish(
        f"environment:{trigger['environment_id']}",
        f"trigger:{trigger['_id']}",
        trigger_json(trigger),
        rev=trigger.get("rev", 0),
        session=session,
    )


def tell_removed(trigger: Trigger, session: ClientSession) -> None:
    topic, key = f"environment:{trigger['environment_id']}", f"trigger:{trigger['_id']}"
    events.publish(topic, key, None, rev=trigger.get("rev", 0) + 1, session=session)


def wait(trigger_id: ObjectId, waiting: Waiting, session: ClientSession | None = None) -> None:
    """Note that a call waits, and tell it where that is news."""

    def work(inside: ClientSession) -> None:
        if (after := trigger_store.note_waiting(trigger_id, waiting, inside)) is not None:
            tell(after, inside)

    work(session) if session is not None else run_in_transaction(work)


def ended(trigger_id: ObjectId, call: str, last: Last) -> None:
    """Note what came of a call, and tell it."""

    def work(session: ClientSession) -> None:
        if (after := trigger_store.note_last(trigger_id, call, last, session)) is not None:
            tell(after, session)

    run_in_transaction(work)
