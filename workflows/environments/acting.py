"""In whose name a cluster sees what an environment's plans and runs do: its own, once it has the smallest roles.

Source: Kubernetes docs, "User impersonation".
"""

from __future__ import annotations

from bson import ObjectId

from clusters.connections import client_for_team
from clusters.domain.sharing import Acting
from clusters.kube.client import KubeClient
from kubeorch.base.errors import Conflict
from workflows.environments.store import Environment


def acting_of(environment_id: ObjectId) -> Acting:
    name = f"kubeorch:environment:{environment_id}"
    return Acting(name, name)


def is_narrowed(environment: Environment) -> bool:
    """Whether it has roles of its own on the cluster where it is now."""
    narrowed = environment.get("narrowed")
    return narrowed is not None and narrowed["active"] and narrowed["cluster_id"] == environment["cluster_id"]


class NoRolesHere(Conflict):
    """It acts in a name of its own, which may do nothing where the environment is now."""

    code = "environment.no_roles_here"


def require_roles(environment: Environment) -> None:
    """Raise NoRolesHere after a move to another place, until its roles are given anew."""
    if why := why_no_roles(environment):
        raise NoRolesHere(why)


def why_no_roles(environment: Environment) -> str:
    """Why it has none where it is now; "" where it has them, or needs none."""
    narrowed = environment.get("narrowed")
    if narrowed is None or not narrowed.get("moved") or not is_narrowed(environment):
        return ""
    return (
        f"“{environment['name']}” acts in a name of its own, which has no roles in the namespace "
        f"{environment['namespace']} yet, as it was moved there; check it in the editor and give it what is "
        "missing, or use the cluster's credentials again"
    )


def client_of(environment: Environment) -> KubeClient:
    """The client by which an environment is planned and run. A share that the API server holds goes first."""
    client = client_for_team(environment["cluster_id"], environment["team_id"])
    if client.acting or not is_narrowed(environment):
        return client
    return client.acting_as(acting_of(environment["_id"]))
