"""The watcher role: follows every connected cluster, keeps `live_objects`, and tells what became of nodes.

A cluster belongs to the process that holds its lease. Informers' threads only file what they see and mark the
node; one thread a cluster judges marked nodes and writes: single changes at once, and in a burst after a rest
of 20 ms at most, so that many changes cost three round trips and not three each. What lies above
(the run, the inventory) gets each batch through a `Recorder` that the roof hands in.
"""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from bson import ObjectId
from pymongo import DeleteOne, UpdateOne
from pymongo.errors import PyMongoError

from clusters import actions, store
from clusters.connections import client_for
from clusters.domain.diagnosis import NodeContext, ObservedNode, diagnose
from clusters.domain.facts import count_endpoints
from clusters.domain.objects import Ref
from clusters.domain.observed import EndpointStatus, ObservedObject, StorageClassStatus, WarningEvent
from clusters.kube.client import KubeClient
from clusters.kube.informers import EVENT, Informers, KindOf, Told
from clusters.kube.watch import Timing
from kubeorch.base import clock
from kubeorch.base.errors import KubeOrchError
from kubeorch.mongo import lease as leases
from kubeorch.mongo.client import db

log = logging.getLogger(__name__)

LEASE_TTL_S = 10.0
RENEW_EVERY_S = 3.0
LOOK_FOR_CLUSTERS_S = 1.0
BURST_NODES = 4
FLUSH_REST_S = 0.02
"""At most, after a round of `BURST_NODES`; one that cost less rests no longer than it took."""
TICK_S = 0.25
STALE_GRACE_S = 2.0
"""A watch that is opened again within this time was never blind for anybody to notice."""
PROBE_EVERY_S = 4.0
PROBE_TIMEOUT_S = 4.0
LOOK_EVERY_S = 20.0
PROBE_FAILED_MOST_S = 30.0
RECONCILE_EVERY_S = 30.0
START_LIMIT_S = 15.0
"""Judge with the kinds that are there once this has passed, even if one cannot be listed."""
EVENTS_KEPT = 2000
EVENTS_AN_OBJECT = 8
NodeKey = tuple[str, str]
"""Environment id and node id."""


class NodeChange(NamedTuple):
    """A node as the cluster shows it now."""

    environment_id: ObjectId
    team_id: ObjectId
    node_id: str
    judged: ObservedNode


class Sight(Protocol):
    """What a recorder may ask the watch of a cluster."""

    cluster_id: ObjectId

    def blind_for(self, ref: Ref) -> str | None:
        """Why the object cannot be seen; None when it would be seen if it were there."""

    def has_seen(self, ref: Ref) -> bool:
        """Whether the object was there since this watch began."""

    def mark(self, environment_id: str, node_id: str, *, in_s: float = 0.0) -> None:
        """Judge the node again, now or later."""

    def may_write(self) -> bool:
        """Whether the cluster is still ours."""


class Recorder(Protocol):
    """What the house above keeps of a cluster: statuses of nodes."""

    def begin(self, sight: Sight) -> None:
        """Once, before anything else; may read what was kept before."""

    def record(self, changes: Sequence[NodeChange], stale_since: datetime | None) -> None:
        """Nodes that may have changed."""

    def written(self, changes: Sequence[NodeChange]) -> None:
        """`live_objects` has them too."""

    def stale(self, since: datetime | None) -> None:
        """Everything kept of the cluster may be old since then; None: it is kept up again."""

    def kinds(self) -> Iterable[KindOf]:
        """Kinds to follow beside the built-in ones."""

    def nodes(self) -> Iterable[NodeKey]:
        """Nodes with anything expected or kept, so that what vanished unseen is found."""

    def end(self) -> None: ...


class Place(NamedTuple):
    team_id: ObjectId
    namespace: str


