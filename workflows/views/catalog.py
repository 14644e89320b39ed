"""Kinds and relations, as the canvas needs them."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from kubeorch.web.schema import extend_schema
from kubeorch.web.views import APIView
from workflows.catalog import catalog_json
from workflows.serializers.catalog import CatalogSerializer


class CatalogView(APIView):
    @extend_schema(operation_id="catalog", responses={200: CatalogSerializer, 304: None})
    def get(self, request: Request) -> HttpResponse:
        """The catalog; it changes only with the product, so `If-None-Match` is answered with 304."""
        body, tag = catalog_json()
        known = request.headers.get("If-None-Match", "")
        fresh = any(part.strip().removeprefix("W/") == tag for part in known.split(","))
        answer = HttpResponse(status=304) if fresh else HttpResponse(body, content_type="application/json")
        answer["ETag"] = tag
        answer["Cache-Control"] = "private, no-cache"
        return answer
