"""What is looked at in a cluster, as the API shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from clusters.domain.health import Health
from clusters.domain.kind_names import KindName
from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import Manifest
from clusters.domain.reading import mapping, text
from clusters.kube.kinds import ServedKind
from clusters.kube.tables import Column, Row
from clusters.resources.healths import is_judged
from clusters.resources.listing import WHOLE_CLUSTER, Listed
from clusters.resources.reading import Detail
from kubeorch.base.clock import iso, now

LABELS_MOST = 30


def kind_json(kind: ServedKind) -> dict[str, Any]:
    return {
        "id": str(KindName(kind.group, kind.kind)),
        "group": kind.group,
        "version": kind.version,
        "kind": kind.kind,
        "plural": kind.plural,
        "namespaced": kind.namespaced,
        "short_names": list(kind.short_names),
        "categories": list(kind.categories),
        "verbs": sorted(kind.verbs),
        "subresources": sorted(kind.subresources),
        "judged": is_judged(kind.group, kind.kind),
    }


def listed_json(listed: Listed) -> dict[str, Any]:
    """A page of a list."""
    return {
        "kind": kind_json(listed.kind),
        "columns": [column_json(column) for column in listed.columns],
        "results": [row_json(row, health) for row, health in listed.rows],
        "next": listed.next,
        "remaining": listed.remaining,
        "scanned": listed.scanned,
        "namespaces": None if listed.places == WHOLE_CLUSTER else {"names": list(listed.places), "total": listed.total},
        "as_of": iso(now()),
    }


def detail_json(detail: Detail) -> dict[str, Any]:
    return {
        **head_json(detail.object),
        "kind": kind_json(detail.kind),
        "object": detail.object,
        "managed_fields": detail.managed_fields,
        "health": health_json(detail.health),
        "sizes": detail.sizes,
        "as_of": iso(now()),
    }


def column_json(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.type,
        "format": column.format,
        "description": column.description,
        "wide": column.wide,
    }


def row_json(row: Row, health: Health | None) -> dict[str, Any]:
    return {**head_json(row.object), "cells": row.cells, "health": health_json(health)}


def head_json(manifest: Manifest) -> dict[str, Any]:
    """What every object has, of its metadata."""
    metadata = mapping(manifest.get("metadata"))
    labels = {text(key): text(value) for key, value in list(mapping(metadata.get("labels")).items())[:LABELS_MOST]}
    return {
        "namespace": text(metadata.get("namespace")),
        "name": text(metadata.get("name")),
        "uid": text(metadata.get("uid")),
        "resource_version": text(metadata.get("resourceVersion")),
        "created_at": text(metadata.get("creationTimestamp")) or None,
        "deleting": bool(metadata.get("deletionTimestamp")),
        "labels": labels,
        "environment_id": labels.get(ENVIRONMENT_LABEL),
    }


def health_json(health: Health | None) -> dict[str, Any] | None:
    return None if health is None else {"state": health.state.value, "reason": health.reason}


def kinds_json(kinds: Iterable[ServedKind]) -> list[Mapping[str, Any]]:
    return [kind_json(kind) for kind in kinds]
