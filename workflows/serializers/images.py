"""Shapes of images of sources."""

from __future__ import annotations

from rest_framework import serializers as s

from kubeorch.web.schema import Shape
from workflows.serializers.shapes import TakenImageSerializer


class NoImageSerializer(Shape):
    code = s.CharField()
    detail = s.CharField(help_text="why there is none, and what to do")


class LastBuildSerializer(Shape):
    build_id = s.CharField()
    number = s.IntegerField()
    state = s.CharField()
    commit = s.CharField(allow_blank=True)
    at = s.DateTimeField(help_text="when it ended, or else began")


class SourceImageSerializer(Shape):
    node_id = s.CharField()
    source = s.CharField(help_text="name of the source in the team")  # type: ignore[assignment]
    pin = s.CharField(allow_blank=True)
    image = TakenImageSerializer(allow_null=True)
    deployed = TakenImageSerializer(
        allow_null=True, help_text="what the environment's deployed run took of that source; null without one"
    )
    problem = NoImageSerializer(allow_null=True, help_text="null where there is an image")
    last_build = LastBuildSerializer(allow_null=True, help_text="of the source, however it does")


class SourceImagesSerializer(Shape):
    nodes = SourceImageSerializer(many=True)
    sources = s.ListField(child=s.CharField(), help_text="names of the team's sources, the first 100")
