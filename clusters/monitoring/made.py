"""Namespaces that a guest's runs have made on a cluster and that are gone: who makes another one of the name has that.

Runs and plans ask each time; pages of a guest go by what is noted, which is compared with the cluster at each look.
What a run made and never noted, since it was killed or of an earlier version, is noted then: who may label namespaces
owns the cluster.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from bson import ObjectId
from django.utils.module_loading import import_string

from clusters import store
from clusters.connections import client_for
from clusters.domain.labels import ENVIRONMENT_LABEL, MANAGED_BY, MANAGED_BY_LABEL
from clusters.domain.objects import Ref
from clusters.domain.reading import mapping, text
from clusters.kube.client import KubeClient
from clusters.kube.errors import AnswerTooLarge, ApiForbidden, ApiNotFound, ClusterTimeout
from clusters.kube.holding import TooMuch
from kubeorch.base.errors import KubeOrchError

MADE = "workflows.environments.namespace_store.made_on"
"""A cluster and its owner → the namespaces that runs of other teams have made there → uid."""
NAMED = "workflows.environments.namespace_store.named_on"
"""A cluster and its owner → the namespaces that other teams name there, without a uid."""
ADOPT = "workflows.environments.adopting.adopt"
"""A cluster, a namespace, its uid, and the id of the environment whose label it has: a run of that has made it."""
FORGET = "workflows.environments.namespace_store.forget_made"
"""A cluster, a namespace and the uid of the one that is gone."""
log = logging.getLogger(__name__)


def compare_made(cluster: store.Cluster) -> None:
    """Forget those that are gone, or are others by now, and note those that were made without a note. One list of
    names, and only where a guest has any."""
    cluster_id, owner_id = cluster["_id"], cluster["team_id"]
    if owner_id is None:
        return
    made_on: Callable[[ObjectId, ObjectId], Mapping[str, str]] = import_string(MADE)
    named_on: Callable[[ObjectId, ObjectId], Collection[str]] = import_string(NAMED)
    forget: Callable[[ObjectId, str, str], None] = import_string(FORGET)
    adopt: Callable[[ObjectId, str, str, str], None] = import_string(ADOPT)
    made, named = made_on(cluster_id, owner_id), named_on(cluster_id, owner_id)
    if not made and not named:
        return
    try:
        for name, found in _live(client_for(cluster_id), [*made, *named]):
            uid, labels = text(found.get("uid")), mapping(found.get("labels"))
            if name in made and uid != made[name]:
                forget(cluster_id, name, made[name])
            elif name not in made and uid and labels.get(MANAGED_BY_LABEL) == MANAGED_BY:
                adopt(cluster_id, name, uid, text(labels.get(ENVIRONMENT_LABEL)))
    except KubeOrchError as error:
        log.info("cluster %s: its namespaces were not compared: %s", cluster_id, error)


def _live(client: KubeClient, names: Sequence[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each name with the metadata of its Namespace now; empty where there is none, or it may not be told apart. Where
    they cannot be listed, each is asked for, all within the time of one question."""
    until = time.monotonic() + client.limits.question_s
    try:
        items, _ = client.list("v1", "Namespace", metadata_only=True, timeout_s=client.limits.question_s)
    except (ApiForbidden, TooMuch, AnswerTooLarge):
        items = None
    if items is not None:
        there = {item["metadata"]["name"]: mapping(item["metadata"]) for item in items}
        yield from ((name, there.get(name, {})) for name in names)
        return
    for name in names:
        if (left_s := until - time.monotonic()) <= 0:
            raise ClusterTimeout
        yield name, _metadata_of(client, name, left_s)


def _metadata_of(client: KubeClient, name: str, timeout_s: float) -> Mapping[str, Any]:
    try:
        live = client.request("GET", client.path_of(Ref("v1", "Namespace", "", name)), timeout_s=timeout_s)[1]
    except (ApiForbidden, ApiNotFound):
        return {}  # what cannot be told apart is the owner's
    return mapping(live.get("metadata"))
