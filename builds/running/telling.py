"""Builds as the live topics show them, and every change of one in the transaction that tells of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from builds.domain.states import BuildState, Who
from builds.representations import build_json, step_json
from builds.running import store
from builds.running.rows import Step, rev_of_step
from builds.running.store import Build
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events
from workflows.triggers.built import note_built


def tell(build: Build, session: ClientSession, type: str = "update") -> None:  # noqa: A002  (as on the wire)
    """To who looks at the build, and to who looks at its team."""
    data = build_json(build)
    events.publish_many(
        [
            events.Event(f"build:{build['_id']}", "build", data, build["rev"], type),
            events.Event(f"team:{build['team_id']}", f"build:{build['_id']}", data, build["rev"], type),
        ],
        session=session,
    )


def move_build(
    build_id: ObjectId,
    after: BuildState,
    who: Who,
    *,
    fence: int | None = None,
    values: Mapping[str, Any] | None = None,
    where: Mapping[str, Any] | None = None,
    first: Callable[[ClientSession], None] | None = None,
) -> Build | None:
    """As `store.step`, told; in one transaction with `first`, which may raise.

    Triggers of workflows that take the image of a build that succeeds are told, too.
    """

    def work(session: ClientSession) -> Build | None:
        if first is not None:
            first(session)
        moved = store.step(build_id, after, who, fence=fence, values=values, where=where, session=session)
        if moved is not None:
            tell(moved, session)
            if after is BuildState.SUCCEEDED and moved["of_source"]:
                note_built(moved["team_id"], moved["source_name"], build_id, session)
        return moved

    return run_in_transaction(work)


def note_build(build_id: ObjectId, query: Mapping[str, Any], values: Mapping[str, Any]) -> Build | None:
    """Set fields that are no state, told; None where the build is not as `query` says."""

    def work(session: ClientSession) -> Build | None:
        noted = store.set_fields({"_id": build_id, **query}, values, session=session)
        if noted is not None:
            tell(noted, session)
        return noted

    return run_in_transaction(work)


def note_steps(
    build_id: ObjectId, fence: int, values: Mapping[str, Any], changed: Sequence[Step], attempt: int
) -> bool:
    """Set fields of a build that this worker holds, and tell of these steps; whether it holds it."""
    topic = f"build:{build_id}"
    told = [events.Event(topic, f"step:{one['number']}", step_json(one), rev_of_step(one, attempt)) for one in changed]

    def work(session: ClientSession) -> bool:
        is_held = store.note(build_id, fence, values, session)
        if is_held:
            events.publish_many(told, session=session)
        return is_held

    return run_in_transaction(work)
