"""Namespaces that a guest's runs have made on a cluster and that are gone: who makes another one of the name has that.

Runs and plans ask each time; pages of a guest go by what is noted, which is compared with the cluster at each look.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping

from bson import ObjectId
from django.utils.module_loading import import_string

from clusters import store
from clusters.connections import client_for
from clusters.domain.objects import Ref
from clusters.domain.reading import mapping, text
from clusters.kube.client import KubeClient
from clusters.kube.errors import AnswerTooLarge, ApiForbidden, ApiNotFound, ClusterTimeout
from clusters.kube.holding import TooMuch
from kubeorch.base.errors import KubeOrchError

MADE = "workflows.environments.namespace_store.made_on"
"""A cluster and its owner → the namespaces that runs of other teams have made there → uid."""
FORGET = "workflows.environments.namespace_store.forget_made"
"""A cluster, a namespace and the uid of the one that is gone."""
log = logging.getLogger(__name__)


def compare_made(cluster: store.Cluster) -> None:
    """Forget those that are gone, or are others by now. One list of names, and only where a guest has any."""
    if cluster["team_id"] is None:
        return
    made_on: Callable[[ObjectId, ObjectId], Mapping[str, str]] = import_string(MADE)
    forget: Callable[[ObjectId, str, str], None] = import_string(FORGET)
    made = made_on(cluster["_id"], cluster["team_id"])
    if not made:
        return
    try:
        for namespace, uid in _live(client_for(cluster["_id"]), made):
            if uid != made[namespace]:
                forget(cluster["_id"], namespace, made[namespace])
    except KubeOrchError as error:
        log.info("cluster %s: its namespaces were not compared: %s", cluster["_id"], error)


def _live(client: KubeClient, names: Iterable[str]) -> Iterator[tuple[str, str | None]]:
    """Each name with the uid of its Namespace now; None where there is none, or it may not be told apart. Where they
    cannot be listed, each is asked for, all within the time of one question."""
    until = time.monotonic() + client.limits.question_s
    try:
        items, _ = client.list("v1", "Namespace", metadata_only=True, timeout_s=client.limits.question_s)
    except (ApiForbidden, TooMuch, AnswerTooLarge):
        items = None
    if items is not None:
        there = {item["metadata"]["name"]: item["metadata"].get("uid") for item in items}
        yield from ((name, there.get(name)) for name in names)
        return
    for name in names:
        if (left_s := until - time.monotonic()) <= 0:
            raise ClusterTimeout
        yield name, _uid_of(client, name, left_s)


def _uid_of(client: KubeClient, name: str, timeout_s: float) -> str | None:
    try:
        live = client.request("GET", client.path_of(Ref("v1", "Namespace", "", name)), timeout_s=timeout_s)[1]
    except (ApiForbidden, ApiNotFound):
        return None  # what cannot be told apart is the owner's
    return text(mapping(live.get("metadata")).get("uid")) or None
