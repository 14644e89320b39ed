"""Routes of engines in clusters; once there, they are engines like others."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from builds.engines.cluster import actions
from builds.engines.services.actions import team_for
from builds.serializers import engines as s
from builds.views.engines import TAGS, audit_engine, report_json, service_json
from kubeorch.accounts.authentication import me
from kubeorch.web.requests import body
from kubeorch.web.schema import conflict, extend_schema
from kubeorch.web.views import APIView


class ClusterEnginesView(APIView):
    @extend_schema(
        operation_id="build_engines_add_in_cluster",
        request=s.NewClusterEngineInput,
        responses={201: s.BuildEngineSerializer, 409: conflict("engine.name_taken, engine.too_many")},
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        """Have images built in a cluster of the team: each build gets a pod with BuildKit there. It is tried first, and
        a place that does not work is not stored. The namespace is made where it is not there, and stays."""
        _need_somewhere(request)
        row = actions.add_in_cluster(me(request), body(s.NewClusterEngineInput, request))
        audit_engine(request, "engine.add", row)
        return Response(service_json(request, row), status=201)


class ClusterEngineTestsView(APIView):
    @extend_schema(
        operation_id="build_engines_try_in_cluster",
        request=s.ClusterPlaceInput,
        responses=s.EngineReportSerializer,
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        """Try a place in a cluster step by step, to a step of a Dockerfile that runs there. Nothing is stored; of what
        it makes in the cluster the namespace alone stays. What does not work is a step that failed, with its cure."""
        _need_somewhere(request)
        return Response(report_json(actions.try_given(me(request), body(s.ClusterPlaceInput, request))))


def _need_somewhere(request: Request) -> None:
    """Without the role in any team, the body does not matter."""
    principal = me(request)
    if not (principal.is_admin or any(principal.may("engine.edit", team) for team in principal.team_ids)):
        team_for(principal, {})
