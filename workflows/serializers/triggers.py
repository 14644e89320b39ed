"""Shapes of triggers."""

from __future__ import annotations

from typing import get_args

from rest_framework import serializers as s

from kubeorch.base.schedule import TEXT_MAX
from kubeorch.web.requests import Input, Text
from kubeorch.web.schema import Shape
from workflows.serializers.shapes import NamedSerializer, PinnedImageSerializer
from workflows.triggers.store import Deploys, Outcome, TriggerType
from workflows.triggers.watching import IMAGES_MAX

TIME_ZONE_MAX = 64
NAME_MAX = 60


DEPLOYS = (
    "deployed: the newest version that a person has deployed here; saved: the graph as it is saved when it fires. "
    "Default: saved for a webhook, else deployed"
)
IMAGE_MAX = 1000
IMAGES = (
    "of the type image: what to watch, as containers name it in the drawing. The first look notes the digest; from "
    "then on runs take the digest that was seen last, and another one starts a run"
)
MAY_DELETE = "its runs may delete objects within the environment's budget; else a run that deletes any is held"


def cron_field(**more: object) -> s.CharField:
    return s.CharField(
        max_length=TEXT_MAX,
        help_text="minute, hour, day of the month, month, day of the week, as in 30 2 * * 1-5; or @daily",
        **more,  # type: ignore[arg-type]
    )


class MakeTriggerSerializer(Input):
    type = s.ChoiceField(
        choices=get_args(TriggerType),
        help_text="build: when an image that it would take has been built anew; image: when a tag that it watches "
        "names another image",
    )
    name = Text(max_length=NAME_MAX, required=False, default="", allow_blank=True, help_text="as people call it")
    cron = cron_field(required=False, default="", allow_blank=True)
    time_zone = s.CharField(
        max_length=TIME_ZONE_MAX, required=False, default="", allow_blank=True, help_text="of a schedule; default UTC"
    )
    signed = s.BooleanField(default=False, help_text="a webhook's calls carry an HMAC-SHA256 of their body")
    images = s.ListField(child=Text(max_length=IMAGE_MAX), max_length=IMAGES_MAX, default=list, help_text=IMAGES)
    deploys = s.ChoiceField(choices=get_args(Deploys), required=False, help_text=DEPLOYS)
    may_delete = s.BooleanField(default=False, help_text=MAY_DELETE)
    enabled = s.BooleanField(default=True)


class ChangeTriggerSerializer(Input):
    name = Text(max_length=NAME_MAX, required=False, allow_blank=True)
    cron = cron_field(required=False)
    time_zone = s.CharField(max_length=TIME_ZONE_MAX, required=False)
    images = s.ListField(child=Text(max_length=IMAGE_MAX), max_length=IMAGES_MAX, required=False, help_text=IMAGES)
    deploys = s.ChoiceField(choices=get_args(Deploys), required=False, help_text=DEPLOYS)
    may_delete = s.BooleanField(required=False, help_text=MAY_DELETE)
    enabled = s.BooleanField(required=False)


class TriggerRunSerializer(Shape):
    id = s.CharField()
    number = s.IntegerField()


class TriggerLastSerializer(Shape):
    at = s.DateTimeField()
    outcome = s.ChoiceField(
        choices=get_args(Outcome),
        help_text="held: a person has to look first; failed: it could not be planned; unneeded: there was nothing new",
    )
    run = TriggerRunSerializer(allow_null=True)
    plan = s.CharField(allow_null=True, help_text="id of what it planned")
    reason = s.CharField(allow_blank=True)


class TriggerWaitingSerializer(Shape):
    at = s.DateTimeField(help_text="when it was called, or its time came")
    reason = s.CharField(allow_blank=True, help_text="what it waits for; empty while it is only queued")


class WatchedImageSerializer(Shape):
    image = s.CharField()
    digest = s.CharField(allow_blank=True, help_text="that its tag named last; empty before the first look")
    looked_at = s.DateTimeField(allow_null=True, help_text="when the registry answered last")
    changed_at = s.DateTimeField(allow_null=True, help_text="when the tag was seen to name another digest")
    next_at = s.DateTimeField(help_text="when the registry is asked next")
    error = s.CharField(allow_blank=True, help_text="why the last look failed")


class TriggerSerializer(Shape):
    id = s.CharField()
    environment_id = s.CharField()
    type = s.ChoiceField(choices=get_args(TriggerType))
    name = s.CharField(allow_blank=True)
    enabled = s.BooleanField()
    cron = s.CharField(allow_blank=True)
    time_zone = s.CharField()
    next_at = s.DateTimeField(allow_null=True)
    signed = s.BooleanField()
    images = WatchedImageSerializer(many=True, help_text="that it watches")
    deploys = s.ChoiceField(choices=get_args(Deploys), help_text=DEPLOYS)
    may_delete = s.BooleanField(help_text=MAY_DELETE)
    made_by = NamedSerializer(help_text="whose rights count when it fires")
    created_at = s.DateTimeField()
    waiting = TriggerWaitingSerializer(allow_null=True, help_text="a call of which nothing has come yet")
    last = TriggerLastSerializer(allow_null=True, help_text="what came of the last time it fired")


class MadeTriggerSerializer(TriggerSerializer):
    path = s.CharField(allow_blank=True, help_text="where a webhook is called by POST; shown once")
    signing_key = s.CharField(allow_blank=True, help_text="for the signatures of its calls; shown once")


class TriggersSerializer(Shape):
    results = TriggerSerializer(many=True)


class WatchableImagesSerializer(Shape):
    images = s.ListField(child=s.CharField(), help_text="of the saved graph, in order, the first 500")
    total = s.IntegerField(help_text="how many there are")
    deployed = s.ListField(
        child=s.CharField(),
        help_text="of the newest version that a person has deployed, the first 500; as `images` while nobody has",
    )
    deployed_total = s.IntegerField()
    running = PinnedImageSerializer(many=True, help_text="digests that the deployed run took of images")


class CalledSerializer(Shape):
    accepted = s.BooleanField(help_text="false: a call with this key was accepted before")
