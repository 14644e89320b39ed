"""Routes of the pause of all builds."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from builds.representations import pause_json
from builds.running import pausing
from builds.serializers import engines as s
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.scope import require_instance_admin
from kubeorch.web.requests import body
from kubeorch.web.schema import NO_CONTENT, extend_schema
from kubeorch.web.views import APIView

TAGS = ["builds"]


class BuildPauseView(APIView):
    @extend_schema(operation_id="builds_pause", request=s.BuildPauseInput, responses=s.BuildPauseSerializer, tags=TAGS)
    def put(self, request: Request) -> Response:
        """Let the builds of all teams wait, for administrators of the instance. Those that run go on unless they are
        canceled; new ones may be asked for, and wait."""
        require_instance_admin(me(request))
        given = body(s.BuildPauseInput, request)
        found = pausing.pause(me(request), given["reason"], cancels=given["cancel_running"])
        audit(request, "builds.pause", target={"reason": found["reason"], "cancel_running": given["cancel_running"]})
        return Response(pause_json(found))

    @extend_schema(operation_id="builds_resume", request=None, responses=NO_CONTENT, tags=TAGS)
    def delete(self, request: Request) -> Response:
        """Let builds go on."""
        pausing.resume(me(request))
        audit(request, "builds.resume")
        return Response(status=204)
