"""Which workflow an object in a cluster belongs to."""

from __future__ import annotations

from bson import ObjectId

from clusters.domain.objects import Ref
from clusters.uses import Belonging
from kubeorch.accounts.principal import Principal
from workflows import store as workflow_store
from workflows.environments import store
from workflows.environments.inventory_store import row_of


def belonging_of(principal: Principal, cluster_id: ObjectId, environment_id: str, ref: Ref) -> Belonging | None:
    """By the environment that the object's label names; None where it is not on the cluster, or another team's."""
    found = store.find_if_there(ObjectId(environment_id)) if ObjectId.is_valid(environment_id) else None
    if found is None or found["cluster_id"] != cluster_id or principal.role_in(found["team_id"]) is None:
        return None
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
