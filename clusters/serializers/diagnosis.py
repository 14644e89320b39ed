"""Shapes of diagnoses."""

from __future__ import annotations

from rest_framework import serializers as s

from clusters.domain.diagnosing.finding import Severity
from kubeorch.web.schema import Shape


class SubjectSerializer(Shape):
    api_version = s.CharField()
    kind = s.CharField()
    namespace = s.CharField(allow_blank=True)
    name = s.CharField()


class ProofSerializer(Shape):
    ref = SubjectSerializer()
    field = s.CharField(allow_null=True, help_text="path of the field that shows it; null for an event")
    event = s.CharField(allow_null=True, help_text="reason of the event that shows it")
    message = s.CharField(allow_blank=True)
    count = s.IntegerField()
    at = s.DateTimeField(allow_null=True)


class SettingSerializer(Shape):
    field = s.CharField(help_text="path in the object")
    value = s.JSONField(allow_null=True, help_text="null takes the field out")


class ObjectFixSerializer(Shape):
    ref = SubjectSerializer()
    label = s.CharField()  # type: ignore[assignment]
    target = SubjectSerializer(
        allow_null=True, help_text="the object at the other end, as the workload that a Service is to select"
    )
    settings = SettingSerializer(many=True)


class LastWordsSerializer(Shape):
    container = s.CharField()
    pod = s.CharField()
    previous = s.BooleanField(help_text="of the run before this one")
    lines = s.ListField(child=s.CharField(allow_blank=True))


class FindingSerializer(Shape):
    id = s.CharField(help_text="the same for the same cause of the same object")
    code = s.CharField()
    severity = s.ChoiceField(choices=[one.value for one in Severity])
    ref = SubjectSerializer(help_text="what it is about")
    sentence = s.CharField(help_text="the cause")
    cure = s.CharField(help_text="what to do")
    since = s.DateTimeField(allow_null=True, help_text="null where no honest time is known")
    evidence = ProofSerializer(many=True)
    details = s.ListField(child=s.CharField())
    field = s.CharField(allow_null=True, help_text="the field of the object to look at")
    fix = ObjectFixSerializer(allow_null=True, help_text="a change that removes the cause")
    log = LastWordsSerializer(allow_null=True)


class UnreadSerializer(Shape):
    kind = s.CharField()
    why = s.CharField()


class DiagnosisSerializer(Shape):
    looked_at = s.DateTimeField()
    findings = FindingSerializer(many=True)
    left_out = s.IntegerField(help_text="further findings")
    unread = UnreadSerializer(many=True, help_text="kinds that could not be looked at")
    cut_off = s.ListField(child=s.CharField(), help_text="kinds of which only a part was looked at")
