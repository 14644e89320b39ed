"""In whose name a cluster sees what an environment's plans and runs do: its own, once it has the smallest roles.

Source: Kubernetes docs, "User impersonation".
"""

from __future__ import annotations

from bson import ObjectId

from clusters.connections import client_for_team
from clusters.domain.sharing import Acting
from clusters.kube.client import KubeClient
from workflows.environments.store import Environment


def acting_of(environment_id: ObjectId) -> Acting:
    name = f"kubeorch:environment:{environment_id}"
    return Acting(name, name)


def is_narrowed(environment: Environment) -> bool:
    """Whether it has roles of its own on the cluster where it is now."""
    narrowed = environment.get("narrowed")
    return narrowed is not None and narrowed["active"] and narrowed["cluster_id"] == environment["cluster_id"]


def client_of(environment: Environment) -> KubeClient:
    """The client by which an environment is planned and run. A share that the API server holds goes first."""
    client = client_for_team(environment["cluster_id"], environment["team_id"])
    if client.acting or not is_narrowed(environment):
        return client
    return client.acting_as(acting_of(environment["_id"]))
