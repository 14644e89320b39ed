"""Shapes of graphs, of what differs between two, and of the manifests rendered from one."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as s

from kubeorch.web.requests import Id, Input, Text, WholeNumber
from kubeorch.web.schema import ProblemDocumentSerializer, ProblemRowSerializer, Shape
from workflows.domain.graphs.reading import GROUP_MOST
from workflows.serializers.shapes import RefSerializer

ID_MAX = 40
"""Characters of the id of a node or an edge."""


class PositionSerializer(Shape):
    x = s.FloatField()
    y = s.FloatField()


class NodeSerializer(Shape):
    id = s.CharField(max_length=ID_MAX)
    kind = s.CharField()
    name = s.CharField(allow_blank=True)
    position = PositionSerializer()
    parameters = s.DictField(required=False)
    patch = s.CharField(allow_null=True, required=False, help_text="YAML merged into the object last")
    group = s.CharField(max_length=GROUP_MOST, required=False, help_text="title of the frame around it on the canvas")


class EdgeSerializer(Shape):
    id = s.CharField(max_length=ID_MAX)
    source = s.CharField()  # type: ignore[assignment]
    target = s.CharField()
    relation = s.CharField()
    parameters = s.DictField(required=False)


class Unparsed(s.Field[Any, Any, Any, Any]):
    """A value handed on as it came: graphs are parsed by the domain, which names every problem at once."""

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(NodeSerializer(many=True))
class UnparsedNodes(Unparsed):
    pass


@extend_schema_field(EdgeSerializer(many=True))
class UnparsedEdges(Unparsed):
    pass


class GraphBodySerializer(Input):
    nodes = UnparsedNodes()
    edges = UnparsedEdges()


@extend_schema_field(GraphBodySerializer)
class UnparsedGraph(Unparsed):
    pass


class SaveGraphSerializer(GraphBodySerializer):
    rev = WholeNumber(min_value=1, help_text="the revision this graph was edited from")


class GraphSerializer(Shape):
    rev = s.IntegerField()
    nodes = NodeSerializer(many=True)
    edges = EdgeSerializer(many=True)
    problems = ProblemRowSerializer(many=True)
    updated_at = s.DateTimeField()


class SavedGraphSerializer(Shape):
    rev = s.IntegerField()
    problems = ProblemRowSerializer(many=True)
    updated_at = s.DateTimeField()


class ProblemsSerializer(Shape):
    problems = ProblemRowSerializer(many=True)


class FieldChangeSerializer(Shape):
    path = s.CharField()

    def get_fields(self) -> dict[str, s.Field[Any, Any, Any, Any]]:
        # `from` is a word of Python, so these two fields cannot be declared as attributes.
        values = {"from": s.JSONField(allow_null=True), "to": s.JSONField(allow_null=True)}
        return {**super().get_fields(), **values}


class NodeChangeSerializer(Shape):
    node_id = s.CharField()
    name = s.CharField()
    kind = s.CharField()
    change = s.ChoiceField(choices=["added", "removed", "modified"])
    changes = FieldChangeSerializer(many=True)


class EdgeChangeSerializer(Shape):
    edge_id = s.CharField()
    change = s.ChoiceField(choices=["added", "removed", "modified"])
    source = s.CharField()  # type: ignore[assignment]
    target = s.CharField()
    relation = s.CharField()
    changes = FieldChangeSerializer(many=True)


class GraphChangesSerializer(Shape):
    nodes = NodeChangeSerializer(many=True)
    edges = EdgeChangeSerializer(many=True)


class CurrentGraphSerializer(Shape):
    rev = s.IntegerField()
    nodes = NodeSerializer(many=True)
    edges = EdgeSerializer(many=True)


class StaleGraphSerializer(ProblemDocumentSerializer):
    current = CurrentGraphSerializer()
    changes = GraphChangesSerializer()


class RenderSerializer(Input):
    nodes = UnparsedNodes(required=False)
    edges = UnparsedEdges(required=False)
    environment = Id(required=False, help_text="environment id")
    node_id = Text(max_length=ID_MAX, required=False, help_text="only the objects of this node")


class ManifestSerializer(Shape):
    node_id = s.CharField()
    ref = RefSerializer()
    yaml = s.CharField()


class ManifestsSerializer(Shape):
    manifests = ManifestSerializer(many=True)
    problems = ProblemRowSerializer(many=True)
