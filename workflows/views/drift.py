"""Drift over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.web.requests import query_text
from kubeorch.web.schema import extend_schema
from kubeorch.web.views import APIView
from workflows.drift.looking import look
from workflows.drift.representations import drift_json
from workflows.serializers.drift import DriftSerializer
from workflows.views.lookups import environment_of


class DriftView(APIView):
    @extend_schema(
        operation_id="environments_drift",
        parameters=[OpenApiParameter("node", str, description="only the objects of this node")],
        responses=DriftSerializer,
    )
    def get(self, request: Request, environment_id: str) -> Response:
        """What others changed of what was applied last, by field and with who did it. Asks the cluster now."""
        environment = environment_of(request, environment_id)
        return Response(drift_json(look(environment, query_text(request.query_params, "node", most=64))))
