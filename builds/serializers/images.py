"""Shapes of images: what registries say of them, and what may keep nodes from them."""

from __future__ import annotations

from typing import get_args

from rest_framework import serializers as s

from builds.running.pulling import Code
from kubeorch.web.schema import Shape


class RegistryNamesSerializer(Shape):
    results = s.ListField(child=s.CharField())
    next = s.CharField(allow_null=True, help_text="cursor of the next page")
    is_whole = s.BooleanField(help_text="false: the registry has more than are read")


class ImageBuildSerializer(Shape):
    platform = s.CharField(allow_blank=True)
    digest = s.CharField()
    size_bytes = s.IntegerField(allow_null=True)
    created_at = s.DateTimeField(allow_null=True)


class ImageRegistrySerializer(Shape):
    id = s.CharField()
    name = s.CharField()


class ImageFitSerializer(Shape):
    ok = s.BooleanField(allow_null=True, help_text="null: it cannot be told")
    detail = s.CharField()
    partly = s.BooleanField(help_text="some nodes can run it, and others cannot")


class ImageSerializer(Shape):
    image = s.CharField()
    pinned = s.CharField(help_text="the same, by digest")
    digest = s.CharField()
    created_at = s.DateTimeField(allow_null=True)
    builds = ImageBuildSerializer(many=True, help_text="one for each platform")
    registry = ImageRegistrySerializer(allow_null=True, help_text="whose credentials were used")
    fit = ImageFitSerializer(allow_null=True, help_text="null unless a cluster was named")


class ImageChoiceSerializer(Shape):
    tag = s.CharField()
    digest = s.CharField(allow_blank=True, help_text="empty where the registry did not say it in time")
    size_bytes = s.IntegerField(allow_null=True, help_text="for one platform, the cluster's where there is one")
    created_at = s.DateTimeField(allow_null=True)
    platforms = s.ListField(child=s.CharField())
    fit = ImageFitSerializer(allow_null=True, help_text="null unless a cluster was named")
    error = s.CharField(allow_blank=True)


class ImageChoicesSerializer(Shape):
    results = ImageChoiceSerializer(many=True)
    next = s.CharField(allow_null=True, help_text="cursor of the next page")
    is_whole = s.BooleanField(help_text="false: the registry has more than are read")


class PullWarningSerializer(Shape):
    image = s.CharField()
    node_ids = s.ListField(child=s.CharField(), help_text="whose pods have it")
    code = s.ChoiceField(choices=get_args(Code))
    detail = s.CharField()


class PlanPullsSerializer(Shape):
    warnings = PullWarningSerializer(many=True)
    images = s.IntegerField(help_text="that the plan has")
    unknown = s.IntegerField(help_text="images of which no registry said anything in time")
