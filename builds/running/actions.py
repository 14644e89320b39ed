"""Builds: started, canceled, built again. Each action is one transaction, told in the same commit."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from builds.domain.sources import ref_or_none
from builds.domain.states import ENDED, BuildState, Who
from builds.engines import choosing
from builds.running import dispatching, log_store, store, telling
from builds.running.rows import PushRow
from builds.running.store import Build, Trigger
from builds.sources import store as source_store
from builds.sources.store import SourceRow
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict
from kubeorch.jobs import queue
from kubeorch.mongo.transaction import run_in_transaction

OPEN_MOST = 50
"""Builds of one team that have not ended."""


class TooManyBuilds(Conflict):
    code = "build.too_many"

    def __init__(self) -> None:
        super().__init__(f"your team has {OPEN_MOST} builds that have not ended; wait for one, or cancel one")


class BuildRunning(Conflict):
    """A source is not removed while one of its builds runs."""

    code = "build.running"

    def __init__(self) -> None:
        super().__init__("a build of this source has not ended; wait for it, or cancel it")


def start_build(
    principal: Principal, source_id: ObjectId, *, ref: str = "", no_cache: bool = False, by: Trigger = "person"
) -> Build:
    """Queue a build of the source's own ref, or of another branch, tag or commit.

    Raises SourceNotFound, Forbidden, RepositoryInvalid, NoSuchEngine or TooManyBuilds.
    """

    def work(session: ClientSession, *, gives_places: bool = True) -> Build:
        build = queue_build(principal, source_id, session, ref=ref, no_cache=no_cache, by=by)
        if gives_places and dispatching.give_places(session):
            build = store.find(build["_id"], {}, session=session)
        return build

    try:
        return run_in_transaction(work)
    except DuplicateKeyError:  # another process gave a place meanwhile
        build = run_in_transaction(partial(work, gives_places=False))
    dispatching.dispatch()
    return store.find(build["_id"], {})


def queue_build(
    principal: Principal,
    source_id: ObjectId,
    session: ClientSession,
    *,
    ref: str = "",
    no_cache: bool = False,
    by: Trigger = "person",
    push: PushRow | None = None,
) -> Build:
    """As `start_build`, as a part of a transaction; whoever commits it calls `dispatching.dispatch` then."""
    source = source_store.find(source_id, team_filter(principal), session=session)
    require(principal, "build.start", source["team_id"])
    wanted = ref_or_none(ref)
    if len(store.open_builds({"team_id": source["team_id"]}, session=session)) >= OPEN_MOST:
        raise TooManyBuilds
    number = source_store.next_number(source_id, session)
    engine = choosing.engine_of_source(source["team_id"], source.get("engine", ""), session)
    build = _new_build(principal, source, number, wanted, no_cache, by, engine)
    if push is not None:
        build["push"] = push
    store.insert(build, session)
    telling.tell(build, session)
    return build


def cancel_build(principal: Principal, build_id: ObjectId, *, by: str = "") -> Build:
    """End a build; one that has ended stays as it is. `by`: what asks, where that is not a person.

    Raises BuildNotFound or Forbidden.
    """
    build = store.find(build_id, team_filter(principal))
    require(principal, "build.start", build["team_id"])
    return end_build(build_id, {"by": ObjectId(principal.user_id), "name": by or principal.name or principal.email})


def end_build(build_id: ObjectId, who: Mapping[str, Any]) -> Build:
    """As `cancel_build`, for whom the caller has checked: `by` and `name`."""
    at = now()
    asked = {"at": at, **who}
    values: Mapping[str, Any] = {"cancel_asked": asked, "ended_at": at, "slot": None, "waiting": ""}
    canceled = telling.move_build(build_id, BuildState.CANCELED, Who.PERSON, values=values)
    if canceled is not None:
        queue.request_cancel(dispatching.JOB, str(build_id))
        dispatching.dispatch()
        return canceled
    held = {"state": {"$nin": [state.value for state in ENDED]}, "cancel_asked": None}
    asked_now = telling.note_build(build_id, held, {"cancel_asked": asked})
    queue.request_cancel(dispatching.JOB, str(build_id))
    return asked_now or store.find(build_id, {})


def use_of_engine(engine: str, session: ClientSession) -> str:
    """What is built by an engine, in words; "" for nothing."""
    names = source_store.names_with_engine(engine, session)
    if names:
        return f"it builds {', '.join(names)}"
    return "it has builds that have not ended" if store.open_builds({"engine": engine}, session=session) else ""


def forget_builds(source_id: ObjectId, session: ClientSession) -> None:
    """Remove all builds of a source with their logs. Raises BuildRunning."""
    if store.open_builds({"source_id": source_id}, session=session):
        raise BuildRunning
    log_store.forget(store.remove_of(source_id, session), session)


def _new_build(
    principal: Principal, source: SourceRow, number: int, ref: str, no_cache: bool, by: Trigger, engine: str
) -> Build:
    at = now()
    return {
        "_id": ObjectId(),
        "team_id": source["team_id"],
        "source_id": source["_id"],
        "source_name": source["name"],
        "number": number,
        "state": BuildState.QUEUED.value,
        "ref": ref or source["ref"],
        "of_source": not ref or ref == source["ref"],
        "commit": None,
        "message": "",
        "repository": source["repository"],
        "root": source["root"],
        "builder": source["builder"],
        "asked_image": source["image"],
        "variables": source["variables"],
        "no_cache": no_cache,
        "identity": None,
        "tree": None,
        "answered_by": None,
        "image": "",
        "tags": [],
        "digest": None,
        "platform": source["builder"]["platform"],
        "engine": engine,
        "slot": None,
        "waiting": "",
        "reason": None,
        "stages": [],
        "steps": [],
        "error_seq": None,
        "log_lines": 0,
        "attempt": 0,
        "fence": 0,
        "cancel_asked": None,
        "triggered_by": by,
        "created_at": at,
        "created_by": ObjectId(principal.user_id),
        "queued_at": at,
        "dispatched_at": None,
        "started_at": None,
        "ended_at": None,
        "rev": 1,
    }
