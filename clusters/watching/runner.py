"""One cluster whose lease this process holds: probes whether it answers, and keeps its watch running."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from bson import ObjectId
from pymongo.errors import PyMongoError

from clusters import actions, store
from clusters.connections import client_for
from clusters.watching.cluster_watch import ClusterWatch
from clusters.watching.contract import StatusListener
from kubeorch.base.backoff import Backoff
from kubeorch.base.errors import KubeOrchError
from kubeorch.mongo.lease import Lease

log = logging.getLogger(__name__)

AFTER_FAILURE = Backoff(first_s=1.0, most_s=30.0)


@dataclass(frozen=True, slots=True)
class Probing:
    """How often a cluster is asked whether it is there."""

    every_s: float = 4.0
    timeout_s: float = 4.0
    test_every_s: float = 20.0
    """How often it is tested in full: its version, and whether its credentials are still the cluster's."""
    after_failure: Backoff = AFTER_FAILURE


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
        self._tested_at = float("-inf")
        self._thread = threading.Thread(target=self._run, name=f"runner-{cluster_id}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask for the end, without waiting for it. The thread ends the watch and gives the lease back."""
        self._stop.set()
        watch = self.watch
        if watch is not None:
            watch.stop()

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            self._keep_watching()
        finally:
            self._end_watch()
            try:
                self.lease.release()
            except PyMongoError as error:
                log.warning("the lease of cluster %s could not be given back: %s", self.cluster_id, error)

    def _keep_watching(self) -> None:
        failures = 0
        while not self._stop.is_set():
            answered = False
            try:
                answered = self._probe()
            except KubeOrchError as error:
                log.info("cluster %s: %s", self.cluster_id, error)
            except PyMongoError as error:
                log.warning("cluster %s cannot be probed now: %s", self.cluster_id, error)
            except Exception:  # the thread's outermost loop
                log.exception("cluster %s", self.cluster_id)
            failures = 0 if answered else failures + 1
            self._stop.wait(self._probing.after_failure.delay_s(failures) if failures else self._probing.every_s)

    def _probe(self) -> bool:
        """Whether the cluster answers, or is not to be asked."""
        if self.watch is not None and self.watch.has_ended:
            self._end_watch()
        if self.watch is not None and time.monotonic() - self._tested_at < self._probing.test_every_s:
            try:
                self.watch.client.request("GET", "/version", timeout_s=self._probing.timeout_s)
            except KubeOrchError:
                self.watch.probed(False)
            else:
                self.watch.probed(True)
                return True
        self._tested_at = time.monotonic()
        row = store.collection().find_one({"_id": self.cluster_id})
        if row is None or not row.get("credentials"):
            return True
        if row["is_sandbox"] and row["state"] in ("pending", "connecting"):
            return False  # the sandbox reports its progress itself
        row = actions.test_cluster(self.cluster_id)
        answered = bool(row["state"] == "ready")
        if self.watch is not None:
            self.watch.probed(answered)
        if answered:
            self._ensure_watch()
        return answered

    def _ensure_watch(self) -> None:
        client = client_for(self.cluster_id)
        if self.watch is not None and self.watch.client is not client:
            self._end_watch()
        if self.watch is None:
            listener = self._listener_of(self.cluster_id)
            self.watch = ClusterWatch(self.cluster_id, client, listener, may_write=self.lease.is_safe)
            self.watch.start()

    def _end_watch(self) -> None:
        if self.watch is not None:
            self.watch.stop()
            self.watch.join()
            self.watch = None
