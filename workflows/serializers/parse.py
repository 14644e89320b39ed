"""Shapes of what is read for a canvas without being stored."""

from __future__ import annotations

from rest_framework import serializers as s

from kubeorch.web.requests import Input
from kubeorch.web.schema import ProblemRowSerializer, Shape
from workflows.serializers.graphs import EdgeSerializer, NodeSerializer
from workflows.serializers.workflows import FILE_MAX


class ParseSerializer(Input):
    content = s.CharField(
        max_length=FILE_MAX,
        trim_whitespace=False,
        help_text="a workflow file, or Kubernetes objects as YAML (one or more documents) or JSON",
    )


class NoteSerializer(Shape):
    detail = s.CharField()
    node_ids = s.ListField(child=s.CharField())


class ParsedSerializer(Shape):
    nodes = NodeSerializer(many=True)
    edges = EdgeSerializer(many=True)
    problems = ProblemRowSerializer(many=True)
    notes = NoteSerializer(many=True)
