"""What waits for the first person: a sample workflow in their team, with an environment on the sandbox."""

from __future__ import annotations

from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from bson import ObjectId
from django.conf import settings

from clusters.store import ensure_sandbox
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.roles import Role
from kubeorch.base.clock import now
from kubeorch.mongo.client import db
from kubeorch.mongo.transaction import run_in_transaction
from workflows import store
from workflows.actions import import_workflow
from workflows.catalog import catalog
from workflows.domain.rendering.secrets import secret_keys
from workflows.environments import secrets as secrets_store
from workflows.graphs.actions import graph_of

EXAMPLES = Path(__file__).resolve().parent / "examples"
SAMPLE = "shop.yaml"
ENVIRONMENT = "sandbox"
NAMESPACE = "shop"


def sample_workflow(team_id: ObjectId, user_id: ObjectId) -> None:
    """Make the sample once for the team; without a sandbox it has no environment.

    A sandbox that is still to come counts: its cluster row is made here if it has not reported yet.
    """
    if db().workflows.find_one({"team_id": team_id}, {"_id": 1}) is not None:
        return
    person = db().users.find_one({"_id": user_id}, {"email": 1, "name": 1, "is_admin": 1})
    if person is None:
        return
    principal = Principal(
        str(user_id), person["email"], person["name"], bool(person["is_admin"]), {str(team_id): Role.ADMIN}
    )
    sandbox = ensure_sandbox() if settings.SANDBOX else db().clusters.find_one({"is_sandbox": True}, {"_id": 1})
    environment: dict[str, Any] | None = None
    if sandbox is not None:
        environment = {"name": ENVIRONMENT, "cluster": str(sandbox["_id"]), "namespace": NAMESPACE}
    made = import_workflow(
        principal,
        file=(EXAMPLES / SAMPLE).read_text(encoding="utf-8"),
        team=str(team_id),
        environment=environment,
    )
    if made["environments"]:
        _keep_made_up_values(made["_id"], made["environments"][0]["id"])


def _keep_made_up_values(workflow_id: ObjectId, environment_id: ObjectId) -> None:
    """Random values for the sample's Secrets, kept sealed, so that a first run asks for nothing."""
    workflow = store.find(workflow_id, {}, projection=store.GRAPH)
    values = {
        node_id: {key: token_urlsafe(18) for key in keys}
        for node_id, keys in secret_keys(graph_of(workflow), catalog()).items()
    }
    at = now()
    run_in_transaction(lambda session: secrets_store.keep(workflow_id, environment_id, values, at=at, session=session))
