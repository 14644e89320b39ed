"""Cordons nodes, and asks for pods to leave them by the eviction API, which keeps to PodDisruptionBudgets.

Source: Kubernetes docs, "API-initiated Eviction": 429 says that a budget forbids it now, 500 that budgets are wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clusters.domain.managers import FIELD_MANAGER
from clusters.domain.objects import Manifest, Ref
from clusters.domain.reading import mapping, mappings, text
from clusters.kube.answers import parsed, refusal
from clusters.kube.client import KubeClient

FORBIDDEN_NOW = (429, 500)


def cordon(client: KubeClient, name: str, *, unschedulable: bool) -> Manifest:
    """Let no new pods come to a node, or let them come again; the node afterwards. Raises API errors."""
    return client.request(
        "PATCH",
        client.path_of(Ref("v1", "Node", "", name)),
        body={"spec": {"unschedulable": unschedulable or None}},
        query={"fieldManager": FIELD_MANAGER},
        headers={"Content-Type": "application/merge-patch+json"},
        name=f"Node {name}",
    )[1]


def evict(client: KubeClient, namespace: str, name: str, uid: str) -> str:
    """Ask for one very pod to be evicted: "" where it is (or it goes anyway), else why a budget forbids it now.

    Raises API errors.
    """
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": namespace},
        "deleteOptions": {"preconditions": {"uid": uid}},
    }
    path = f"{client.path_of(Ref('v1', 'Pod', namespace, name))}/eviction"
    status, _, data = client.exchange("POST", path, body=body)
    if status in FORBIDDEN_NOW:
        return _why(parsed(data))
    if status in (404, 409) or status < 300:
        return ""  # gone, or another pod has its name by now
    if status == 403 and _causes(parsed(data), "NamespaceTerminating"):
        return ""  # it leaves with its namespace, in which nothing is made any more, evictions among it
    raise refusal(status, data, path, f"Pod {name}", None)


def _why(answer: Manifest) -> str:
    """The budget's own words, where the answer has them."""
    said = next((text(row.get("message")) for row in _causes(answer, "DisruptionBudget")), "")
    return (said or text(answer.get("message")) or "a disruption budget forbids it now")[:500]


def _causes(answer: Manifest, reason: str) -> list[Mapping[str, Any]]:
    rows = mappings(mapping(answer.get("details")).get("causes"))
    return [row for row in rows if row.get("reason") == reason]
