"""Changes that people make to single objects: whole updates and small patches, each of the very object that was seen.

They are updates by a manager of their own. Server-side apply without force refuses to change a field that another
manager applied, which is what an edit mostly does, and with force it would own every field it names. An update owns
exactly the fields that it changed, and takes them from whoever applied them, so that a plan and drift say who did it.
Source: Kubernetes docs, "Server-Side Apply", section "Field management".
"""

from __future__ import annotations

from typing import Any

from clusters.domain.objects import Manifest
from clusters.domain.reading import mapping
from clusters.kube.allowance import Allowance
from clusters.kube.client import KubeClient
from clusters.kube.discovery import Resource

EDIT_MANAGER = "kubeorch-edit"
MERGE = {"Content-Type": "application/merge-patch+json"}


def update(
    client: KubeClient, resource: Resource, manifest: Manifest, *, dry_run: bool, allowance: Allowance, name: str
) -> Manifest:
    """Replace the object by this one, which has the resourceVersion that it replaces; what the cluster has then.

    Raises ApiConflict when it has moved on, ApiInvalid for what the API server refuses.
    """
    metadata = manifest["metadata"]
    return client.request(
        "PUT",
        resource.path(metadata.get("namespace"), metadata["name"]),
        body=manifest,
        query={"fieldManager": EDIT_MANAGER, "fieldValidation": "Strict", **({"dryRun": "All"} if dry_run else {})},
        allowance=allowance,
        name=name,
    )[1]


def merge(client: KubeClient, path: str, uid: str, change: Manifest, *, allowance: Allowance, name: str) -> Manifest:
    """Merge a change into the very object `uid`. Raises ApiConflict where another one has its name by now."""
    body = {**change, "metadata": {**change.get("metadata", {}), "uid": uid}}
    return client.request(
        "PATCH",
        path,
        body=body,
        query={"fieldManager": EDIT_MANAGER, "fieldValidation": "Strict"},
        headers=MERGE,
        allowance=allowance,
        name=name,
    )[1]


def set_replicas(client: KubeClient, path: str, uid: str, replicas: int, *, allowance: Allowance, name: str) -> None:
    """Through the kind's `scale`, whatever kind it is. Raises ApiConflict as `merge`."""
    scale = client.request("GET", f"{path}/scale", allowance=allowance, name=name)[1]
    body: dict[str, Any] = {**scale, "spec": {**mapping(scale.get("spec")), "replicas": replicas}}
    body["metadata"] = {**mapping(scale.get("metadata")), "uid": uid}
    query = {"fieldManager": EDIT_MANAGER}
    client.request("PUT", f"{path}/scale", body=body, query=query, allowance=allowance, name=name)


def create(client: KubeClient, resource: Resource, manifest: Manifest, *, allowance: Allowance, name: str) -> Manifest:
    """Raises ApiConflict for a name that is taken."""
    path = resource.path(manifest["metadata"].get("namespace"))
    query = {"fieldManager": EDIT_MANAGER, "fieldValidation": "Strict"}
    return client.request("POST", path, body=manifest, query=query, allowance=allowance, name=name)[1]


def delete(
    client: KubeClient, path: str, uid: str, *, propagation: str, dry_run: bool, allowance: Allowance, name: str
) -> Manifest:
    """Ask for the deletion of the very object `uid`; what the API server answers. Raises ApiConflict, ApiNotFound."""
    body = {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "propagationPolicy": propagation,
        "preconditions": {"uid": uid},
        **({"dryRun": ["All"]} if dry_run else {}),
    }
    return client.request("DELETE", path, body=body, allowance=allowance, name=name)[1]
