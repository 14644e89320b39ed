"""Clusters as the API and the live topic show them; names of teams are handed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from clusters.credentials import opened
from kubeorch.base.clock import iso
from kubeorch.base.seal import Unsealable


def cluster_json(cluster: Mapping[str, Any], team_names: Mapping[ObjectId, str]) -> dict[str, Any]:
    """A cluster without its credentials; one whose credentials cannot be opened is shown as failed, with the cure."""
    state, error = cluster["state"], cluster.get("error")
    try:
        opened(cluster)
    except (Unsealable, ValueError, TypeError):
        state = "failed"
        error = {
            "code": "cluster.credentials_unreadable",
            "detail": "the stored credentials cannot be opened with this server's key; enter the kubeconfig again",
        }
    team_id = cluster.get("team_id")
    return {
        "id": str(cluster["_id"]),
        "name": cluster["name"],
        "server": cluster["server"],
        "state": state,
        "progress": cluster.get("progress"),
        "error": error,
        "version": cluster.get("version") or None,
        "is_sandbox": cluster["is_sandbox"],
        "shared": cluster["shared"],
        "team": {"id": str(team_id), "name": team_names.get(team_id, "")} if team_id else None,
        "auth": cluster.get("auth") or None,
        "labels": cluster.get("labels") or {},
        "is_default": bool(cluster.get("is_default")),
        "shared_with": [str(one["team_id"] or one["user_id"]) for one in cluster.get("shares") or ()],
        "impersonates": bool(cluster.get("impersonates")),
        "size": cluster.get("size"),
        "prometheus": cluster.get("prometheus") or "",
        "prometheus_labels": cluster.get("prometheus_labels") or "",
        "expires": [{"what": one["what"], "at": iso(one["at"])} for one in cluster.get("expires") or ()],
        "latency_ms": cluster.get("latency_ms"),
        "last_seen_at": iso(cluster.get("last_seen_at")),
        "last_checked_at": iso(cluster.get("last_checked_at")),
        "created_at": iso(cluster["created_at"]),
        "rev": cluster["rev"],
    }
