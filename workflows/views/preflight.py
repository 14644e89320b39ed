"""Preflights over HTTP."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts.authentication import me
from kubeorch.accounts.token_scopes import TokenScope, needs_scope
from kubeorch.web.requests import body
from kubeorch.web.schema import extend_schema
from kubeorch.web.views import APIView
from workflows.preflight.actions import preflight
from workflows.preflight.representations import preflight_json
from workflows.serializers.preflight import AskPreflightSerializer, PreflightSerializer
from workflows.views.lookups import as_environment_id


class PreflightView(APIView):
    @needs_scope(TokenScope.READ)
    @extend_schema(operation_id="environments_preflight", request=AskPreflightSerializer, responses=PreflightSerializer)
    def post(self, request: Request, environment_id: str) -> Response:
        """Whether the cluster's credentials may do all that a plan and a run of the graph need, and the smallest Role
        with which they may. Nothing is changed."""
        given = body(AskPreflightSerializer, request)
        return Response(preflight_json(preflight(me(request), as_environment_id(environment_id), **given)))
