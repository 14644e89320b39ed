"""The labels and annotations that KubeOrch writes on objects in a cluster."""

from __future__ import annotations

PREFIX = "kubeorch.dev/"
"""Every key below this domain is ours."""
ENVIRONMENT_LABEL = "kubeorch.dev/environment"
"""Id of the environment that owns the object."""
NODE_LABEL = "kubeorch.dev/node"
"""Id of the node the object is rendered from."""

APP_LABEL = "app"
NAME_LABEL = "app.kubernetes.io/name"
"""Both carry the node's name unless a person set them, and selectors match on APP_LABEL."""
MANAGED_BY_LABEL = "app.kubernetes.io/managed-by"
MANAGED_BY = "kubeorch"
"""Source: Kubernetes docs, "Recommended Labels"."""


def is_ours(key: str) -> bool:
    """Whether KubeOrch sets the label or annotation `key` itself; people cannot set or patch it."""
    return key in (APP_LABEL, NAME_LABEL, MANAGED_BY_LABEL) or key.startswith(PREFIX)
