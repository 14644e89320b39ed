"""What is sent and answered of addresses that git hosts call."""

from __future__ import annotations

from typing import get_args

from rest_framework import serializers as s

from builds.pushes.store import Outcome
from builds.serializers.builds import BuildPushSerializer
from kubeorch.web.requests import Input
from kubeorch.web.schema import Shape

OUTCOMES = get_args(Outcome)


class NewPushAddressSerializer(Input):
    signed = s.BooleanField(
        default=True, help_text="calls carry a signature made with a secret, or in GitLab the secret itself"
    )


class SwitchPushAddressSerializer(Input):
    enabled = s.BooleanField()


class PushMakerSerializer(Shape):
    id = s.CharField()
    name = s.CharField()


class PushAddressSerializer(Shape):
    enabled = s.BooleanField()
    signed = s.BooleanField()
    made_at = s.DateTimeField()
    made_by = PushMakerSerializer(help_text="whose rights count when it builds")


class MadePushAddressSerializer(PushAddressSerializer):
    path = s.CharField(help_text="where the git host sends its push events by POST; shown once")
    signing_key = s.CharField(allow_blank=True, help_text="the secret of its signatures; shown once")


class PushedBuildSerializer(Shape):
    id = s.CharField()
    number = s.IntegerField()


class PushCallSerializer(Shape):
    at = s.DateTimeField(help_text="the last time, where the same came several times in a row")
    count = s.IntegerField()
    outcome = s.ChoiceField(choices=OUTCOMES, help_text="ignored: there was nothing to build")
    reason = s.CharField()
    build = PushedBuildSerializer(allow_null=True)
    push = BuildPushSerializer(help_text="what the call said; nothing of it is believed")


class PushesSerializer(Shape):
    address = PushAddressSerializer(allow_null=True, help_text="null: pushes build nothing")
    calls = PushCallSerializer(many=True, help_text="the newest first")


class PushAnswerSerializer(Shape):
    outcome = s.ChoiceField(choices=OUTCOMES)
    reason = s.CharField()