class ClusterWatch:
    """Everything followed of one cluster."""

    def __init__(
        self,
        cluster_id: ObjectId,
        client: KubeClient,
        recorder: Recorder,
        *,
        may_write: Callable[[], bool] = lambda: True,
        timing: Timing = Timing(),  # noqa: B008  (frozen)
    ) -> None:
        self.cluster_id = cluster_id
        self.client = client
        self.may_write = may_write
        self._recorder = recorder
        self._lock = threading.Lock()
        self._nodes: dict[NodeKey, dict[str, ObservedObject]] = {}
        self._slices: dict[tuple[str, str], dict[str, ObservedObject]] = {}
        self._classes: dict[str, bool] = {}
        self._events: OrderedDict[str, OrderedDict[str, WarningEvent]] = OrderedDict()
        self._node_of: dict[str, NodeKey] = {}
        """Node by uid of what events may be about."""
        self._gone: OrderedDict[str, None] = OrderedDict()
        """Refs seen and deleted since the start; bounded."""
        self._dirty: dict[NodeKey, None] = {}
        self._later: list[tuple[float, NodeKey]] = []
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._places: dict[str, tuple[float, Place | None]] = {}
        self._kept: dict[str, tuple[int, str, str, str, str]] = {}
        self._is_ready = False
        self._well_at = time.monotonic()
        self._probe_failed_since: float | None = None
        self.stale_since: datetime | None = None
        self.informers = Informers(
            client,
            changed=self._told,
            settled=self._wake.set,
            state_changed=self._wake.set,
            namespaces=self._namespaces,
            timing=timing,
        )
        self._thread = threading.Thread(target=self._run, name=f"cluster-{cluster_id}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        self._stop.set()
        self._wake.set()
        self.informers.stop()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)
        self.informers.join(timeout_s)
        self._recorder.end()

    @property
    def is_ready(self) -> bool:
        """The first complete picture has been judged and written."""
        return self._is_ready

    # For the recorder

    def blind_for(self, ref: Ref) -> str | None:
        informer = self.informers.informer(KindOf(ref.api_version, ref.kind))
        if informer is None:
            return f"{ref.kind} is not followed yet"
        if informer.blind is not None:
            return informer.blind.detail
        return None if informer.is_synced else f"{ref.kind} objects are not listed yet"

    def has_seen(self, ref: Ref) -> bool:
        return ref.key in self._gone

    def mark(self, environment_id: str, node_id: str, *, in_s: float = 0.0) -> None:
        key = (environment_id, node_id)
        with self._lock:
            if in_s > 0:
                heapq.heappush(self._later, (time.monotonic() + in_s, key))
            else:
                self._dirty[key] = None
        self._wake.set()

    def probed(self, is_well: bool) -> None:
        """What the last look at the API server said; beside the watches, it notices a network that is cut."""
        if is_well:
            self._well_at, self._probe_failed_since = time.monotonic(), None
        else:
            self._probe_failed_since = self._well_at
        self._wake.set()

    # Filing what informers tell (their threads)

    def _told(self, told: Told) -> None:
        if told.kind == EVENT:
            self._note(told.new.warning)
            return
        old: ObservedObject | None = told.old
        new: ObservedObject | None = told.new
        with self._lock:
            if old is not None and (new is None or old.uid != new.uid or _node_key(old) != _node_key(new)):
                self._unfile(old)
            if new is not None:
                self._file(new)
            for seen in (old, new):
                if seen is not None:
                    self._touch(seen)
        self._wake.set()

    def _file(self, seen: ObservedObject) -> None:
        key = _node_key(seen)
        self._nodes.setdefault(key, {})[seen.uid] = seen
        if seen.kind == "Pod" or seen.owner is not None or seen.kind in _MAKERS:
            self._node_of[seen.uid] = key
        if isinstance(seen.status, EndpointStatus):
            self._slices.setdefault((seen.namespace, seen.status.service), {})[seen.uid] = seen
        elif isinstance(seen.status, StorageClassStatus):
            self._classes[seen.name] = seen.status.waits_for_consumer
        if self._gone and seen.owner is None:
            self._gone.pop(seen.ref.key, None)

    def _unfile(self, seen: ObservedObject) -> None:
        key = _node_key(seen)
        members = self._nodes.get(key)
        if members is not None:
            members.pop(seen.uid, None)
            if not members:
                del self._nodes[key]
        self._node_of.pop(seen.uid, None)
        self._events.pop(seen.uid, None)
        if isinstance(seen.status, EndpointStatus):
            slices = self._slices.get((seen.namespace, seen.status.service))
            if slices is not None:
                slices.pop(seen.uid, None)
                if not slices:
                    del self._slices[(seen.namespace, seen.status.service)]
        if seen.owner is None:
            self._gone[seen.ref.key] = None
            while len(self._gone) > EVENTS_KEPT:
                self._gone.popitem(last=False)

    def _touch(self, seen: ObservedObject) -> None:
        if seen.environment_id and seen.node_id:
            self._dirty[_node_key(seen)] = None

    def _note(self, found: WarningEvent) -> None:
        """Keep the last few Warning events of objects; those of strangers are the first to be forgotten."""
        with self._lock:
            rows = self._events.setdefault(found.uid, OrderedDict())
            rows[f"{found.reason}:{found.message[:40]}"] = found
            while len(rows) > EVENTS_AN_OBJECT:
                rows.popitem(last=False)
            self._events.move_to_end(found.uid)
            while len(self._events) > EVENTS_KEPT:
                self._events.popitem(last=False)
            key = self._node_of.get(found.uid)
            if key is not None:
                self._dirty[key] = None
                self._wake.set()

    # Judging and writing (our thread)

    def _run(self) -> None:
        try:
            self._load()
            self._recorder.begin(self)
            self.informers.follow(self._recorder.kinds())
            began = time.monotonic()
            next_reconcile = 0.0
            while not self._stop.is_set():
                self._wake.wait(self._sleep_s())
                self._wake.clear()
                if self._stop.is_set():
                    return
                if not self._is_ready:
                    if not self.informers.is_synced and time.monotonic() - began < START_LIMIT_S:
                        continue
                    self._mark_everything()
                if time.monotonic() >= next_reconcile:
                    next_reconcile = time.monotonic() + RECONCILE_EVERY_S
                    self.informers.follow(self._recorder.kinds())
                    if self._is_ready:
                        self._mark_everything()
                started = time.monotonic()
                judged = self._turn()
                self._is_ready = True
                if judged >= BURST_NODES:
                    self._stop.wait(min(FLUSH_REST_S, time.monotonic() - started))
        except Exception:
            log.exception("the watch of cluster %s ended", self.cluster_id)
            raise

    def _turn(self) -> int:
        try:
            self._freshness()
            return self._flush()
        except PyMongoError as error:
            log.warning("live state cannot be written now: %s", error)
            self._stop.wait(1.0)
            return 0

    def _sleep_s(self) -> float:
        with self._lock:
            return max(0.0, min(TICK_S, self._later[0][0] - time.monotonic())) if self._later else TICK_S

    def _flush(self) -> int:
        """Judge what is marked, tell and write it; how many nodes that were."""
        if not self.may_write():
            return 0
        dirty = self._take_dirty()
        if not dirty:
            return 0
        try:
            moment = clock.now()
            changes = [change for key in dirty if (change := self._judged(key, moment)) is not None]
            self._recorder.record(changes, self.stale_since)  # first: somebody may be looking
            self._write_objects(changes, moment)
            self._recorder.written(changes)
        except PyMongoError:
            with self._lock:
                self._dirty.update(dict.fromkeys(dirty))
            raise
        return len(dirty)

    def _take_dirty(self) -> list[NodeKey]:
        moment = time.monotonic()
        with self._lock:
            while self._later and self._later[0][0] <= moment:
                self._dirty[heapq.heappop(self._later)[1]] = None
            dirty, self._dirty = list(self._dirty), {}
        return dirty

    def _judged(self, key: NodeKey, moment: datetime) -> NodeChange | None:
        environment_id, node_id = key
        place = self._place(environment_id)
        if place is None:
            return None
        with self._lock:
            members = list(self._nodes.get(key, {}).values())
        # A label is anybody's to write: only what stands in the environment's own namespace counts.
        members = [seen for seen in members if seen.namespace in ("", place.namespace)]
        judged = diagnose(members, NodeContext(moment, self._endpoints, self._waits, self._happenings))
        recheck_s = min(
            (health.recheck_s for _, health in judged.objects if health.recheck_s is not None), default=None
        )
        if recheck_s is not None:
            self.mark(environment_id, node_id, in_s=recheck_s + 0.05)
        return NodeChange(ObjectId(environment_id), place.team_id, node_id, judged)

    def _endpoints(self, seen: ObservedObject) -> tuple[int, int] | None:
        with self._lock:
            return count_endpoints(list(self._slices.get((seen.namespace, seen.name), {}).values()))

    def _waits(self, storage_class: str) -> bool:
        return self._classes.get(storage_class, False)

    def _happenings(self, uid: str) -> Sequence[WarningEvent]:
        with self._lock:
            return list(self._events.get(uid, {}).values())

    def _write_objects(self, changes: Sequence[NodeChange], moment: datetime) -> None:
        """Upsert what a node declares when anything of it changed; drop what is gone."""
        writes: list[UpdateOne | DeleteOne] = []
        kept: dict[str, tuple[int, str, str, str, str] | None] = {}
        for change in changes:
            node_id, environment_id = change.node_id, str(change.environment_id)
            facts = dict(change.judged.facts) if len(change.judged.objects) == 1 else {}
            present = set()
            for seen, health in change.judged.objects:
                live_id = f"{self.cluster_id}/{seen.ref.key}"
                present.add(live_id)
                known = self._kept.get(live_id)
                now_kept = (seen.resource_version, f"{health.state} {health.reason}", environment_id, node_id)
                if known is not None and known[1:] == now_kept:
                    continue
                rev = (known[0] if known else 0) + 1
                kept[live_id] = (rev, *now_kept)
                fields = {
                    "cluster_id": self.cluster_id,
                    "environment_id": change.environment_id,
                    "team_id": change.team_id,
                    "node_id": node_id,
                    "ref": seen.ref.as_json(),
                    "uid": seen.uid,
                    "resource_version": seen.resource_version,
                    "health": str(health.state),
                    "reason": health.reason,
                    "evidence": [row.as_json() for row in change.judged.evidence],
                    "facts": facts,
                    "observed_at": moment,
                    "stale_since": self.stale_since,
                    "rev": rev,
                }
                writes.append(UpdateOne({"_id": live_id}, {"$set": fields}, upsert=True))
            for live_id in self._kept_of(environment_id, node_id) - present:
                kept[live_id] = None
                writes.append(DeleteOne({"_id": live_id}))
        if writes:
            db().live_objects.bulk_write(writes, ordered=False)
        for live_id, row in kept.items():
            self._keep(live_id, row)

    # What is kept in the database, mirrored to know what changed

    def _load(self) -> None:
        self._kept, self._kept_by_node = {}, {}
        names = ("rev", "resource_version", "health", "reason", "environment_id", "node_id", "stale_since")
        for row in db().live_objects.find({"cluster_id": self.cluster_id}, dict.fromkeys(names, 1)):
            words = f"{row['health']} {row['reason']}"
            version = "" if row["stale_since"] is not None else row["resource_version"]  # stale ones are written anew
            row_kept = (row["rev"], version, words, str(row["environment_id"]), row["node_id"])
            self._keep(row["_id"], row_kept)

    _kept_by_node: dict[NodeKey, set[str]]

    def _keep(self, live_id: str, row: tuple[int, str, str, str, str] | None) -> None:
        known = self._kept.pop(live_id, None)
        if known is not None:
            members = self._kept_by_node.get((known[3], known[4]), set())
            members.discard(live_id)
            if not members:
                self._kept_by_node.pop((known[3], known[4]), None)
        if row is not None:
            self._kept[live_id] = row
            self._kept_by_node.setdefault((row[3], row[4]), set()).add(live_id)

    def _kept_of(self, environment_id: str, node_id: str) -> set[str]:
        return self._kept_by_node.get((environment_id, node_id), set())

    def _mark_everything(self) -> None:
        """Judge every node once more: what vanished while nobody looked is in none of the events."""
        with self._lock:
            self._dirty.update(
                dict.fromkeys(key for key in (*self._nodes, *self._kept_by_node, *self._recorder.nodes()) if all(key))
            )

    # Places and freshness

    def _place(self, environment_id: str) -> Place | None:
        """The environment a label names, if it is one of this cluster. Remembered for a while."""
        known = self._places.get(environment_id)
        moment = time.monotonic()
        if known is not None and moment < known[0]:
            return known[1]
        place = None
        if len(environment_id) == 24 and ObjectId.is_valid(environment_id):
            row = db().environments.find_one(
                {"_id": ObjectId(environment_id), "cluster_id": self.cluster_id}, {"team_id": 1, "namespace": 1}
            )
            place = Place(row["team_id"], row["namespace"]) if row else None
        if len(self._places) > 10_000:
            self._places.clear()
        self._places[environment_id] = (moment + (30.0 if place else 3.0), place)
        return place

    def _namespaces(self) -> list[str]:
        return [str(name) for name in db().environments.distinct("namespace", {"cluster_id": self.cluster_id})]

    def _freshness(self) -> None:
        """Say it when what is kept may be old, and when it is kept up again."""
        if not self._is_ready and not self.informers.is_synced:
            return
        moment = time.monotonic()
        sinces = [self._probe_failed_since] if self._probe_failed_since is not None else []
        broken = self.informers.broken_since
        if broken is not None:
            sinces.append(broken[0])
        oldest = min(sinces, default=None)
        if oldest is None:
            since = None
        elif moment - oldest < STALE_GRACE_S:
            return
        else:
            since = self.stale_since or clock.now() - timedelta(seconds=moment - oldest)
        if since == self.stale_since or not self.may_write():
            return
        log.info("cluster %s: %s", self.cluster_id, f"stale since {since}" if since else "kept up again")
        self.stale_since = since
        db().live_objects.update_many(
            {"cluster_id": self.cluster_id}, {"$set": {"stale_since": since}, "$inc": {"rev": 1}}
        )
        self._kept = {live_id: (row[0] + 1, *row[1:]) for live_id, row in self._kept.items()}
        self._recorder.stale(since)
        if since is None:
            self._mark_everything()


