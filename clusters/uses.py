"""What runs on a cluster, as far as clusters know: environments, told by whoever has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypedDict

from bson import ObjectId
from pymongo.client_session import ClientSession

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
