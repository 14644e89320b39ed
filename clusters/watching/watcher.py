"""The watcher role: watches every connected cluster that no other watcher has.

A cluster belongs to the process that holds its lease. What is done with the statuses is up to the `StatusListener`
that the roof hands in for each cluster.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from bson import ObjectId
from pymongo.errors import PyMongoError

from clusters import store
from clusters.watching.contract import StatusListener
from clusters.watching.leases import lease_name
from clusters.watching.runner import USUAL, ClusterRunner, Probing
from kubeorch.mongo import lease as leases

log = logging.getLogger(__name__)

LEASE_TTL_S = 10.0
RENEW_EVERY_S = 3.0
LOOK_FOR_CLUSTERS_S = 1.0
LEFT_ALONE_S = 6.0
"""A cluster whose keeper died is taken again after this: by then somebody has noticed, and its statuses are stale."""
STOP_WITHIN_S = 6.0
"""Below the grace that `manage.py up` gives its processes; a lease that is not given back by then runs out."""


class Watcher:
    """The process: takes clusters nobody watches, renews its leases, gives them back at the end."""

    def __init__(
        self,
        holder: str,
        listener_of: Callable[[ObjectId], StatusListener],
        probing: Probing = USUAL,
    ) -> None:
        self._holder = holder
        self._listener_of = listener_of
        self._probing = probing
        self._stop = threading.Event()
        self.runners: dict[ObjectId, ClusterRunner] = {}
        """By cluster whose lease this process holds."""
        self._not_before: dict[ObjectId, float] = {}

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        """Run until `stop`. Renewal has this thread to itself, so that no slow cluster can cost a lease."""
        renewed_at = 0.0
        try:
            while not self._stop.is_set():
                try:
                    if time.monotonic() - renewed_at >= RENEW_EVERY_S:
                        renewed_at = time.monotonic()
                        self._renew()
                    self._look_for_clusters()
                except PyMongoError as error:
                    log.warning("leases cannot be renewed now: %s", error)
                except Exception:  # the process' outermost loop
                    log.exception("the clusters cannot be looked after now")
                self._stop.wait(LOOK_FOR_CLUSTERS_S)
        finally:
            self._stop_all()

    def _renew(self) -> None:
        for cluster_id, runner in list(self.runners.items()):
            if not runner.lease.renew():
                log.warning("the lease of cluster %s is lost; its watch ends here", cluster_id)
                self.runners.pop(cluster_id).stop()

    def _look_for_clusters(self) -> None:
        connected = store.connected()
        for cluster_id in set(self.runners) - connected:
            self.runners.pop(cluster_id).stop()
        for cluster_id, runner in list(self.runners.items()):
            if not runner.is_alive:
                log.error("the keeper of cluster %s is gone; it is watched again in a moment", cluster_id)
                self.runners.pop(cluster_id)
                self._not_before[cluster_id] = time.monotonic() + LEFT_ALONE_S
        for cluster_id in connected - set(self.runners):
            if time.monotonic() < self._not_before.get(cluster_id, 0.0):
                continue
            lease = leases.acquire(lease_name(cluster_id), self._holder, ttl_s=LEASE_TTL_S)
            if lease is not None:
                runner = self.runners[cluster_id] = ClusterRunner(cluster_id, lease, self._listener_of, self._probing)
                runner.start()

    def _stop_all(self) -> None:
        for runner in self.runners.values():
            runner.stop()
        deadline = time.monotonic() + STOP_WITHIN_S
        for runner in self.runners.values():
            runner.join(timeout_s=max(0.0, deadline - time.monotonic()))
        self.runners.clear()
