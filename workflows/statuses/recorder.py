"""Live status of nodes: what the cluster shows joined with what the inventory says should be there.

The watcher hands in each batch of judged nodes. A status is stored (`node_statuses`, one document a node) and
published only when something a person can see changed, so what is stored is the snapshot of the topic
`environment:<id>`. `rev` counts up with every write and is checked by it: a watcher that lost its cluster
while it slept cannot overwrite the next one's words.
"""

from __future__ import annotations

import hashlib
import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from bson import ObjectId
from pymongo import DeleteOne, ReturnDocument, UpdateOne, WriteConcern
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, PyMongoError

from clusters.domain.diagnosis import Judged
from clusters.domain.health import Health, State, worst
from clusters.domain.objects import Ref, ref_from_json
from clusters.kube.informers import KindOf
from clusters.watching.watcher import NodeChange, NodeKey, Sight
from kubeorch.base import clock
from kubeorch.mongo.client import Document, db
from kubeorch.realtime import events
from kubeorch.realtime.events import Event

log = logging.getLogger(__name__)

NOT_SEEN_YET_S = 3.0
"""How long an applied object may take to show in the watch before it counts as missing."""
OBJECTS_SHOWN = 20
SETTLE_EVERY_S = 0.05
PUBLISH_AT_ONCE = 500
UNWATCHED_GRACE_S = 2.0


def statuses() -> Collection[Document]:
    """One document a node: `{_id: "<environment>/<node>", environment_id, cluster_id, node_id, status, rev}`.

    Acknowledged by the primary alone: the event that follows waits for a majority, and with it this.
    """
    return db()["node_statuses"].with_options(write_concern=WriteConcern(w=1))


def snapshot(environment_id: ObjectId) -> dict[str, Any]:
    """`node:<id>` → NodeStatus, for the topic and the API. Index: `environment` of node_statuses."""
    rows = statuses().find({"environment_id": environment_id}, {"node_id": 1, "status": 1})
    return {f"node:{row['node_id']}": row["status"] for row in rows}


def topic_of(environment_id: ObjectId | str) -> str:
    return f"environment:{environment_id}"


# What should be there


class Expected(NamedTuple):
    ref: Ref
    state: str
    applied_at: datetime | None


