"""Shapes of notices of deprecated APIs."""

from __future__ import annotations

from rest_framework import serializers

from kubeorch.web.schema import Shape


class DeprecationSerializer(Shape):
    api_version = serializers.CharField(help_text="policy/v1beta1")
    resource = serializers.CharField(help_text="the plural, with its subresource")
    removed_in = serializers.CharField(allow_blank=True, help_text="1.25; empty where no version leaves it out yet")
    gone_next = serializers.BooleanField(help_text="the next minor version does not serve it any more")
    said = serializers.CharField(allow_blank=True, help_text="the API server's own words, with the cure")
    requested = serializers.BooleanField(help_text="somebody has asked for it since the API server was started")
    drawn = serializers.BooleanField(help_text="environments of your teams have objects of it here")


class DeprecationsSerializer(Shape):
    results = DeprecationSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    version = serializers.CharField(allow_blank=True)
    next_version = serializers.CharField(allow_blank=True)
    why_not_metrics = serializers.CharField(
        allow_blank=True, help_text="why the API server's metrics tell nothing of other clients; empty where they do"
    )
    asked = serializers.IntegerField(help_text="kinds of your teams' objects that the API server was asked about")
    kinds = serializers.IntegerField(help_text="how many there are")
