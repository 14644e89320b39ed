"""The field managers KubeOrch applies as.

Source: Kubernetes docs, "Server-Side Apply", section "Field management".
"""

from __future__ import annotations

FIELD_MANAGER = "kubeorch"
"""Owns what a node renders."""
SECRETS_MANAGER = "kubeorch-secrets"
"""Owns a Secret's values, so that applying the Secret without values keeps them."""
SANDBOX_MANAGER = "kubeorch-sandbox"
"""Owns the nodes and classes every sandbox has."""

OUR_MANAGERS = frozenset({FIELD_MANAGER, SECRETS_MANAGER})
"""Managers whose fields come from a run; a change by any other one is an outside edit."""
