"""Namespaces that a guest's runs have made on a cluster and that are gone: who makes another one of the name has that.

Runs and plans ask each time; pages of a guest go by what is noted, which is compared with the cluster at each look.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from bson import ObjectId
from django.utils.module_loading import import_string

from clusters import store
from clusters.connections import client_for
from kubeorch.base.errors import KubeOrchError

MADE = "workflows.environments.namespace_store.made_on"
"""A cluster → the namespaces that runs have made there → uid."""
FORGET = "workflows.environments.namespace_store.forget_made"
"""A cluster, a namespace and the uid of the one that is gone."""
log = logging.getLogger(__name__)


def compare_made(cluster: store.Cluster) -> None:
    """Forget those that are gone, or are others by now. One list of names, and only where a guest has any."""
    if cluster["team_id"] is None:
        return
    made_on: Callable[[ObjectId], Mapping[str, str]] = import_string(MADE)
    forget: Callable[[ObjectId, str, str], None] = import_string(FORGET)
    made = made_on(cluster["_id"])
    if not made:
        return
    try:
        client = client_for(cluster["_id"])
        items, _ = client.list("v1", "Namespace", metadata_only=True, timeout_s=client.limits.question_s)
    except KubeOrchError as error:
        log.info("cluster %s: its namespaces were not compared: %s", cluster["_id"], error)
        return
    there = {item["metadata"]["name"]: item["metadata"].get("uid") for item in items}
    for namespace, uid in made.items():
        if there.get(namespace) != uid:
            forget(cluster["_id"], namespace, uid)
