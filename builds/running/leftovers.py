"""Jobs of builds in clusters that nobody removed: the cluster did not answer then, or the worker had died."""

from __future__ import annotations

import logging

from bson import ObjectId

from builds.domain.build_pods import BUILD_LABEL
from builds.engines.cluster.jobs import jobs_of
from builds.engines.services import store as engine_store
from builds.running import store
from kubeorch.base.errors import KubeOrchError

log = logging.getLogger(__name__)


def remove_left_jobs() -> None:
    """Of builds that have ended, or are not known any more. A Job ends by itself after a while in any case."""
    for row in engine_store.in_clusters():
        try:
            _remove_of(row)
        except KubeOrchError as error:  # the next round tries it again
            log.info("jobs of builds by engine %s are not looked at: %s", row["_id"], error.detail)


def _remove_of(row: engine_store.Service) -> None:
    jobs = jobs_of(row)
    found = {job.labels[BUILD_LABEL]: job for job in jobs.all() if BUILD_LABEL in job.labels}
    if not found:
        return
    ids = [ObjectId(one) for one in found if ObjectId.is_valid(one)]
    open_ones = {str(build["_id"]) for build in store.open_builds({"_id": {"$in": ids}})}
    for build_id, job in found.items():
        if build_id not in open_ones:
            jobs.remove(job)
