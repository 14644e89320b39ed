"""Shapes of versions and of the comparison of two."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as s

from kubeorch.web.requests import Input
from kubeorch.web.schema import Shape
from workflows.names import DESCRIPTION_MAX, NAME_MAX, TAG_MAX
from workflows.serializers.graphs import EdgeSerializer, GraphChangesSerializer, NodeSerializer
from workflows.serializers.shapes import NamedSerializer


class VersionSerializer(Shape):
    number = s.IntegerField()
    name = s.CharField(allow_blank=True)
    tag = s.CharField(allow_blank=True)
    description = s.CharField(allow_blank=True)
    automatic = s.BooleanField()
    run_id = s.CharField(allow_null=True)
    restored_from = s.IntegerField(allow_null=True)
    node_count = s.IntegerField()
    content_hash = s.CharField()
    created_at = s.DateTimeField()
    created_by = NamedSerializer(allow_null=True)


class VersionWithGraphSerializer(VersionSerializer):
    nodes = NodeSerializer(many=True)
    edges = EdgeSerializer(many=True)


class LabelVersionSerializer(Input):
    name = s.CharField(max_length=NAME_MAX, required=False, allow_blank=True)
    tag = s.CharField(max_length=TAG_MAX, required=False, allow_blank=True)
    description = s.CharField(max_length=DESCRIPTION_MAX, required=False, allow_blank=True, trim_whitespace=False)


class SaveVersionSerializer(LabelVersionSerializer):
    name = s.CharField(max_length=NAME_MAX)


class RestoredSerializer(Shape):
    version = VersionSerializer()
    rev = s.IntegerField()


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string", "enum": ["current"]}]})
class _SideField(s.JSONField):
    pass


class ComparisonSerializer(GraphChangesSerializer):
    def get_fields(self) -> dict[str, s.Field[Any, Any, Any, Any]]:
        return {"from": _SideField(), "to": _SideField(), **super().get_fields()}
