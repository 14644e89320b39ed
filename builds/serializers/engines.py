"""Shapes of engines."""

from __future__ import annotations

from typing import Any, get_args

from rest_framework import serializers as s
from rest_framework.exceptions import ErrorDetail

from builds.domain.engines import ADDRESS_MOST, SLOTS_MOST
from builds.domain.expiry import Expiry
from builds.engines.services.material import KEY_MOST, PEM_MOST
from builds.engines.services.store import State
from builds.serializers.registries import (
    STEP_STATES,
    Name,
    RegistryCertificateSerializer,
    RegistryTeamSerializer,
    RegistryTroubleSerializer,
)
from kubeorch.web.requests import Id, Input, Text, WholeNumber
from kubeorch.web.schema import Shape

STEPS = [
    *("name", "tcp", "tls", "certificate", "cluster", "namespace", "rights", "network", "pod"),
    *("version", "platforms", "processes", "place"),
]
MODES = ["rootless", "privileged"]
NAMESPACE = "kubeorch-builds"
REASON_MOST = 300
MEMORY_MIB, DISK_MIB = 4096, 20_480


def _pem(words: str, **more: Any) -> Text:
    return Text(max_length=PEM_MOST, help_text=f"PEM: {words}", **more)


def _key(**more: Any) -> Text:
    words = "PEM: the key of the client certificate, without a passphrase"
    return Text(max_length=KEY_MOST, trim_whitespace=False, help_text=words, **more)


def _address(**more: Any) -> Text:
    return Text(max_length=ADDRESS_MOST, help_text="buildkit.example.com:1234", **more)


def _server_name(**more: Any) -> Text:
    words = "the name that its certificate is for, where that is not the host"
    return Text(max_length=253, allow_blank=True, help_text=words, **more)


class PlaceInput(Input):
    address = _address()
    server_name = _server_name(default="")
    ca = _pem("the authority that signed the service's certificate")
    certificate = _pem("the client certificate")
    key = _key()
    team = Id(allow_blank=True, default="", help_text="team id; needed by members of several teams")
    instance = s.BooleanField(default=False, help_text="for all teams; by administrators of the instance")


class NewEngineInput(PlaceInput):
    name = Name()
    slots = WholeNumber(min_value=1, max_value=SLOTS_MOST, default=2, help_text="builds at once")
    is_default = s.BooleanField(default=False, help_text="it builds sources that name no engine")


def _memory(**more: Any) -> WholeNumber:
    words = "MiB: the most of BuildKit and of the steps of one build together"
    return WholeNumber(min_value=512, max_value=262_144, help_text=words, **more)


def _disk(**more: Any) -> WholeNumber:
    return WholeNumber(min_value=1024, max_value=1_048_576, help_text="MiB: the most of one build", **more)


def _pull_secret(**more: Any) -> s.RegexField:
    return s.RegexField(
        r"\A(?=.{1,253}\Z)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*\Z",
        allow_blank=True,
        error_messages={"invalid": "the name of a Secret: lower-case letters, digits, dashes and dots, 253 at most"},
        help_text="name of a Secret of the type kubernetes.io/dockerconfigjson in the namespace, by which nodes pull "
        "BuildKit's own image; or none",
        **more,
    )


class ClusterPlaceInput(Input):
    cluster = Id(help_text="cluster id")
    namespace = s.RegexField(
        r"\A[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\Z",
        default=NAMESPACE,
        error_messages={"invalid": "lower-case letters, digits and dashes, 63 characters at most"},
        help_text="made where it is not there",
    )
    mode = s.ChoiceField(choices=MODES, default="rootless")
    memory_mib = _memory(default=MEMORY_MIB)
    disk_mib = _disk(default=DISK_MIB)
    pull_secret = _pull_secret(default="")
    instance = s.BooleanField(default=False, help_text="for all teams; by administrators of the instance")


class NewClusterEngineInput(ClusterPlaceInput):
    name = Name()
    slots = WholeNumber(min_value=1, max_value=SLOTS_MOST, default=2, help_text="builds at once")
    is_default = s.BooleanField(default=False, help_text="it builds sources that name no engine")


