"""Shapes of managing clusters: shares, history, log."""

from __future__ import annotations

from rest_framework import serializers

from kubeorch.web.requests import Input, Text
from kubeorch.web.schema import Shape

SHARE_ROLES = ["viewer", "editor", "operator"]
LOG_ACTIONS = ["connected", "edited", "credentials", "tested", "answers", "fails", "shared", "unshared"]


class ShareInput(Input):
    team = Text(max_length=120, default="", allow_blank=True, help_text="name or id of a team")
    person = Text(max_length=254, default="", allow_blank=True, help_text="e-mail address of a person")
    role = serializers.ChoiceField(choices=SHARE_ROLES)
    namespaces = serializers.ListField(
        child=Text(max_length=63),
        allow_null=True,
        default=None,
        max_length=50,
        help_text="null: those of the team's own environments",
    )


class ChangeShareInput(Input):
    role = serializers.ChoiceField(choices=SHARE_ROLES)
    namespaces = serializers.ListField(
        child=Text(max_length=63),
        allow_null=True,
        max_length=50,
        help_text="null: those of the team's own environments",
    )


class ShareSerializer(Shape):
    id = serializers.CharField()
    team = serializers.CharField(allow_null=True, help_text="id of the team")
    person = serializers.CharField(allow_null=True, help_text="id of the person")
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=SHARE_ROLES)
    namespaces = serializers.ListField(child=serializers.CharField(), allow_null=True)
    enforced = serializers.BooleanField(help_text="the API server itself holds it, beside KubeOrch")
    why_not = serializers.CharField(allow_blank=True)
    stays = serializers.ListField(
        child=serializers.CharField(),
        help_text="namespaces of the team's environments: what is in them stays when it ends",
    )
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()


class SharesSerializer(Shape):
    results = ShareSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class ShareEndedSerializer(Shape):
    name = serializers.CharField()
    namespaces = serializers.ListField(
        child=serializers.CharField(), help_text="of the team's environments: what is in them stays"
    )
    bindings_left = serializers.ListField(
        child=serializers.CharField(),
        help_text="namespaces where the API server may still have the binding, since it did not answer",
    )
    binding = serializers.CharField(help_text="the name of those RoleBindings")


class SlotSerializer(Shape):
    at = serializers.DateTimeField()
    ok = serializers.IntegerField()
    failed = serializers.IntegerField()
    latency_ms = serializers.IntegerField(allow_null=True, help_text="on average")
    error = serializers.CharField(allow_null=True)


class HistorySerializer(Shape):
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    slot_s = serializers.IntegerField()
    slots = SlotSerializer(many=True)


class ClusterLogEntrySerializer(Shape):
    id = serializers.CharField()
    at = serializers.DateTimeField()
    action = serializers.ChoiceField(choices=LOG_ACTIONS)
    by = serializers.CharField(allow_blank=True)
    ok = serializers.BooleanField()
    detail = serializers.CharField(allow_blank=True)