_MAKERS = frozenset({"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "PersistentVolumeClaim"})


def _node_key(seen: ObservedObject) -> NodeKey:
    return seen.environment_id, seen.node_id


class Keeper:
    """One cluster we hold the lease of: looks whether it answers, and keeps its watch."""

    def __init__(self, cluster_id: ObjectId, lease: leases.Lease, recorder: Callable[[ObjectId], Recorder]) -> None:
        self.cluster_id = cluster_id
        self.lease = lease
        self.watch: ClusterWatch | None = None
        self._recorder = recorder
        self._stop = threading.Event()
        self._looked_at = float("-inf")
        self._thread = threading.Thread(target=self._run, name=f"keeper-{cluster_id}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def join(self, timeout_s: float = 10.0) -> None:
        self._thread.join(timeout_s)
        if self.watch is not None:
            self.watch.stop()
            self.watch = None

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        delay_s = 1.0
        while not self._stop.is_set():
            is_well = False
            try:
                is_well = self._look()
            except KubeOrchError as error:
                log.info("cluster %s: %s", self.cluster_id, error)
            except PyMongoError as error:
                log.warning("cluster %s cannot be looked after now: %s", self.cluster_id, error)
            except Exception:  # the thread's outermost loop
                log.exception("cluster %s", self.cluster_id)
            if is_well:
                delay_s = 1.0
                self._stop.wait(PROBE_EVERY_S)
            else:
                self._stop.wait(delay_s)
                delay_s = min(delay_s * 2, PROBE_FAILED_MOST_S)

    def _look(self) -> bool:
        """Whether the cluster answers; starts its watch the first time it does, and again for new credentials."""
        if self.watch is not None and time.monotonic() - self._looked_at < LOOK_EVERY_S:
            try:
                self.watch.client.request("GET", "/version", timeout_s=PROBE_TIMEOUT_S)
            except KubeOrchError:
                self.watch.probed(False)
            else:
                self.watch.probed(True)
                return True
        self._looked_at = time.monotonic()
        row = store.collection().find_one({"_id": self.cluster_id})
        if row is None or not row.get("credentials"):
            return True
        if row["is_sandbox"] and row["state"] in ("pending", "connecting"):
            return False  # it says itself how far it is
        row = actions.test_cluster(self.cluster_id)
        is_well = bool(row["state"] == "ready")
        if self.watch is not None:
            self.watch.probed(is_well)
        if is_well:
            client = client_for(self.cluster_id)
            if self.watch is not None and self.watch.client is not client:
                self.watch.stop()
                self.watch = None
            if self.watch is None:
                self.watch = ClusterWatch(
                    self.cluster_id, client, self._recorder(self.cluster_id), may_write=self.lease.is_safe
                )
                self.watch.start()
        return is_well


class Watcher:
    """The process: takes clusters nobody watches, renews its leases, gives them back at the end."""

    def __init__(self, holder: str, recorder: Callable[[ObjectId], Recorder]) -> None:
        self._holder = holder
        self._recorder = recorder
        self._keepers: dict[ObjectId, Keeper] = {}
        self._stop = threading.Event()

    def stop(self) -> None:
        self._stop.set()

    def watch_of(self, cluster_id: ObjectId) -> ClusterWatch | None:
        keeper = self._keepers.get(cluster_id)
        return keeper.watch if keeper else None

    def run(self) -> None:
        """Until `stop`. Renewal has this thread to itself, so that no slow cluster can cost a lease."""
        renewed_at = 0.0
        try:
            while not self._stop.is_set():
                try:
                    if time.monotonic() - renewed_at >= RENEW_EVERY_S:
                        renewed_at = time.monotonic()
                        self._renew()
                    self._take()
                except PyMongoError as error:
                    log.warning("leases cannot be renewed now: %s", error)
                self._stop.wait(LOOK_FOR_CLUSTERS_S)
        finally:
            self._release()

    def _renew(self) -> None:
        for cluster_id, keeper in list(self._keepers.items()):
            if not keeper.lease.renew():
                log.warning("the lease of cluster %s is lost; letting go", cluster_id)
                self._drop(cluster_id)

    def _take(self) -> None:
        rows = {row["_id"] for row in store.collection().find({"credentials": {"$ne": None}}, {"_id": 1})}
        for cluster_id in set(self._keepers) - rows:
            self._drop(cluster_id, release=True)
        for cluster_id in rows - set(self._keepers):
            lease = leases.acquire(f"watcher:{cluster_id}", self._holder, ttl_s=LEASE_TTL_S)
            if lease is not None:
                keeper = self._keepers[cluster_id] = Keeper(cluster_id, lease, self._recorder)
                keeper.start()

    def _drop(self, cluster_id: ObjectId, *, release: bool = False) -> None:
        keeper = self._keepers.pop(cluster_id)
        keeper.stop()
        keeper.join(timeout_s=2.0)
        if release:
            keeper.lease.release()

    def _release(self) -> None:
        keepers = list(self._keepers.values())
        for keeper in keepers:
            keeper.stop()
            if keeper.watch is not None:
                keeper.watch.informers.stop()
        for keeper in keepers:
            keeper.join(timeout_s=3.0)
            try:
                keeper.lease.release()
            except PyMongoError as error:
                log.warning("a lease could not be given back: %s", error)
        self._keepers.clear()
