"""Shapes of preflights."""

from __future__ import annotations

from rest_framework import serializers as s

from kubeorch.web.requests import Input
from kubeorch.web.schema import Shape
from workflows.serializers.shapes import RefSerializer
from workflows.versions.store import NUMBER_MAX


class AskPreflightSerializer(Input):
    version = s.IntegerField(
        min_value=1, max_value=NUMBER_MAX, required=False, help_text="a version; without it, the saved graph"
    )


class MissingRightSerializer(Shape):
    node_id = s.CharField(allow_null=True, help_text="null for what the environment itself needs, as its namespace")
    verb = s.CharField()
    group = s.CharField(allow_blank=True, help_text="API group; empty for the core group")
    resource = s.CharField(help_text="such as deployments")
    namespace = s.CharField(allow_blank=True, help_text="empty for the whole cluster")
    name = s.CharField(allow_blank=True, help_text="of the one object it is about; empty for all")


class UnservedSerializer(Shape):
    node_id = s.CharField()
    ref = RefSerializer()


class PreflightSerializer(Shape):
    allowed = s.BooleanField(help_text="nothing is missing, and every kind is served")
    missing = MissingRightSerializer(many=True)
    unserved = UnservedSerializer(many=True, help_text="objects of kinds that the cluster does not serve")
    role = s.CharField(help_text="YAML of the smallest Role and ClusterRole with which all of it is allowed")
    narrowed = s.BooleanField(
        help_text="the environment has roles of its own, and is planned and run in its own name; this was asked for it"
    )
    checked_at = s.DateTimeField()
