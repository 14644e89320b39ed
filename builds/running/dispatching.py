"""Places: a build that waits gets one of its engine's as soon as it is its team's turn, and with it its job.

Whoever frees a place, or adds a build, calls `dispatch`; every web process does it again and again, for those who were
killed before they could.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from builds.domain.engines import LOCAL
from builds.domain.states import BuildState
from builds.domain.turns import Waiting, order_of
from builds.engines import choosing
from builds.running import pause_store, store, telling
from builds.running.store import Build
from kubeorch.base.clock import now
from kubeorch.jobs import queue
from kubeorch.mongo.transaction import run_in_transaction

JOB = "builds.build"
LANE = "builds"
ATTEMPTS = 5


def dispatch() -> int:
    """Give free places to those whose turn it is; returns to how many."""
    try:
        return run_in_transaction(give_places)
    except DuplicateKeyError:
        return 0  # another process was quicker with that place, and looks at the rest as well


def keep_dispatching() -> None:
    """For places that somebody freed who was killed then."""
    dispatch()


def position_of(build: Build) -> int | None:
    """How many builds, of all teams, get a place at its engine before this one; None for one that waits for none."""
    if build["state"] != BuildState.QUEUED or build["slot"] is not None:
        return None
    order = [one.id for one in _order(_by_engine(store.open_builds({}))[engine_of(build)])]
    return order.index(str(build["_id"])) if str(build["_id"]) in order else None


def engine_of(build: Build) -> str:
    return build["engine"] or LOCAL  # asked for by an older version


def give_places(session: ClientSession) -> int:
    """As `dispatch`, as a part of a transaction; none while builds are paused. Raises DuplicateKeyError where another
    process was quicker."""
    if pause_store.find(session) is not None:
        return 0
    by_engine = _by_engine(store.open_builds({}, session=session))
    slots = choosing.slots(session)
    # One whose engine is gone gets a place, so that it ends and says so.
    return sum(_give(engine, slots.get(engine, 1), found, session) for engine, found in by_engine.items())


def _give(engine: str, slots: int, found: Sequence[Build], session: ClientSession) -> int:
    taken = {build["slot"] for build in found if build["slot"] is not None}
    free = [slot for number in range(slots) if (slot := f"{engine}#{number}") not in taken]
    if not free:
        return 0
    given = 0
    for slot, one in zip(free, _order(found), strict=False):
        build_id = ObjectId(one.id)
        waits = {"_id": build_id, "state": BuildState.QUEUED.value, "slot": None}
        values = {"slot": slot, "dispatched_at": now(), "engine": engine}
        build = store.set_fields(waits, values, session=session)
        if build is None:
            continue
        queue.enqueue(
            JOB,
            {"build_id": one.id},
            key=one.id,
            max_attempts=ATTEMPTS,
            in_lanes=[LANE],
            is_first=True,
            session=session,
        )
        telling.tell(build, session)
        given += 1
    return given


def _by_engine(found: Sequence[Build]) -> dict[str, list[Build]]:
    by_engine: dict[str, list[Build]] = defaultdict(list)
    for build in found:
        by_engine[engine_of(build)].append(build)
    return by_engine


def _order(found: Sequence[Build]) -> list[Waiting]:
    running = Counter(str(build["team_id"]) for build in found if build["slot"] is not None)
    waiting = [
        Waiting(str(build["_id"]), str(build["team_id"]))
        for build in found
        if build["slot"] is None and build["state"] == BuildState.QUEUED
    ]
    if not waiting:
        return []
    served = store.last_dispatched({ObjectId(one.team) for one in waiting})
    return order_of(waiting, running, {str(team): at.timestamp() for team, at in served.items()})
