"""What a share gives on a cluster, as the API server holds it: a group that is impersonated, and its bindings.

Source: Kubernetes docs, "User impersonation"; "Using RBAC Authorization", default roles and role bindings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clusters.domain.objects import Manifest

SHARE_LABEL = "kubeorch.dev/share"
CLUSTER_ROLES: Mapping[str, str] = {"viewer": "view", "editor": "edit", "operator": "edit"}
"""Roles of a share → ClusterRoles that every cluster with RBAC has; definitions of kinds add theirs to them."""


@dataclass(frozen=True, slots=True)
class Acting:
    """In whose name requests are made: what the API server sees in the place of our credentials."""

    user: str
    group: str


def acting_for(share_id: str) -> Acting:
    return Acting(f"kubeorch:share:{share_id}", f"kubeorch:share:{share_id}")


def binding_name(share_id: str) -> str:
    return f"kubeorch-share-{share_id}"


def binding(share_id: str, role: str, namespace: str) -> Manifest:
    """The RoleBinding by which a share may do in a namespace what its role says."""
    version = "rbac.authorization.k8s.io"
    return {
        "apiVersion": f"{version}/v1",
        "kind": "RoleBinding",
        "metadata": {
            "name": binding_name(share_id),
            "namespace": namespace,
            "labels": {SHARE_LABEL: share_id, "app.kubernetes.io/managed-by": "kubeorch"},
        },
        "roleRef": {"apiGroup": version, "kind": "ClusterRole", "name": CLUSTER_ROLES[role]},
        "subjects": [{"apiGroup": version, "kind": "Group", "name": acting_for(share_id).group}],
    }
