"""The states of a workflow over HTTP."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts.authentication import me
from kubeorch.web.requests import NoInput, body
from kubeorch.web.schema import conflict, extend_schema
from kubeorch.web.views import APIView
from workflows import lifecycle
from workflows.serializers.removal import RemovalOptionsSerializer
from workflows.serializers.workflows import WorkflowSerializer
from workflows.views.answers import workflow_answer
from workflows.views.consequences import OWNS_OBJECTS, removal_options
from workflows.views.lookups import as_workflow_id


class ArchiveView(APIView):
    @extend_schema(
        operation_id="workflows_archive",
        request=RemovalOptionsSerializer,
        responses={200: WorkflowSerializer, 409: OWNS_OBJECTS},
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """Make the workflow read-only and hide it from lists. `objects` decides about the objects it owns."""
        objects, delete_volumes = removal_options(request)
        workflow, _runs = lifecycle.archive(
            me(request), as_workflow_id(workflow_id), objects=objects, delete_volumes=delete_volumes
        )
        return Response(workflow_answer(workflow))


class UnarchiveView(APIView):
    @extend_schema(
        operation_id="workflows_unarchive",
        request=None,
        responses={200: WorkflowSerializer, 409: conflict("workflow.not_archived, workflow.being_deleted")},
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """Make an archived workflow active again."""
        body(NoInput, request)
        return Response(workflow_answer(lifecycle.unarchive(me(request), as_workflow_id(workflow_id))))
