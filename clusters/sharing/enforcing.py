"""Shares as the API server itself holds them: bindings that a share owns, made with it and removed with it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from clusters import store
from clusters.connections import client_for
from clusters.domain.objects import Ref
from clusters.domain.sharing import binding, binding_name
from clusters.kube.client import KubeClient
from kubeorch.base.errors import KubeOrchError, NotFound

MANAGER = "kubeorch-shares"
log = logging.getLogger(__name__)


def enforce(cluster: store.Cluster, share: store.Share) -> str:
    """Make the bindings of a share, where the credentials may; why the API server does not hold it, "" when it does."""
    if not cluster.get("impersonates"):
        return (
            "the cluster's credentials may not impersonate users and groups and bind roles; what was shared is held by "
            "KubeOrch alone"
        )
    if share["namespaces"] is None:
        return "its namespaces follow the team's environments; what was shared is held by KubeOrch alone"
    client = client_for(cluster["_id"])
    try:
        for namespace in share["namespaces"]:
            client.apply(binding(str(share["id"]), share["role"], namespace), field_manager=MANAGER, force=True)
    except NotFound:
        withdraw(cluster, share)
        return f"there is no namespace {namespace} on the cluster"
    except KubeOrchError as error:
        withdraw(cluster, share)
        return f"the API server did not take its role: {error.detail}"
    return ""


def withdraw(cluster: store.Cluster, share: store.Share) -> list[str]:
    """Remove the bindings of a share; the namespaces in which one may be left, since the cluster did not answer."""
    left: list[str] = []
    namespaces: Sequence[str] = share["namespaces"] or ()
    if not namespaces or not cluster.get("impersonates"):
        return left
    try:
        client = client_for(cluster["_id"])
    except KubeOrchError:
        return list(namespaces)
    for number, namespace in enumerate(namespaces):
        try:
            _remove(client, share, namespace)
        except KubeOrchError as error:
            log.warning("share %s: its binding in %s is left: %s", share["id"], namespace, error)
            left.append(namespace)
            if error.code == "cluster.timeout":
                return [*left, *namespaces[number + 1 :]]
    return left


def _remove(client: KubeClient, share: store.Share, namespace: str) -> None:
    client.delete(Ref("rbac.authorization.k8s.io/v1", "RoleBinding", namespace, binding_name(str(share["id"]))))
