"""Workflows over HTTP: list, create, describe, clone, export, import, delete."""

from __future__ import annotations

import re
from typing import Any

from bson import ObjectId
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts.authentication import me
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import team_filter
from kubeorch.base.names import label_from
from kubeorch.base.query import Query, query_choice, query_text
from kubeorch.mongo.ids import query_id
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.requests import body, read_of
from kubeorch.web.schema import conflict, extend_schema, page_of
from kubeorch.web.views import APIView
from workflows import actions, lifecycle, store
from workflows.environments import questions as environment_questions
from workflows.serializers.shapes import HEALTH
from workflows.serializers.workflows import (
    DEPLOYMENTS,
    STATES,
    CloneSerializer,
    DescribeWorkflowSerializer,
    ImportSerializer,
    NewWorkflowSerializer,
    WorkflowSerializer,
)
from workflows.statuses.rollup_store import UNOBSERVED, rollups
from workflows.views.answers import workflow_answer, workflow_answers
from workflows.views.consequences import REMOVAL_ANSWERS, REMOVAL_PARAMETERS, destroy_answer, removal_options
from workflows.views.lookups import as_workflow_id, workflow_of

SORTS = {"updated_at": "updated_at", "created_at": "created_at", "name": "name"}


class WorkflowsView(APIView):
    @extend_schema(
        operation_id="workflows_list",
        parameters=[
            *PARAMETERS,
            OpenApiParameter("search", str, description="part of a name, description or tag, in any case"),
            OpenApiParameter("state", str, enum=[*STATES, "all"], description="without it, all but archived"),
            OpenApiParameter(
                "deployment",
                str,
                enum=DEPLOYMENTS,
                description="nowhere deployed; as it is drawn now, wherever it is deployed; or edited since, somewhere",
            ),
            OpenApiParameter("health", str, enum=HEALTH, description="of one of its environments"),
            OpenApiParameter("tag", str),
            OpenApiParameter("team", str, description="team id"),
            OpenApiParameter(
                "sort",
                str,
                enum=[sign + word for word in SORTS for sign in ("", "-")],
                description="default -updated_at",
            ),
        ],
        responses=page_of("WorkflowPage", WorkflowSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """Workflows of the caller's teams, a page at a time."""
        query = request.query_params
        page = store.page(_filter(me(request), query), query, sorts=SORTS, default="-updated_at")
        return Response(page.as_json(workflow_answers(page.results)))

    @extend_schema(
        operation_id="workflows_create",
        request=NewWorkflowSerializer,
        responses={
            201: WorkflowSerializer,
            409: conflict("workflow.too_many, environment.too_many_in_team, environment.namespace_taken"),
        },
    )
    def post(self, request: Request) -> Response:
        """Create a workflow, with its graph and first environment if they are sent: all or nothing."""
        given = body(NewWorkflowSerializer, request)
        with read_of("graph"):
            made = actions.create_workflow(
                me(request),
                name=given["name"],
                description=given.get("description", ""),
                tags=given.get("tags", ()),
                team=given.get("team"),
                graph=given.get("graph"),
                environment=given.get("environment"),
            )
        return Response(workflow_answer(made), status=201)


class WorkflowView(APIView):
    @extend_schema(operation_id="workflows_get", responses=WorkflowSerializer)
    def get(self, request: Request, workflow_id: str) -> Response:
        """One workflow, without its graph."""
        return Response(workflow_answer(workflow_of(request, workflow_id, store.WITHOUT_GRAPH)))

    @extend_schema(
        operation_id="workflows_describe",
        request=DescribeWorkflowSerializer,
        responses={200: WorkflowSerializer, 409: conflict("workflow.archived")},
    )
    def patch(self, request: Request, workflow_id: str) -> Response:
        """Change name, description or tags."""
        given = body(DescribeWorkflowSerializer, request)
        changed = actions.describe_workflow(me(request), as_workflow_id(workflow_id), given)
        return Response(workflow_answer(changed))

    @extend_schema(
        operation_id="workflows_delete",
        parameters=REMOVAL_PARAMETERS,
        request=None,
        responses=REMOVAL_ANSWERS,
    )
    def delete(self, request: Request, workflow_id: str) -> Response:
        """Delete the workflow. 204 when it is gone; 202 with the runs that first delete what it owns."""
        objects, delete_volumes = removal_options(request)
        runs = lifecycle.delete_workflow(
            me(request), as_workflow_id(workflow_id), objects=objects, delete_volumes=delete_volumes
        )
        return destroy_answer(runs)


class CloneView(APIView):
    @extend_schema(
        operation_id="workflows_clone",
        request=CloneSerializer,
        responses={201: WorkflowSerializer, 409: conflict("workflow.too_many")},
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """A new workflow of the same graph: no environments, no secret values, no versions."""
        given = body(CloneSerializer, request)
        made = actions.clone_workflow(me(request), as_workflow_id(workflow_id), name=given["name"])
        return Response(workflow_answer(made), status=201)


class ExportView(APIView):
    @extend_schema(
        operation_id="workflows_export",
        responses={(200, "text/yaml"): OpenApiTypes.STR},
    )
    def get(self, request: Request, workflow_id: str) -> HttpResponse:
        """The workflow file (YAML): name, environment, nodes and edges; never a secret value."""
        workflow = workflow_of(request, workflow_id, {"digest": 0})
        answer = HttpResponse(actions.export_workflow(workflow), content_type="text/yaml; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{label_from(workflow["name"])}.yaml"'
        return answer


class ImportView(APIView):
    @extend_schema(
        operation_id="workflows_import",
        request=ImportSerializer,
        responses={
            201: WorkflowSerializer,
            409: conflict("workflow.too_many, environment.too_many_in_team, environment.namespace_taken"),
        },
    )
    def post(self, request: Request) -> Response:
        """A new workflow from a workflow file."""
        given = body(ImportSerializer, request)
        with read_of("file"):
            made = actions.import_workflow(
                me(request),
                file=given["file"],
                name=given.get("name"),
                team=given.get("team"),
                environment=given.get("environment"),
            )
        return Response(workflow_answer(made), status=201)


def _workflows_with(health: str, team_ids: list[ObjectId]) -> list[ObjectId]:
    """The workflows of these teams that have an environment of this health."""
    deployed = environment_questions.deployed_in(team_ids)
    found = rollups([one["_id"] for one in deployed])
    return [one["workflow_id"] for one in deployed if found.get(one["_id"], UNOBSERVED)["health"] == health]


def _filter(principal: Principal, query: Query) -> dict[str, Any]:
    """The base query of the list: the caller's teams, then the filters. Raises BadQuery."""
    condition: dict[str, Any] = team_filter(principal)
    if team_id := query_id(query, "team"):
        condition["team_id"] = {"$in": [known for known in principal.team_ids if known == team_id]}
    state = query_choice(query, "state", [*STATES, "all"])
    if state != "all":
        condition["state"] = state or "active"
    if deployment := query_choice(query, "deployment", DEPLOYMENTS):
        condition.update(store.deployment_filter(deployment))
    if health := query_choice(query, "health", HEALTH):
        condition["_id"] = {"$in": _workflows_with(health, condition["team_id"]["$in"])}
    if tag := query_text(query, "tag"):
        condition["tags"] = tag
    if search := query_text(query, "search"):
        found = {"$regex": re.escape(search), "$options": "i"}
        condition["$or"] = [{"name": found}, {"description": found}, {"tags": found}]
    return condition
