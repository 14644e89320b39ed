"""Shapes of the API: parsers of small bodies, and descriptions from which the page's types are generated.

Answers are not run through these (`present.py` writes them); a test holds both to the same fields.
Graphs are parsed by the domain, which names every problem at once.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as s

from kubeorch.web.requests import Id, Input, Text, WholeNumber
from kubeorch.web.schema import ProblemDocumentSerializer, ProblemRowSerializer, Shape
from workflows.runs.states import RunState

STATES = ["draft", "published", "archived"]
CLUSTER_STATES = ["pending", "connecting", "ready", "failed"]
RUN_STATES = [state.value for state in RunState]


class NamedSerializer(Shape):
    id = s.CharField()
    name = s.CharField()


class PositionSerializer(Shape):
    x = s.FloatField()
    y = s.FloatField()


class NodeSerializer(Shape):
    id = s.CharField(max_length=40)
    kind = s.CharField()
    name = s.CharField(allow_blank=True)
    position = PositionSerializer()
    parameters = s.DictField(required=False)
    patch = s.CharField(allow_null=True, required=False, help_text="YAML merged into the object last")


class EdgeSerializer(Shape):
    id = s.CharField(max_length=40)
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


class RefSerializer(Shape):
    api_version = s.CharField()
    kind = s.CharField()
    namespace = s.CharField(allow_null=True)
    name = s.CharField()


class OwnedObjectSerializer(Shape):
    environment = NamedSerializer()
    node_id = s.CharField(allow_null=True)
    ref = RefSerializer()
    holds_data = s.BooleanField(help_text="deleting it loses data; kept unless volumes=delete")


class OwnsObjectsSerializer(ProblemDocumentSerializer):
    owned = OwnedObjectSerializer(many=True)


class VariableSerializer(Shape):
    type = s.ChoiceField(choices=["string", "integer", "boolean"])
    value = s.JSONField(help_text="a text, an integer or a boolean, as the type says")


class RunRefSerializer(Shape):
    id = s.CharField()
    number = s.IntegerField()
    state = s.ChoiceField(choices=RUN_STATES)


class LastRunSerializer(RunRefSerializer):
    finished_at = s.DateTimeField(allow_null=True)


class DeployedSerializer(Shape):
    version = s.IntegerField()
    run_id = s.CharField()
    at = s.DateTimeField()


class EnvironmentClusterSerializer(NamedSerializer):
    state = s.ChoiceField(choices=CLUSTER_STATES)


class EnvironmentSerializer(Shape):
    id = s.CharField()
    workflow_id = s.CharField()
    name = s.CharField()
    cluster = EnvironmentClusterSerializer()
    namespace = s.CharField()
    variables = s.DictField(child=VariableSerializer())
    deployed = DeployedSerializer(allow_null=True)
    active_run = RunRefSerializer(allow_null=True)


class NewEnvironmentSerializer(Input):
    name = s.CharField(max_length=63)
    cluster = s.CharField(max_length=100, help_text="id or name of a cluster the team may use")
    namespace = s.CharField(max_length=63)
    variables = s.DictField(required=False, help_text="{NAME: {type, value}}")


class ChangeEnvironmentSerializer(Input):
    name = s.CharField(max_length=63, required=False)
    cluster = s.CharField(max_length=100, required=False)
    namespace = s.CharField(max_length=63, required=False)
    variables = s.DictField(required=False, help_text="{NAME: {type, value}}; replaces all variables")


class FirstEnvironmentSerializer(NewEnvironmentSerializer):
    """The environment made with an imported workflow; the file may give its namespace and variables."""

    name = s.CharField(max_length=63, required=False, default="default")
    namespace = s.CharField(max_length=63, required=False)


class WorkflowSerializer(Shape):
    id = s.CharField()
    name = s.CharField()
    description = s.CharField(allow_blank=True)
    state = s.ChoiceField(choices=STATES)
    tags = s.ListField(child=s.CharField())
    team = NamedSerializer()
    rev = s.IntegerField()
    version = s.IntegerField(help_text="number of the newest version; 0 before the first")
    node_count = s.IntegerField()
    created_at = s.DateTimeField()
    created_by = NamedSerializer(allow_null=True)
    updated_at = s.DateTimeField()
    updated_by = NamedSerializer(allow_null=True)
    last_run = LastRunSerializer(allow_null=True)
    environments = EnvironmentSerializer(many=True)


class DescribeWorkflowSerializer(Input):
    name = s.CharField(max_length=200, required=False)
    description = s.CharField(max_length=4000, required=False, allow_blank=True, trim_whitespace=False)
    tags = s.ListField(child=s.CharField(max_length=50), max_length=20, required=False)


class NewWorkflowSerializer(DescribeWorkflowSerializer):
    name = s.CharField(max_length=200)
    team = Id(required=False, help_text="team id; needed only by members of several")
    environment = NewEnvironmentSerializer(required=False)
    graph = UnparsedGraph(required=False)


class CloneSerializer(Input):
    name = s.CharField(max_length=200)


class ImportSerializer(Input):
    file = s.CharField(max_length=4 * 1024 * 1024, trim_whitespace=False, help_text="a workflow file (YAML)")
    name = s.CharField(max_length=200, required=False)
    team = Id(required=False)
    environment = FirstEnvironmentSerializer(required=False)


class GoneSerializer(Input):
    """What becomes of the objects that stand in clusters because of this."""

    objects = s.ChoiceField(choices=["keep", "destroy"], required=False)
    volumes = s.ChoiceField(choices=["keep", "delete"], required=False, default="keep")


class DestroyRunSerializer(Shape):
    id = s.CharField()
    number = s.IntegerField()
    environment_id = s.CharField()
    state = s.ChoiceField(choices=RUN_STATES)


class DestroyingSerializer(Shape):
    """Deletion goes on in these runs; the last of them removes the rest."""

    runs = DestroyRunSerializer(many=True)


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
    name = s.CharField(max_length=200, required=False, allow_blank=True)
    tag = s.CharField(max_length=50, required=False, allow_blank=True)
    description = s.CharField(max_length=4000, required=False, allow_blank=True, trim_whitespace=False)


class SaveVersionSerializer(LabelVersionSerializer):
    name = s.CharField(max_length=200)


class RestoredSerializer(Shape):
    version = VersionSerializer()
    rev = s.IntegerField()


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string", "enum": ["current"]}]})
class _SideField(s.JSONField):
    pass


class ComparisonSerializer(GraphChangesSerializer):
    def get_fields(self) -> dict[str, s.Field[Any, Any, Any, Any]]:
        return {"from": _SideField(), "to": _SideField(), **super().get_fields()}


class RenderSerializer(Input):
    nodes = UnparsedNodes(required=False)
    edges = UnparsedEdges(required=False)
    environment = Id(required=False, help_text="environment id")
    node_id = Text(max_length=40, required=False, help_text="only the objects of this node")


class ManifestSerializer(Shape):
    node_id = s.CharField()
    ref = RefSerializer()
    yaml = s.CharField()


class ManifestsSerializer(Shape):
    manifests = ManifestSerializer(many=True)
    problems = ProblemRowSerializer(many=True)


class SecretKeySerializer(Shape):
    key = s.CharField()
    stored = s.BooleanField(help_text="a value is kept sealed for runs of this environment")
    in_cluster = s.BooleanField(allow_null=True, help_text="a run has applied a value; null while that is not known")


class SecretNodeSerializer(Shape):
    node_id = s.CharField()
    name = s.CharField()
    keys = SecretKeySerializer(many=True)


class SecretsSerializer(Shape):
    nodes = SecretNodeSerializer(many=True)


class InventoryRowSerializer(Shape):
    node_id = s.CharField(allow_null=True)
    ref = RefSerializer()
    uid = s.CharField(allow_null=True)
    state = s.ChoiceField(choices=["intended", "applied", "deleting"])
    run_id = s.CharField(allow_null=True)
    applied_at = s.DateTimeField(allow_null=True)
    holds_data = s.BooleanField()


class InventorySerializer(Shape):
    results = InventoryRowSerializer(many=True)


class EnvironmentStatusSerializer(Shape):
    topic = s.CharField()
    type = s.ChoiceField(choices=["snapshot"])
    data = s.DictField(  # type: ignore[assignment]
        help_text="latest value by key: `node:<node id>`, `run`"
    )
