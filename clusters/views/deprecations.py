"""Deprecated APIs in use, over HTTP."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bson import ObjectId
from rest_framework.request import Request
from rest_framework.response import Response

from clusters.diagnosing.deprecations import Notice, deprecations
from clusters.serializers.deprecations import DeprecationsSerializer
from kubeorch.accounts.authentication import me
from kubeorch.web.schema import extend_schema
from kubeorch.web.views import APIView


class DeprecationsView(APIView):
    def kinds_drawn(self, cluster_id: ObjectId, team_ids: Collection[ObjectId]) -> Collection[tuple[str, str]]:
        """The routes replace it with the roof's function (see clusters/urls.py)."""
        raise NotImplementedError

    @extend_schema(operation_id="cluster_deprecations", responses=DeprecationsSerializer, tags=["clusters"])
    def get(self, request: Request, cluster_id: str) -> Response:
        """Deprecated APIs that are used in this cluster: by any client, as the API server's metrics tell where these
        credentials may read them, and by your teams' environments, as the API server warns. What the next minor version
        leaves out comes first."""
        found = deprecations(me(request), cluster_id, self.kinds_drawn)
        return Response(
            {
                "results": [_notice_json(one) for one in found.notices],
                "next": None,
                "version": found.version,
                "next_version": found.next_version,
                "why_not_metrics": found.why_not_metrics,
                "asked": found.asked,
                "kinds": found.kinds,
            }
        )


def _notice_json(one: Notice) -> dict[str, Any]:
    return {
        "api_version": one.api.api_version,
        "resource": one.api.resource,
        "removed_in": one.api.removed_in,
        "gone_next": one.is_gone_next,
        "said": one.api.said,
        "requested": one.is_requested,
        "drawn": one.is_drawn,
    }
