"""One cluster whose lease this process holds: probes whether it answers, and keeps its watch running.

The keeper of the watch: one whose thread is over or does not move on leaves statuses that nobody checks any more. They
are marked stale with the reason, and another watch is started, later with each time it happens. So are those that an
earlier process stored, while the cluster does not answer and no watch can be started.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from bson import ObjectId
from pymongo.errors import PyMongoError

from clusters import store, trying
from clusters.connections import client_for
from clusters.kube.client import KubeClient
from clusters.kube.errors import ClusterTimeout
from clusters.watching.cluster_watch import ClusterWatch
from clusters.watching.contract import StatusListener
from clusters.watching.freshness import SILENT, STALE_GRACE_S
from kubeorch.base import clock
from kubeorch.base.backoff import Backoff
from kubeorch.base.errors import KubeOrchError
from kubeorch.mongo.lease import Lease

log = logging.getLogger(__name__)

AFTER_FAILURE = Backoff(first_s=1.0, most_s=30.0)
TEST_REST_S = 2.0
"""Between two full tests of a cluster whose watches break again and again."""
WELL_S = 60.0
"""A watch that ran for so long did not die of what killed the one before it."""


@dataclass(frozen=True, slots=True)
class Probing:
    """How often a cluster is asked whether it is there."""

    every_s: float = 4.0
    timeout_s: float = 4.0
    test_every_s: float = 20.0
    """How often it is tested in full: its version, and whether its credentials are still the cluster's."""
    after_failure: Backoff = AFTER_FAILURE
    after_death: Backoff = AFTER_FAILURE
    """Until the watch is started again when its thread has died."""
    hangs_after_s: float = 20.0
    """A thread of a watch that has not moved on for so long counts as hanging."""


USUAL = Probing()


