"""The namespaces of a cluster in which images are built. Whoever may enter their pods sees what builds use, so none is
shared, and no environment is in one."""

from __future__ import annotations

from collections.abc import Collection

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from clusters import store
from clusters.rows import Building, Cluster
from kubeorch.base.errors import Conflict


class NamespaceBuilds(Conflict):
    """Images are built in the namespace."""

    code = "cluster.namespace_builds"

    def __init__(self, namespace: str, field: str) -> None:
        super().__init__(
            f"images are built in the namespace {namespace} of this cluster, and nobody else is let in there; choose "
            "another namespace, or remove the engine first, on the page of engines below Builds",
            field=field,
        )


def note(cluster_id: ObjectId, engine_id: ObjectId, namespace: str, session: ClientSession) -> Cluster:
    """An engine builds there from this transaction on; the cluster, which is not removed, shared otherwise or given an
    environment before it has ended. Raises NoSuchCluster."""
    building = Building(engine_id=engine_id, namespace=namespace)
    noted = store.collection().find_one_and_update(
        {"_id": cluster_id},
        {"$addToSet": {"building": building}, "$inc": {"locks": 1}},
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    if noted is None:
        raise store.NoSuchCluster
    return noted


def forget(cluster_id: ObjectId, engine_id: ObjectId, session: ClientSession) -> None:
    store.collection().update_one(
        {"_id": cluster_id}, {"$pull": {"building": {"engine_id": engine_id}}}, session=session
    )


def require_free(cluster_id: ObjectId, namespace: str, session: ClientSession) -> None:
    """No engine builds there before this transaction has ended. Raises NamespaceBuilds."""
    cluster = store.lock(cluster_id, session)
    if cluster is not None:
        require_none(cluster, [namespace], "namespace")


def require_none(cluster: Cluster, namespaces: Collection[str], field: str = "namespaces") -> None:
    """Raises NamespaceBuilds."""
    for building in cluster.get("building") or ():
        if building["namespace"] in namespaces:
            raise NamespaceBuilds(building["namespace"], field)
