"""Keeps the bindings of shares in API servers as the shares say: made where they are missing, removed where they end.

An API server may have been away when a share ended; somebody may have removed a binding, or a namespace and made it
anew; other credentials may have come, which can impersonate, or cannot.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from clusters import shares, store
from clusters.connections import client_for
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiNotFound
from clusters.scope import tell_sharing
from clusters.sharing.enforcing import NO_RIGHT, NOT_NAMED, bind, remove, within
from kubeorch.base.clock import now
from kubeorch.base.errors import KubeOrchError, Unavailable

EVERY = timedelta(minutes=10)
AT_ONCE = 20
"""Clusters that one call looks at."""
A_CLUSTER_S = 10.0
log = logging.getLogger(__name__)


def keep_shares() -> None:
    """Look at the clusters whose turn it is. Any process may call it, often: a turn is claimed."""
    for _ in range(AT_ONCE):
        cluster = shares.claim_due(EVERY)
        if cluster is None:
            return
        try:
            keep_bindings(cluster)
        except KubeOrchError as error:
            log.warning("cluster %s: the bindings of its shares are looked at again later: %s", cluster["_id"], error)


def keep_bindings(cluster: store.Cluster) -> None:
    """Bring the bindings in the cluster in line with its shares. Raises NotConnected, and what the network does."""
    client = within(client_for(cluster["_id"]), A_CLUSTER_S)
    _remove_left(cluster, client)
    tell_sharing(cluster["_id"])
    for share in cluster.get("shares") or ():
        if not cluster.get("impersonates"):
            why_not = share["unenforced"] or NO_RIGHT
        else:
            why_not = NOT_NAMED if share["namespaces"] is None else _bound(client, share)
        shares.note_enforced(cluster["_id"], share["id"], why_not)


def _bound(client: KubeClient, share: store.Share) -> str:
    """Why the API server does not hold the share, "" when it does; raises when it is away.

    One namespace whose binding is refused does not have the share held by KubeOrch alone in the others.
    """
    refused, bound = "", 0
    for namespace in share["namespaces"] or ():
        try:
            bind(client, share, namespace)
            bound += 1
        except Unavailable:
            raise
        except ApiNotFound:
            continue  # a namespace that is gone, or going, takes its bindings along
        except KubeOrchError as error:
            log.warning("share %s: its role was not taken in %s: %s", share["id"], namespace, error)
            refused = f"the API server did not take its role: {error.detail}"
    return "" if bound and not share["unenforced"] else refused


def _remove_left(cluster: store.Cluster, client: KubeClient) -> None:
    moment = now()
    for left in cluster.get("bindings_left") or ():
        if shares.holds(cluster, left):
            shares.forget_binding(cluster["_id"], left["share_id"], left["namespace"])
        elif left["at"] <= moment:
            try:
                remove(client, cluster["_id"], left["share_id"], left["namespace"])
            except Unavailable:
                raise
            except KubeOrchError as error:  # the API server refuses this one; the others may go
                log.warning("cluster %s: the binding of a share is left in %s: %s", cluster["_id"], left, error)
