"""What protected environments have, looked for by any trace of an object.

Labels are not asked: they can be taken off, and what controllers make has none. Index: `inventory.environment_ref`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from bson import ObjectId

from clusters.domain.objects import Ref, group_of
from clusters.uses import Trace
from kubeorch.mongo.client import db
from workflows.domain.rendering.claims import CLAIM, SET, ClaimsMade
from workflows.environments.inventory_store import InventoryRow

NAMESPACE = ("v1", "Namespace")


def owners_of(guarded: Sequence[ObjectId], trace: Trace) -> dict[ObjectId, str]:
    """Of these environments those that own the very object, or the set for which a claim was made, with that set."""
    ref = trace.ref
    named = {"ref.kind": ref.kind, "ref.namespace": ref.namespace, "ref.name": ref.name}
    found = {
        row["environment_id"]: ""
        for row in _rows(guarded, named, "ref", "uid")
        if group_of(row["ref"]["api_version"]) == ref.group and row["uid"] in (None, trace.uid)
    }
    return found or _owners_of_sets(guarded, trace)


def going_with(guarded: Sequence[ObjectId], trace: Trace) -> list[ObjectId]:
    """Of these environments those with something in the namespace, or of the kind that is defined."""
    if (trace.ref.api_version, trace.ref.kind) == NAMESPACE:
        in_it = {"_id": {"$in": list(guarded)}, "namespace": trace.ref.name}
        placed = [row["_id"] for row in db().environments.find(in_it, {"_id": 1})]
        return placed or _distinct(guarded, {"ref.namespace": trace.ref.name})
    if trace.defines is None or not trace.defines.group:
        return []
    version = {"$regex": f"^{re.escape(trace.defines.group)}/"}
    return _distinct(guarded, {"ref.api_version": version, "ref.kind": trace.defines.kind})


def _owners_of_sets(guarded: Sequence[ObjectId], trace: Trace) -> dict[ObjectId, str]:
    ref = trace.ref
    if (ref.group, ref.kind) != CLAIM:
        return {}
    sets = {"ref.kind": SET[1], "ref.namespace": ref.namespace, "claims_made": {"$exists": True}}
    rows = [row for row in _rows(guarded, sets, "ref", "claims_made") if _has_made(row, ref, trace.labels)]
    return {row["environment_id"]: f"{SET[1]} {row['ref']['name']}" for row in rows}


def _has_made(row: InventoryRow, claim: Ref, labels: Mapping[str, str] | None) -> bool:
    made = ClaimsMade.of_document(row["claims_made"])
    if labels is None:  # the claim is gone, or may not be read: its name is all that its volume says of it
        labels = made.labels
    return made.has_made(row["ref"]["name"], {"metadata": {"name": claim.name, "labels": dict(labels)}})


def _rows(guarded: Sequence[ObjectId], query: Mapping[str, Any], *fields: str) -> list[InventoryRow]:
    shown = dict.fromkeys(("environment_id", *fields), 1)
    return cast(
        "list[InventoryRow]", list(db().inventory.find({"environment_id": {"$in": list(guarded)}, **query}, shown))
    )


def _distinct(guarded: Sequence[ObjectId], query: Mapping[str, Any]) -> list[ObjectId]:
    return list(db().inventory.distinct("environment_id", {"environment_id": {"$in": list(guarded)}, **query}))