class InventoryFeed:
    """The inventory in memory, kept up by one change stream a process, for all clusters watched here."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[ObjectId, NodeStatuses] = {}
        self._thread: threading.Thread | None = None

    def add(self, listener: NodeStatuses) -> None:
        with self._lock:
            self._listeners[listener.cluster_id] = listener
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="inventory", daemon=True)
                self._thread.start()
        listener.load_inventory()

    def remove(self, listener: NodeStatuses) -> None:
        with self._lock:
            if self._listeners.get(listener.cluster_id) is listener:
                del self._listeners[listener.cluster_id]

    def _all(self) -> list[NodeStatuses]:
        with self._lock:
            return list(self._listeners.values())

    def _run(self) -> None:
        while self._all():
            try:
                with db().inventory.watch(full_document="updateLookup", max_await_time_ms=500) as stream:
                    for listener in self._all():
                        listener.load_inventory()
                    while self._all():
                        change = stream.try_next()
                        if change is not None:
                            self._tell(change)
            except PyMongoError as error:
                log.warning("the inventory cannot be followed now: %s", error)
                time.sleep(1.0)

    def _tell(self, change: Mapping[str, Any]) -> None:
        row = change.get("fullDocument")
        for listener in self._all():
            if row is None:
                listener.inventory_lost(change["documentKey"]["_id"])
            elif row.get("cluster_id") == listener.cluster_id:
                listener.inventory_changed(row)


_feed = InventoryFeed()


# Statuses


class Kept(NamedTuple):
    rev: int
    digest: bytes


class NodeStatuses:
    """The watcher's recorder: statuses of all nodes on one cluster."""

    def __init__(self, cluster_id: ObjectId, settle: Callable[[ObjectId], object]) -> None:
        self.cluster_id = cluster_id
        self._settle = settle
        self._sight: Sight | None = None
        self._lock = threading.Lock()
        self._rows: dict[ObjectId, tuple[NodeKey, Expected]] = {}
        self._expected: dict[NodeKey, dict[ObjectId, Expected]] = {}
        self._kept: dict[NodeKey, Kept] = {}
        self._to_settle: set[ObjectId] = set()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._settler = threading.Thread(target=self._settle_all, name=f"settle-{cluster_id}", daemon=True)

    # Recorder

    def begin(self, sight: Sight) -> None:
        self._sight = sight
        for row in statuses().find({"cluster_id": self.cluster_id}):
            self._kept[(str(row["environment_id"]), row["node_id"])] = Kept(row["rev"], _digest(row["status"]))
        _feed.add(self)
        self._settler.start()

    def end(self) -> None:
        _feed.remove(self)
        self._stop.set()
        self._wake.set()

    def kinds(self) -> Iterable[KindOf]:
        with self._lock:
            return {KindOf(row.ref.api_version, row.ref.kind) for _, row in self._rows.values()}

    def nodes(self) -> Iterable[NodeKey]:
        with self._lock:
            return {*self._expected, *self._kept}

    def record(self, changes: Sequence[NodeChange], stale_since: datetime | None) -> None:
        moment = clock.now()
        writes: list[UpdateOne | DeleteOne] = []
        told: list[tuple[NodeKey, Event, Kept | None]] = []
        for change in changes:
            key = (str(change.environment_id), change.node_id)
            known = self._kept.get(key)
            status = self._status(key, change.judged, moment, stale_since)
            digest = _digest(status) if status is not None else b""
            if (known is not None and known.digest == digest) or (known is None and status is None):
                continue
            rev = known.rev + 1 if known else _first_rev(moment)
            document_id = "/".join(key)
            if status is None:
                writes.append(DeleteOne({"_id": document_id}))
                told.append((key, Event(topic_of(key[0]), f"node:{key[1]}", None, rev), None))
                continue
            status["rev"] = rev
            fields = {
                "environment_id": change.environment_id,
                "cluster_id": self.cluster_id,
                "team_id": change.team_id,
                "node_id": change.node_id,
                "status": status,
                "rev": rev,
            }
            condition: Document = {"_id": document_id}
            if known is not None:
                condition["rev"] = known.rev
            writes.append(UpdateOne(condition, {"$set": fields}, upsert=True))
            told.append((key, Event(topic_of(key[0]), f"node:{key[1]}", status, rev), Kept(rev, digest)))
        if writes and self._write(writes):
            events.publish_many(event for _, event, _ in told)
            for key, _, kept in told:
                if kept is None:
                    self._kept.pop(key, None)
                else:
                    self._kept[key] = kept

    def written(self, changes: Sequence[NodeChange]) -> None:
        """Runs are judged by `live_objects`."""
        self._to_settle.update(change.environment_id for change in changes)
        self._wake.set()

    def stale(self, since: datetime | None) -> None:
        """Mark every status of the cluster, and tell; each changes, so each counts up."""
        condition: Document = {"cluster_id": self.cluster_id}
        condition["status.stale_since"] = None if since is not None else {"$ne": None}
        for key, rev, digest in _mark_stale(condition, since):
            self._kept[key] = Kept(rev, digest)

    # Inventory (the feed's thread)

    def load_inventory(self) -> None:
        rows = list(db().inventory.find({"cluster_id": self.cluster_id}))
        with self._lock:
            before = set(self._expected)
            self._rows.clear()
            self._expected.clear()
            for row in rows:
                self._file(row)
            touched = before | set(self._expected)
        for key in touched:
            self._mark(key)

    def inventory_changed(self, row: Mapping[str, Any]) -> None:
        with self._lock:
            self._unfile(row["_id"])
            key = self._file(row)
        self._mark(key, in_s=NOT_SEEN_YET_S + 0.1 if row["state"] == "applied" else 0.0)

    def inventory_lost(self, row_id: ObjectId) -> None:
        with self._lock:
            key = self._unfile(row_id)
        if key is not None:
            self._mark(key)

    def _file(self, row: Mapping[str, Any]) -> NodeKey:
        key = (str(row["environment_id"]), str(row["node_id"]))
        expected = Expected(ref_from_json(row["ref"]), row["state"], row.get("applied_at"))
        self._rows[row["_id"]] = (key, expected)
        self._expected.setdefault(key, {})[row["_id"]] = expected
        return key

    def _unfile(self, row_id: ObjectId) -> NodeKey | None:
        found = self._rows.pop(row_id, None)
        if found is None:
            return None
        members = self._expected.get(found[0], {})
        members.pop(row_id, None)
        if not members:
            self._expected.pop(found[0], None)
        return found[0]

    def _mark(self, key: NodeKey, *, in_s: float = 0.0) -> None:
        if self._sight is not None:
            self._sight.mark(*key, in_s=in_s)

    # Making a status

    def _status(
        self, key: NodeKey, judged: Judged, moment: datetime, stale_since: datetime | None
    ) -> dict[str, Any] | None:
        """The NodeStatus; None when nothing is there and nothing should be."""
        objects: list[tuple[Ref, Health, str | None, str | None]] = [
            (seen.ref, health, seen.uid, seen.resource_version) for seen, health in judged.objects
        ]
        objects += [(ref, health, None, None) for ref, health in self._absent(key, {row[0] for row in objects}, moment)]
        if not objects:
            return None
        health = worst(row[1] for row in objects)
        evidence = [row.as_json() for row in judged.evidence]
        if judged.outside is not None and judged.objects:
            words = f"changed outside by {judged.outside.manager} after our last apply"
            first = judged.objects[0][0].ref
            evidence.append(
                {
                    "ref": first.as_json(),
                    "reason": "ChangedOutside",
                    "message": words,
                    "count": 1,
                    "at": judged.outside.at,
                }
            )
        return {
            "node_id": key[1],
            "health": str(health.state),
            "reason": health.reason,
            "facts": dict(judged.facts),
            "objects": [
                {
                    "ref": ref.as_json(),
                    "health": str(own.state),
                    "reason": own.reason,
                    "uid": uid,
                    "resource_version": version,
                }
                for ref, own, uid, version in objects[:OBJECTS_SHOWN]
            ],
            "evidence": evidence,
            "resource_version": next((version for _, _, _, version in objects if version), None),
            "observed_at": clock.iso(moment),
            "stale_since": clock.iso(stale_since),
            "drifted": judged.outside is not None,
        }

    def _absent(self, key: NodeKey, present: set[Ref], moment: datetime) -> list[tuple[Ref, Health]]:
        """Applied objects that are not there, each with what that means."""
        sight = self._sight
        if sight is None:
            return []
        found = []
        with self._lock:
            expected = sorted(self._expected.get(key, {}).values(), key=lambda row: row.ref.key)
        for row in expected:
            if row.state != "applied" or row.ref in present:
                continue
            blind = sight.blind_for(row.ref)
            if blind is not None:
                found.append((row.ref, Health(State.UNKNOWN, f"cannot be observed: {blind}")))
                continue
            age_s = (moment - row.applied_at).total_seconds() if row.applied_at else NOT_SEEN_YET_S
            if sight.has_seen(row.ref) or age_s >= NOT_SEEN_YET_S:
                words = f"{row.ref.kind} {row.ref.name} is not in the cluster any more"
                found.append((row.ref, Health(State.MISSING, words)))
            else:
                sight.mark(*key, in_s=NOT_SEEN_YET_S - age_s + 0.1)
                found.append((row.ref, Health(State.PROGRESSING, "applied, not seen in the cluster yet")))
        return found

    def _write(self, writes: list[UpdateOne | DeleteOne]) -> bool:
        """Whether all went in; a status somebody else wrote meanwhile is read again and judged anew."""
        try:
            statuses().bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            if any(row.get("code") != 11000 for row in error.details.get("writeErrors", ())):
                raise
            log.warning("statuses of cluster %s were written by another watcher", self.cluster_id)
            if self._sight is not None and self._sight.may_write():
                self._kept.clear()
                for row in statuses().find({"cluster_id": self.cluster_id}):
                    self._kept[(str(row["environment_id"]), row["node_id"])] = Kept(row["rev"], b"")
                for key in list(self._kept):
                    self._mark(key)
            return False
        return True

    # Settling runs (a thread of its own: a run's end must not hold up statuses)

    def _settle_all(self) -> None:
        while not self._stop.is_set():
            self._wake.wait()
            self._wake.clear()
            while self._to_settle and not self._stop.is_set():
                environment_id = self._to_settle.pop()
                try:
                    self._settle(environment_id)
                except PyMongoError as error:
                    log.warning("a run cannot be settled now: %s", error)
                except Exception:
                    log.exception("settling environment %s", environment_id)
            self._stop.wait(SETTLE_EVERY_S)


