"""Shapes of drift: what others changed of what was applied."""

from __future__ import annotations

from typing import get_args

from rest_framework import serializers as s

from kubeorch.web.schema import Shape
from workflows.drift.looking import OBJECTS_MOST, State
from workflows.serializers.shapes import RefSerializer


class DriftedFieldSerializer(Shape):
    path = s.CharField(help_text="such as spec.template.spec.containers[name=web].image")
    ours = s.JSONField(allow_null=True, help_text="what was applied")
    live = s.JSONField(allow_null=True, help_text="what the cluster has; null where it was taken away")
    manager = s.CharField(help_text="who owns it now, as managedFields says; empty where nobody does")
    by = s.CharField(help_text="the manager as people call it, such as kubectl edit; empty where nobody owns it")
    at = s.DateTimeField(allow_null=True, help_text="when that manager wrote last")


class DriftedObjectSerializer(Shape):
    ref = RefSerializer()
    node_id = s.CharField()
    state = s.ChoiceField(choices=get_args(State))
    reason = s.CharField(allow_blank=True, help_text="why it is unknown; empty otherwise")
    fields = DriftedFieldSerializer(many=True)  # type: ignore[assignment]  # serializers collect their fields by name


class DriftSerializer(Shape):
    version = s.IntegerField(allow_null=True, help_text="what was applied last; null where nothing is")
    objects = DriftedObjectSerializer(many=True)
    left_out = s.IntegerField(help_text=f"objects that were not looked at, since one question looks at {OBJECTS_MOST}")
