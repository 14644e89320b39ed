"""Shapes of what is used."""

from __future__ import annotations

from rest_framework import serializers as s

from kubeorch.web.requests import Input, Text
from kubeorch.web.schema import Shape


class ResourceUseSerializer(Shape):
    name = s.ChoiceField(choices=["cpu", "memory"], help_text="in cores and bytes")
    used = s.FloatField(allow_null=True)
    requested = s.FloatField(allow_null=True)
    limit = s.FloatField(allow_null=True)
    allocatable = s.FloatField(allow_null=True, help_text="of a node")


class UsagePartSerializer(Shape):
    name = s.CharField()
    resources = ResourceUseSerializer(many=True)


class UsagePointSerializer(Shape):
    at = s.DateTimeField()
    cpu = s.FloatField()
    memory = s.FloatField()
    objects = s.IntegerField(allow_null=True, help_text="of how many of its pods of now that is; null: nobody says")


class UsageSerializer(Shape):
    at = s.DateTimeField(help_text="when it was measured")
    source = s.CharField(allow_null=True, help_text="metrics.k8s.io, kubelet or prometheus; null: nothing")  # type: ignore[assignment]
    why = s.CharField(allow_null=True, help_text="why nothing measures, and the cure")
    resources = ResourceUseSerializer(many=True)
    parts = UsagePartSerializer(many=True, help_text="the pods of a workload, the containers of a pod")
    measured_parts = s.IntegerField(help_text="parts of which all is known; what others use is not in the sum")
    all_parts = s.IntegerField()
    history = UsagePointSerializer(many=True, help_text="of kubeorch: gaps where nobody looked")
    history_source = s.ChoiceField(choices=["kubeorch", "prometheus"])
    history_why = s.CharField(allow_null=True, help_text="why Prometheus, which is named here, does not tell it")
    step_s = s.IntegerField()


class NodeUseSerializer(Shape):
    name = s.CharField()
    cpu = s.FloatField(help_text="in cores")
    memory = s.FloatField(help_text="in bytes")


class NodesUsageSerializer(Shape):
    at = s.DateTimeField(help_text="when it was measured")
    source = s.CharField(allow_null=True, help_text="metrics.k8s.io, kubelet or prometheus; null: nothing")  # type: ignore[assignment]
    why = s.CharField(allow_null=True, help_text="why nothing measures, and the cure")
    results = NodeUseSerializer(many=True, help_text="without nodes of which nobody tells anything")


class PrometheusInput(Input):
    prometheus = Text(
        max_length=500,
        allow_blank=True,
        help_text="https://prometheus.example.com, or namespace/service:port; empty for none",
    )
    labels = Text(
        required=False,
        max_length=500,
        allow_blank=True,
        default="",
        help_text="cluster=east, where the server has figures of several clusters; commas between several labels",
    )
