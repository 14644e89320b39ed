"""Shapes of clusters: bodies that come in, and answers."""

from __future__ import annotations

from rest_framework import serializers

from clusters.serializers.connecting import GivenInput
from kubeorch.web.requests import Id, Text
from kubeorch.web.schema import Shape

AUTHS = ["token", "certificate", "service_account", "oidc", "in_cluster"]
STATES = ["pending", "connecting", "ready", "failed"]


class NewClusterSerializer(GivenInput):
    name = serializers.CharField(max_length=63, help_text="lower-case letters, digits and dashes")
    team = Id(allow_blank=True, default="", help_text="team id; needed by members of several teams")


class ChangeClusterSerializer(GivenInput):
    name = serializers.CharField(max_length=63, help_text="lower-case letters, digits and dashes")
    shared = serializers.BooleanField(help_text="every team may use it; set by administrators of the instance")
    server = Text(max_length=500, help_text="another address; alone, it forgets the credentials")
    labels = serializers.DictField(child=Text(max_length=63, allow_blank=True), help_text="all of them, 32 at most")
    is_default = serializers.BooleanField(help_text="the one that pages of its team propose first")


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


class SizeSerializer(Shape):
    nodes = serializers.IntegerField()
    ready = serializers.IntegerField()
    cpu_millicores = serializers.IntegerField()
    memory_bytes = serializers.IntegerField()
    pods = serializers.IntegerField()


class ExpirySerializer(Shape):
    what = serializers.ChoiceField(choices=["server_certificate", "client_certificate", "token"])
    at = serializers.DateTimeField()


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
    auth = serializers.ChoiceField(choices=AUTHS, allow_null=True)
    labels = serializers.DictField(child=serializers.CharField())
    is_default = serializers.BooleanField()
    shared_with = serializers.ListField(
        child=serializers.CharField(), help_text="ids of teams and people with whom it is shared beside"
    )
    impersonates = serializers.BooleanField(help_text="the API server itself can hold others to their shares")
    size = SizeSerializer(allow_null=True, help_text="null where the credentials may not see nodes")
    prometheus = serializers.CharField(allow_blank=True, help_text="where its Prometheus server is; empty without one")
    prometheus_labels = serializers.CharField(allow_blank=True, help_text="by which that server knows this cluster")
    expires = ExpirySerializer(many=True)
    latency_ms = serializers.IntegerField(allow_null=True)
    last_seen_at = serializers.DateTimeField(allow_null=True, help_text="when it last answered")
    last_checked_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    rev = serializers.IntegerField()


class NamespacesSerializer(Shape):
    results = serializers.ListField(child=serializers.CharField())
    next = serializers.CharField(allow_null=True)


class KubeconfigSerializer(Shape):
    kubeconfig = serializers.CharField()
