"""What runs on a cluster, as far as clusters know: environments, told by whoever has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypedDict

from bson import ObjectId
from pymongo.client_session import ClientSession

from clusters.domain.objects import Ref
from kubeorch.accounts.principal import Principal
from kubeorch.base.errors import Conflict


class Use(TypedDict):
    """An environment on a cluster."""

    id: str
    name: str
    workflow_id: str
    team_id: str


UsesOf = Callable[[ObjectId, ClientSession], Sequence[Use]]
"""Gives the environments on a cluster, read in the transaction of that session. The roof hands it to the routes, since
clusters do not know what runs on them."""


class Belonging(TypedDict):
    """The environment that an object belongs to, for somebody who may see it."""

    workflow_id: str
    workflow: str
    environment_id: str
    environment: str
    node_id: str
    protected: bool
    """Only approved plans change what is in it."""
    owned: bool
    """The inventory of the environment has the object; without that it merely carries the label."""


BelongingOf = Callable[[Principal, ObjectId, str, Ref], Belonging | None]
"""Principal, cluster, the environment's id from the object's label, and the object; None where there is no such
environment on the cluster, or another team's. The roof hands it to the routes."""


class ClusterInUse(Conflict):
    """Environments are on the cluster; without it nobody could remove what they own there.

    Those of other teams are only counted.
    """

    code = "cluster.in_use"

    def __init__(self, ours: Sequence[Use], others: int) -> None:
        names = [environment["name"] for environment in ours[:5]]
        if len(ours) > len(names):
            names.append(f"{len(ours) - len(names)} more of your teams")
        if others:
            names.append(f"{others} of other teams")
        cure = "move or delete them first"
        if others:
            cure += "; those teams lose the cluster when it is no longer shared, and keep their environments"
        super().__init__(
            f"environments run on this cluster: {', '.join(names)}; {cure}",
            extra={"environments": list(ours), "of_other_teams": others},
        )
