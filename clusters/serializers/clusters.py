"""Shapes of clusters: bodies that come in, and answers."""

from __future__ import annotations

from rest_framework import serializers

from clusters.domain.kubeconfig import MAX_BYTES
from kubeorch.web.requests import Id, Input
from kubeorch.web.schema import Shape

STATES = ["pending", "connecting", "ready", "failed"]


class KubeconfigInput(Input):
    kubeconfig = serializers.CharField(max_length=MAX_BYTES, trim_whitespace=False, help_text="the text, not a path")
    context = serializers.CharField(  # type: ignore[assignment]
        max_length=253, allow_blank=True, default="", help_text="which context of several"
    )
    insecure = serializers.BooleanField(
        default=False, help_text="accept a kubeconfig with insecure-skip-tls-verify: the server could be anybody"
    )


class NewClusterSerializer(KubeconfigInput):
    name = serializers.CharField(max_length=63, help_text="lower-case letters, digits and dashes")
    team = Id(allow_blank=True, default="", help_text="team id; needed by members of several teams")


class ChangeClusterSerializer(KubeconfigInput):
    name = serializers.CharField(max_length=63, help_text="lower-case letters, digits and dashes")
    shared = serializers.BooleanField(help_text="every team may use it; set by administrators of the instance")


class ProgressSerializer(Shape):
    phase = serializers.ChoiceField(choices=["finding", "downloading", "building", "starting", "ready", "failed"])
    step = serializers.IntegerField()
    steps = serializers.IntegerField()
    message = serializers.CharField(allow_blank=True)
    detail = serializers.CharField(allow_blank=True)


class ClusterErrorSerializer(Shape):
    code = serializers.CharField()
    detail = serializers.CharField()


class ClusterTeamSerializer(Shape):
    id = serializers.CharField()
    name = serializers.CharField(allow_blank=True)


class ClusterSerializer(Shape):
    id = serializers.CharField()
    name = serializers.CharField()
    server = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=STATES)
    progress = ProgressSerializer(allow_null=True)
    error = ClusterErrorSerializer(allow_null=True)
    version = serializers.CharField(allow_null=True)
    is_sandbox = serializers.BooleanField()
    shared = serializers.BooleanField()
    team = ClusterTeamSerializer(allow_null=True)
    last_checked_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    rev = serializers.IntegerField()


class NamespacesSerializer(Shape):
    results = serializers.ListField(child=serializers.CharField())
    next = serializers.CharField(allow_null=True)


class KubeconfigSerializer(Shape):
    kubeconfig = serializers.CharField()
