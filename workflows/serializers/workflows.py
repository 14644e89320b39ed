"""Shapes of workflows."""

from __future__ import annotations

from rest_framework import serializers as s

from kubeorch.web.requests import Id, Input
from kubeorch.web.schema import Shape
from workflows.names import DESCRIPTION_MAX, NAME_MAX, TAG_MAX, TAGS_MAX
from workflows.serializers.environments import (
    EnvironmentSerializer,
    FirstEnvironmentSerializer,
    NewEnvironmentSerializer,
)
from workflows.serializers.graphs import UnparsedGraph
from workflows.serializers.shapes import NamedSerializer, RunRefSerializer

STATES = ["active", "archived"]
DEPLOYMENTS = ["never", "deployed", "edited"]
FILE_MAX = 4 * 1024 * 1024


class LastRunSerializer(RunRefSerializer):
    finished_at = s.DateTimeField(allow_null=True)


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
    removed_runs = s.IntegerField(help_text="old runs that were removed, and are not listed any more")
    environments = EnvironmentSerializer(many=True)


class DescribeWorkflowSerializer(Input):
    name = s.CharField(max_length=NAME_MAX, required=False)
    description = s.CharField(max_length=DESCRIPTION_MAX, required=False, allow_blank=True, trim_whitespace=False)
    tags = s.ListField(child=s.CharField(max_length=TAG_MAX), max_length=TAGS_MAX, required=False)


class NewWorkflowSerializer(DescribeWorkflowSerializer):
    name = s.CharField(max_length=NAME_MAX)
    team = Id(required=False, help_text="team id; needed only by members of several")
    environment = NewEnvironmentSerializer(required=False)
    graph = UnparsedGraph(required=False)


class CloneSerializer(Input):
    name = s.CharField(max_length=NAME_MAX)


class ImportSerializer(Input):
    file = s.CharField(max_length=FILE_MAX, trim_whitespace=False, help_text="a workflow file (YAML)")
    name = s.CharField(max_length=NAME_MAX, required=False)
    team = Id(required=False)
    environment = FirstEnvironmentSerializer(required=False)
