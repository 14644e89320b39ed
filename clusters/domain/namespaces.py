"""Namespaces that belong to the cluster itself."""

from __future__ import annotations

RESERVED_NAMESPACES = frozenset({"kube-system", "kube-public", "kube-node-lease"})
"""No environment may use these. Source: Kubernetes docs, "Namespaces", section "Initial namespaces"."""
