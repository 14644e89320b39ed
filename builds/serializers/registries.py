"""Shapes of registries and images."""

from __future__ import annotations

from typing import Any, get_args

from rest_framework import serializers as s
from rest_framework.exceptions import ErrorDetail

from builds.domain.expiry import Expiry
from builds.domain.images import PATH_MAX
from builds.domain.registries import Provider
from builds.registries.accounts import CA_MAX, SECRET_MAX, USERNAME_MAX
from builds.registries.store import Pulls, State
from kubeorch.base.names import is_dns_label
from kubeorch.web.requests import Id, Input, Text
from kubeorch.web.schema import Shape

STEPS = ["name", "tcp", "tls", "registry", "login", "pull", "push"]
STEP_STATES = ["ok", "warning", "failed"]
PULLS = list(get_args(Pulls))
PROVIDERS = [one.value for one in Provider]


class Name(Text):
    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=63, help_text="lower-case letters, digits and dashes; unique in the team", **more)

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if not is_dns_label(name):
            raise s.ValidationError(
                "a name has lower-case letters, digits and dashes, and starts and ends with a letter or digit",
                code="registry.name",
            )
        return name


def _text(most: int, help_text: str, **more: Any) -> Text:
    return Text(max_length=most, allow_blank=True, help_text=help_text, **more)


def _prefix(**more: Any) -> Text:
    return _text(PATH_MAX, "the first parts of the paths that the credentials are for; empty for all", **more)


def _ca(**more: Any) -> Text:
    return _text(CA_MAX, "PEM of the authority that signed its certificate, where it is one of its own", **more)


def _secret(**more: Any) -> Text:
    words = "password, token, secret access key (ecr), or the JSON key of a service account (artifact_registry)"
    return Text(max_length=SECRET_MAX, allow_blank=True, trim_whitespace=False, help_text=words, **more)


def _username(**more: Any) -> Text:
    return _text(USERNAME_MAX, "or the access key id (ecr), or the client id (acr)", **more)


def _pulls(**more: Any) -> s.ChoiceField:
    words = (
        "as whom nodes pull: as this account, as one of their own, or (by default) without signing in: whoever may run "
        "something in a namespace reads it; the instance's own account (same) is for no team's nodes, and one of their "
        "own there opens to every team whatever it may pull"
    )
    return s.ChoiceField(choices=PULLS, help_text=words, **more)


def _pull_secret(**more: Any) -> Text:
    words = "of the account that nodes have of their own, which only pulls"
    return Text(max_length=SECRET_MAX, allow_blank=True, trim_whitespace=False, help_text=words, **more)


def _expires(**more: Any) -> s.DateTimeField:
    words = "when the password or token ends, as you note it; another one is noted anew"
    return s.DateTimeField(allow_null=True, help_text=words, **more)


REPOSITORY = "what the test pulls and pushes; without it, one that nobody has, below the prefix"


class AccountInput(Input):
    provider = s.ChoiceField(choices=PROVIDERS)
    host = _text(253, "registry.example.com:5000; not for providers with one place", default="")
    path_prefix = _prefix(default="")
    plain_http = s.BooleanField(default=False, help_text="without TLS; only for networks that are not public")
    ca = _ca(default="")
    username = _username(default="")
    secret = _secret(default="")
    repository = _text(PATH_MAX, REPOSITORY, default="")
    team = Id(allow_blank=True, default="", help_text="team id; needed by members of several teams")
    instance = s.BooleanField(default=False, help_text="for all teams; by administrators of the instance")


class NewRegistryInput(AccountInput):
    name = Name()
    expires_at = _expires(default=None)
    is_default = s.BooleanField(default=False, help_text="used before others for the same host and prefix")
    pulls = _pulls(required=False)
    pull_username = _text(USERNAME_MAX, "of the account that nodes have of their own", default="")
    pull_secret = _pull_secret(default="")
    test = s.BooleanField(default=True, help_text="false: store it unasked, as where only clusters reach it")


class TryRegistryInput(AccountInput):
    registry = Id(
        allow_blank=True,
        default="",
        help_text="a stored registry: what is left out is taken from it, and its host always",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        lacking = [name for name, field in self.fields.items() if field.required and name not in attrs]
        if lacking and not attrs.get("registry"):
            raise s.ValidationError({name: [ErrorDetail("give it", code="required")] for name in lacking})
        return attrs


class ChangeRegistryInput(Input):
    name = Name(required=False)
    path_prefix = _prefix(required=False)
    plain_http = s.BooleanField(required=False)
    ca = _ca(required=False)
    username = _username(required=False)
    secret = _secret(required=False)
    expires_at = _expires(required=False)
    pulls = _pulls(required=False)
    pull_username = _text(USERNAME_MAX, "of the account that nodes have of their own", required=False)
    pull_secret = _pull_secret(required=False)
    is_default = s.BooleanField(required=False)
    repository = _text(PATH_MAX, REPOSITORY, required=False)
    test = s.BooleanField(required=False)


class TrySavedInput(Input):
    repository = _text(PATH_MAX, REPOSITORY, default="")


class RegistryTeamSerializer(Shape):
    id = s.CharField()
    name = s.CharField()


class RegistryTroubleSerializer(Shape):
    code = s.CharField()
    detail = s.CharField()


class RegistrySerializer(Shape):
    id = s.CharField()
    team = RegistryTeamSerializer(allow_null=True, help_text="null: of the instance, for all teams")
    name = s.CharField()
    provider = s.ChoiceField(choices=PROVIDERS)
    host = s.CharField()
    path_prefix = s.CharField(allow_blank=True)
    plain_http = s.BooleanField()
    ca = s.CharField(allow_blank=True)
    username = s.CharField(allow_blank=True)
    has_secret = s.BooleanField()
    pulls = s.ChoiceField(choices=PULLS, help_text="as whom nodes pull")
    pull_username = s.CharField(allow_blank=True)
    has_pull_secret = s.BooleanField()
    expires_at = s.DateTimeField(allow_null=True)
    expires_in_days = s.IntegerField(allow_null=True)
    expiry = s.ChoiceField(choices=get_args(Expiry), help_text="soon: within 14 days; urgent: within 3")
    is_default = s.BooleanField()
    state = s.ChoiceField(choices=get_args(State))
    may_push = s.BooleanField(allow_null=True)
    error = RegistryTroubleSerializer(allow_null=True)
    checked_at = s.DateTimeField(allow_null=True)
    created_at = s.DateTimeField()
    may_edit = s.BooleanField()
    rev = s.IntegerField()


class RegistryStepSerializer(Shape):
    name = s.ChoiceField(choices=STEPS)
    state = s.ChoiceField(choices=STEP_STATES)
    detail = s.CharField()
    code = s.CharField(allow_blank=True)
    took_ms = s.IntegerField()


class RegistryCertificateSerializer(Shape):
    subject = s.CharField()
    issuer = s.CharField()
    names = s.ListField(child=s.CharField())
    not_before = s.DateTimeField()
    not_after = s.DateTimeField()
    sha256 = s.CharField()


class RegistryReportSerializer(Shape):
    ok = s.BooleanField()
    may_push = s.BooleanField(allow_null=True)
    steps = RegistryStepSerializer(many=True)
    certificate = RegistryCertificateSerializer(allow_null=True)


class TriedRegistrySerializer(Shape):
    registry = RegistrySerializer()
    report = RegistryReportSerializer()
