from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.web.views import APIView


class SchemaView(APIView):
    """The OpenAPI document of this API, open to anyone: the page's types and scripts are made from it."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    def get(self, request: Request) -> Response:
        from kubeorch.web.openapi import document

        return Response(document(), content_type="application/vnd.oai.openapi+json")


urlpatterns = [path("schema", SchemaView.as_view(), name="schema")]
