"""Which namespaces of a cluster are known where its credentials may not list them."""

from __future__ import annotations

from collections.abc import Iterable

from bson import ObjectId

from clusters.connecting.rights import who_am_i
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, Unauthorized
from clusters.rows import Cluster
from clusters.scope import environments_on
from kubeorch.base.errors import Forbidden
from kubeorch.base.names import is_dns_label

ACCOUNT = "system:serviceaccount:"
"""Source: Kubernetes docs, "Managing Service Accounts": system:serviceaccount:NAMESPACE:NAME."""


class NamespacesUnlistable(Forbidden):
    """The namespaces of the cluster may not be listed, and none is known otherwise."""

    code = "cluster.namespaces_unlistable"

    def __init__(self) -> None:
        super().__init__(
            "these credentials may not list the namespaces of the cluster, and no environment is in one; whoever "
            "administers the cluster can give them the verb list on namespaces (a ClusterRole)"
        )


def known_namespaces(cluster: Cluster, client: KubeClient, team_ids: Iterable[ObjectId]) -> list[str]:
    """Those of the account that the credentials are of, of the teams' environments, and of shares; sorted."""
    found = {name for team_id in set(team_ids) for name in environments_on(cluster["_id"], team_id)}
    for share in cluster.get("shares", ()):
        found.update(share["namespaces"] or ())
    found.add(_of_account(client))
    return sorted(name for name in found if is_dns_label(name))


def _of_account(client: KubeClient) -> str:
    """ "" where they are no ServiceAccount's, or the API server does not say."""
    try:
        user, _ = who_am_i(client)
    except (ApiForbidden, Unauthorized):
        return ""
    return user.removeprefix(ACCOUNT).partition(":")[0] if user.startswith(ACCOUNT) else ""
