"""Who reads a key, and restarts of those, over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from clusters.domain.objects import Ref
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.token_scopes import TokenScope, needs_scope
from kubeorch.base.query import query_text
from kubeorch.web.requests import body
from kubeorch.web.schema import conflict, extend_schema
from kubeorch.web.views import APIView
from workflows import store
from workflows.reach.readers import reach_of
from workflows.reach.representations import reach_json, restarted_json
from workflows.reach.restarts import restart_workloads
from workflows.serializers.reach import ReachSerializer, RestartSerializer, RestartsSerializer
from workflows.views.lookups import as_environment_id, workflow_of


class ReachView(APIView):
    @extend_schema(
        operation_id="workflows_reach",
        parameters=[
            OpenApiParameter("node", str, required=True, description="the node of a ConfigMap or Secret"),
            OpenApiParameter("key", str, description="one of its keys; without it, any"),
            OpenApiParameter("environment", str, description="id or name; without it, the only environment"),
        ],
        responses=ReachSerializer,
    )
    def get(self, request: Request, workflow_id: str) -> Response:
        """Every container that reads a key, in all workflows of the team in that namespace, and how it arrives there.

        This workflow counts as it is drawn, others as they are deployed.
        """
        query = request.query_params
        found = reach_of(
            workflow_of(request, workflow_id, store.GRAPH),
            query_text(query, "node", most=64) or "",
            query_text(query, "key", most=253),
            query_text(query, "environment", most=64),
        )
        return Response(reach_json(found))


class RestartView(APIView):
    @needs_scope(TokenScope.RUN)
    @extend_schema(
        operation_id="environments_restart",
        request=RestartSerializer,
        responses={200: RestartsSerializer, 409: conflict("environment.protected")},
    )
    def post(self, request: Request, environment_id: str) -> Response:
        """Have workloads replace their pods, as `kubectl rollout restart` does; one that refuses says why."""
        given = body(RestartSerializer, request)["refs"]
        refs = [Ref(one["api_version"], one["kind"], one["namespace"] or "", one["name"]) for one in given]
        environment, found = restart_workloads(me(request), as_environment_id(environment_id), refs)
        done = [one.ref.key for one in found if one.error is None]
        target = {"environment": str(environment["_id"]), "name": environment["name"], "workloads": ", ".join(done)}
        audit(request, "environment.restart", team_id=environment["team_id"], target=target)
        return Response({"results": [restarted_json(one) for one in found]})
