"""What is looked at in a cluster, as the API shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from clusters.changes.store import ChangeRow
from clusters.domain.health import Health
from clusters.domain.kind_names import KindName
from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import Manifest
from clusters.domain.reading import mapping, text
from clusters.kube.kinds import ServedKind
from clusters.kube.tables import Column, Row
from clusters.resources.actions import Chance
from clusters.resources.changing import History
from clusters.resources.deletion import WhyNotGone
from clusters.resources.editing import Edited, yaml_of
from clusters.resources.healths import is_judged
from clusters.resources.listing import WHOLE_CLUSTER, Listed
from clusters.resources.namespaces import Spaces
from clusters.resources.reading import Detail
from clusters.resources.relations import Related, Relations
from clusters.uses import Belonging
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
        "version": listed.version or None,
        "recheck_s": listed.recheck_s,
        "namespaces": None
        if listed.places == WHOLE_CLUSTER
        else {"names": list(listed.places), "total": listed.total, "unasked": listed.unasked},
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


def history_json(history: History) -> dict[str, Any]:
    return {
        "results": [_change_json(row) for row in history.rows],
        "next": None,
        "followed": history.is_followed,
        "has_values": history.has_values,
    }


def _change_json(row: ChangeRow) -> dict[str, Any]:
    return {
        "id": str(row["_id"]),
        "manager": row["manager"],
        "operation": row["operation"],
        "subresource": row["subresource"],
        "sort": row["sort"],
        "name": row["name"],
        "first_at": iso(row["first_at"]),
        "at": iso(row["at"]),
        "seen_at": iso(row["seen_at"]),
        "times": row["times"],
        "fields": row["fields"],
        "left_out": row["left_out"],
        "among": row["among"],
        "unknown": row["is_unknown"],
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


def edited_json(edited: Edited, found: Belonging | None) -> dict[str, Any]:
    return {
        "written": edited.written,
        "moved": edited.moved,
        "clashes": edited.clashes,
        "fields": edited.fields,
        "yaml": yaml_of(edited.after),
        "resource_version": text(mapping(edited.after.get("metadata")).get("resourceVersion")),
        "belongs_to": found,
    }


def chance_json(chance: Chance) -> dict[str, Any]:
    return {
        "results": [
            {
                "action": row.action.name,
                "allowed": row.allowed,
                "reason": row.reason,
                "drifts": row.action.drifts and chance.belonging is not None and chance.belonging["owned"],
            }
            for row in chance.actions
        ],
        "belongs_to": chance.belonging,
        "replicas": chance.replicas,
    }


def relations_json(found: Relations) -> dict[str, Any]:
    return {
        "owners": [related_json(one) for one in found.owners],
        "dependants": [related_json(one) for one in found.dependants],
        "uses": [
            {
                "relation": one.relation,
                "kind": str(KindName(one.group, one.kind)),
                "namespace": one.namespace,
                "name": one.name,
            }
            for one in found.uses
        ],
        "going": [asdict(one) for one in found.going],
        "not_looked": found.not_looked,
    }


def related_json(related: Related) -> dict[str, Any]:
    return {
        "kind": str(KindName(related.group, related.kind)),
        "namespace": related.namespace,
        "name": related.name,
        "uid": related.uid,
        "deleting": related.deleting,
        "missing": related.missing,
        "children": [related_json(one) for one in related.children],
    }


def why_json(why: WhyNotGone) -> dict[str, Any]:
    return {
        "deleting_since": why.deleting_since or None,
        "grace_s": why.grace_s,
        "finalizers": [
            {
                "name": held.finalizer.name,
                "waits_for": held.finalizer.waits_for,
                "removed_by": held.finalizer.removed_by,
                "known": held.finalizer.known,
                "alive": held.alive,
                "evidence": held.evidence,
            }
            for held in why.finalizers
        ],
        "conditions": [{"type": kind, "message": message} for kind, message in why.conditions],
        "users": why.users,
        "remaining": [asdict(one) for one in why.remaining],
        "not_looked": why.not_looked,
    }


def spaces_json(found: Spaces) -> dict[str, Any]:
    return {
        "results": [
            {**head_json(one.manifest), "phase": one.phase, "quotas": [asdict(quota) for quota in one.quotas]}
            for one in found.spaces
        ],
        "next": None,
        "total": found.total,
        "listed": found.is_listed,
        "quotas_known": found.quotas_known,
        "quotas_cut": found.quotas_cut,
        "cut": found.cut,
    }


def kinds_json(kinds: Iterable[ServedKind]) -> list[Mapping[str, Any]]:
    return [kind_json(kind) for kind in kinds]
