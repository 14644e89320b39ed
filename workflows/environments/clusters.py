"""Where an environment may lie: the clusters a team can see, as raw rows of `clusters`."""

from __future__ import annotations

from typing import Any

from bson import ObjectId

from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require
from kubeorch.base.errors import InvalidInput
from kubeorch.mongo.client import db


class NoSuchCluster(InvalidInput):
    """The team has no such cluster, and none of that name is shared with it."""

    code = "environment.cluster"

    def __init__(self) -> None:
        super().__init__("the team has no such cluster; choose one of its clusters or a shared one", field="cluster")


def cluster_for(principal: Principal, team_id: ObjectId, given: str) -> ObjectId:
    """The cluster that `given` names (id or name) for this team; the team's own before a shared one.

    Raises NoSuchCluster, or Forbidden when the person may not use clusters.
    """
    require(principal, "cluster.use", team_id)
    named: dict[str, Any] = {"_id": ObjectId(given)} if ObjectId.is_valid(given) else {"name": given}
    found = list(
        db().clusters.find(
            {**named, "$or": [{"team_id": team_id}, {"shared": True}, {"is_sandbox": True}]}, {"team_id": 1}
        )
    )
    if not found:
        raise NoSuchCluster
    own = [row for row in found if row.get("team_id") == team_id]
    cluster_id: ObjectId = (own or found)[0]["_id"]
    return cluster_id
