"""What a path names, found within the teams of the person who asks."""

from __future__ import annotations

from collections.abc import Mapping

from bson import ObjectId
from rest_framework.request import Request

from kubeorch.accounts.authentication import me
from kubeorch.accounts.scope import team_filter
from kubeorch.mongo.ids import as_object_id
from workflows import store
from workflows.environments import store as environment_store
from workflows.runs import store as run_store
from workflows.runs.run import Run


def as_workflow_id(text: str) -> ObjectId:
    return as_object_id(text, what="workflow")


def as_environment_id(text: str) -> ObjectId:
    return as_object_id(text, what="environment")


def as_run_id(text: str) -> ObjectId:
    return as_object_id(text, what="run")


def as_plan_id(text: str) -> ObjectId:
    return as_object_id(text, what="plan")


def workflow_of(request: Request, text: str, projection: Mapping[str, int] = store.HEAD) -> store.Workflow:
    """The workflow; its head without more. Raises WorkflowNotFound."""
    return store.find(as_workflow_id(text), team_filter(me(request)), projection=projection)


def environment_of(request: Request, text: str) -> environment_store.Environment:
    """Raises EnvironmentNotFound."""
    return environment_store.find(as_environment_id(text), team_filter(me(request)))


def run_of(request: Request, text: str) -> Run:
    """Raises RunNotFound."""
    return run_store.find(as_run_id(text), team_filter(me(request)))
