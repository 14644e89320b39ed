"""Writes down how one object differs from what was applied, tells it to who follows the environment, and remembers who
had which field when."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from bson import ObjectId
from pymongo.client_session import ClientSession

from clusters.domain.managers import FIELD_MANAGER
from clusters.domain.objects import Ref, ref_from_json
from clusters.domain.ownership.added import NOTHING_ADDED, Added
from clusters.domain.ownership.contests import Contest, Written, contests
from clusters.domain.ownership.drift import Drifted
from clusters.domain.ownership.known import Sort
from clusters.domain.ownership.paths import path_text
from clusters.domain.ownership.touches import mark_of
from kubeorch.base import clock
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events
from kubeorch.realtime.events import Event
from workflows.drift import store
from workflows.drift.applied import without_adopted
from workflows.drift.store import DriftRow, Field, Healing, HistoryRow
from workflows.drift.values import digest_of, json_text
from workflows.environments import inventory_store
from workflows.environments import store as environment_store
from workflows.environments.inventory_store import InventoryRow
from workflows.environments.store import Environment
from workflows.environments.yield_store import paths_of
from workflows.runs import store as run_store
from workflows.runs.states import RunState

WORDS_MOST = 4000
CONTEST_WITHIN = timedelta(hours=24)
"""What happened before does not count."""
OURS = "KubeOrch"


@dataclass(frozen=True, slots=True)
class Found:
    """How an object was found. Without `fields` and `problem` nothing differs, or the object is not ours to compare."""

    marks: tuple[int, int, int]
    """As DriftRow has them."""
    uid: str = ""
    version: int = 0
    """Its resourceVersion; 0 where no object was read."""
    fields: Sequence[Drifted] = ()
    ours_again: frozenset[str] = frozenset()
    """Of fields that had drifted before: those that are ours now."""
    problem: str = ""
    added: Added = NOTHING_ADDED
    """What others added to it."""
    is_missing: bool = False
    """The cluster says that it is not there."""
    is_owned: bool = True
    """Otherwise it is nothing of ours, and nobody has its fields."""


class Said(Enum):
    WRITTEN = "written"
    TOO_EARLY = "too early"
    """A run is applying, or applied the object after it was read: look again once that is recorded."""


def record(environment_id: ObjectId, ref: Ref, found: Found) -> tuple[Said, DriftRow | None]:
    """(what became of it, the row of the object now)."""

    def work(session: ClientSession) -> tuple[Said, DriftRow | None]:
        environment = environment_store.find_if_there(environment_id, session=session)
        row = inventory_store.row_of(environment_id, ref, session=session) if environment else None
        before = store.find(environment_id, ref, session=session)
        if environment is None or row is None:
            return Said.WRITTEN, _write(before, None, session)
        if is_applying(environment, session):
            return Said.TOO_EARLY, before
        if not found.is_owned or (found.is_missing and row["state"] != "applied"):
            return Said.WRITTEN, _write(before, None, session)
        applied = mark_of(row["fingerprint"]) if row.get("fingerprint") else 0
        if applied != found.marks[2]:
            return Said.TOO_EARLY, before
        if before is not None and before["uid"] == found.uid and before["resource_version"] > found.version > 0:
            return Said.WRITTEN, before
        fields = _without_chosen(environment_id, row, found.fields, session)
        contest = _remember(environment, row, before, fields, found, session)
        differs = bool(fields or found.problem or found.is_missing)
        after = _row(environment, row, before, fields, contest, found) if differs else None
        return Said.WRITTEN, _write(before, after, session)

    return run_in_transaction(work)


def is_applying(environment: Environment, session: ClientSession | None = None) -> bool:
    """Whether a run of the environment may be writing to the cluster, which is recorded a moment later."""
    run_id = environment["active_run_id"]
    return run_id is not None and run_store.find(run_id, {}, session=session)["state"] == RunState.APPLYING


def note_healing(row: DriftRow, healing: Healing | None) -> None:
    """Write down why the object is not put back by itself, unless that is known, or its row is another one by now."""
    known = row.get("healing")
    if known == healing or (known and healing and known["reason"] == healing["reason"]):
        return

    def work(session: ClientSession) -> None:
        before = store.find(row["environment_id"], ref_from_json(row["ref"]), session=session)
        if before is not None and before["rev"] == row["rev"]:
            _write(before, {**before, "healing": healing}, session)

    run_in_transaction(work)


def forget_fields(environment_id: ObjectId, ref: Ref, paths: frozenset[str], session: ClientSession) -> None:
    """Take fields out of the row of an object: somebody has decided about them."""
    before = store.find(environment_id, ref, session=session)
    if before is None:
        return
    left = [field for field in before["fields"] if field["path"] not in paths]
    contested = before.get("contested")
    is_over = contested is not None and contested["path"] in paths
    after: DriftRow = {**before, "fields": left, "contested": None if is_over else contested}
    _write(before, after if left or before["problem"] or before.get("missing") else None, session)


def _without_chosen(
    environment_id: ObjectId, row: InventoryRow, fields: Sequence[Drifted], session: ClientSession
) -> list[Drifted]:
    """Without the fields that are left to others, and those whose value was adopted and is not applied yet."""
    if not fields:
        return []
    given = paths_of(environment_id, session=session).get(ref_from_json(row["ref"]).identity, ())
    left = [path_text(path) for path in given]
    return [
        field
        for field in without_adopted(row, fields)
        if not any(field.path == path or field.path.startswith((f"{path}.", f"{path}[")) for path in left)
    ]


def _row(
    environment: Environment,
    row: InventoryRow,
    before: DriftRow | None,
    fields: Sequence[Drifted],
    contest: Contest | None,
    found: Found,
) -> DriftRow:
    at = clock.now()
    known = {field["path"]: field for field in before["fields"]} if before else {}
    shown = [_field(field, known.get(field.path)) for field in fields]
    words = [row["ref"]["kind"], row["ref"]["name"], row["node_id"]]
    words += [f"{field['path']} {field['manager']} {field['name']}" for field in shown]
    return {
        "_id": before["_id"] if before else ObjectId(),
        "environment_id": environment["_id"],
        "team_id": environment["team_id"],
        "workflow_id": environment["workflow_id"],
        "cluster_id": environment["cluster_id"],
        "node_id": row["node_id"],
        "ref": row["ref"],
        "uid": found.uid,
        "resource_version": found.version,
        "marks": list(found.marks),
        "since": before["since"] if before else at,
        "checked_at": at,
        "fields": shown,
        "contested": _contest(contest) if contest else None,
        "missing": found.is_missing,
        "added": found.added.as_json(),
        "healing": before.get("healing") if before else None,
        "problem": found.problem,
        "words": " ".join(words).lower()[:WORDS_MOST],
        "rev": 0,
    }


def _field(field: Drifted, before: Field | None) -> Field:
    """As it is stored. A manager's time is that of its last write: of a field that it has changed no more it stays what
    it was when that was seen."""
    digest = digest_of(field.live)
    is_known = before is not None and (before["digest"], before["manager"]) == (digest, field.manager)
    return {
        "path": field.path,
        "applied": json_text(field.ours),
        "live": json_text(field.live),
        "digest": digest,
        "manager": field.manager,
        "operation": field.operation,
        "at": before["at"] if before is not None and is_known else field.at,
        "sort": field.known.sort.value if field.known else "",
        "name": field.known.name if field.known else "",
    }


def _contest(contest: Contest) -> store.ContestRow:
    return {
        "path": contest.path,
        "managers": list(contest.managers),
        "flips": contest.flips,
        "since": contest.since,
    }


def _remember(
    environment: Environment,
    row: InventoryRow,
    before: DriftRow | None,
    fields: Sequence[Drifted],
    found: Found,
    session: ClientSession,
) -> Contest | None:
    """Write down which fields changed hands; the contest that goes on about one of those that have drifted."""
    at = clock.now()
    ref = ref_from_json(row["ref"])
    known = store.history_of(environment["_id"], ref, at - CONTEST_WITHIN, session) if before or fields else []
    last = {one["path"]: one["manager"] for one in known}
    last_at = {one["path"]: one["seen_at"] for one in known}
    new: list[HistoryRow] = []

    def got(path: str, manager: str, name: str, sort: str, when: str) -> None:
        if last.get(path) != manager:
            last[path] = manager
            new.append(
                {
                    "_id": ObjectId(),
                    "environment_id": environment["_id"],
                    "node_id": row["node_id"],
                    "ref": row["ref"],
                    "path": path,
                    "manager": manager,
                    "name": name,
                    "sort": sort,
                    "at": when,
                    "seen_at": at,
                }
            )

    applied_at = clock.iso(row["applied_at"]) or ""
    for field in fields:
        was_ours_again = (
            row["applied_at"] is not None and last_at.get(field.path, row["applied_at"]) < row["applied_at"]
        )
        if field.path not in last or was_ours_again:
            got(field.path, FIELD_MANAGER, OURS, Sort.OURS, applied_at)
        who = field.known
        got(field.path, field.manager, who.name if who else "", who.sort if who else "", field.at)
    for gone in before["fields"] if before else ():
        if gone["path"] in found.ours_again:
            got(gone["path"], FIELD_MANAGER, OURS, Sort.OURS, applied_at)
    store.add_history(environment["_id"], new, session)
    paths = {field.path for field in fields}
    return next((one for one in contests(_written(one) for one in [*known, *new]) if one.path in paths), None)


def _written(one: HistoryRow) -> Written:
    at = one["at"] or (clock.iso(one["seen_at"]) or "")
    return Written(
        one["path"], one["manager"], at, one["seen_at"].timestamp(), by_hand=one.get("sort") == Sort.KUBECTL.value
    )


def _write(before: DriftRow | None, after: DriftRow | None, session: ClientSession) -> DriftRow | None:
    """Store the row, or its end, with the event that tells of the node."""
    one = after or before
    if one is None:
        return None
    environment_id, node_id = one["environment_id"], one["node_id"]
    nodes = {node_id, before["node_id"]} if before else {node_id}
    revs = store.summaries(environment_id, session=session)
    rev = max([int(time.time() * 1000), *(revs[name].rev + 1 for name in nodes if name in revs)])
    if after is None:
        if before is not None:
            store.remove(before, session)
    else:
        after["rev"] = rev if _is_news(before, after) else (before or after)["rev"]
        store.put(after, session)
    if _is_news(before, after):
        now = store.summaries(environment_id, session=session)
        events.publish_many(
            [
                Event(
                    f"environment:{environment_id}",
                    f"drift:{name}",
                    now[name].as_json() if name in now else None,
                    rev,
                )
                for name in sorted(nodes)
            ],
            session=session,
        )
    return after


_TOLD = ("node_id", "fields", "contested", "problem", "healing", "missing", "added")


def _is_news(before: DriftRow | None, after: DriftRow | None) -> bool:
    if before is None or after is None:
        return before is not after
    return any(before.get(name) != after.get(name) for name in _TOLD)
