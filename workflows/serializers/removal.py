"""Shapes of what is asked and answered when a workflow or an environment is removed."""

from __future__ import annotations

from rest_framework import serializers as s

from kubeorch.web.requests import Input
from kubeorch.web.schema import ProblemDocumentSerializer, Shape
from workflows.serializers.runs import KeptSerializer
from workflows.serializers.shapes import RUN_STATES, NamedSerializer, RefSerializer


class RemovalOptionsSerializer(Input):
    """What becomes of the objects that it owns in clusters."""

    objects = s.ChoiceField(choices=["keep", "destroy"], required=False)
    volumes = s.ChoiceField(choices=["keep", "delete"], required=False, default="keep")


class OwnedObjectSerializer(Shape):
    environment = NamedSerializer()
    node_id = s.CharField(allow_null=True)
    ref = RefSerializer()
    holds_data = s.BooleanField(help_text="deleting it loses data, its own or that of what goes with it")
    is_kept_on_destroy = s.BooleanField(help_text="destroying keeps it, unless volumes=delete")
    is_given_back = s.BooleanField(help_text="it was taken over: destroying leaves it as it is, whatever volumes says")
    reason = s.CharField(allow_blank=True, help_text="why destroying keeps it: the end of a sentence")


class OwnsObjectsSerializer(ProblemDocumentSerializer):
    owned = OwnedObjectSerializer(many=True)


class DestroyRunSerializer(Shape):
    id = s.CharField()
    number = s.IntegerField()
    environment_id = s.CharField()
    state = s.ChoiceField(choices=RUN_STATES)
    kept = KeptSerializer(many=True, help_text="what stays in the cluster; 50 at most")


class DestroyAnswerSerializer(Shape):
    """The runs that delete what it owns; the last of them removes it from the database."""

    runs = DestroyRunSerializer(many=True)
