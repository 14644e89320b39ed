"""What would break on a cluster, over HTTP."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts.authentication import me
from kubeorch.accounts.token_scopes import TokenScope, needs_scope
from kubeorch.web.requests import body
from kubeorch.web.schema import extend_schema
from kubeorch.web.views import APIView
from workflows.fits.actions import fits
from workflows.fits.representations import fit_json
from workflows.serializers.fits import AskFitsSerializer, FitsSerializer
from workflows.views.lookups import as_workflow_id


class FitsView(APIView):
    @needs_scope(TokenScope.READ)
    @extend_schema(operation_id="workflows_fits", request=AskFitsSerializer, responses=FitsSerializer)
    def post(self, request: Request, workflow_id: str) -> Response:
        """What of the saved graph would break on each cluster: versions, fields, quotas, Pod Security. Nothing is
        applied there."""
        given = body(AskFitsSerializer, request)
        found = fits(me(request), as_workflow_id(workflow_id), given.get("clusters"))
        return Response({"results": [fit_json(cluster, one) for cluster, one in found]})
