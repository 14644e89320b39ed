"""Shapes of what is wrong with a workflow."""

from __future__ import annotations

from rest_framework import serializers as s

from clusters.serializers.diagnosis import DiagnosisSerializer, FindingSerializer
from kubeorch.web.schema import Shape
from workflows.serializers.shapes import NamedSerializer


class GraphChangeSerializer(Shape):
    type = s.ChoiceField(choices=["set", "connect"])
    record = s.ChoiceField(choices=["node", "edge"])
    id = s.CharField(help_text="the node or edge; of a connection, its source")
    path = s.ListField(child=s.JSONField(), help_text="of a parameter, names and indexes")
    value = s.JSONField(allow_null=True, help_text="null takes the parameter out")
    target = s.CharField(allow_blank=True, help_text="of a connection, its target")
    relation = s.CharField(allow_blank=True)


class NodeFindingSerializer(FindingSerializer):
    node_id = s.CharField()
    parameter = s.CharField(allow_null=True, help_text="the parameter to look at")
    changes = GraphChangeSerializer(many=True, help_text="the fix, as edits of the drawing")


class WorkflowDiagnosisSerializer(DiagnosisSerializer):
    environment = NamedSerializer()
    findings = NodeFindingSerializer(many=True)
