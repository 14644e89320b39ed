"""Shapes of drift: what others changed of what was applied."""

from __future__ import annotations

from typing import get_args

from rest_framework import serializers as s

from clusters.domain.ownership.drift import DRIFT_MOST
from clusters.domain.ownership.known import Sort
from clusters.domain.ownership.paths import TEXT_MOST
from kubeorch.web.requests import Input, Text
from kubeorch.web.schema import Shape
from workflows.drift.deciding import REFS_MOST, Choice
from workflows.drift.looking import OBJECTS_MOST, State
from workflows.serializers.plans import YieldedFieldSerializer
from workflows.serializers.runs import RunSerializer
from workflows.serializers.shapes import AddedSerializer, NamedSerializer, RefInput, RefSerializer


class KnownManagerSerializer(Shape):
    sort = s.ChoiceField(choices=[sort.value for sort in Sort])
    name = s.CharField(help_text="the manager as people call it, such as kubectl edit")


class DriftedFieldSerializer(Shape):
    path = s.CharField(help_text="such as spec.template.spec.containers[name=web].image")
    applied = s.JSONField(allow_null=True, help_text="what was applied")
    live = s.JSONField(allow_null=True, help_text="what the cluster has; null where it was taken away")
    manager = s.CharField(help_text="who owns it now, as managedFields says; empty where nobody does")
    operation = s.CharField(help_text="Apply or Update; empty where nobody owns it")
    at = s.CharField(allow_null=True, help_text="when that was, as far as it was seen (RFC 3339)")
    known = KnownManagerSerializer(allow_null=True, help_text="null where nobody owns it")


class ContestSerializer(Shape):
    path = s.CharField()
    managers = s.ListField(child=s.CharField(), help_text="two that overwrite each other; the second has the field")
    flips = s.IntegerField(help_text="how often the field changed hands between them")
    since = s.CharField(help_text="when the first of these flips happened")


class HealingSerializer(Shape):
    state = s.ChoiceField(choices=["waits", "stopped"])
    reason = s.CharField()
    at = s.DateTimeField(help_text="when it is put back, or when it was given up")


class DriftedObjectSerializer(Shape):
    ref = RefSerializer()
    node_id = s.CharField()
    state = s.ChoiceField(choices=get_args(State), help_text="stored rows are drifted, missing or unknown")
    reason = s.CharField(allow_blank=True, help_text="why it is unknown; empty otherwise")
    since = s.DateTimeField(allow_null=True, help_text="when a difference was first seen; null when asked fresh")
    as_of = s.DateTimeField(allow_null=True, help_text="since when this may be out of date; null while it is current")
    contested = ContestSerializer(allow_null=True)
    healing = HealingSerializer(
        allow_null=True,
        help_text="why it is not put back by itself; null where nobody asks for that, or it is about to be",
    )
    fields = DriftedFieldSerializer(many=True)  # type: ignore[assignment]  # serializers collect their fields by name
    added = AddedSerializer(help_text="what others added to it, which does not count as drift")


class DriftAnswerSerializer(Shape):
    version = s.IntegerField(allow_null=True, help_text="what was applied last; null where nothing is")
    results = DriftedObjectSerializer(many=True)
    left_out = s.IntegerField(help_text=f"objects that were not looked at, since a fresh look takes {OBJECTS_MOST}")
    next = s.CharField(allow_null=True, help_text="cursor of the next page")


class DriftInboxRowSerializer(DriftedObjectSerializer):
    environment = NamedSerializer()
    workflow = NamedSerializer()
    team_id = s.CharField()


class DriftHistorySerializer(Shape):
    ref = RefSerializer()
    node_id = s.CharField()
    path = s.CharField()
    manager = s.CharField(help_text="who got the field; empty for somebody who took it away")
    name = s.CharField(help_text="the manager as people call it; empty where nobody owns the field")
    at = s.CharField(allow_null=True, help_text="when, as the API server says (RFC 3339)")
    seen_at = s.DateTimeField()


class AppliedBySerializer(Shape):
    id = s.CharField()
    number = s.IntegerField()
    version = s.IntegerField()
    by = NamedSerializer()


class BuiltOfSerializer(Shape):
    source = s.CharField(help_text="its name")  # type: ignore[assignment]  # serializers collect their fields by name
    number = s.IntegerField(help_text="of the build")
    commit = s.CharField()


class OwnedFieldSerializer(Shape):
    ref = RefSerializer()
    node_id = s.CharField()
    path = s.CharField()
    manager = s.CharField()
    operation = s.CharField(help_text="Apply or Update")
    subresource = s.CharField(help_text="through which it wrote, such as scale; empty for the object itself")
    at = s.CharField(allow_null=True, help_text="when that manager wrote last, as the API server says (RFC 3339)")
    known = KnownManagerSerializer()
    run = AppliedBySerializer(allow_null=True, help_text="that applied it last, of a field of ours")
    built = BuiltOfSerializer(allow_null=True, help_text="the build whose image that run has set in the field")


class LeftFieldSerializer(YieldedFieldSerializer):
    id = s.CharField(help_text="to take it back")
    ref = RefSerializer()
    node_id = s.CharField()


class OwnersSerializer(Shape):
    results = OwnedFieldSerializer(many=True)
    yielded = LeftFieldSerializer(many=True, help_text="fields of the workflow that are left to others")
    left_out = s.IntegerField(help_text="objects that were not looked at, or could not be")
    complete = s.BooleanField(help_text="false when an object has more fields than are listed")


class RevertSerializer(Input):
    refs = s.ListField(child=RefInput(), min_length=1, max_length=REFS_MOST)


class AdoptSerializer(Input):
    ref = RefInput()
    paths = s.ListField(
        child=Text(max_length=TEXT_MOST),
        min_length=1,
        max_length=DRIFT_MOST,
        required=False,
        help_text="of fields that have drifted; all of the object without it",
    )


class SettleSerializer(Input):
    ref = RefInput()
    path = Text(max_length=TEXT_MOST)
    choice = s.ChoiceField(choices=get_args(Choice))


class AdoptedFieldSerializer(Shape):
    path = s.CharField()
    parameter = s.CharField(allow_null=True, help_text="that has the value now; null where it is part of the patch")


class AdoptedSerializer(Shape):
    rev = s.IntegerField(help_text="of the saved graph after it")
    changes = AdoptedFieldSerializer(many=True)


class YieldSerializer(Shape):
    id = s.CharField()
    ref = RefSerializer()
    node_id = s.CharField()
    path = s.CharField()
    at = s.DateTimeField()
    by = NamedSerializer()


class SettledSerializer(Shape):
    run = RunSerializer(allow_null=True, help_text="that takes the field; null for other choices")
    workflow = AdoptedSerializer(allow_null=True, help_text="how the shared value was taken in; null for other choices")

    def get_fields(self) -> dict[str, s.Field]:
        left = YieldSerializer(allow_null=True, help_text="the field that is left to others; null for other choices")
        return {**super().get_fields(), "yield": left}


class YieldsSerializer(Shape):
    results = YieldSerializer(many=True)
