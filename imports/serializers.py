"""What is sent of imports."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers as s
from rest_framework.exceptions import ErrorDetail, ValidationError

from builds.domain.host_keys import FINGERPRINT_MAX
from builds.domain.repositories import ADDRESS_MAX, REF_MAX
from imports.charts.helm import VALUES_MAX_BYTES
from imports.charts.settings import RELEASE_MAX
from imports.discovery import FOUND_MOST, FOUND_TYPES
from imports.given import GIVEN_MAX
from imports.intake import FILE_MAX_BYTES, FILES_MAX, PATH_MAX, SOURCE_FIELDS
from imports.merging import SHOWN_MOST
from kubeorch.web.requests import Id, Input, Text
from workflows.names import NAME_MAX
from workflows.serializers.environments import NewEnvironmentSerializer

TYPES = list(SOURCE_FIELDS)
VALUE_MAX = 64 * 1024
ANSWER_MAX = 4096
LIST_MAX = 100
SELECTOR_MAX = 1000


class FileInput(Input):
    path = Text(max_length=10 * PATH_MAX, trim_whitespace=False, help_text="relative to the folder, as conf/nginx.conf")
    text = Text(
        max_length=4 * FILE_MAX_BYTES, required=False, allow_blank=True, trim_whitespace=False, help_text="its content"
    )
    base64 = Text(
        max_length=4 * FILE_MAX_BYTES, required=False, allow_blank=True, help_text="instead of text, if it is not UTF-8"
    )


class CredentialInput(Input):
    """Kept sealed until the fetch has ended, and never given back."""

    username = Text(max_length=200, required=False, allow_blank=True, help_text="with a token; most servers take any")
    token = Text(
        max_length=4096, required=False, allow_blank=True, help_text="for https: an access token or a password"
    )
    private_key = Text(
        max_length=16_384,
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        help_text="for SSH: without a passphrase, in the form of OpenSSH or PEM",
    )


class ChartInput(Input):
    """How a chart is rendered."""

    values: Any = Text(
        max_length=VALUES_MAX_BYTES,
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        help_text="values as YAML, over those of the chart; they are kept sealed",
    )
    value_files = s.ListField(
        child=Text(max_length=PATH_MAX),
        max_length=LIST_MAX,
        required=False,
        help_text="files in the chart with values, as values-production.yaml; the last wins",
    )
    release = Text(
        max_length=RELEASE_MAX, required=False, allow_blank=True, help_text="without it, the name of the chart"
    )
    namespace = Text(max_length=63, required=False, allow_blank=True, help_text="without it, default")
    cluster = Id(required=False, allow_null=True, help_text="whose version and APIs the chart is rendered for")


class SourceInput(ChartInput):
    """Each type takes some of these fields."""

    type = s.ChoiceField(choices=TYPES)
    files: Any = s.ListSerializer(child=FileInput(), min_length=1, max_length=FILES_MAX, required=False)
    compose_files = s.ListField(
        child=Text(max_length=PATH_MAX),
        max_length=FILES_MAX,
        required=False,
        help_text="which of the files are merged, in this order; without it, those that Compose would take",
    )
    env_files = s.ListField(
        child=Text(max_length=PATH_MAX),
        max_length=FILES_MAX,
        required=False,
        help_text="which of the files set variables; without it, the .env beside the first Compose file",
    )
    profiles = s.ListField(child=Text(max_length=200), max_length=LIST_MAX, required=False)
    environment = s.DictField(
        child=Text(max_length=VALUE_MAX, allow_blank=True, trim_whitespace=False),
        required=False,
        help_text="variables of the shell that would run Compose; they are kept sealed",
    )
    repository = Text(
        max_length=ADDRESS_MAX,
        required=False,
        allow_blank=True,
        help_text="the git repository that Compose files are from: what they build is built of it",
    )
    url = Text(
        max_length=ADDRESS_MAX,
        required=False,
        help_text="https://host/path or git@host:path of a repository, https:// or oci:// of charts",
    )
    ref = Text(
        max_length=REF_MAX,
        required=False,
        allow_blank=True,
        help_text="a branch, a tag, or the whole id of a commit; without it, what the server shows first",
    )
    path = Text(max_length=PATH_MAX, required=False, allow_blank=True, help_text="where in what is given to look")
    chart = Text(max_length=100, required=False, allow_blank=True, help_text="which one of a repository of charts")
    version = Text(max_length=100, required=False, allow_blank=True, help_text="of a chart, or a range; or the newest")
    credential = CredentialInput(required=False)
    connection = Id(required=False, help_text="the git connection that opens the repository, in place of a credential")
    host_key = Text(
        max_length=FINGERPRINT_MAX,
        required=False,
        allow_blank=True,
        help_text="for SSH: the fingerprint of the server, SHA256:…; it replaces one that was seen before",
    )
    cluster = Id(required=False, help_text="whose namespace is read, or that a chart is meant for")
    namespace = Text(max_length=63, required=False, help_text="that is read, or that a chart is rendered for")
    selector = Text(
        max_length=SELECTOR_MAX,
        required=False,
        allow_blank=True,
        help_text="only objects with these labels, such as app=web,tier!=test",
    )


class NewImportSerializer(Input):
    name = Text(max_length=NAME_MAX, required=False, allow_blank=True, default="")
    team = Id(required=False, help_text="team id; needed only by members of several")
    source = SourceInput()  # type: ignore[assignment]


class ChoiceSerializer(Input):
    type = s.ChoiceField(choices=FOUND_TYPES)
    paths = s.ListField(
        child=Text(max_length=PATH_MAX, allow_blank=True),
        min_length=1,
        max_length=FOUND_MOST,
        help_text="of Compose files of one folder, merged in this order; of others folders",
    )


class AnswersSerializer(Input):
    answers = s.DictField(
        child=Text(max_length=ANSWER_MAX, allow_blank=True, allow_null=True, trim_whitespace=False),
        required=False,
        help_text="by the id of the decision, over earlier ones; null takes one back",
    )
    environment = s.DictField(
        child=Text(max_length=VALUE_MAX, allow_blank=True, allow_null=True, trim_whitespace=False),
        required=False,
        help_text=f"values of variables, over earlier ones; null takes one back; {GIVEN_MAX} at most",
    )


class ApplySerializer(Input):
    name = Text(max_length=NAME_MAX, required=False, help_text="of the workflow that is made")
    environment = NewEnvironmentSerializer(
        required=False,
        help_text="the first environment, for which the values of secrets are kept; without one a run asks for them",
    )
    workflow = Id(required=False, help_text="merge into this workflow, as GET …/merge shows it, instead of making one")
    rev = s.IntegerField(required=False, min_value=0, help_text="of that workflow, as it was shown")
    keep = s.ListField(
        child=Text(max_length=PATH_MAX, trim_whitespace=False),
        max_length=SHOWN_MOST,
        required=False,
        help_text="ids of conflicts in which the workflow stays as it is; in the others the files win",
    )
    secrets_of = Id(required=False, help_text="the environment of that workflow for which values of secrets are kept")

    replace_secrets = s.ListField(
        child=Text(max_length=PATH_MAX),
        max_length=SHOWN_MOST,
        required=False,
        help_text="ids of values of secrets that take the place of what that environment has",
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """A new workflow has a name; one that is merged into has a revision, and a name already."""
        merges = "workflow" in given
        needed = "rev" if merges else "name"
        if needed not in given:
            raise ValidationError({needed: [ErrorDetail("This field is required.", code="required")]})
        others = ("name", "environment") if merges else ("rev", "keep", "secrets_of", "replace_secrets")
        if "replace_secrets" in given and "secrets_of" not in given:
            raise ValidationError({"secrets_of": [ErrorDetail("This field is required.", code="required")]})
        if wrong := [name for name in others if name in given]:
            why = f"leave it out, since it is {'for a new workflow' if merges else 'given with workflow'}"
            raise ValidationError({name: [ErrorDetail(why, code="unknown")] for name in wrong})
        return given
