"""Routes of connecting a cluster: tests before anything is stored, and what helps to get credentials."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from clusters import trying
from clusters.connecting.testing import Report
from clusters.domain.service_account import commands, service_account_manifest
from clusters.in_cluster import is_inside
from clusters.kube.probing import Certificate
from clusters.serializers import connecting as s
from kubeorch.accounts.authentication import me
from kubeorch.base.clock import iso
from kubeorch.base.errors import InvalidInput
from kubeorch.base.names import is_dns_label
from kubeorch.web.requests import body
from kubeorch.web.schema import extend_schema
from kubeorch.web.views import APIView

TAGS = ["clusters"]
NAMESPACES_MOST = 50


class ConnectionTestsView(APIView):
    @extend_schema(operation_id="clusters_try", request=s.TestInput, responses=s.TestSerializer, tags=TAGS)
    def post(self, request: Request) -> Response:
        """Try credentials step by step; nothing is stored. What does not work is a step that failed, with its cure."""
        server, report = trying.try_credentials(me(request), body(s.TestInput, request))
        return Response(_report_json(server, report))


class WaysView(APIView):
    @extend_schema(operation_id="clusters_ways", responses=s.WaysSerializer, tags=TAGS)
    def get(self, request: Request) -> Response:
        """Which ways to connect there are beside those that are always there."""
        return Response({"in_cluster": me(request).is_admin and is_inside()})


class ServiceAccountView(APIView):
    @extend_schema(
        operation_id="clusters_service_account",
        parameters=[
            OpenApiParameter(
                "namespaces", str, description="a,b: rights in these alone; without, in the whole cluster"
            ),
            OpenApiParameter("sharing", bool, description="with what sharing with other teams takes"),
        ],
        responses=s.ClusterAccountSerializer,
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        """YAML of a service account with the least Role for KubeOrch, and the commands that give its token."""
        named = [one for one in request.query_params.get("namespaces", "")[:5000].split(",") if one]
        if len(named) > NAMESPACES_MOST or not all(is_dns_label(one) for one in named):
            raise InvalidInput(
                f"name up to {NAMESPACES_MOST} namespaces with commas between them: shop,shop-test", field="namespaces"
            )
        sharing = request.query_params.get("sharing") == "true" and not named
        manifest = service_account_manifest(named, sharing=sharing)
        return Response({"manifest": manifest, "commands": commands()})


def _report_json(server: str, report: Report) -> dict[str, Any]:
    return {
        "ok": report.ok,
        "server": server,
        "steps": [asdict(step) for step in report.steps],
        "certificate": _certificate_json(report.certificate),
        "version": report.version,
        "user": report.user,
        "groups": report.groups,
        "rights": [{"id": one.id, "label": one.label, "allowed": allowed} for one, allowed in report.rights],
        "impersonates": report.impersonates,
    }


def _certificate_json(found: Certificate | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {**asdict(found), "not_before": iso(found.not_before), "not_after": iso(found.not_after)}
