"""What waits for the first person: a sample workflow in their team, with an environment on the sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bson import ObjectId

from kubeorch.accounts.principal import Principal
from kubeorch.accounts.roles import Role
from kubeorch.mongo.client import db
from workflows.actions import import_workflow

EXAMPLES = Path(__file__).resolve().parent / "examples"
SAMPLE = "shop.yaml"
ENVIRONMENT = "sandbox"
NAMESPACE = "shop"


def sample_workflow(team_id: ObjectId, user_id: ObjectId) -> None:
    """Make the sample once for the team; without a sandbox it has no environment yet."""
    if db().workflows.find_one({"team_id": team_id}, {"_id": 1}) is not None:
        return
    person = db().users.find_one({"_id": user_id}, {"email": 1, "name": 1, "is_admin": 1})
    if person is None:
        return
    principal = Principal(
        str(user_id), person["email"], person["name"], bool(person["is_admin"]), {str(team_id): Role.ADMIN}
    )
    sandbox = db().clusters.find_one({"is_sandbox": True}, {"_id": 1})
    environment: dict[str, Any] | None = None
    if sandbox is not None:
        environment = {"name": ENVIRONMENT, "cluster": str(sandbox["_id"]), "namespace": NAMESPACE}
    import_workflow(
        principal,
        file=(EXAMPLES / SAMPLE).read_text(encoding="utf-8"),
        team=str(team_id),
        environment=environment,
    )
