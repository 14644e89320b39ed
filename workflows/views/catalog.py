"""Kinds and relations, as the canvas needs them."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from kubeorch.base.errors import NotFound
from kubeorch.web.schema import extend_schema
from kubeorch.web.views import APIView
from workflows.catalog import CATALOG_PATH, catalog_json, catalog_json_gzip
from workflows.serializers.catalog import CatalogSerializer


class CatalogView(APIView):
    @extend_schema(operation_id="catalog", responses={200: CatalogSerializer, 304: None})
    def get(self, request: Request) -> HttpResponse:
        """The catalog; it changes only with the product, so `If-None-Match` is answered with 304.

        `Content-Location` names the address under which this very content is kept for good. The page finds the same
        address in its own HTML, as `<meta name="catalog" content="/api/v1/catalog/…">`, and asks here without one.
        """
        _, digest = catalog_json()
        tag = f'"{digest}"'
        known = request.headers.get("If-None-Match", "")
        fresh = any(part.strip().removeprefix("W/") == tag for part in known.split(","))
        answer = HttpResponse(status=304) if fresh else _whole()
        answer["ETag"] = tag
        answer["Cache-Control"] = "private, no-cache"
        answer["Content-Location"] = CATALOG_PATH + digest
        return answer


class KeptCatalogView(APIView):
    @extend_schema(operation_id="catalog_kept", responses={200: CatalogSerializer})
    def get(self, request: Request, digest: str) -> HttpResponse:
        """The catalog by the digest of its content: a browser keeps it for a year and never asks again.

        404 for a digest of another version; ask `GET catalog` then.
        """
        if digest != catalog_json()[1]:
            raise NotFound("this is not the catalog of this version; ask for /api/v1/catalog", code="catalog.other")
        answer = _whole()
        answer["Cache-Control"] = "private, max-age=31536000, immutable"
        return answer


def _whole() -> HttpResponse:
    answer = HttpResponse(catalog_json()[0], content_type="application/json")
    answer.gzipped = catalog_json_gzip()  # type: ignore[attr-defined]
    return answer
