"""Clusters as the API and the live topic show them; names of teams are handed in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from bson import ObjectId

from clusters.credentials import opened
from kubeorch.accounts.principal import Principal
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


def cluster_for(principal: Principal, cluster: Mapping[str, Any], team_names: Mapping[ObjectId, str]) -> dict[str, Any]:
    """`cluster_json` as that person sees it."""
    return as_seen(cluster_json(cluster, team_names), {principal.user_id, *principal.roles})


def as_seen(shown: Mapping[str, Any], by: Collection[str]) -> dict[str, Any]:
    """A cluster as those see it who are these people and teams (ids): where it is, what is wrong with it, what ends and
    who else has a share is for the team that owns it. A cluster that no team owns is nobody's secret."""
    found = dict(shown)
    team = found["team"]
    if team is None or team["id"] in by:
        return found
    found.update(server="", prometheus="", prometheus_labels="", expires=[])
    found["shared_with"] = [one for one in found["shared_with"] if one in by]
    if found["error"] is not None:
        found["error"] = {
            "code": found["error"]["code"],
            "detail": "the cluster cannot be used now; the team that owns it sees why",
        }
    return found
