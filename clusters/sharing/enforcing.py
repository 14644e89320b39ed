"""Shares as the API server itself holds them: bindings that a share owns, made with it and removed with it.

A binding is written down with the cluster before it is made and as its share ends, so that whatever happens then it is
removed (`keeping`). Nobody acts in the name of a share that is gone.
"""

from __future__ import annotations

import logging
import time

from bson import ObjectId

from clusters import shares, store
from clusters.connections import client_for
from clusters.domain.objects import Ref
from clusters.domain.sharing import binding, binding_name
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound
from clusters.rows import Share
from kubeorch.base.errors import KubeOrchError, Unavailable

MANAGER = "kubeorch-shares"
ENFORCING_S = 20.0
"""For all bindings of a share, while a person waits."""
NO_RIGHT = (
    "the cluster's credentials may not impersonate users and groups and bind roles; what was shared is held by "
    "KubeOrch alone"
)
NOT_NAMED = "its namespaces follow the team's environments; what was shared is held by KubeOrch alone"
log = logging.getLogger(__name__)


class TookTooLong(Unavailable):
    code = "share.timeout"

    def __init__(self) -> None:
        super().__init__(f"the API server did not answer within {ENFORCING_S:.0f} s")


def enforce(cluster: store.Cluster, share: Share) -> str:
    """Make the bindings of a share, where the credentials may; why the API server does not hold it, "" when it does."""
    if not cluster.get("impersonates"):
        return NO_RIGHT
    if share["namespaces"] is None:
        return NOT_NAMED
    shares.expect_bindings(cluster["_id"], share)
    client = within(client_for(cluster["_id"]), ENFORCING_S)
    try:
        missing = [namespace for namespace in share["namespaces"] if not _is_bound(client, share, namespace)]
    except KubeOrchError as error:
        withdraw(cluster["_id"], share)
        return f"the API server did not take its role: {error.detail}"
    if missing and len(missing) == len(share["namespaces"]):
        withdraw(cluster["_id"], share)
        return f"there is no namespace {missing[0]} on the cluster"
    return ""  # one that is missing gets its binding once it is there (`keeping`)


def _is_bound(client: KubeClient, share: Share, namespace: str) -> bool:
    """Whether the namespace is there, and has the binding now."""
    try:
        bind(client, share, namespace)
    except ApiNotFound:
        return False
    return True


def bind(client: KubeClient, share: Share, namespace: str) -> None:
    """Make the binding, or make it as it was. Raises API errors; ApiNotFound too for a namespace that is going."""
    try:
        client.apply(binding(str(share["id"]), share["role"], namespace), field_manager=MANAGER, force=True)
    except ApiForbidden as error:
        if any(cause.reason == "NamespaceTerminating" for cause in error.causes):
            raise ApiNotFound(error.detail, status=error.status, reason=error.reason, causes=error.causes) from error
        raise


def is_bound(client: KubeClient, share: Share, namespace: str) -> bool:
    """Whether the binding is there as it was made. Raises API errors."""
    wanted = binding(str(share["id"]), share["role"], namespace)
    live = client.get(Ref(wanted["apiVersion"], wanted["kind"], namespace, wanted["metadata"]["name"]))
    return live is not None and all(live.get(key) == wanted[key] for key in ("roleRef", "subjects"))


def withdraw(cluster_id: ObjectId, share: Share) -> list[str]:
    """Remove the bindings of a share that is gone or never came to be; the namespaces in which one may be left, since
    the cluster did not answer: they are removed when it does."""
    noted = store.find(cluster_id).get("bindings_left") or ()
    left = list(dict.fromkeys(one["namespace"] for one in noted if one["share_id"] == share["id"]))
    if not left:
        return []  # none was ever made
    try:
        client = within(client_for(cluster_id), ENFORCING_S)
        for namespace in tuple(left):
            remove(client, cluster_id, share["id"], namespace)
            left.remove(namespace)
    except KubeOrchError as error:
        log.warning("share %s: %d bindings are left for now: %s", share["id"], len(left), error)
    return left


def withdraw_all(cluster: store.Cluster, client: KubeClient) -> None:
    """Remove the bindings of all shares of a cluster that is gone from here, as far as it answers."""
    client = within(client, ENFORCING_S)
    bindings = {
        (share["id"], namespace) for share in cluster.get("shares") or () for namespace in share["namespaces"] or ()
    }
    bindings |= {(one["share_id"], one["namespace"]) for one in cluster.get("bindings_left") or ()}
    for share_id, namespace in sorted(bindings):
        try:
            remove(client, cluster["_id"], share_id, namespace)
        except Unavailable as error:
            log.warning("cluster %s: bindings of its shares stay: %s", cluster["_id"], error)
            return
        except KubeOrchError as error:
            log.warning("share %s: its binding in %s stays: %s", share_id, namespace, error)


def remove(client: KubeClient, cluster_id: ObjectId, share_id: ObjectId, namespace: str) -> None:
    """Remove a binding, and its note. Raises API errors."""
    client.delete(Ref("rbac.authorization.k8s.io/v1", "RoleBinding", namespace, binding_name(str(share_id))))
    shares.forget_binding(cluster_id, share_id, namespace)


def within(client: KubeClient, seconds: float) -> KubeClient:
    """The client, whose requests all end within that time from now."""
    end = time.monotonic() + seconds

    def check() -> None:
        if time.monotonic() > end:
            raise TookTooLong

    return client.while_alive(check)