class TryEngineInput(PlaceInput):
    engine = Id(allow_blank=True, default="", help_text="a stored engine: what is left out is taken from it")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        lacking = [name for name in ("address", "ca", "certificate", "key") if name not in attrs]
        if lacking and not attrs.get("engine"):
            raise s.ValidationError({name: [ErrorDetail("give it", code="required")] for name in lacking})
        return attrs


class ChangeEngineInput(Input):
    name = Name(required=False)
    address = _address(required=False)
    server_name = _server_name(required=False)
    ca = _pem("the authority that signed the service's certificate", required=False)
    certificate = _pem("the client certificate", required=False)
    key = _key(required=False)
    slots = WholeNumber(min_value=1, max_value=SLOTS_MOST, required=False)
    memory_mib = _memory(required=False)
    disk_mib = _disk(required=False)
    pull_secret = _pull_secret(required=False)
    is_default = s.BooleanField(required=False)
    rev = WholeNumber(min_value=1, required=False, help_text="of the engine that was looked at")


class EngineClusterSerializer(Shape):
    """Where in a cluster each build gets a pod."""

    id = s.CharField()
    name = s.CharField(allow_blank=True, help_text="empty: it was removed")
    namespace = s.CharField()
    mode = s.ChoiceField(choices=MODES)
    memory_mib = s.IntegerField()
    disk_mib = s.IntegerField()
    pull_secret = s.CharField(allow_blank=True, help_text="a Secret of the namespace, for BuildKit's own image")


class EngineServiceSerializer(Shape):
    """What only an engine has that somebody added."""

    id = s.CharField()
    team = RegistryTeamSerializer(allow_null=True, help_text="null: of the instance, for all teams")
    address = s.CharField(allow_blank=True, help_text="empty: it is in a cluster")
    server_name = s.CharField(allow_blank=True)
    subject = s.CharField(allow_blank=True, help_text="of the client certificate")
    not_after = s.DateTimeField(allow_null=True, help_text="when the client certificate ends")
    cluster = EngineClusterSerializer(allow_null=True, help_text="null: a service by address")
    expires_in_days = s.IntegerField(allow_null=True)
    expiry = s.ChoiceField(choices=get_args(Expiry), help_text="soon: within 14 days; urgent: within 3")
    platforms = s.ListField(child=s.CharField())
    state = s.ChoiceField(choices=get_args(State), help_text="as the last test found")
    error = RegistryTroubleSerializer(allow_null=True)
    checked_at = s.DateTimeField()
    may_edit = s.BooleanField()
    rev = s.IntegerField()


class BuildEngineSerializer(Shape):
    id = s.CharField(help_text="local, or service:<id>: what a source names")
    name = s.CharField()
    ready = s.BooleanField()
    coming = s.BooleanField()
    facts = s.ListField(child=s.CharField())
    version = s.CharField()
    slots = s.IntegerField()
    running = s.IntegerField()
    waiting = s.IntegerField()
    is_default = s.BooleanField(help_text="of its team, or of all teams")
    service = EngineServiceSerializer(allow_null=True, help_text="null for the local engine")


class BuildPauseInput(Input):
    reason = Text(max_length=REASON_MOST, help_text="shown to everybody whose builds wait")
    cancel_running = s.BooleanField(default=False, help_text="else builds that have their place go on to their end")


class BuildPauseSerializer(Shape):
    at = s.DateTimeField()
    by = s.CharField(help_text="who paused them")
    reason = s.CharField()


class BuildEnginesSerializer(Shape):
    builds_kept = s.IntegerField(help_text="of a source, the newest; beside those that are in use")
    pause = BuildPauseSerializer(allow_null=True, help_text="of the builds of all teams; null: there is none")
    results = BuildEngineSerializer(many=True)


class EngineStepSerializer(Shape):
    name = s.ChoiceField(choices=STEPS)
    state = s.ChoiceField(choices=STEP_STATES)
    detail = s.CharField()
    code = s.CharField(allow_blank=True)
    took_ms = s.IntegerField()


class EngineReportSerializer(Shape):
    ok = s.BooleanField()
    steps = EngineStepSerializer(many=True)
    certificate = RegistryCertificateSerializer(allow_null=True, help_text="of the service")


class TriedEngineSerializer(Shape):
    engine = BuildEngineSerializer()
    report = EngineReportSerializer()
