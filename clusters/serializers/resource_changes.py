"""Shapes of changes to objects in a cluster: what comes in, and what is answered."""

from __future__ import annotations

import re
from typing import Any

from rest_framework import serializers

from clusters.serializers.resources import BelongingSerializer
from kubeorch.web.requests import Input, Text, WholeNumber
from kubeorch.web.schema import Shape

YAML_MOST = 3_000_000
_UID = re.compile(r"[A-Za-z0-9-]{1,253}")
REPLICAS_MOST = 2**31 - 1
DECISIONS_MOST = 500


class DecisionInput(Input):
    path = Text(max_length=8192, help_text="of a clash")
    keep = serializers.ChoiceField(choices=["mine", "theirs"])


class EditInput(Input):
    yaml = Text(max_length=YAML_MOST, trim_whitespace=False, help_text="the object as it should be")
    base = Text(max_length=YAML_MOST, trim_whitespace=False, help_text="the YAML that was edited, as it was answered")
    decisions = serializers.ListField(child=DecisionInput(), required=False, max_length=DECISIONS_MOST)
    dry_run = serializers.BooleanField(default=False, help_text="only report what it would change")


class Uid(Text):
    """What Kubernetes calls an object, as metadata.uid has it."""

    def to_internal_value(self, data: Any) -> str:
        found = super().to_internal_value(data)
        if not _UID.fullmatch(found):
            raise serializers.ValidationError("send the object's metadata.uid, as it was answered", code="uid")
        return found


class ActionInput(Input):
    uid = Uid(max_length=253, help_text="of the object that was seen")
    replicas = WholeNumber(min_value=0, max_value=REPLICAS_MOST, required=False, help_text="of `scale`")
    propagation = serializers.ChoiceField(
        choices=["Background", "Foreground", "Orphan"],
        required=False,
        help_text="of `delete`: what becomes of what the object owns",
    )


class ResourceYamlSerializer(Shape):
    yaml = serializers.CharField()
    managed_fields = serializers.CharField(allow_blank=True, help_text="as YAML, apart from the object")
    resource_version = serializers.CharField()


class EditClashSerializer(Shape):
    path = serializers.CharField()
    base = serializers.JSONField(allow_null=True)
    mine = serializers.JSONField(allow_null=True)
    theirs = serializers.JSONField(allow_null=True)


class EditedFieldSerializer(Shape):
    path = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)
    managers = serializers.ListField(child=serializers.CharField(), help_text="who manages it before the edit")
    applied = serializers.BooleanField(help_text="a workflow has applied it: it will have drifted")


class EditedSerializer(Shape):
    written = serializers.BooleanField()
    moved = serializers.BooleanField(help_text="somebody has changed the object since it was shown")
    clashes = EditClashSerializer(many=True)
    fields = EditedFieldSerializer(many=True)  # type: ignore[assignment]
    yaml = serializers.CharField()
    resource_version = serializers.CharField()
    belongs_to = BelongingSerializer(allow_null=True)


class PossibleActionSerializer(Shape):
    action = serializers.CharField()
    allowed = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True, help_text="why not")
    drifts = serializers.BooleanField(help_text="the next run of its workflow puts it back")


class PossibleActionsSerializer(Shape):
    results = PossibleActionSerializer(many=True)
    belongs_to = BelongingSerializer(allow_null=True)
    replicas = serializers.IntegerField(allow_null=True)


class MadeObjectSerializer(Shape):
    kind = serializers.CharField()
    namespace = serializers.CharField(allow_blank=True)
    name = serializers.CharField()


class ActedSerializer(Shape):
    made = MadeObjectSerializer(allow_null=True)
