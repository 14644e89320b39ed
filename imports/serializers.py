"""Shapes of imports: what is sent, and what is answered."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers as s
from rest_framework.exceptions import ErrorDetail, ValidationError

from builds.domain.host_keys import FINGERPRINT_MAX
from builds.domain.repositories import ADDRESS_MAX, REF_MAX
from imports.actions import GIVEN_MAX
from imports.charts.helm import VALUES_MAX_BYTES
from imports.charts.settings import RELEASE_MAX
from imports.discovery import FOUND_MOST, FOUND_TYPES
from imports.intake import FILE_MAX_BYTES, FILES_MAX, PATH_MAX, SOURCE_FIELDS
from imports.merging import SHOWN_MOST
from imports.representations import ENTRIES_MOST
from imports.store import STATES
from kubeorch.web.requests import Id, Input, Text
from kubeorch.web.schema import ProblemRowSerializer, Shape
from workflows.names import NAME_MAX
from workflows.serializers.environments import NewEnvironmentSerializer
from workflows.serializers.graphs import EdgeSerializer, GraphChangesSerializer, NodeSerializer
from workflows.serializers.shapes import NamedSerializer

TYPES = list(SOURCE_FIELDS)
OUTCOMES = ["converted", "left_out", "approximated", "decision", "dropped"]
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
        max_length=4 * FILE_MAX_BYTES, required=False, allow_blank=True, help_text="in place of text, if it is no UTF-8"
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

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """A new workflow has a name; one that is merged into has a revision, and a name already."""
        merges = "workflow" in given
        needed = "rev" if merges else "name"
        if needed not in given:
            raise ValidationError({needed: [ErrorDetail("This field is required.", code="required")]})
        others = ("name", "environment") if merges else ("rev", "keep", "secrets_of")
        if wrong := [name for name in others if name in given]:
            why = f"leave it out, since it is {'for a new workflow' if merges else 'given with workflow'}"
            raise ValidationError({name: [ErrorDetail(why, code="unknown")] for name in wrong})
        return given


class FileRowSerializer(Shape):
    path = s.CharField()
    bytes = s.IntegerField()
    sha256 = s.CharField()


class HostKeySerializer(Shape):
    fingerprint = s.CharField()
    is_new = s.BooleanField(help_text="this team has not fetched from the server before")


class GitFactsSerializer(Shape):
    url = s.CharField()
    ref = s.CharField(allow_blank=True, help_text="as asked for")
    path = s.CharField(allow_blank=True)
    commit = s.CharField(allow_null=True, help_text="its whole id, once it has been fetched")
    subject = s.CharField(allow_blank=True, help_text="the first line of its message")
    found_at = s.CharField(allow_blank=True, help_text="`branch main` or `tag v1`, where the server told")
    host_key = HostKeySerializer(allow_null=True, help_text="of an SSH server")
    not_read = s.ListField(child=s.CharField(), help_text="links, submodules and what else was left out")


class KindCountSerializer(Shape):
    group = s.CharField(allow_blank=True)
    kind = s.CharField()
    count = s.IntegerField()


class MadeByOthersSerializer(Shape):
    kind = s.CharField()
    count = s.IntegerField()


class NotReadSerializer(Shape):
    kind = s.CharField(help_text="a kind, or a group of kinds")
    why = s.CharField()


class NamespaceFactsSerializer(Shape):
    cluster = NamedSerializer()
    namespace = s.CharField()
    selector = s.CharField(allow_blank=True)
    kinds = KindCountSerializer(many=True, help_text="what was read, the most frequent kinds first")
    made_by_others = MadeByOthersSerializer(many=True, help_text="objects that controllers have made")
    not_read = NotReadSerializer(many=True)


class ProposalSerializer(Shape):
    type = s.ChoiceField(choices=FOUND_TYPES)
    path = s.CharField(allow_blank=True, help_text="the folder, or the Dockerfile; empty for the top")
    files = s.ListField(child=s.CharField(), help_text="of Compose those that may be merged; of others some of it")
    taken = s.ListField(child=s.CharField(), help_text="the Compose files that are merged unless others are chosen")
    file_count = s.IntegerField(help_text="files that are needed to import it")
    bytes = s.IntegerField()
    why_not = s.CharField(allow_blank=True, help_text="why it cannot be chosen; empty where it can")


class FetchProgressSerializer(Shape):
    text = s.CharField()
    done = s.IntegerField(allow_null=True)
    total = s.IntegerField(allow_null=True)


class ChosenSerializer(Shape):
    type = s.ChoiceField(choices=FOUND_TYPES)
    paths = s.ListField(child=s.CharField())


class ChartFactsSerializer(Shape):
    url = s.CharField(allow_blank=True, help_text="of its repository; empty for files")
    release = s.CharField()
    namespace = s.CharField()
    value_files = s.ListField(child=s.CharField())
    cluster = s.CharField(allow_null=True)
    kube_version = s.CharField(allow_blank=True, help_text="of the cluster; empty for what helm takes by itself")


class ImportSourceSerializer(Shape):
    type = s.ChoiceField(choices=TYPES)
    files = FileRowSerializer(many=True)
    compose_files = s.ListField(child=s.CharField(), help_text="as chosen; empty for those that Compose would take")
    env_files = s.ListField(child=s.CharField())
    profiles = s.ListField(child=s.CharField())
    git = GitFactsSerializer(allow_null=True, help_text="of a git repository")
    namespace = NamespaceFactsSerializer(allow_null=True, help_text="of a live namespace")
    chart = ChartFactsSerializer(allow_null=True, help_text="of a chart, how it was rendered last")


class ImportRowSerializer(Shape):
    id = s.CharField()
    name = s.CharField()
    team = NamedSerializer()
    created_at = s.DateTimeField()
    created_by = NamedSerializer(allow_null=True)
    source = ImportSourceSerializer()  # type: ignore[assignment]
    state = s.ChoiceField(choices=STATES)
    counts = s.DictField(child=s.IntegerField(), help_text="keys of the files by outcome; empty where it was refused")
    node_count = s.IntegerField()
    workflow = NamedSerializer(allow_null=True, help_text="what was made of it, while that exists")
    answers_from = s.CharField(
        allow_null=True, help_text="the import of the same files whose answers and variables it began with"
    )


class PlaceSerializer(Shape):
    path = s.CharField()
    line = s.IntegerField(help_text="from 1; 0 for the whole file")
    column = s.IntegerField()


class ImportProblemSerializer(Shape):
    code = s.CharField()
    detail = s.CharField(help_text="begins with the place")
    path = s.CharField(allow_null=True)
    line = s.IntegerField(allow_null=True)
    column = s.IntegerField(allow_null=True)


class BecameSerializer(Shape):
    node_id = s.CharField()
    field = s.CharField()


class LedgerEntrySerializer(Shape):
    path = s.ListField(child=s.CharField())
    place = PlaceSerializer(allow_null=True)
    outcome = s.ChoiceField(choices=OUTCOMES)
    became = BecameSerializer(many=True)
    why = s.CharField(allow_blank=True)


class ServiceRowSerializer(Shape):
    name = s.CharField()
    node_id = s.CharField(allow_null=True)
    kind = s.CharField(allow_null=True)
    place = PlaceSerializer(allow_null=True)
    why = s.CharField(allow_blank=True, help_text="why it has no node")


class BuildRowSerializer(Shape):
    service = s.CharField()
    node_id = s.CharField()
    context = s.CharField(  # type: ignore[assignment]
        help_text="a folder of what was brought in, `.` for all of it; or the address of a repository"
    )
    dockerfile = s.CharField(allow_blank=True, help_text="below the context; empty where the Compose file has its text")
    target = s.CharField(allow_blank=True)
    args = s.ListField(child=s.CharField(), help_text="names alone")


class VariableRowSerializer(Shape):
    name = s.CharField()
    value = s.CharField(allow_null=True, allow_blank=True, help_text="masked where it looks like a secret")
    origin = s.JSONField(allow_null=True, help_text="a place, `given`, or null where nothing sets it")
    used = PlaceSerializer(many=True)
    lands = BecameSerializer(many=True)
    default_used = s.BooleanField()


class DecisionChoiceSerializer(Shape):
    value = s.CharField(allow_blank=True)
    label = s.CharField()  # type: ignore[assignment]


class DecisionSerializer(Shape):
    id = s.CharField()
    topic = s.CharField()
    question = s.CharField()
    choices = DecisionChoiceSerializer(many=True, help_text="empty where any text is an answer that fits the format")
    default = s.CharField(allow_blank=True)
    answer = s.CharField(allow_blank=True)
    places = PlaceSerializer(many=True)
    format = s.CharField(allow_blank=True)
    is_hidden = s.BooleanField(help_text="the answer is a secret, and not shown again")


class SecretKeyRowSerializer(Shape):
    node_id = s.CharField()
    name = s.CharField()
    key = s.CharField()
    value = s.ChoiceField(
        choices=["sealed", "generated", "asked"], help_text="from the files; made at random; asked for at the first run"
    )


class ImportedGraphSerializer(Shape):
    nodes = NodeSerializer(many=True)
    edges = EdgeSerializer(many=True)
    problems = ProblemRowSerializer(many=True)
    places = s.DictField(child=PlaceSerializer(), help_text="where each node comes from")


class ImportDetailSerializer(ImportRowSerializer):
    problem = ImportProblemSerializer(allow_null=True, help_text="why it was refused")
    progress = FetchProgressSerializer(allow_null=True, help_text="while it is being fetched")
    found = ProposalSerializer(many=True, help_text="what can be chosen of a repository")
    choice = ChosenSerializer(allow_null=True)
    compose_files = s.ListField(child=s.CharField(), help_text="those that were merged, in order")
    ledger = LedgerEntrySerializer(many=True, help_text=f"every key of every file; {ENTRIES_MOST} at most")
    ledger_left_off = s.IntegerField()
    services = ServiceRowSerializer(many=True)
    builds = BuildRowSerializer(many=True, help_text="images that the files build; until then, decide on images")
    variables = VariableRowSerializer(many=True)
    decisions = DecisionSerializer(many=True)
    secrets = SecretKeyRowSerializer(many=True)
    graph = ImportedGraphSerializer(allow_null=True)


class AppliedSerializer(Shape):
    workflow = NamedSerializer()


class MergeBaseSerializer(Shape):
    id = s.CharField()
    name = s.CharField()


class PlainGraphSerializer(Shape):
    nodes = NodeSerializer(many=True)
    edges = EdgeSerializer(many=True)


class MergedGraphSerializer(PlainGraphSerializer):
    problems = ProblemRowSerializer(many=True)


class MergeConflictSerializer(Shape):
    id = s.CharField()
    node_id = s.CharField(help_text="in the workflow")
    name = s.CharField()
    kind = s.CharField()
    path = s.CharField(help_text="a field, or `removed` where one side does not have the node any more")
    yours = s.JSONField(allow_null=True, help_text="in the workflow; null for an absent value")
    files = s.JSONField(allow_null=True, help_text="in the files")


class MergeSerializer(Shape):
    workflow = NamedSerializer()
    rev = s.IntegerField()
    base = MergeBaseSerializer(allow_null=True, help_text="the last import into the workflow, while that is kept")
    before = PlainGraphSerializer(help_text="the workflow as it is")
    graph = MergedGraphSerializer(help_text="the workflow after the merge")
    changes = GraphChangesSerializer()
    conflicts = MergeConflictSerializer(many=True, help_text=f"what both sides changed; {SHOWN_MOST} at most")
    conflict_count = s.IntegerField()
