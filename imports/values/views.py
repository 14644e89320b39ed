"""The API of the values of a chart."""

from __future__ import annotations

from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from imports.serializers import ChartInput
from imports.shapes import ImportDetailSerializer
from imports.values import changing
from imports.views import answer, audit_import
from kubeorch.accounts.authentication import me
from kubeorch.mongo.ids import as_object_id
from kubeorch.web.requests import body
from kubeorch.web.schema import Shape, conflict, extend_schema
from kubeorch.web.views import APIView


class ValuesFileSerializer(Shape):
    path = s.CharField()
    text = s.CharField(allow_blank=True)


class ChartValuesSerializer(Shape):
    chart = s.CharField(allow_blank=True, help_text="name and version")
    release = s.CharField()
    namespace = s.CharField()
    cluster = s.CharField(allow_null=True)
    values = s.CharField(allow_blank=True, help_text="as they were given")
    value_files = s.ListField(child=s.CharField(), help_text="files of the chart that count before the given values")
    files = ValuesFileSerializer(many=True, help_text="files of values that the chart brings, values.yaml first")


class ValuesView(APIView):
    answers_secret = True

    @extend_schema(
        operation_id="imports_values",
        responses={200: ChartValuesSerializer, 409: conflict("import.not_ready")},
    )
    def get(self, request: Request, import_id: str) -> Response:
        """What an imported chart was rendered with. Given values may hold secrets: whoever may edit sees them."""
        return Response(changing.shown_values(me(request), as_object_id(import_id, what="import")))

    @extend_schema(
        operation_id="imports_render_again",
        request=ChartInput,
        responses={201: ImportDetailSerializer, 409: conflict("import.not_ready, import.too_many_fetches")},
    )
    def post(self, request: Request, import_id: str) -> Response:
        """Render the chart with other values as another import, to be merged into the workflow that was made of it."""
        given = body(ChartInput, request)
        row = changing.render_as_another(me(request), as_object_id(import_id, what="import"), given)
        audit_import(request, "import.make", row)
        return Response(answer(row, None), status=201)

    @extend_schema(
        operation_id="imports_change_values",
        request=ChartInput,
        responses={
            200: ImportDetailSerializer,
            409: conflict("import.not_ready, import.applied, import.changed, import.too_many_fetches"),
        },
    )
    def put(self, request: Request, import_id: str) -> Response:
        """Render the chart anew, by a job: the import is `fetching` meanwhile. What is not given is as by default."""
        given = body(ChartInput, request)
        row = changing.change_values(me(request), as_object_id(import_id, what="import"), given)
        audit_import(request, "import.values", row)
        return Response(answer(row, None))
