"""Shapes of git connections, and of what is seen through them."""

from __future__ import annotations

from typing import Any, get_args

from rest_framework import serializers as s
from rest_framework.exceptions import ErrorDetail

from builds.connections.given import CA_MAX, CLIENT_ID_MAX, CLIENT_SECRET_MAX, PRIVATE_KEY_MAX, TOKEN_MAX, USERNAME_MAX
from builds.connections.store import State
from builds.connections.testing import STEPS
from builds.domain.browsing import KINDS
from builds.domain.expiry import Expiry
from builds.domain.git_servers import GitProvider
from builds.domain.repositories import ADDRESS_MAX
from kubeorch.base.names import is_dns_label
from kubeorch.web.requests import Id, Input, Text
from kubeorch.web.schema import Shape

PROVIDERS = [one.value for one in GitProvider]
STEP_STATES = ["ok", "warning", "failed"]
REPOSITORY = "what git itself is tried with: owner/name, or a whole address"


class Name(Text):
    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=63, help_text="lower-case letters, digits and dashes; unique in the team", **more)

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if not is_dns_label(name):
            raise s.ValidationError(
                "a name has lower-case letters, digits and dashes, and starts and ends with a letter or digit",
                code="git_connection.name",
            )
        return name


def _address(**more: Any) -> Text:
    words = "https://git.example.com, or git@host for a server of generic git over SSH; empty for the provider's own"
    return Text(max_length=ADDRESS_MAX, allow_blank=True, help_text=words, **more)


def _ca(**more: Any) -> Text:
    words = "PEM of the authority that signed its certificate, where it is one of its own"
    return Text(max_length=CA_MAX, allow_blank=True, help_text=words, **more)


def _username(**more: Any) -> Text:
    words = "of a password; for a token only where the server wants one (the e-mail for an API token of bitbucket)"
    return Text(max_length=USERNAME_MAX, allow_blank=True, help_text=words, **more)


def _token(**more: Any) -> Text:
    words = "a token that may read repositories, or a password; never shown again"
    return Text(max_length=TOKEN_MAX, allow_blank=True, help_text=words, **more)


def _app_id(**more: Any) -> Text:
    words = "of a GitHub App that reads in place of a token: its App ID or client ID"
    return Text(max_length=40, allow_blank=True, help_text=words, **more)


def _installation_id(**more: Any) -> Text:
    return Text(max_length=20, allow_blank=True, help_text="number of the App's installation", **more)


def _private_key(**more: Any) -> Text:
    words = "of the App, RSA in PEM; never shown again"
    return Text(max_length=PRIVATE_KEY_MAX, allow_blank=True, help_text=words, **more)


def _client_id(**more: Any) -> Text:
    words = "of a client at the server, as which somebody signs in there, in place of a token"
    return Text(max_length=CLIENT_ID_MAX, allow_blank=True, help_text=words, **more)


def _client_secret(**more: Any) -> Text:
    return Text(max_length=CLIENT_SECRET_MAX, allow_blank=True, help_text="of the client; never shown again", **more)


def _repository(**more: Any) -> Text:
    return Text(max_length=ADDRESS_MAX, allow_blank=True, help_text=REPOSITORY, **more)


def _expires(**more: Any) -> s.DateTimeField:
    words = "when the token ends; where the server tells, what it tells counts"
    return s.DateTimeField(allow_null=True, help_text=words, **more)


class NewGitConnectionInput(Input):
    name = Name()
    team = Id(allow_blank=True, required=False, help_text="team id; needed by members of several teams")
    provider = s.ChoiceField(choices=PROVIDERS)
    address = _address(default="")
    ca = _ca(default="")
    username = _username(default="")
    token = _token(default="")
    app_id = _app_id(default="")
    installation_id = _installation_id(default="")
    private_key = _private_key(default="")
    client_id = _client_id(default="")
    client_secret = _client_secret(default="")
    deploy_key = s.BooleanField(default=False, help_text="make an Ed25519 key, for addresses over SSH")
    expires_at = _expires(default=None)
    repository = _repository(default="")
    test = s.BooleanField(default=True, help_text="false: store it unasked")


