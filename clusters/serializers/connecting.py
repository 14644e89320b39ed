"""Shapes of connecting a cluster: credentials in every way, tests of a connection, the service account's manifest."""

from __future__ import annotations

from rest_framework import serializers

from clusters.domain.kubeconfig import MAX_BYTES
from clusters.domain.ways import PEM_MAX, Way
from kubeorch.web.requests import Id, Input, Text
from kubeorch.web.schema import Shape

TOKEN_MAX = 16_384
STEPS = ["name", "tcp", "tls", "reach", "auth", "version", "rights"]
STEP_STATES = ["ok", "warning", "failed"]


def _optional(most: int, help_text: str) -> Text:
    return Text(max_length=most, allow_blank=True, default="", help_text=help_text)


class CredentialsInput(Input):
    way = serializers.ChoiceField(choices=[way.value for way in Way])
    server = _optional(500, "the API server's address, https://…; not for in_cluster")
    ca = _optional(PEM_MAX, "the certificate authority as PEM, or PEM in base64; without it those that everybody knows")
    tls_server_name = _optional(253, "the name in the server's certificate, where it is not the one in the address")
    insecure = serializers.BooleanField(
        default=False, help_text="do not check the server's certificate: the server could be anybody"
    )
    namespace = _optional(63, "a namespace that the credentials are for, where they are for one")
    token = _optional(TOKEN_MAX, "of token and service_account")
    client_certificate = _optional(PEM_MAX, "of certificate, as PEM or PEM in base64")
    client_key = _optional(PEM_MAX, "of certificate, unencrypted")
    issuer = _optional(500, "of oidc: the identity provider, exactly as it names itself")
    issuer_ca = _optional(PEM_MAX, "of oidc: the provider's certificate authority, where it is one of its own")
    client_id = _optional(253, "of oidc")
    client_secret = _optional(1024, "of oidc, where the client has one")
    refresh_token = _optional(TOKEN_MAX, "of oidc; not needed where the team is signed in there already")


class GivenInput(Input):
    kubeconfig = serializers.CharField(
        max_length=MAX_BYTES, trim_whitespace=False, required=False, help_text="the text, not a path"
    )
    context = serializers.CharField(  # type: ignore[assignment]
        max_length=253, allow_blank=True, default="", help_text="which context of several"
    )
    insecure = serializers.BooleanField(
        default=False, help_text="accept a kubeconfig with insecure-skip-tls-verify: the server could be anybody"
    )
    credentials = CredentialsInput(required=False, help_text="in the place of a kubeconfig")


class TestInput(GivenInput):
    team = Id(allow_blank=True, default="", help_text="team id; needed by members of several teams")
    cluster = Id(allow_blank=True, default="", help_text="a cluster whose credentials these are to replace")


class TestStepSerializer(Shape):
    name = serializers.ChoiceField(choices=STEPS)
    state = serializers.ChoiceField(choices=STEP_STATES)
    detail = serializers.CharField()
    code = serializers.CharField(allow_blank=True)
    cure = serializers.CharField(allow_blank=True)
    took_ms = serializers.IntegerField()


class CertificateSerializer(Shape):
    subject = serializers.CharField()
    issuer = serializers.CharField()
    names = serializers.ListField(child=serializers.CharField())
    not_before = serializers.DateTimeField()
    not_after = serializers.DateTimeField()
    sha256 = serializers.CharField()


class RightSerializer(Shape):
    id = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    allowed = serializers.ChoiceField(choices=["everywhere", "namespace", "no", "unknown"])


class TestSerializer(Shape):
    ok = serializers.BooleanField()
    server = serializers.CharField()
    steps = TestStepSerializer(many=True)
    certificate = CertificateSerializer(allow_null=True)
    version = serializers.CharField(allow_blank=True)
    user = serializers.CharField(allow_blank=True)
    groups = serializers.ListField(child=serializers.CharField())
    rights = RightSerializer(many=True)
    impersonates = serializers.BooleanField(help_text="the API server itself can hold other teams to their shares")


class AccountCommandsSerializer(Shape):
    apply = serializers.CharField()
    token = serializers.CharField()
    ca = serializers.CharField()
    server = serializers.CharField()


class ClusterAccountSerializer(Shape):
    manifest = serializers.CharField(help_text="YAML: the account, its token, its Role")
    commands = AccountCommandsSerializer()


class WaysSerializer(Shape):
    in_cluster = serializers.BooleanField(help_text="this server runs in a cluster and you may connect that one")
