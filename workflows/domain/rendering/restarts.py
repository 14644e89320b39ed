"""Pods that are replaced because what they read at their start has changed.

A container reads variables, and files that are mounted by a sub-path, only when it starts. So a digest of what it reads
stands in the annotations of the pod template: with other content the template is another one, and Kubernetes rolls it
out. Values of Secrets are known only while a run applies them, so their digests are handed in, and they are keyed:
nobody can try out values against an annotation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from clusters.domain.labels import PREFIX
from clusters.domain.objects import Manifest
from kubeorch.base.records import record
from workflows.domain.rendering.json_digest import content_digest

CONFIG_ANNOTATION = f"{PREFIX}config-digest"
SECRETS_ANNOTATION = f"{PREFIX}secrets-digest"

_KEEPS_PODS_RUNNING = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
"""A Job runs once and a CronJob starts new pods by itself; neither is run again because its configuration changed."""
_LENGTH = 16


@record
class Read:
    """What the pods of a workload read at their start from the object of another node; `keys` None means all of it."""

    node_id: str
    keys: tuple[str, ...] | None


def reads_in(rows: Iterable[Mapping[str, Any]], manifest: Manifest) -> tuple[Read, ...]:
    """The reads that edges gave a workload, one for each object and keys; none where pods are not replaced."""
    if manifest.get("kind") not in _KEEPS_PODS_RUNNING:
        return ()
    found = {Read(row["node_id"], tuple(row["keys"]) if "keys" in row else None) for row in rows}
    return tuple(sorted(found, key=lambda read: (read.node_id, read.keys or ())))


def with_config_digest(manifest: Manifest, reads: Iterable[Read], contents: Mapping[str, Manifest]) -> Manifest:
    """The workload with the digest of what it reads of ConfigMaps; `contents` are their manifests by node."""
    parts = [
        _chosen({**(source.get("data") or {}), **(source.get("binaryData") or {})}, read.keys)
        for read in reads
        if (source := contents.get(read.node_id)) is not None
    ]
    return _annotated(manifest, CONFIG_ANNOTATION, parts)


def with_secrets_digest(
    manifest: Manifest, reads: Iterable[Read], digests: Mapping[str, Mapping[str, str]]
) -> Manifest:
    """The workload with the digest of what it reads of Secrets; `digests` are keyed, by node and key."""
    parts = [_chosen(known, read.keys) for read in reads if (known := digests.get(read.node_id))]
    return _annotated(manifest, SECRETS_ANNOTATION, parts)


def _chosen(content: Mapping[str, Any], keys: tuple[str, ...] | None) -> Mapping[str, Any]:
    return content if keys is None else {key: content[key] for key in keys if key in content}


def _annotated(manifest: Manifest, annotation: str, parts: list[Mapping[str, Any]]) -> Manifest:
    if not parts:
        return manifest
    template = manifest["spec"]["template"]
    metadata = template.get("metadata") or {}
    annotations = {**(metadata.get("annotations") or {}), annotation: content_digest(parts)[:_LENGTH]}
    template = {**template, "metadata": {**metadata, "annotations": annotations}}
    return {**manifest, "spec": {**manifest["spec"], "template": template}}
