"""Everything watched of one cluster: from changes of objects to nodes that a listener records.

The informers' threads only index what they observe and mark the node. One thread judges marked nodes and has them
recorded: single changes at once, and in a burst after a rest of 20 ms at most, so that many changes cost one round
trip and not one each.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from bson import ObjectId
from pymongo.errors import ConnectionFailure, ExecutionTimeout, PyMongoError

from clusters.changes.recording import ChangesSeen
from clusters.domain.objects import Ref
from clusters.kube.client import KubeClient
from clusters.kube.informers import EVENT, Change, Informers
from clusters.kube.pacing import USUAL, Timing
from clusters.watching.contract import NodeChange, NodeKey, StatusListener
from clusters.watching.freshness import STALE_GRACE_S, Freshness
from clusters.watching.judging import Judge, set_aside, words_of
from clusters.watching.left_claims import CLAIM, LeftClaims
from clusters.watching.node_queue import NodeQueue
from clusters.watching.object_index import ObjectIndex
from clusters.watching.wanted import WantedKinds
from kubeorch.processes.garbage import give_memory_back

log = logging.getLogger(__name__)

BURST_NODES = 4
FLUSH_REST_S = 0.02
"""The longest rest after a round of `BURST_NODES`; a round that took less time is followed by a rest as short."""
TICK_S = 0.25
RECONCILE_EVERY_S = 30.0
START_LIMIT_S = 15.0
"""Judge with the kinds that are listed once this has passed, even if one cannot be listed."""
STARTING = "the watch of the cluster is starting"
RETRY_S = 1.0
"""After the database could not be written."""
CONNECTION_ERRORS = (ConnectionFailure, ExecutionTimeout)
"""The database is not there, whatever is written to it."""


class WatchLost(Exception):
    """Something that was observed is not known any more; only a watch that begins anew knows it again."""


class ClusterWatch:
    """A running watch of one cluster. It is started once, and ends by `stop` and `join`."""

    def __init__(
        self,
        cluster_id: ObjectId,
        client: KubeClient,
        listener: StatusListener,
        *,
        may_write: Callable[[], bool] = lambda: True,
        ended: Callable[[], None] = lambda: None,
        broke: Callable[[], None] = lambda: None,
        timing: Timing = USUAL,
    ) -> None:
        """`ended` is called by its thread when that is over, whatever the reason; `broke` when a watch of a built-in
        kind breaks, so that somebody looks whether the cluster is still there."""
        self.cluster_id = cluster_id
        self.client = client
        self.may_write = may_write
        self.freshness = Freshness()
        self.failure: BaseException | None = None
        """What ended its thread, unless that was `stop`."""
        self._made_at = self.turned_at = time.monotonic()
        """When its thread last began a round, monotonic: one that hangs does not move on."""
        self._ended = ended
        self._broke = broke
        self._is_broken = False
        self._lost: Exception | None = None
        """Why a change that was observed could not be taken: only a new watch knows everything again."""
        self._listener = listener
        self._index = ObjectIndex()
        self._left = LeftClaims()
        self._queue = NodeQueue()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._is_ready = self._has_listed = False
        self._changes = ChangesSeen(cluster_id, lambda one: listener.namespace_of(one) is not None, may_write)
        self._reconcile_at = float("-inf")
        self.informers = Informers(
            client,
            changed=self._on_change,
            settled=self._on_list,
            state_changed=self._wake.set,
            namespaces=listener.namespaces,
            noticed=self._changes.noticed,
            timing=timing,
        )
        self._judge = Judge(cluster_id, self._index, self.informers, listener, self._left, self._queue.mark_later)
        self._wanted = WantedKinds(self.informers, listener, self._index, self._left, self._queue)
        self._judge.skew = client.clock.skew
        self._thread = threading.Thread(target=self._run, name=f"cluster-{cluster_id}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask every thread to end, without waiting for it."""
        self._stop.set()
        self._wake.set()
        self.informers.stop()
        self._changes.stop()

    def join(self, timeout_s: float = 5.0) -> None:
        """Wait for the end after `stop`."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        self.informers.join(timeout_s)
        self._listener.end()

    @property
    def has_ended(self) -> bool:
        """Its thread is over, by `stop` or by an error that only a new watch can recover from."""
        return self._thread.ident is not None and not self._thread.is_alive()

    @property
    def is_ready(self) -> bool:
        """The first complete picture has been judged and recorded."""
        return self._is_ready

    # For the listener

    def why_unobservable(self, ref: Ref) -> str | None:
        is_left = self._left.owns(ref.identity)
        kind = (ref.api_version, ref.kind)
        informer = self.informers.unlabelled(CLAIM) if is_left else self.informers.informer(kind)
        if informer is None:
            return f"{ref.kind} objects are not watched yet"
        why = informer.why_blind(ref.namespace) or self._judge.doubtful.get(informer.group_kind)
        if why is not None:
            return why
        return None if informer.is_synced else f"{ref.kind} objects are not listed yet"

    def holder_of(self, ref: Ref) -> NodeKey | None:
        return self._index.holder_of(ref)

    def was_deleted(self, ref: Ref) -> bool:
        return self._index.was_deleted(ref)

    def mark(self, key: NodeKey, *, in_s: float = 0.0) -> None:
        if in_s > 0:
            self._queue.mark_later(key, in_s)
        else:
            self._queue.mark([key])
        self._wake.set()

    def probed(self, answered: bool) -> None:
        """The API server was asked whether it is there."""
        self.freshness.probed(answered)
        self._judge.skew = self.client.clock.skew
        self._wake.set()

    # What informers observe (their threads)

    def _on_change(self, change: Change) -> None:
        try:
            if change.kind == EVENT:
                key = self._index.warn(change.new.warning)
                keys = [key] if key is not None else []
            else:
                keys = self._index.change(change.old, change.new) + self._left.change(change.old, change.new)
                if change.new is None:
                    self._changes.gone(change.old, is_lost=change.is_lost)
                if change.old is None or change.new is None:
                    self._listener.came_or_went((change.new or change.old).ref)
        except Exception as error:
            self._lost = error
            self._wake.set()
            raise
        if keys:
            self._queue.mark(keys)
            self._wake.set()

    def _on_list(self) -> None:
        self._has_listed = True
        self._wake.set()

    # Judging and recording (our thread)

    def _run(self) -> None:
        try:
            self._listener.begin(self)
            self._changes.start()
            began = time.monotonic()
            while not self._stop.is_set():
                self.turned_at = time.monotonic()
                self._turn(is_late=self.turned_at - began >= START_LIMIT_S)
                self._wake.wait(self._queue.due_in_s(at_most=TICK_S))
                self._wake.clear()
        except BaseException as error:  # also SystemExit: nothing else would say that this thread is over
            self.failure = error
            log.exception("the watch of cluster %s ended", self.cluster_id)
        finally:
            self._changes.stop()
            self.informers.stop()  # also those that were started while somebody called `stop`
            self._ended()

    def _turn(self, is_late: bool) -> None:
        if self._stop.is_set() or not self.may_write():
            return
        self._check_threads()
        try:
            if self._wanted.look():
                self._mark_everything()
            if not (self._is_ready or self.informers.is_synced or is_late):
                self._check_freshness()
                return
            self._reconcile()
            if self._is_ready:
                self._check_freshness()
            self._record_marked()
            if not self._is_ready:
                self._check_freshness()
                self._is_ready = True
            if self._has_listed and self.informers.is_synced:
                self._has_listed = False
                self._changes.listed(is_whole=self.informers.sees_all)
                give_memory_back()  # of lists: a sixth of what is kept of them
        except PyMongoError as error:
            log.warning("statuses of cluster %s cannot be written now: %s", self.cluster_id, error)
            self._stop.wait(RETRY_S)

    def _check_threads(self) -> None:
        """Raise when a thread is over that should run, or lost what it observed."""
        if self._lost is not None:
            raise WatchLost(f"a change could not be taken: {words_of(self._lost)}") from self._lost
        died = self.informers.died()
        if died is not None:
            raise WatchLost(f"the thread that watches {died.kind} ended")

    def _reconcile(self) -> None:
        """Now and then, record every node once more."""
        moment = time.monotonic()
        if moment >= self._reconcile_at:
            self._mark_everything()
            self._reconcile_at = moment + RECONCILE_EVERY_S

    def _record_marked(self) -> None:
        """Judge the marked nodes and have them recorded, then rest a little if those were many."""
        started = time.monotonic()
        keys = self._queue.take()
        if not keys:
            return
        try:
            self._record([change for key in keys if (change := self._judge.judge(key)) is not None])
        except BaseException:
            self._queue.mark(keys)
            raise
        if len(keys) >= BURST_NODES:
            self._stop.wait(min(FLUSH_REST_S, time.monotonic() - started))

    def _record(self, changes: Sequence[NodeChange]) -> None:
        """Have the changes recorded; one that cannot be is set aside with a note, so that it holds up no other."""
        freshness = self.freshness
        try:
            self._listener.record(changes, freshness.stale_since, freshness.reason)
        except CONNECTION_ERRORS:
            raise
        except Exception as error:
            if len(changes) > 1:
                for change in changes:
                    self._record([change])
            elif not changes or changes[0].observed.trouble:
                raise
            else:
                log.exception("node %s of cluster %s cannot be recorded", changes[0].key, self.cluster_id)
                self._record([set_aside(changes[0].key, f"its status cannot be recorded: {words_of(error)}")])

    def _mark_everything(self) -> None:
        """Record every node once more: what vanished while nobody watched is in none of the changes."""
        self._queue.mark(self._index.nodes())
        self._queue.mark(self._listener.nodes())

    def _check_freshness(self) -> None:
        """Have everything marked when it may be out of date, and again when it is current."""
        doubtful = self.informers.doubtful(STALE_GRACE_S) if self.freshness.stale_since is None else {}
        if doubtful != self._judge.doubtful:
            self._judge.doubtful = doubtful
            self._mark_everything()
        was_broken, self._is_broken = self._is_broken, self.informers.broken_since is not None
        if self._is_broken and not was_broken:
            self._broke()
        broken = [row for row in (self._broken_watch(), self._listener.out_of_date()) if row is not None]
        since, reason = self.freshness.measure(*min(broken, default=(None, "")))
        if since == self.freshness.stale_since:
            return
        log.info("cluster %s: %s", self.cluster_id, f"stale since {since}: {reason}" if since else "current again")
        self._listener.mark_stale(since, reason)
        self.freshness.stale_since, self.freshness.reason = since, reason
        if since is None:
            self._mark_everything()

    def _broken_watch(self) -> tuple[float, str] | None:
        """Since when (monotonic) what is stored may be out of date, and why: first, until all is listed."""
        broken = self.informers.broken_since
        if not self._is_ready and not self.informers.is_synced:
            return self._made_at, broken[1].detail if broken is not None else STARTING
        return (broken[0], broken[1].detail) if broken is not None else None
