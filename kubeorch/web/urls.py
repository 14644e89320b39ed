from django.conf import settings
from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.web import licences
from kubeorch.web.schema import Shape, extend_schema
from kubeorch.web.views import APIView


class SchemaView(APIView):
    """The OpenAPI document of this API, open to anyone: the page's types and scripts are made from it."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    def get(self, request: Request) -> Response:
        from kubeorch.web.openapi import document  # noqa: PLC0415  (2 MB that only this route needs)

        return Response(document(), content_type="application/vnd.oai.openapi+json")


class PackageSerializer(Shape):
    name = serializers.CharField()
    version = serializers.CharField(help_text="empty where it is not known")
    licence = serializers.CharField(help_text="as the package says, SPDX where it can")
    url = serializers.CharField(allow_null=True)
    text = serializers.CharField(help_text="the package's licence and notice files")


class LicencesSerializer(Shape):
    page = PackageSerializer(many=True)
    server = PackageSerializer(many=True)
    programs = PackageSerializer(many=True)


class LicencesView(APIView):
    @extend_schema(operation_id="licences", responses=LicencesSerializer)
    def get(self, request: Request) -> Response:
        """Third-party software in this product: built into the page, installed on the server, run beside it."""
        return Response(
            {
                "page": licences.built_in(settings.FRONTEND_DIST),
                "server": licences.installed(settings.BASE_DIR / "requirements.lock"),
                "programs": licences.PROGRAMS,
            }
        )


urlpatterns = [
    path("schema", SchemaView.as_view(), name="schema"),
    path("licences", LicencesView.as_view(), name="licences"),
]
