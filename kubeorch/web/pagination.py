"""The query parameters of every list that comes in pages (`kubeorch.mongo.pages`), for the schema of the API."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter

from kubeorch.mongo.pages import DEFAULT_LIMIT, MAX_LIMIT

PARAMETERS = [
    OpenApiParameter("cursor", str, description="`next` of the page before"),
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    ),
]
