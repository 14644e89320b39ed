"""What is wrong with a cluster or an object of it, over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from clusters.diagnosing.actions import diagnose_cluster, diagnose_object
from clusters.diagnosing.representations import told_json
from clusters.domain.kind_names import kind_name
from clusters.questions.asking import NO_NAMESPACE, place_of
from clusters.serializers.diagnosis import DiagnosisSerializer
from kubeorch.accounts.authentication import me
from kubeorch.base.errors import InvalidInput
from kubeorch.base.names import is_dns_label
from kubeorch.base.query import BadQuery, query_text
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
            place = place_of(str(kind_name(kind)), namespace or NO_NAMESPACE, name)
            return Response(told_json(diagnose_object(me(request), cluster_id, place)))
        wanted = sorted({one.strip() for one in namespace.split(",")} - {""})
        if len(wanted) > NAMESPACES_MOST:
            raise BadQuery(f"{NAMESPACES_MOST} namespaces at most", field="namespace")
        if not all(map(is_dns_label, wanted)):
            raise BadQuery("namespaces are names with commas between them", field="namespace")
        return Response(told_json(diagnose_cluster(me(request), cluster_id, wanted or None)))
