"""The states of a workflow over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.mongo.client import Document
from kubeorch.web.schema import extend_schema
from kubeorch.web.views import APIView
from workflows import lifecycle
from workflows.environments.inventory import Objects
from workflows.serializers import workflows as serializers
from workflows.views.representations import workflow_json
from workflows.views.workflows import as_workflow_id, principal_of


def what_goes(request: Request) -> tuple[Objects, bool]:
    """(`objects`, delete volumes?) from the query or the body; the query goes first.

    A DELETE with a body is lawful but many clients drop it, hence both.
    """
    given: dict[str, Any] = dict(request.data) if request.data else {}
    given |= {key: value for key, value in request.query_params.items() if key in ("objects", "volumes")}
    parsed = serializers.GoneSerializer(data=given)
    parsed.is_valid(raise_exception=True)
    return parsed.validated_data.get("objects"), parsed.validated_data["volumes"] == "delete"


def destroying(runs: Sequence[Document]) -> Response:
    """204 when all is gone, else 202 with the destroy runs."""
    if not runs:
        return Response(status=204)
    rows = [
        {
            "id": str(run["_id"]),
            "number": run["number"],
            "environment_id": str(run["environment_id"]),
            "state": run["state"],
        }
        for run in runs
    ]
    return Response({"runs": rows}, status=202)


class PublishView(APIView):
    @extend_schema(operation_id="workflows_publish", request=None, responses=serializers.WorkflowSerializer)
    def post(self, request: Request, workflow_id: str) -> Response:
        """Mark a draft as published; a run does so by itself."""
        done = lifecycle.set_published(principal_of(request), as_workflow_id(workflow_id), True)
        return Response(workflow_json(done))


class UnpublishView(APIView):
    @extend_schema(operation_id="workflows_unpublish", request=None, responses=serializers.WorkflowSerializer)
    def post(self, request: Request, workflow_id: str) -> Response:
        """Make a published workflow a draft again; nothing in a cluster changes."""
        done = lifecycle.set_published(principal_of(request), as_workflow_id(workflow_id), False)
        return Response(workflow_json(done))


class ArchiveView(APIView):
    @extend_schema(
        operation_id="workflows_archive",
        request=serializers.GoneSerializer,
        responses={
            200: serializers.WorkflowSerializer,
            409: OpenApiResponse(serializers.OwnsObjectsSerializer, "say what becomes of the objects"),
        },
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """Make it read-only and hide it from lists. Objects in clusters stay or are destroyed, as you say."""
        objects, delete_volumes = what_goes(request)
        workflow, _runs = lifecycle.archive(
            principal_of(request), as_workflow_id(workflow_id), objects=objects, delete_volumes=delete_volumes
        )
        return Response(workflow_json(workflow))


class UnarchiveView(APIView):
    @extend_schema(operation_id="workflows_unarchive", request=None, responses=serializers.WorkflowSerializer)
    def post(self, request: Request, workflow_id: str) -> Response:
        """Make an archived workflow a draft again."""
        return Response(workflow_json(lifecycle.unarchive(principal_of(request), as_workflow_id(workflow_id))))
