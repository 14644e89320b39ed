"""Keeps the bindings of shares in API servers as the shares say: made where they are missing, removed where they end.

An API server may have been away when a share ended; somebody may have removed a binding, or a namespace and made it
anew; other credentials may have come, which can impersonate, or cannot.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from bson import ObjectId

from clusters import shares, store
from clusters.connections import client_for
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiNotFound
from clusters.rows import Share
from clusters.scope import tell_sharing
from clusters.sharing.enforcing import NO_RIGHT, NOT_NAMED, bind, is_bound, remove, within
from kubeorch.base.clock import now
from kubeorch.base.errors import KubeOrchError, Unavailable

EVERY = timedelta(minutes=10)
TEAMS_AT_ONCE = 20
"""One call looks at a cluster of each: one whose clusters drip delays the others by one look."""
A_CLUSTER_S = 10.0
log = logging.getLogger(__name__)


def keep_shares() -> None:
    """Look at the clusters whose turn it is, one of each team. Any process may call it, often: a turn is claimed."""
    served: list[ObjectId | None] = []
    while len(served) < TEAMS_AT_ONCE and (cluster := shares.claim_due(EVERY, besides=served)) is not None:
        served.append(cluster["team_id"])
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
            why_not = NOT_NAMED if share["namespaces"] is None else _bound(cluster["_id"], client, share)
        shares.note_enforced(cluster["_id"], share["id"], why_not)


def _bound(cluster_id: ObjectId, client: KubeClient, share: Share) -> str:
    """Why the API server does not hold the share, "" when it does; raises when it is away.

    One namespace whose binding is refused does not have the share held by KubeOrch alone in the others.
    """
    refused, bound = "", 0
    for namespace in share["namespaces"] or ():
        try:
            bound += is_bound(client, share, namespace) or _bound_anew(cluster_id, client, share, namespace)
        except Unavailable:
            raise
        except ApiNotFound:
            continue  # a namespace that is gone, or going, takes its bindings along
        except KubeOrchError as error:
            log.warning("share %s: its role was not taken in %s: %s", share["id"], namespace, error)
            refused = f"the API server did not take its role: {error.detail}"
    return "" if bound and not share["unenforced"] else refused


def _bound_anew(cluster_id: ObjectId, client: KubeClient, share: Share, namespace: str) -> bool:
    """Make a binding that is missing or is not as it was; False where its share has ended since it was read."""
    if not shares.expect_binding(cluster_id, share, namespace):
        return False
    bind(client, share, namespace)
    if shares.keep_binding(cluster_id, share["id"], namespace):
        return True
    remove(client, cluster_id, share["id"], namespace)
    return False


def _remove_left(cluster: store.Cluster, client: KubeClient) -> None:
    moment, done = now(), set()
    for left in cluster.get("bindings_left") or ():
        if (one := (left["share_id"], left["namespace"])) in done:
            continue  # it was noted as it was to be made, and again as its share ended
        if shares.holds(cluster, left) and shares.keep_binding(cluster["_id"], left["share_id"], left["namespace"]):
            continue
        if left["at"] <= moment:
            done.add(one)
            try:
                remove(client, cluster["_id"], left["share_id"], left["namespace"])
            except Unavailable:
                raise  # it is asked again once it answers
            except KubeOrchError as error:  # the API server refuses this one; the others may go
                shares.postpone_binding(cluster["_id"], left)
                log.warning("cluster %s: the binding of a share is left in %s: %s", cluster["_id"], left, error)
