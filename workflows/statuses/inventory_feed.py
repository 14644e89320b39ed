"""What should be on a cluster: the inventory in memory, kept current by one change stream a process."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from bson import ObjectId
from pymongo.errors import PyMongoError

from clusters.domain.objects import Identity, Ref, ref_from_json
from clusters.domain.ownership.touches import mark_of
from clusters.kube.informers import KindOf
from clusters.watching.contract import NodeKey
from kubeorch.base.backoff import Backoff
from workflows.environments import inventory_store
from workflows.environments.inventory_store import EndedObject
from workflows.statuses.node_status import version_number

log = logging.getLogger(__name__)

FOLLOW_WAIT_MS = 500
RETRY = Backoff(first_s=0.5, most_s=10.0)
ERROR_WORDS = 300


class Expected(NamedTuple):
    """One inventory row: an object that we own, or are about to."""

    ref: Ref
    state: str
    uid: str | None
    resource_version: int
    """As our last apply left it; 0 before."""
    applied_at: datetime | None
    ended: EndedObject | None
    is_completed: bool
    """Its completion is noted."""
    our_fields: int
    """Mark of the fields that we manage, as our last apply left them (`ownership.touches.mark_of`); 0 before."""

    @property
    def was_applied(self) -> bool:
        return self.state != "intended"

    @property
    def kind(self) -> KindOf:
        return KindOf(self.ref.api_version, self.ref.kind)


class ExpectedObjects:
    """The inventory rows of one cluster, by node. Safe to use from any thread.

    `on_change(key, state)` is called for every node whose rows changed; `state` is the new state of the row that
    did, or None when a row is gone or all were read anew.
    """

    def __init__(self, cluster_id: ObjectId, on_change: Callable[[NodeKey, str | None], None]) -> None:
        self.cluster_id = cluster_id
        self._on_change = on_change
        self._lock = threading.Lock()
        self._rows: dict[ObjectId, tuple[NodeKey, Expected]] = {}
        self._by_node: dict[NodeKey, dict[ObjectId, Expected]] = {}
        self._left: dict[ObjectId, tuple[Identity, NodeKey]] = {}
        """Claims that a set has left behind, by row; they carry none of our labels."""
        self._kinds: Counter[KindOf] = Counter()
        """Of objects that were applied: before that, the cluster may not know the kind yet."""

    def of_node(self, key: NodeKey) -> list[Expected]:
        with self._lock:
            return sorted(self._by_node.get(key, {}).values(), key=lambda row: row.ref.key)

    def nodes(self) -> set[NodeKey]:
        with self._lock:
            return set(self._by_node)

    def left_claims(self) -> dict[Identity, NodeKey]:
        with self._lock:
            return dict(self._left.values())

    def kinds(self) -> set[KindOf]:
        """Kinds of which anything was applied."""
        with self._lock:
            return set(self._kinds)

    def namespaces(self) -> set[str]:
        """Of everything that is owned."""
        with self._lock:
            return {row.ref.namespace for _, row in self._rows.values()} - {""}

    def load(self) -> None:
        """Read all rows anew, under the lock: a change that arrives meanwhile is newer and comes after them."""
        with self._lock:
            rows = inventory_store.on_cluster(self.cluster_id)
            touched = set(self._by_node)
            self._rows.clear()
            self._by_node.clear()
            self._left.clear()
            self._kinds.clear()
            for row in rows:
                self._add(row)
            touched |= set(self._by_node)
        for key in touched:
            self._on_change(key, None)

    def put(self, row: Mapping[str, Any]) -> None:
        with self._lock:
            self._remove(row["_id"])
            key = self._add(row)
        self._on_change(key, row["state"])

    def drop(self, row_id: ObjectId) -> None:
        with self._lock:
            key = self._remove(row_id)
        if key is not None:
            self._on_change(key, None)

    def _add(self, row: Mapping[str, Any]) -> NodeKey:
        key = NodeKey(str(row["environment_id"]), str(row["node_id"]))
        version = version_number(row.get("resource_version"))
        expected = Expected(
            ref_from_json(row["ref"]),
            row["state"],
            row.get("uid"),
            version,
            row.get("applied_at"),
            row.get("ended"),
            row.get("completed_at") is not None,
            mark_of(row["fingerprint"]) if row.get("fingerprint") else 0,
        )
        self._rows[row["_id"]] = (key, expected)
        self._by_node.setdefault(key, {})[row["_id"]] = expected
        if row.get("made_by"):
            self._left[row["_id"]] = (expected.ref.identity, key)
        if expected.was_applied:
            self._kinds[expected.kind] += 1
        return key

    def _remove(self, row_id: ObjectId) -> NodeKey | None:
        found = self._rows.pop(row_id, None)
        if found is None:
            return None
        key, expected = found
        members = self._by_node.get(key, {})
        members.pop(row_id, None)
        self._left.pop(row_id, None)
        if not members:
            self._by_node.pop(key, None)
        if expected.was_applied:
            self._kinds[expected.kind] -= 1
            self._kinds += Counter()  # leaves out what counts nothing
        return key


class InventoryFeed:
    """Follows the inventory with one change stream for all clusters watched by this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        """Of the followers."""
        self._followers: dict[ObjectId, ExpectedObjects] = {}
        self._thread: threading.Thread | None = None
        self._broken: tuple[float, str] | None = None

    def add(self, follower: ExpectedObjects) -> None:
        with self._changed:
            self._followers[follower.cluster_id] = follower
            self._keep_running()
            self._changed.notify_all()
        follower.load()

    def remove(self, follower: ExpectedObjects) -> None:
        with self._changed:
            if self._followers.get(follower.cluster_id) is follower:
                del self._followers[follower.cluster_id]
                self._changed.notify_all()

    def out_of_date(self) -> tuple[float, str] | None:
        """Since when (monotonic) changes of the inventory may have been missed, and why; None: it is current."""
        with self._lock:
            self._keep_running()
            return self._broken

    def _keep_running(self) -> None:
        """Start the thread, also in the place of one that ended by an error. The lock is held."""
        if not self._followers or (self._thread is not None and self._thread.is_alive()):
            return
        if self._thread is not None:
            log.error("the thread that follows the inventory ended; it is started again")
            self._note_broken("the thread that follows the inventory ended")
        self._thread = threading.Thread(target=self._run, name="inventory", daemon=True)
        self._thread.start()

    def _note_broken(self, why: str) -> None:
        if self._broken is None:
            self._broken = (time.monotonic(), f"what the environments own is not known: {why}")

    def _all(self) -> list[ExpectedObjects]:
        with self._lock:
            return list(self._followers.values())

    def _is_over(self) -> bool:
        """Whether nobody is left to follow for; the next one to come starts another thread."""
        with self._lock:
            if self._followers:
                return False
            self._thread = None
            return True

    def _run(self) -> None:
        failures = 0
        while not self._is_over():
            try:
                with inventory_store.changes(FOLLOW_WAIT_MS) as stream:
                    for follower in self._all():
                        follower.load()
                    self._broken, failures = None, 0
                    while self._all():
                        change = stream.try_next()
                        if change is not None:
                            self._forward(change)
            except Exception as error:
                if isinstance(error, PyMongoError):
                    log.warning("the inventory cannot be followed now: %s", error)
                else:
                    log.exception("the inventory cannot be followed now")
                failures += 1
                self._note_broken(f"{type(error).__name__}: {error}"[:ERROR_WORDS])
                self._rest(RETRY.delay_s(failures))

    def _rest(self, seconds: float) -> None:
        """Wait, but no longer than until somebody comes or goes."""
        with self._changed:
            self._changed.wait(seconds)

    def _forward(self, change: Mapping[str, Any]) -> None:
        row = change.get("fullDocument")
        for follower in self._all():
            if row is None:
                follower.drop(change["documentKey"]["_id"])
            elif row.get("cluster_id") == follower.cluster_id:
                follower.put(row)


feed = InventoryFeed()
"""This process's own."""
