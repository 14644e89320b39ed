"""Nodes and drains as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from clusters.domain.node_facts import NodeFacts
from clusters.nodes.actions import NodeDetail, Nodes
from clusters.nodes.store import Drain
from kubeorch.base.clock import iso


def nodes_json(nodes: Nodes) -> dict[str, Any]:
    return {
        "results": [_node(one, nodes.drains.get(one.name)) for one in nodes.facts],
        "next": None,
        "pods_unread": nodes.pods_unread or None,
    }


def node_json(detail: NodeDetail) -> dict[str, Any]:
    return {
        **_node(detail.facts, detail.drain),
        "pods_unread": detail.pods_unread or None,
        "running": [
            {"namespace": pod.namespace, "name": pod.name, "owner": pod.owner or None, "on_drain": pod.fate.value}
            for pod in detail.pods
        ],
    }


def drain_json(drain: Drain) -> dict[str, Any]:
    return {
        "state": drain["state"],
        "canceling": drain["cancel_requested"],
        "by": drain["by"],
        "total": drain["total"],
        "gone": drain["gone"],
        "message": drain["message"],
        "pods": list(drain.get("pods", ())),
        "created_at": iso(drain["created_at"]),
        "ended_at": iso(drain["ended_at"]),
    }


def _node(facts: NodeFacts, drain: Drain | None) -> dict[str, Any]:
    return {
        "name": facts.name,
        "ready": facts.ready,
        "unschedulable": facts.unschedulable,
        "roles": list(facts.roles),
        "version": facts.version,
        "os": facts.os,
        "architecture": facts.architecture,
        "address": facts.address,
        "created_at": facts.created_at or None,
        "conditions": [
            {
                "type": row["type"],
                "status": row["status"],
                "reason": row["reason"],
                "message": row["message"],
                "since": row["lastTransitionTime"] or None,
            }
            for row in facts.conditions
        ],
        "taints": [dict(row) for row in facts.taints],
        "pods": facts.pods,
        "amounts": [{"name": name, **asdict(one)} for name, one in facts.amounts.items()],
        "drain": drain_json(drain) if drain else None,
    }
