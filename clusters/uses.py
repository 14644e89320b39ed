"""What runs on a cluster, as far as clusters know: environments, told by whoever has them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

from bson import ObjectId
from pymongo.client_session import ClientSession

from clusters.domain.objects import GroupKind, Ref
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


EnginesIn = Callable[[ObjectId, ClientSession], Sequence[str]]
"""Gives the names of what builds images in a cluster, read in the transaction of that session. The roof hands it to the
routes."""


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
    made_by: NotRequired[str]
    """The object for which it was made: `ReplicaSet web-5d8f`; "" or absent where none did."""
    holds: NotRequired[bool]
    """It does not belong to the environment: deleting it takes what does, as of a Namespace or the definition of a
    kind."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What tells to whom an object belongs: the object itself, or one that it was made for."""

    ref: Ref
    uid: str
    labels: Mapping[str, str] | None
    """None where they could not be read."""
    defines: GroupKind | None = None
    """Of a CustomResourceDefinition: the kind of the objects that go with it."""


BelongingOf = Callable[[Principal, ObjectId, Iterable[Trace]], Belonging | None]
"""Principal, cluster, and the traces of an object, itself first, which are looked up in the cluster as they are asked
for. None where it belongs to nothing on the cluster, or to another team's environment; of a protected one of another
team only that it is. The roof hands it to the routes."""


KindsDrawn = Callable[[ObjectId, Collection[ObjectId]], Collection[tuple[str, str]]]
"""A cluster and teams → the kinds (API version and kind) of which their environments have objects there. The roof hands
it to the routes."""


class ProtectedObject(Conflict):
    """It belongs to an environment that only approved plans change."""

    code = "object.protected"


def why_protected(found: Belonging | None) -> str:
    """Why only a plan changes what belongs to a protected environment; "" for the rest."""
    if found is None or not found["protected"]:
        return ""
    goes_along = found.get("holds", False)
    if not found["environment"]:
        if goes_along:
            return (
                "what a protected environment of another team has would go with it; only that team's plans change that"
            )
        return "it belongs to a protected environment of another team; only that team's plans change it"
    whose = f"the environment “{found['environment']}” of {found['workflow']}"
    what = f"what {whose} has would go with it, and that is" if goes_along else f"it belongs to {whose}, which is"
    return f"{what} protected: change the workflow, and let another operator of the team approve the plan"


def require_unprotected(found: Belonging | None) -> None:
    """Raises ProtectedObject."""
    if words := why_protected(found):
        raise ProtectedObject(words)


class ClusterBuilds(Conflict):
    """Images are built in the cluster."""

    code = "cluster.builds"

    def __init__(self, engines: Sequence[str]) -> None:
        names = [*engines[:5], *([f"{len(engines) - 5} more"] if len(engines) > 5 else [])]
        super().__init__(
            f"images are built in this cluster by {', '.join(names)}; remove these engines first, on the page of "
            "engines below Builds"
        )


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