class ClusterRunner:
    """A thread that probes one cluster, starts its watch once it answers, and again for new credentials."""

    def __init__(
        self,
        cluster_id: ObjectId,
        lease: Lease,
        listener_of: Callable[[ObjectId], StatusListener],
        probing: Probing = USUAL,
    ) -> None:
        self.cluster_id = cluster_id
        self.lease = lease
        self.watch: ClusterWatch | None = None
        self._listener_of = listener_of
        self._probing = probing
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._tested_at = float("-inf")
        self._listener: StatusListener | None = None
        """Of the watch, also after its end."""
        self._deaths = 0
        self._start_at = self._started_at = float("-inf")
        self._began_at = time.monotonic()
        self._trouble = ""
        """Why nothing is watched, until a watch runs; and whether that was noted."""
        self._is_noted = True
        self._thread = threading.Thread(target=self._run, name=f"runner-{cluster_id}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask for the end, without waiting for it. The thread ends the watch and gives the lease back."""
        self._stop.set()
        self._wake.set()
        watch = self.watch
        if watch is not None:
            watch.stop()

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._keep_watching()
        finally:
            try:
                self._end_watch()
                self.lease.release()
            except PyMongoError as error:
                log.warning("the lease of cluster %s could not be given back: %s", self.cluster_id, error)

    def _keep_watching(self) -> None:
        failures = 0
        while not self._stop.is_set():
            answered = False
            try:
                self._bury()
                self._check_progress()
                self._note_trouble()
                answered = self._is_there()
            except KubeOrchError as error:
                log.info("cluster %s: %s", self.cluster_id, error)
            except PyMongoError as error:
                log.warning("cluster %s cannot be probed now: %s", self.cluster_id, error)
            except Exception:  # the thread's outermost loop
                log.exception("cluster %s", self.cluster_id)
                if not self._is_noted:
                    return  # the lease ends, and whoever notices that marks the statuses stale
            failures = 0 if answered else failures + 1
            rest_s = self._probing.after_failure.delay_s(failures) if failures else self._probing.every_s
            if self.watch is None and answered:
                rest_s = min(rest_s, max(0.0, self._start_at - time.monotonic()))
            self._wake.wait(rest_s)
            self._wake.clear()

    def _is_there(self) -> bool:
        """Whether the cluster answers. Where it does not and is not watched either, its statuses are marked stale."""
        try:
            why_not = self._probe()
        except KubeOrchError as error:
            log.info("cluster %s: %s", self.cluster_id, error)
            why_not = error.detail
        is_grace_over = time.monotonic() - self._began_at >= STALE_GRACE_S
        if why_not and self.watch is None and not self._trouble and is_grace_over:
            self._listener = self._listener or self._listener_of(self.cluster_id)
            self._trouble, self._is_noted = f"the cluster is not watched: {why_not}", False
            self._note_trouble()
        return not why_not

    def _probe(self) -> str:
        """Why the cluster does not answer; empty when it does, or is not to be asked."""
        is_recent = time.monotonic() - self._tested_at < self._probing.test_every_s
        if self.watch is not None and is_recent and self._is_its_client(self.watch.client):
            try:
                self.watch.client.request("GET", "/version", timeout_s=self._probing.timeout_s)
            except KubeOrchError:
                self.watch.probed(False)
            else:
                self.watch.probed(True)
                return ""
        self._tested_at = time.monotonic()
        row = store.collection().find_one({"_id": self.cluster_id})
        if row is None or not row.get("credentials"):
            return ""
        if row["is_sandbox"] and row["state"] in ("pending", "connecting"):
            return "the sandbox is starting"  # it reports its progress itself
        if self.watch is None and not self._trouble and not self._answers_soon():
            return SILENT
        row = trying.test_cluster(self.cluster_id)
        answered = bool(row["state"] == "ready")
        if self.watch is not None:
            self.watch.probed(answered)
        if answered:
            self._ensure_watch()
            return ""
        error = row["error"]
        return error["detail"] if error is not None else SILENT

    def _answers_soon(self) -> bool:
        """False for a silent cluster: statuses that an earlier watcher stored must not wait for the full test."""
        try:
            client_for(self.cluster_id).request("GET", "/version", timeout_s=STALE_GRACE_S)
        except ClusterTimeout:
            return False
        except KubeOrchError as error:
            log.debug("cluster %s: %s; its test says so", self.cluster_id, error)
        return True

    def _is_its_client(self, client: KubeClient) -> bool:
        """Whether the client has the credentials that are the cluster's now."""
        try:
            return client is client_for(self.cluster_id)
        except KubeOrchError:
            return False  # the test of the cluster says why

    # The watch

    def _ensure_watch(self) -> None:
        client = client_for(self.cluster_id)
        if self.watch is not None and self.watch.client is not client:
            self._trouble = self._trouble or self.watch.freshness.reason
            self._end_watch()
        if self.watch is None and time.monotonic() >= self._start_at:
            self._listener = self._listener_of(self.cluster_id)
            self.watch = ClusterWatch(
                self.cluster_id,
                client,
                self._listener,
                may_write=self.lease.is_safe,
                ended=self._wake.set,
                broke=self._look_now,
            )
            if self._trouble:
                self.watch.freshness.stale_since = clock.now()  # until it has seen everything anew
                self.watch.freshness.reason = self._trouble
                self._trouble, self._is_noted = "", True
            self._started_at = time.monotonic()
            self.watch.start()

    def _look_now(self) -> None:
        """A watch broke: whether the cluster is still there is asked, and noted, at once."""
        if time.monotonic() - self._tested_at > TEST_REST_S:
            self._tested_at = float("-inf")
            self._wake.set()

    def _bury(self) -> None:
        """Take away a watch whose thread is over; another one is started when its time has come."""
        watch = self.watch
        if watch is None or not watch.has_ended or self._stop.is_set():
            return
        self._deaths = 1 if time.monotonic() - self._started_at > WELL_S else self._deaths + 1
        delay_s = self._probing.after_death.delay_s(self._deaths)
        self._start_at = time.monotonic() + delay_s
        self._tested_at = float("-inf")
        self._trouble = f"the watch of the cluster ended and is started again: {_words(watch.failure)}"
        self._is_noted = False
        self._end_watch()

    def _check_progress(self) -> None:
        """Mark the statuses stale while the thread of the watch hangs; it takes that back once it moves on."""
        watch = self.watch
        if watch is None or self._listener is None or watch.freshness.stale_since is not None:
            return
        for_s = time.monotonic() - watch.turned_at
        if for_s > self._probing.hangs_after_s:
            reason, at = f"the watch of the cluster has not moved on for {for_s:.0f} s", clock.now()
            log.error("cluster %s: %s", self.cluster_id, reason)
            self._listener.mark_stale(at, reason)
            watch.freshness.stale_since, watch.freshness.reason = at, reason

    def _note_trouble(self) -> None:
        """Mark the statuses stale, until that has worked: before it has, no other watch is started."""
        if not self._is_noted and self._listener is not None:
            self._listener.mark_stale(clock.now(), self._trouble)
            self._is_noted = True

    def _end_watch(self) -> None:
        if self.watch is not None:
            self.watch.stop()
            self.watch.join()
            self.watch = None


def _words(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {error}"[:300] if error is not None else "for no known reason"
