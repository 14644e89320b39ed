"""Jobs of builds in clusters that nobody removed: the cluster did not answer then, or the worker had died."""

from __future__ import annotations

import logging

from bson import ObjectId

from builds.domain.build_pods import BUILD_LABEL
from builds.engines.cluster.jobs import jobs_of
from builds.engines.services import store as engine_store
from builds.running import store
from clusters import store as cluster_store
from clusters.kube.allowance import Allowance
from kubeorch.base.errors import KubeOrchError, Unavailable

log = logging.getLogger(__name__)
OF_ONE_S = 8.0
"""For all that is asked because of one engine."""


def remove_left_jobs() -> None:
    """Of builds that have ended, or are not known any more. A Job ends by itself after a while in any case.

    Clusters that do not answer keep nobody waiting: they are left out until they are seen again.
    """
    rows = engine_store.in_clusters()
    seen = cluster_store.names_and_states({_cluster_of(row) for row in rows})
    answering = {cluster_id for cluster_id, cluster in seen.items() if cluster["state"] == "ready"}
    for row in rows:
        if _cluster_of(row) not in answering:
            continue
        try:
            _remove_of(row)
        except KubeOrchError as error:  # the next round tries it again
            if isinstance(error, Unavailable):
                answering.discard(_cluster_of(row))
            log.info("jobs of builds by engine %s are not looked at: %s", row["_id"], error.detail)


def _cluster_of(row: engine_store.Service) -> ObjectId:
    return row["cluster"]["cluster_id"]


def _remove_of(row: engine_store.Service) -> None:
    jobs = jobs_of(row).within(Allowance(OF_ONE_S, 0))
    found = {job.labels[BUILD_LABEL]: job for job in jobs.all() if BUILD_LABEL in job.labels}
    if not found:
        return
    ids = [ObjectId(one) for one in found if ObjectId.is_valid(one)]
    open_ones = {str(build["_id"]) for build in store.open_builds({"_id": {"$in": ids}})}
    for build_id, job in found.items():
        if build_id not in open_ones:
            jobs.remove(job)
