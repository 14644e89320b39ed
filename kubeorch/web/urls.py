from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.web.renderers import OrjsonRenderer


class SchemaView(SpectacularJSONAPIView):
    """The OpenAPI document of this API, open to anyone: the page's types and scripts are made from it."""

    authentication_classes = ()
    permission_classes = ()
    renderer_classes = [OrjsonRenderer]  # noqa: RUF012  (a list, as the base declares it)
    _document: Any = None

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Made once a process: it takes a second, and anyone may ask."""
        if SchemaView._document is None:
            SchemaView._document = super().get(request, *args, **kwargs).data
        return Response(SchemaView._document, content_type="application/vnd.oai.openapi+json")


urlpatterns = [path("schema", SchemaView.as_view(), name="schema")]
