"""Which workflow an object in a cluster belongs to."""

from __future__ import annotations

from bson import ObjectId

from clusters.domain.objects import Ref
from clusters.uses import Belonging
from kubeorch.accounts.principal import Principal
from workflows import store as workflow_store
from workflows.environments import store
from workflows.environments.inventory_store import row_of

PROTECTED_MOST = 20
"""Environments in one namespace that are looked at."""


def belonging_of(principal: Principal, cluster_id: ObjectId, environment_id: str, ref: Ref) -> Belonging | None:
    """By the environment that the object's label names; None where it is not on the cluster, or another team's. A
    Namespace belongs to the protected environment in it."""
    if (ref.api_version, ref.kind) == ("v1", "Namespace") and (protected := _protected_in(principal, cluster_id, ref)):
        return protected
    found = store.find_if_there(ObjectId(environment_id)) if ObjectId.is_valid(environment_id) else None
    if found is None or found["cluster_id"] != cluster_id or principal.role_in(found["team_id"]) is None:
        return None
    return _of(found, ref)


def _protected_in(principal: Principal, cluster_id: ObjectId, namespace: Ref) -> Belonging | None:
    """A protected environment that would go with the namespace; one of another team without its name."""
    found = store.protected_in({"cluster_id": cluster_id, "namespace": namespace.name})
    rows = [one for environment_id in found[:PROTECTED_MOST] if (one := store.find_if_there(environment_id))]
    ours = next((one for one in rows if principal.role_in(one["team_id"]) is not None), None)
    if ours is not None:
        return _of(ours, namespace)
    if not rows:
        return None
    return Belonging(
        workflow_id="", workflow="", environment_id="", environment="", node_id="", protected=True, owned=False
    )


def _of(found: store.Environment, ref: Ref) -> Belonging:
    row = row_of(found["_id"], ref)
    workflow_id = found["workflow_id"]
    return Belonging(
        workflow_id=str(workflow_id),
        workflow=workflow_store.names_of([workflow_id]).get(workflow_id, ""),
        environment_id=str(found["_id"]),
        environment=found["name"],
        node_id=row["node_id"] if row else "",
        protected=bool(found.get("protected")),
        owned=row is not None,
    )
