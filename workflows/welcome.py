"""What waits for the first person: a sample workflow in their team, with an environment on the sandbox."""

from __future__ import annotations

from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from bson import ObjectId
from django.conf import settings
from pymongo.client_session import ClientSession

from clusters import store as cluster_store
from kubeorch.accounts.principal import Principal
from kubeorch.base.clock import now
from kubeorch.mongo.transaction import run_in_transaction
from workflows import store
from workflows.actions import import_workflow
from workflows.catalog import catalog
from workflows.domain.rendering.secrets import secret_keys
from workflows.environments import secret_store
from workflows.graphs.actions import graph_of

EXAMPLES = Path(__file__).resolve().parent / "examples"
SAMPLE = "shop.yaml"
ENVIRONMENT = "sandbox"
NAMESPACE = "shop"


def sample_workflow(owner: Principal, team_id: ObjectId) -> None:
    """Create the sample in a team that has no workflow; without a sandbox the sample has no environment.

    A sandbox that has not reported yet counts: its cluster is created here.
    """
    if store.has_any(team_id):
        return
    if settings.SANDBOX:
        cluster_store.ensure_sandbox()
    cluster_id = cluster_store.find_usable(team_id, cluster_store.SANDBOX)
    environment: dict[str, Any] | None = None
    if cluster_id is not None:
        environment = {"name": ENVIRONMENT, "cluster": str(cluster_id), "namespace": NAMESPACE}
    made = import_workflow(
        owner, file=(EXAMPLES / SAMPLE).read_text(encoding="utf-8"), team=str(team_id), environment=environment
    )
    if made["environments"]:
        _store_random_values(made["_id"], made["environments"][0]["id"])


def _store_random_values(workflow_id: ObjectId, environment_id: ObjectId) -> None:
    """Random values for the sample's Secrets, stored sealed, so that a first run asks for nothing."""
    workflow = store.find(workflow_id, {}, projection=store.GRAPH)
    values = {
        node_id: {key: token_urlsafe(18) for key in keys}
        for node_id, keys in secret_keys(graph_of(workflow), catalog()).items()
    }

    def work(session: ClientSession) -> None:
        secret_store.store_values(workflow_id, environment_id, values, at=now(), session=session)

    run_in_transaction(work)