def note_unwatched() -> None:
    """Mark statuses of clusters whose watcher is gone: nothing is shown as current that nobody looks at.

    Any process may call it, often; each lost lease is handled once.
    """
    while True:
        ended = {"$lt": ["$until", {"$subtract": ["$$NOW", int(UNWATCHED_GRACE_S * 1000)]}]}
        lease = db().leases.find_one_and_update(
            {"noted": False, "$expr": ended}, {"$set": {"noted": True}}, return_document=ReturnDocument.AFTER
        )
        if lease is None:
            return
        match = re.fullmatch(r"watcher:([0-9a-f]{24})", lease["_id"])
        if match:
            cluster_id, since = ObjectId(match.group(1)), lease["until"]
            log.info("nobody watches cluster %s since %s", cluster_id, since)
            db().live_objects.update_many(
                {"cluster_id": cluster_id, "stale_since": None}, {"$set": {"stale_since": since}, "$inc": {"rev": 1}}
            )
            _mark_stale({"cluster_id": cluster_id, "status.stale_since": None}, since)


def _mark_stale(condition: Document, since: datetime | None) -> list[tuple[NodeKey, int, bytes]]:
    marked: list[tuple[NodeKey, int, bytes]] = []
    ids = [row["_id"] for row in statuses().find(condition, {"_id": 1})]
    for start in range(0, len(ids), PUBLISH_AT_ONCE):
        chunk = {"_id": {"$in": ids[start : start + PUBLISH_AT_ONCE]}}
        statuses().update_many(
            {**condition, **chunk},
            {"$set": {"status.stale_since": clock.iso(since)}, "$inc": {"rev": 1, "status.rev": 1}},
        )
        told = []
        for row in statuses().find(chunk):
            key = (str(row["environment_id"]), row["node_id"])
            told.append(Event(topic_of(key[0]), f"node:{key[1]}", row["status"], row["rev"]))
            marked.append((key, row["rev"], _digest(row["status"])))
        events.publish_many(told)
    return marked


def _digest(status: Mapping[str, Any]) -> bytes:
    """Of what a person can see; versions and times of looking change without anything to see."""
    shown = {key: value for key, value in status.items() if key not in ("rev", "observed_at", "resource_version")}
    shown["objects"] = [{k: v for k, v in row.items() if k != "resource_version"} for row in shown["objects"]]
    return hashlib.blake2b(orjson.dumps(shown, option=orjson.OPT_SORT_KEYS), digest_size=12).digest()


def _first_rev(moment: datetime) -> int:
    """Above any revision an earlier status of that node had: those count up from their own first moment."""
    return int(moment.timestamp() * 1000)
