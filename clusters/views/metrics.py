"""What is used, over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from clusters import actions
from clusters.metrics import store
from clusters.metrics.actions import usage_of
from clusters.metrics.node_usage import usage_of_nodes
from clusters.metrics.representations import nodes_json, usage_json
from clusters.metrics.setting import set_prometheus
from clusters.representations import cluster_for
from clusters.serializers.clusters import ClusterSerializer
from clusters.serializers.metrics import NodesUsageSerializer, PrometheusInput, UsageSerializer
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.store import names_of_teams
from kubeorch.base.query import query_choice, query_text
from kubeorch.web.requests import body
from kubeorch.web.schema import extend_schema
from kubeorch.web.views import APIView

RANGES = {"day": store.DAY, "fortnight": store.FORTNIGHT}


class MetricsView(APIView):
    @extend_schema(
        operation_id="clusters_metrics",
        parameters=[
            OpenApiParameter("kind", str, required=True, description="Node, Pod, or a kind that makes pods"),
            OpenApiParameter("namespace", str, description="of the object, unless it is a Node"),
            OpenApiParameter("name", str, required=True),
            OpenApiParameter("range", str, enum=list(RANGES), description="of the history; a day without it"),
        ],
        responses=UsageSerializer,
        tags=["clusters"],
    )
    def get(self, request: Request, cluster_id: str) -> Response:
        """CPU and memory of an object: used now and before, requested, and allowed. Where nothing measures, why."""
        query = request.query_params
        found = usage_of(
            me(request),
            cluster_id,
            query_text(query, "kind", most=63) or "",
            query_text(query, "namespace", most=63) or "",
            query_text(query, "name", most=253) or "",
            RANGES[query_choice(query, "range", RANGES) or "day"],
        )
        return Response(usage_json(found))


class NodesMetricsView(APIView):
    @extend_schema(operation_id="clusters_metrics_of_nodes", responses=NodesUsageSerializer, tags=["clusters"])
    def get(self, request: Request, cluster_id: str) -> Response:
        """CPU and memory that every node uses now. Where nothing measures, why."""
        return Response(nodes_json(usage_of_nodes(me(request), cluster_id)))


class PrometheusView(APIView):
    @extend_schema(
        operation_id="clusters_prometheus",
        request=PrometheusInput,
        responses=ClusterSerializer,
        tags=["clusters"],
    )
    def put(self, request: Request, cluster_id: str) -> Response:
        """Name the Prometheus server of the cluster, which is asked first; where it has several clusters, with the
        labels that tell this one. It tells what was used before, also when nobody looked, and what is used now where
        nothing in the cluster measures."""
        actions.editable(me(request), cluster_id)
        given = body(PrometheusInput, request)
        row = set_prometheus(me(request), cluster_id, given["prometheus"], given["labels"])
        target = {
            "cluster": row["_id"],
            "name": row["name"],
            "prometheus": row.get("prometheus") or "",
            "prometheus_labels": row.get("prometheus_labels") or "",
        }
        audit(request, "cluster.edit", team_id=row["team_id"], target=target)
        return Response(cluster_for(me(request), row, names_of_teams([row["team_id"]])))
