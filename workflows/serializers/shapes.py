"""Parts that the shapes of several subjects share.

Serializers of request bodies (`Input`) parse. Those of answers (`Shape`) are never run: `representations.py` writes the
answers, the page's types are generated from the shapes, and a test holds both to the same fields.
"""

from __future__ import annotations

from rest_framework import serializers as s

from clusters.domain.health import State
from clusters.domain.ownership.added import NAMED_MOST
from kubeorch.web.requests import Input, Text
from kubeorch.web.schema import Shape
from workflows.runs.states import RunState

RUN_STATES = [state.value for state in RunState]
HEALTH = [state.value for state in State]


class NamedSerializer(Shape):
    id = s.CharField()
    name = s.CharField()


class RefSerializer(Shape):
    api_version = s.CharField()
    kind = s.CharField()
    namespace = s.CharField(allow_null=True)
    name = s.CharField()


class RefInput(Input):
    """Which object, in a request."""

    api_version = Text(max_length=317)
    kind = Text(max_length=63)
    namespace = Text(max_length=253, allow_null=True, allow_blank=True, default="")
    name = Text(max_length=253)


class TakenImageSerializer(Shape):
    """The image of a build that containers run."""

    node_id = s.CharField(help_text="the node that gives the image")
    source = s.CharField(help_text="name of the source in the team")  # type: ignore[assignment]
    image = s.CharField(help_text="what the containers run: repository@digest")
    digest = s.CharField()
    tag = s.CharField(allow_blank=True, help_text="repository:tag, as people call it")
    build_id = s.CharField()
    number = s.IntegerField(help_text="of the build, counted by source")
    commit = s.CharField(allow_blank=True)


class PinnedImageSerializer(Shape):
    """An image that a trigger watches: containers run its digest."""

    image = s.CharField(help_text="as it is drawn")
    digest = s.CharField(help_text="that its tag named when the registry was asked last")


class RunRefSerializer(Shape):
    id = s.CharField()
    number = s.IntegerField()
    state = s.ChoiceField(choices=RUN_STATES)


class AddedFieldSerializer(Shape):
    path = s.CharField(help_text="of a field, or of an item of a list")
    manager = s.CharField()
    name = s.CharField(help_text="the manager as people call it, such as kubectl edit")


class AddedSerializer(Shape):
    count = s.IntegerField()
    fields = AddedFieldSerializer(many=True, help_text=f"{NAMED_MOST} at most; `count` counts all")  # type: ignore[assignment]
