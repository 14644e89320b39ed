"""What runs on a cluster, as far as clusters know: environments, told by whoever has them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NotRequired, TypedDict

from bson import ObjectId
from pymongo.client_session import ClientSession

from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import Manifest, Ref
from clusters.domain.reading import mapping, mappings, text
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
    """The object for which a controller made it, with its label: `ReplicaSet web-5d8f`; "" or absent where none did."""


BelongingOf = Callable[[Principal, ObjectId, str, Ref], Belonging | None]
"""Principal, cluster, the environment's id from the object's label, and the object; None where there is no such
environment on the cluster, or another team's. The roof hands it to the routes."""


KindsDrawn = Callable[[ObjectId, Collection[ObjectId]], Collection[tuple[str, str]]]
"""A cluster and teams → the kinds (API version and kind) of which their environments have objects there. The roof hands
it to the routes."""


class ProtectedObject(Conflict):
    """It belongs to an environment that only approved plans change."""

    code = "object.protected"


def environment_of(
    principal: Principal, cluster_id: ObjectId, ref: Ref, live: Manifest, belonging_of: BelongingOf
) -> Belonging | None:
    """The environment that the object's label names; of a Namespace, the protected one in it."""
    environment_id = text(mapping(mapping(live.get("metadata")).get("labels")).get(ENVIRONMENT_LABEL))
    if not environment_id and (ref.api_version, ref.kind) != ("v1", "Namespace"):
        return None
    found = belonging_of(principal, cluster_id, environment_id, ref)
    if found is not None:
        found["made_by"] = _maker(live)
    return found


def _maker(live: Manifest) -> str:
    owners = mappings(mapping(live.get("metadata")).get("ownerReferences"))
    rows = (f"{text(row.get('kind'))} {text(row.get('name'))}" for row in owners if row.get("controller") is True)
    return next(rows, "")[:320].strip()


def why_protected(found: Belonging | None) -> str:
    """Why only a plan changes what belongs to a protected environment; "" for the rest."""
    if found is None or not found["protected"]:
        return ""
    if not found["environment"]:
        return "a protected environment of another team is in it; only that team's plans change what is there"
    return (
        f"it belongs to the environment “{found['environment']}” of {found['workflow']}, which is protected: change "
        "the workflow, and let another operator of the team approve the plan"
    )


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
