"""Shapes of nodes and drains."""

from __future__ import annotations

from rest_framework import serializers as s

from clusters.domain.draining import Fate
from kubeorch.web.requests import Input
from kubeorch.web.schema import Shape

TIMEOUT_S = 3600


class NodeConditionSerializer(Shape):
    type = s.CharField()
    status = s.CharField()
    reason = s.CharField(allow_blank=True)
    message = s.CharField(allow_blank=True)
    since = s.DateTimeField(allow_null=True)


class TaintSerializer(Shape):
    key = s.CharField()
    value = s.CharField(allow_blank=True)
    effect = s.CharField()


class AmountsSerializer(Shape):
    name = s.CharField(help_text="cpu (in cores), memory and ephemeral-storage (in bytes), pods")
    capacity = s.FloatField(allow_null=True)
    allocatable = s.FloatField(allow_null=True)
    requested = s.FloatField(allow_null=True, help_text="by its pods; null where they are not known")
    limited = s.FloatField(allow_null=True)


class DrainedPodSerializer(Shape):
    namespace = s.CharField()
    name = s.CharField()
    state = s.ChoiceField(choices=["waiting", "blocked", "leaving", "stays"])
    why = s.CharField(allow_blank=True)


class DrainSerializer(Shape):
    state = s.ChoiceField(choices=["running", "done", "failed", "canceled"])
    canceling = s.BooleanField()
    by = s.CharField()
    total = s.IntegerField(help_text="pods that have to leave")
    gone = s.IntegerField()
    message = s.CharField(allow_blank=True)
    pods = DrainedPodSerializer(many=True, help_text="that are still there; not in lists")
    created_at = s.DateTimeField()
    ended_at = s.DateTimeField(allow_null=True)


class ClusterNodeSerializer(Shape):
    name = s.CharField()
    ready = s.BooleanField(allow_null=True, help_text="null: it has stopped reporting")
    unschedulable = s.BooleanField(help_text="it is cordoned")
    roles = s.ListField(child=s.CharField())
    version = s.CharField(allow_blank=True)
    os = s.CharField(allow_blank=True)
    architecture = s.CharField(allow_blank=True)
    address = s.CharField(allow_blank=True)
    created_at = s.DateTimeField(allow_null=True)
    conditions = NodeConditionSerializer(many=True)
    taints = TaintSerializer(many=True)
    pods = s.IntegerField(allow_null=True)
    amounts = AmountsSerializer(many=True)
    drain = DrainSerializer(allow_null=True, help_text="the last one")


class ClusterNodesSerializer(Shape):
    results = ClusterNodeSerializer(many=True)
    next = s.CharField(allow_null=True)
    pods_unread = s.CharField(allow_null=True, help_text="why pods are not counted")


class NodePodSerializer(Shape):
    namespace = s.CharField()
    name = s.CharField()
    owner = s.CharField(allow_null=True)
    on_drain = s.ChoiceField(choices=[one.value for one in Fate])


class ClusterNodeDetailSerializer(ClusterNodeSerializer):
    pods_unread = s.CharField(allow_null=True)
    running = NodePodSerializer(many=True)


class StartDrainSerializer(Input):
    delete_data = s.BooleanField(default=False, help_text="pods go whose emptyDir is lost")
    delete_unmanaged = s.BooleanField(default=False, help_text="pods go that nothing makes again")
    timeout_s = s.IntegerField(default=900, min_value=10, max_value=TIMEOUT_S)
