"""Exports over HTTP."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from imports.exports.writing import FORMS, export
from kubeorch.base.query import BadQuery
from kubeorch.mongo.ids import query_id
from kubeorch.web.schema import extend_schema
from kubeorch.web.views import APIView
from workflows import store as workflow_store
from workflows.views.lookups import workflow_of


class FilesView(APIView):
    @extend_schema(
        operation_id="workflows_files",
        parameters=[
            OpenApiParameter("form", str, enum=[*FORMS], required=True),
            OpenApiParameter("environment", str, description="environment id; without it, the first one"),
        ],
        responses={(200, "text/yaml"): OpenApiTypes.STR, (200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, workflow_id: str) -> HttpResponse:
        """The saved workflow for other tools: YAML of manifests or Compose, or an archive of a kustomization or a Helm
        chart. It has no value of a Secret."""
        workflow = workflow_of(request, workflow_id, workflow_store.GRAPH)
        form = str(request.query_params.get("form"))
        if form not in FORMS:
            raise BadQuery(f"form is one of {', '.join(FORMS)}", field="form")
        found = export(workflow, form, query_id(request.query_params, "environment"))
        answer = HttpResponse(found.content, content_type=found.media_type)
        answer["Content-Disposition"] = f'attachment; filename="{found.file_name}"'
        return answer
