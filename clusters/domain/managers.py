"""The field managers KubeOrch applies as.

Source: Kubernetes docs, "Server-Side Apply", section "Field management".
"""

from __future__ import annotations

FIELD_MANAGER = "kubeorch"
"""Owns what a node renders, the values of Secrets among it."""
SECRETS_MANAGER = "kubeorch-secrets"
"""Owned the values of Secrets in release 0.1.0; the next apply gives them to FIELD_MANAGER."""
SANDBOX_MANAGER = "kubeorch-sandbox"
"""Owns the nodes and classes every sandbox has."""

OUR_MANAGERS = frozenset({FIELD_MANAGER, SECRETS_MANAGER})
"""Managers whose fields come from a run; a change by any other one is an outside edit."""
