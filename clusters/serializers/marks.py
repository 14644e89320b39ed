"""Shapes of what a person notes of a cluster for themselves."""

from __future__ import annotations

from rest_framework import serializers

from kubeorch.web.requests import Input, Text
from kubeorch.web.schema import Shape

NAMESPACES_MOST = 100
"""As many as a list may name."""
NOTE_MOST = 2_000
LABELS_MOST = 10
LABEL_MOST = 40


class NamespaceSetInput(Input):
    name = Text(max_length=60, help_text="of the set; one of that name is replaced")
    namespaces = serializers.ListField(child=Text(max_length=63), min_length=1, max_length=NAMESPACES_MOST)


class NamespaceSetSerializer(Shape):
    id = serializers.CharField()
    name = serializers.CharField()
    namespaces = serializers.ListField(child=serializers.CharField())
    updated_at = serializers.DateTimeField()


class NamespaceSetsSerializer(Shape):
    results = NamespaceSetSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class MarkInput(Input):
    favourite = serializers.BooleanField(default=False)
    note = Text(max_length=NOTE_MOST, allow_blank=True, default="")
    labels = serializers.ListField(child=Text(max_length=LABEL_MOST), max_length=LABELS_MOST, default=list)


class MarkSerializer(Shape):
    kind = serializers.CharField(help_text="Deployment.apps")
    namespace = serializers.CharField(allow_blank=True)
    name = serializers.CharField()
    favourite = serializers.BooleanField()
    note = serializers.CharField(allow_blank=True)
    labels = serializers.ListField(child=serializers.CharField(), help_text="of your own, not those of the object")
    updated_at = serializers.DateTimeField(allow_null=True, help_text="null: nothing is noted")
