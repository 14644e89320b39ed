"""What is wrong with a cluster or an object of it, over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from clusters.diagnosing.actions import diagnose_cluster, diagnose_object
from clusters.diagnosing.representations import told_json
from clusters.serializers.diagnosis import DiagnosisSerializer
from kubeorch.accounts.authentication import me
from kubeorch.base.errors import InvalidInput
from kubeorch.base.query import query_text
from kubeorch.web.schema import extend_schema
from kubeorch.web.views import APIView

NAMESPACES_MOST = 20
NAMES_MOST = 20 * 64


class Incomplete(InvalidInput):
    code = "diagnosis.incomplete"

    def __init__(self) -> None:
        super().__init__("kind and name go together: give both for an object, and neither for a cluster", field="kind")


class ClusterDiagnosisView(APIView):
    @extend_schema(
        operation_id="clusters_diagnosis",
        parameters=[
            OpenApiParameter("kind", str, description="of an object, with its group: apps/Deployment, or Pod"),
            OpenApiParameter("namespace", str, description="of the object; or several, separated by commas"),
            OpenApiParameter("name", str, description="of the object"),
        ],
        responses=DiagnosisSerializer,
        tags=["clusters"],
    )
    def get(self, request: Request, cluster_id: str) -> Response:
        """What is wrong now with an object, in some namespaces, or in the whole cluster, as far as you may see it."""
        query = request.query_params
        kind, name = query_text(query, "kind", most=320), query_text(query, "name", most=253)
        namespace = query_text(query, "namespace", most=NAMES_MOST) or ""
        if bool(kind) != bool(name):
            raise Incomplete
        if kind and name:
            group, _, bare = kind.rpartition("/")
            return Response(told_json(diagnose_object(me(request), cluster_id, group, bare, namespace, name)))
        wanted = sorted({one.strip() for one in namespace.split(",")} - {""})
        if len(wanted) > NAMESPACES_MOST:
            raise InvalidInput(f"{NAMESPACES_MOST} namespaces at most", code="query.invalid", field="namespace")
        return Response(told_json(diagnose_cluster(me(request), cluster_id, wanted or None)))
