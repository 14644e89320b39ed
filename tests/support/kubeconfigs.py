"""Kubeconfigs as text."""

from __future__ import annotations

import json
from typing import Any


def a_kubeconfig(server: str, *, cluster: dict[str, Any] | None = None, **user: Any) -> str:
    """One cluster, one user and the context that joins them; `user` holds the user's credentials."""
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "cluster", "cluster": {"server": server, **(cluster or {})}}],
            "users": [{"name": "user", "user": user}],
            "contexts": [{"name": "context", "context": {"cluster": "cluster", "user": "user"}}],
            "current-context": "context",
        }
    )
