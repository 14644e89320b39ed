"""A trial of objects that were read where they are tried: they are there, and the first run takes them over."""

from __future__ import annotations

from bson import ObjectId

from clusters import store as cluster_store
from clusters.domain.labels import is_ours
from clusters.domain.objects import Ref
from clusters.domain.ownership.paths import PathInvalid, read_path
from imports.store import Import
from workflows.domain.planning.effects import PlannedObject

FIELDS_NAMED = 3


def is_to_be_taken_over(row: Import, cluster_id: ObjectId, namespace: str) -> bool:
    """Whether the import was read in this very namespace, of a cluster whose objects its team may take over."""
    facts = row["facts"]
    if row["type"] != "namespace" or facts.get("namespace") != namespace:
        return False
    return facts["cluster"]["id"] == str(cluster_id) and cluster_store.owner_of(cluster_id) in (row["team_id"], None)


def said_of(planned: PlannedObject) -> str:
    """What changes of an object that is taken over, beside the labels that KubeOrch sets; "" where nothing does."""
    changed = [one.path for one in planned.fields if one.band == "acts" and not _is_own_label(one.path)]
    if not changed:
        return ""
    more = f" and {len(changed) - FIELDS_NAMED} more fields" if len(changed) > FIELDS_NAMED else ""
    return f"it would change {', '.join(changed[:FIELDS_NAMED])}{more}"


def foreign(ref: Ref) -> str:
    """Why an object that is somebody else's is not taken."""
    return (
        f"{ref.kind} {ref.name} is there already and belongs to somebody else. Rename the node, choose another "
        "namespace, or make the workflow and take the object over by a plan"
    )


def _is_own_label(text: str) -> bool:
    try:
        path = read_path(text)
    except PathInvalid:
        return False
    return len(path) == 3 and path[:2] == ("f:metadata", "f:labels") and is_ours(path[2][2:])
