"""Namespaces that runs of a guest have made and never noted: one was killed before it could, or is of an earlier
version."""

from __future__ import annotations

from bson import ObjectId

from workflows.environments import namespace_store, store


def adopt(cluster_id: ObjectId, namespace: str, uid: str, environment_id: str) -> None:
    """Note that a run of the environment has made the Namespace of that uid, which has its label, where that is so."""
    found = store.find_if_there(ObjectId(environment_id)) if ObjectId.is_valid(environment_id) else None
    if found is not None and (found["cluster_id"], found["namespace"]) == (cluster_id, namespace):
        namespace_store.note_made(cluster_id, namespace, found["team_id"], uid)
