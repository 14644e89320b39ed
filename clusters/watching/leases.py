"""The lease of a watched cluster: by its name, other processes learn whether the cluster is watched."""

from __future__ import annotations

import re
from datetime import datetime

from bson import ObjectId

from kubeorch.mongo import lease as leases

_NAME = re.compile(r"watcher:([0-9a-f]{24})")


def lease_name(cluster_id: ObjectId) -> str:
    return f"watcher:{cluster_id}"


def is_watched(cluster_id: ObjectId) -> bool:
    """Whether a watcher holds the cluster's lease now."""
    return leases.is_held(lease_name(cluster_id))


def put_back_unwatched(cluster_id: ObjectId) -> None:
    """What was taken could not be dealt with: it is given out again."""
    leases.put_back(lease_name(cluster_id))


def take_unwatched(grace_s: float) -> tuple[ObjectId, datetime] | None:
    """A cluster whose lease ended more than `grace_s` ago, and when; each end is given out once, to one process."""
    while (ended := leases.take_ended(grace_s)) is not None:
        name, until = ended
        match = _NAME.fullmatch(name)
        if match:
            return ObjectId(match.group(1)), until
    return None
