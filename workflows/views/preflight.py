"""Preflights over HTTP."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.token_scopes import TokenScope, needs_scope
from kubeorch.web.requests import NoInput, body
from kubeorch.web.schema import conflict, extend_schema
from kubeorch.web.views import APIView
from workflows.preflight.actions import preflight
from workflows.preflight.narrowing import narrow, widen
from workflows.preflight.representations import preflight_json
from workflows.serializers.preflight import AskPreflightSerializer, PreflightSerializer
from workflows.views.lookups import as_environment_id


class OwnRolesView(APIView):
    @extend_schema(
        operation_id="environments_narrow",
        request=None,
        responses={
            200: PreflightSerializer,
            409: conflict("environment.cannot_narrow, environment.no_namespace, environment.moved"),
        },
    )
    def post(self, request: Request, environment_id: str) -> Response:
        """Give the environment the smallest roles for its workflow, bound to a name of its own, and plan and run it in
        that name from now on. Again, it brings them in line with what is drawn by now."""
        body(NoInput, request)
        found = narrow(me(request), as_environment_id(environment_id))
        audit(request, "environment.narrow", target={"environment": environment_id})
        return Response(preflight_json(found))

    @extend_schema(
        operation_id="environments_widen",
        request=None,
        responses={204: None, 409: conflict("environment.cannot_narrow, environment.no_namespace, environment.moved")},
    )
    def delete(self, request: Request, environment_id: str) -> Response:
        """Plan and run with the cluster's credentials again, and take the environment's own roles away."""
        widen(me(request), as_environment_id(environment_id))
        audit(request, "environment.widen", target={"environment": environment_id})
        return Response(status=204)


class PreflightView(APIView):
    @needs_scope(TokenScope.READ)
    @extend_schema(operation_id="environments_preflight", request=AskPreflightSerializer, responses=PreflightSerializer)
    def post(self, request: Request, environment_id: str) -> Response:
        """Whether the cluster's credentials may do all that a plan and a run of the graph need, and the smallest Role
        with which they may. Nothing is changed."""
        given = body(AskPreflightSerializer, request)
        return Response(preflight_json(preflight(me(request), as_environment_id(environment_id), **given)))
