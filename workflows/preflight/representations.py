"""Preflights as the API shows them."""

from __future__ import annotations

from typing import Any

from kubeorch.base.clock import iso
from workflows.preflight.actions import Preflight


def preflight_json(found: Preflight) -> dict[str, Any]:
    """One row for each node that lacks a right; what the environment itself lacks has no node."""
    nobody: list[str | None] = [None]
    return {
        "allowed": not found.missing and not found.unserved,
        "missing": [
            {"node_id": node_id, **right.as_json()}
            for right in found.missing
            for node_id in (found.needs[right] or nobody)
        ],
        "unserved": [{"node_id": node_id, "ref": ref.as_json()} for node_id, ref in found.unserved],
        "role": found.role,
        "narrowed": found.narrowed,
        "checked_at": iso(found.checked_at),
    }
