"""Shapes of live statuses: what the topic `environment:<id>` carries, and the API shows as a snapshot."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers as s

from kubeorch.web.schema import Shape
from workflows.serializers.runs import RunSerializer
from workflows.serializers.shapes import HEALTH, NamedSerializer, RefSerializer
from workflows.serializers.triggers import TriggerSerializer


class ObjectStatusSerializer(Shape):
    ref = RefSerializer()
    health = s.ChoiceField(choices=HEALTH)
    reason = s.CharField()
    uid = s.CharField(allow_null=True, help_text="null while the object does not exist")
    resource_version = s.CharField(allow_null=True)


class EvidenceSerializer(Shape):
    ref = RefSerializer()
    reason = s.CharField()
    message = s.CharField()
    count = s.IntegerField(allow_null=True)
    at = s.DateTimeField(allow_null=True)


class NodeStatusSerializer(Shape):
    node_id = s.CharField()
    health = s.ChoiceField(choices=HEALTH, help_text="the most severe of all its objects")
    reason = s.CharField(help_text="one sentence")
    facts = s.DictField(help_text="figures for the card, by kind of object")
    objects = ObjectStatusSerializer(many=True)
    evidence = EvidenceSerializer(many=True)
    resource_version = s.CharField(allow_null=True)
    observed_at = s.DateTimeField(allow_null=True)
    stale_since = s.DateTimeField(allow_null=True, help_text="since when it may be out of date; null while current")
    stale_reason = s.CharField(allow_null=True, help_text="why it may be out of date; null while current")
    drifted = s.BooleanField(help_text="somebody else changed an object after our last apply")
    rev = s.IntegerField()


class NodeDriftSerializer(Shape):
    count = s.IntegerField(help_text="fields that others changed")
    contested = s.BooleanField(help_text="two managers overwrite each other")
    missing = s.IntegerField(help_text="objects that somebody deleted")
    at = s.DateTimeField(allow_null=True)


class PlanDecisionSerializer(Shape):
    id = s.CharField()
    hash = s.CharField()
    state = s.ChoiceField(choices=["none", "approved", "refused", "withdrawn"])
    by = NamedSerializer(allow_null=True)
    at = s.DateTimeField(allow_null=True)
    reason = s.CharField(allow_blank=True)


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="EnvironmentStatusValue",
        serializers=[
            NodeStatusSerializer,
            RunSerializer,
            NodeDriftSerializer,
            TriggerSerializer,
            PlanDecisionSerializer,
        ],
        resource_type_field_name=None,
    )
)
class _ValueField(s.Field[Any, Any, Any, Any]):
    pass


class EnvironmentStatusSerializer(Shape):
    topic = s.CharField()
    type = s.ChoiceField(choices=["snapshot"])
    data = s.DictField(  # type: ignore[assignment]
        child=_ValueField(),
        help_text="latest value by key: `node:<node id>` → NodeStatus, `run` → Run, `drift:<node id>` → "
        "NodeDrift, `trigger:<id>` → Trigger, `plan:<id>` → PlanDecision",
    )
