"""Workflows: list, make, describe, copy, file."""

from __future__ import annotations

import re
from typing import Any, cast

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import as_object_id, team_filter
from kubeorch.base.names import label_from
from kubeorch.mongo.client import db
from kubeorch.mongo.indexes import ANY_CASE
from kubeorch.web.pagination import PARAMETERS, BadQuery, find_page
from kubeorch.web.schema import extend_schema, page_of
from kubeorch.web.views import APIView
from workflows import actions, store
from workflows.serializers import workflows as serializers
from workflows.views.representations import workflow_json, workflows_json

SORTS = {"updated_at": "updated_at", "created_at": "created_at", "name": "name"}
SEARCH_MAX = 200


def principal_of(request: Request) -> Principal:
    return cast(Principal, request.user)  # the authentication classes set nothing else


def body(serializer: type[serializers.Shape], request: Request) -> dict[str, Any]:
    """The validated body. Raises the REST framework's ValidationError, answered with field paths."""
    parsed = serializer(data=request.data)
    parsed.is_valid(raise_exception=True)
    return cast(dict[str, Any], parsed.validated_data)


def data_of(request: Request) -> dict[str, Any]:
    return cast(dict[str, Any], request.data)  # the parser accepts objects alone


def as_workflow_id(text: str) -> Any:
    return as_object_id(text, what="workflow")


class WorkflowsView(APIView):
    @extend_schema(
        operation_id="workflows_list",
        parameters=[
            *PARAMETERS,
            OpenApiParameter("search", str, description="part of a name, description or tag, in any case"),
            OpenApiParameter(
                "state", str, enum=[*serializers.STATES, "all"], description="without it, all but archived"
            ),
            OpenApiParameter("tag", str),
            OpenApiParameter("team", str, description="team id"),
            OpenApiParameter(
                "sort",
                str,
                enum=[sign + word for word in SORTS for sign in ("", "-")],
                description="default -updated_at",
            ),
        ],
        responses=page_of("WorkflowPage", serializers.WorkflowSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """Workflows of the caller's teams, a page at a time."""
        query = request.query_params
        page = find_page(
            db().workflows,
            _filter(principal_of(request), query),
            query,
            sorts=SORTS,
            default="-updated_at",
            projection=store.WITHOUT_GRAPH,
            collation=ANY_CASE.document,
        )
        return Response(page.as_json(workflows_json(page.results)))

    @extend_schema(
        operation_id="workflows_create",
        request=serializers.NewWorkflowSerializer,
        responses={201: serializers.WorkflowSerializer},
    )
    def post(self, request: Request) -> Response:
        """Make a draft, with its graph and first environment when given: all or nothing."""
        raw_graph = data_of(request).get("graph")
        given = body(
            serializers.NewWorkflowHeadSerializer, request
        )  # the graph is parsed by the domain, which names every problem at once
        made = actions.create_workflow(
            principal_of(request),
            name=given["name"],
            description=given.get("description", ""),
            tags=given.get("tags", ()),
            team=given.get("team"),
            graph=raw_graph,
            environment=given.get("environment"),
        )
        return Response(workflow_json(made), status=201)


class WorkflowView(APIView):
    @extend_schema(operation_id="workflows_get", responses=serializers.WorkflowSerializer)
    def get(self, request: Request, workflow_id: str) -> Response:
        return Response(workflow_json(store.find(as_workflow_id(workflow_id), team_filter(principal_of(request)))))

    @extend_schema(
        operation_id="workflows_describe",
        request=serializers.DescribeWorkflowSerializer,
        responses=serializers.WorkflowSerializer,
    )
    def patch(self, request: Request, workflow_id: str) -> Response:
        """Change name, description or tags."""
        given = body(serializers.DescribeWorkflowSerializer, request)
        changed = actions.describe_workflow(principal_of(request), as_workflow_id(workflow_id), given)
        return Response(workflow_json(changed))

    @extend_schema(
        operation_id="workflows_delete",
        parameters=[
            OpenApiParameter("objects", str, enum=["keep", "destroy"]),
            OpenApiParameter("volumes", str, enum=["keep", "delete"], description="default keep"),
        ],
        request=None,
        responses={
            202: serializers.DestroyingSerializer,
            204: None,
            409: OpenApiResponse(serializers.OwnsObjectsSerializer, "say what becomes of the objects"),
        },
    )
    def delete(self, request: Request, workflow_id: str) -> Response:
        """Delete the workflow. 204 when it is gone; 202 with the runs that first destroy what it owns."""
        from workflows.lifecycle import delete_workflow
        from workflows.views.lifecycle import destroying, what_goes

        objects, delete_volumes = what_goes(request)
        runs = delete_workflow(
            principal_of(request), as_workflow_id(workflow_id), objects=objects, delete_volumes=delete_volumes
        )
        return destroying(runs)


class CloneView(APIView):
    @extend_schema(
        operation_id="workflows_clone",
        request=serializers.CloneSerializer,
        responses={201: serializers.WorkflowSerializer},
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """A new draft of the same graph: no environments, no secret values, no versions."""
        given = body(serializers.CloneSerializer, request)
        made = actions.clone_workflow(principal_of(request), as_workflow_id(workflow_id), name=given["name"])
        return Response(workflow_json(made), status=201)


class ExportView(APIView):
    @extend_schema(
        operation_id="workflows_export",
        responses={(200, "text/yaml"): OpenApiTypes.STR},
    )
    def get(self, request: Request, workflow_id: str) -> HttpResponse:
        """The workflow file (YAML): name, environment, nodes and edges; never a secret value."""
        workflow = store.find(as_workflow_id(workflow_id), team_filter(principal_of(request)), projection={"digest": 0})
        answer = HttpResponse(actions.export_workflow(workflow), content_type="text/yaml; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{label_from(workflow["name"])}.yaml"'
        return answer


class ImportView(APIView):
    @extend_schema(
        operation_id="workflows_import",
        request=serializers.ImportSerializer,
        responses={201: serializers.WorkflowSerializer},
    )
    def post(self, request: Request) -> Response:
        """A new workflow from a workflow file."""
        given = body(serializers.ImportSerializer, request)
        made = actions.import_workflow(
            principal_of(request),
            file=given["file"],
            name=given.get("name"),
            team=given.get("team"),
            environment=given.get("environment"),
        )
        return Response(workflow_json(made), status=201)


def _filter(principal: Principal, query: Any) -> dict[str, Any]:
    """The base query of the list: scope first, then what was asked for. Raises BadQuery."""
    condition: dict[str, Any] = team_filter(principal)
    team = query.get("team")
    if team:
        team_id = as_object_id(team, what="team")
        condition["team_id"] = {"$in": [known for known in principal.team_ids if known == team_id]}
    state = query.get("state") or "open"
    if state == "open":
        condition["state"] = {"$in": ["draft", "published"]}
    elif state in serializers.STATES:
        condition["state"] = state
    elif state != "all":
        raise BadQuery(f"state is one of {', '.join(serializers.STATES)} and all", field="state")
    tag = query.get("tag")
    if tag:
        condition["tags"] = tag
    search = (query.get("search") or "").strip()
    if search:
        if len(search) > SEARCH_MAX or "\x00" in search:
            raise BadQuery(f"search for {SEARCH_MAX} characters at most", field="search")
        found = {"$regex": re.escape(search), "$options": "i"}
        condition["$or"] = [{"name": found}, {"description": found}, {"tags": found}]
    return condition