class TryGitConnectionInput(Input):
    connection = Id(allow_blank=True, required=False, help_text="a stored one: what is empty here is taken from it")
    team = Id(allow_blank=True, required=False)
    provider = s.ChoiceField(choices=PROVIDERS, required=False)
    address = _address(required=False)
    ca = _ca(required=False)
    username = _username(required=False)
    token = _token(required=False)
    app_id = _app_id(required=False)
    installation_id = _installation_id(required=False)
    private_key = _private_key(required=False)
    client_id = _client_id(required=False)
    client_secret = _client_secret(required=False)
    repository = _repository(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("connection") and not attrs.get("provider"):
            raise s.ValidationError({"provider": [ErrorDetail("name the provider", code="required")]})
        return attrs


class ChangeGitConnectionInput(Input):
    name = Name(required=False)
    address = _address(required=False)
    ca = _ca(required=False)
    username = _username(required=False)
    token = _token(required=False)
    app_id = _app_id(required=False)
    installation_id = _installation_id(required=False)
    private_key = _private_key(required=False)
    client_id = _client_id(required=False)
    client_secret = _client_secret(required=False)
    expires_at = _expires(required=False)
    repository = _repository(required=False)
    test = s.BooleanField(required=False)


class TrySavedGitConnectionInput(Input):
    repository = _repository(default="")


class BeginGitSignInInput(Input):
    origin = Text(max_length=300, help_text="where the browser has this server, as https://kubeorch.example.com")


class FinishGitSignInInput(Input):
    state = Text(max_length=200, help_text="as it came back in the address")
    code = Text(max_length=2000, help_text="as it came back in the address")


class GitSignInBegunSerializer(Shape):
    url = s.CharField(help_text="of the git server, which leads back to /git-connections/signed-in")


class GitConnectionTeamSerializer(Shape):
    id = s.CharField()
    name = s.CharField()


class DeployKeySerializer(Shape):
    id = s.CharField()
    public = s.CharField(help_text="the line to add to the server, with the right to read")
    fingerprint = s.CharField()
    created_at = s.DateTimeField()


class GitHostKeySerializer(Shape):
    port = s.IntegerField()
    fingerprint = s.CharField()
    seen_at = s.DateTimeField()


class GitConnectionTroubleSerializer(Shape):
    code = s.CharField()
    detail = s.CharField()


class GitHubAppSerializer(Shape):
    id = s.CharField()
    installation = s.CharField()


class GitSignInClientSerializer(Shape):
    client_id = s.CharField()
    signed_in_at = s.DateTimeField(allow_null=True, help_text="null: nobody is signed in")
    signed_in_by = s.CharField(allow_blank=True, help_text="who did; empty where that is not known")
    has_left = s.BooleanField(help_text="they may not use the connection any more, which still reads as them")


class GitConnectionSerializer(Shape):
    id = s.CharField()
    team = GitConnectionTeamSerializer()
    name = s.CharField()
    provider = s.ChoiceField(choices=PROVIDERS)
    address = s.CharField()
    ca = s.CharField(allow_blank=True)
    username = s.CharField(allow_blank=True)
    app = GitHubAppSerializer(allow_null=True, help_text="by which it signs in, in place of a token")
    oauth = GitSignInClientSerializer(allow_null=True, help_text="as which somebody signs in, in place of a token")
    has_token = s.BooleanField(help_text="a token, password, key of an App or secret of a client is stored")
    keys = DeployKeySerializer(many=True, help_text="the newest first; two while one takes the place of the other")
    host_keys = GitHostKeySerializer(many=True, help_text="of its SSH server, seen first; others are refused")
    user = s.CharField(allow_blank=True, help_text="whose the token is, as the server says")
    scopes = s.ListField(child=s.CharField(), allow_null=True, help_text="null where the server does not tell")
    expires_at = s.DateTimeField(allow_null=True)
    expiry_is_told = s.BooleanField(help_text="by the server; else somebody has written it down")
    expires_in_days = s.IntegerField(allow_null=True, help_text="whole days; below 0 once it is over")
    expiry = s.ChoiceField(choices=get_args(Expiry), help_text="soon: within 14 days; urgent: within 3")
    state = s.ChoiceField(choices=get_args(State))
    error = GitConnectionTroubleSerializer(allow_null=True)
    checked_at = s.DateTimeField(allow_null=True)
    created_at = s.DateTimeField()
    may_edit = s.BooleanField()
    rev = s.IntegerField()


class GitConnectionStepSerializer(Shape):
    name = s.ChoiceField(choices=STEPS)
    state = s.ChoiceField(choices=STEP_STATES)
    detail = s.CharField()
    code = s.CharField(allow_blank=True)
    took_ms = s.IntegerField()


class GitConnectionReportSerializer(Shape):
    ok = s.BooleanField()
    steps = GitConnectionStepSerializer(many=True)


class TriedGitConnectionSerializer(Shape):
    connection = GitConnectionSerializer()
    report = GitConnectionReportSerializer()


class GitRepositorySerializer(Shape):
    name = s.CharField(help_text="owner/name")
    url = s.CharField()
    ssh_url = s.CharField(allow_blank=True)
    default_branch = s.CharField(allow_blank=True)
    private = s.BooleanField()
    description = s.CharField(allow_blank=True)
    updated_at = s.DateTimeField(allow_null=True)


class GitRefSerializer(Shape):
    name = s.CharField()
    commit = s.CharField()


class GitBranchSerializer(GitRefSerializer):
    is_default = s.BooleanField(help_text="the one that the server shows first")


class GitCommitSerializer(Shape):
    id = s.CharField()
    subject = s.CharField(allow_blank=True)
    author = s.CharField(allow_blank=True)
    at = s.DateTimeField(allow_null=True)


class GitCommitsSerializer(Shape):
    results = GitCommitSerializer(many=True)


class GitEntrySerializer(Shape):
    name = s.CharField()
    kind = s.ChoiceField(choices=KINDS)
    size_bytes = s.IntegerField(allow_null=True, help_text="of a file; null where the server does not tell")


class GitFolderSerializer(Shape):
    path = s.CharField(allow_blank=True)
    entries = GitEntrySerializer(many=True, help_text="folders first, each by name")
    is_cut = s.BooleanField(help_text="there are more than are shown")


class GitFileSerializer(Shape):
    path = s.CharField()
    size_bytes = s.IntegerField(allow_null=True)
    text = s.CharField(allow_null=True, allow_blank=True, help_text="null where it is too large, or not text")
    is_here = s.BooleanField(help_text="it is small enough to be read")
