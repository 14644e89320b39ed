"""What is wrong with a workflow now, over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts.authentication import me
from kubeorch.base.query import query_text
from kubeorch.web.schema import extend_schema
from kubeorch.web.views import APIView
from workflows import store
from workflows.diagnosis.actions import diagnose_workflow
from workflows.diagnosis.representations import diagnosis_json
from workflows.serializers.diagnosis import WorkflowDiagnosisSerializer
from workflows.views.lookups import workflow_of


class WorkflowDiagnosisView(APIView):
    @extend_schema(
        operation_id="workflows_diagnosis",
        parameters=[
            OpenApiParameter("environment", str, description="id or name; without it, the only environment"),
            OpenApiParameter("node", str, description="one node alone"),
        ],
        responses=WorkflowDiagnosisSerializer,
    )
    def get(self, request: Request, workflow_id: str) -> Response:
        """What is wrong now in an environment, node by node, and the edits of the drawing that mend it."""
        query = request.query_params
        found = diagnose_workflow(
            me(request),
            workflow_of(request, workflow_id, store.GRAPH),
            query_text(query, "environment", most=64),
            query_text(query, "node", most=64),
        )
        return Response(diagnosis_json(found))
