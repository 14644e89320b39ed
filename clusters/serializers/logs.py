"""Shapes of logs."""

from __future__ import annotations

from rest_framework import serializers

from kubeorch.web.schema import Shape


class EndedSerializer(Shape):
    container_id = serializers.CharField()
    exit_code = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    finished_at = serializers.CharField(allow_blank=True)


class LogSourceSerializer(Shape):
    source = serializers.IntegerField(  # type: ignore[assignment]
        help_text="the number that entries name it by"
    )
    pod = serializers.CharField()
    container = serializers.CharField()
    type = serializers.ChoiceField(choices=["init", "container", "ephemeral"])
    node = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=["waiting", "running", "terminated"])
    reason = serializers.CharField(allow_blank=True)
    message = serializers.CharField(allow_blank=True)
    restarts = serializers.IntegerField()
    loops = serializers.BooleanField(help_text="it is in CrashLoopBackOff")
    ended = EndedSerializer(allow_null=True, help_text="how the instance that is read ended")
    previous = EndedSerializer(allow_null=True, help_text="the instance before, which `previous` reads")


NOTES = ["waiting", "restarted", "ended", "gone", "gap", "interrupted", "resumed", "refused"]


class LogEntrySerializer(Shape):
    source = serializers.IntegerField()  # type: ignore[assignment]
    at = serializers.CharField(allow_null=True, help_text="UTC, nanoseconds")
    text = serializers.CharField(required=False, help_text="a line; without it the entry is a note")
    cut = serializers.BooleanField(required=False, help_text="the line is longer than 256 KB; its rest is left out")
    note = serializers.ChoiceField(choices=NOTES, required=False)
    detail = serializers.CharField(required=False, allow_blank=True)
    ended = EndedSerializer(required=False)


class LogsSerializer(Shape):
    sources = LogSourceSerializer(many=True)
    results = LogEntrySerializer(many=True)
    is_cut = serializers.BooleanField(
        help_text="there is more than fits into one answer; the oldest lines are left out"
    )
    left_out = serializers.ListField(
        child=serializers.CharField(), help_text="pod/container of those that are not read, since there are many"
    )
    has_more_pods = serializers.BooleanField(help_text="there are pods that were not looked at")
    position = serializers.CharField(allow_blank=True, help_text="to go on from, as Last-Event-ID")
