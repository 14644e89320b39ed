"""Shapes of who reads a key, and of restarts."""

from __future__ import annotations

from rest_framework import serializers as s

from kubeorch.web.requests import Input
from kubeorch.web.schema import Shape
from workflows.domain.forecast.readers import Arrival
from workflows.reach.restarts import WORKLOADS_MOST
from workflows.serializers.shapes import NamedSerializer, RefInput, RefSerializer

HOW = ("env", "env_from", "file", "sub_path", "image_pull")
ARRIVALS = [one.value for one in Arrival]


class ReaderSerializer(Shape):
    workflow = NamedSerializer()
    environment = s.CharField(help_text="id of the environment in which it is drawn or deployed")
    node_id = s.CharField()
    ref = RefSerializer(help_text="the workload")
    container = s.CharField(allow_blank=True)
    how = s.ChoiceField(choices=HOW)
    where = s.CharField(allow_blank=True, help_text="the variable, or the path of the file or folder in the container")
    key = s.CharField(allow_blank=True, help_text="the key that is read, empty for all")
    optional = s.BooleanField(help_text="the container starts without it, too")
    arrives = s.ChoiceField(choices=ARRIVALS, help_text="when a running container has a new value")
    reason = s.CharField()


class ReachSerializer(Shape):
    readers = ReaderSerializer(many=True)
    left_out = s.IntegerField(help_text="environments of the namespace that were not looked at")


class RestartSerializer(Input):
    refs = s.ListField(child=RefInput(), min_length=1, max_length=WORKLOADS_MOST)


class RestartedSerializer(Shape):
    ref = RefSerializer()
    restarted = s.BooleanField()
    code = s.CharField(allow_null=True, help_text="why it was not")
    detail = s.CharField(allow_null=True)


class RestartsSerializer(Shape):
    results = RestartedSerializer(many=True)
