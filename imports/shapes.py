"""What is answered of imports."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers as s

from imports.discovery import FOUND_TYPES
from imports.intake import SOURCE_FIELDS
from imports.merging import SHOWN_MOST
from imports.representations import ENTRIES_MOST
from imports.store import STATES
from kubeorch.web.schema import ProblemRowSerializer, Shape
from workflows.serializers.graphs import EdgeSerializer, GraphChangesSerializer, NodeSerializer
from workflows.serializers.shapes import NamedSerializer

OUTCOMES = ["converted", "left_out", "approximated", "decision", "dropped"]


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
    part_of = s.CharField(allow_blank=True, help_text="what reads it, too; empty for none")


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
    type = s.ChoiceField(choices=list(SOURCE_FIELDS))
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
    counts = s.DictField(
        child=s.IntegerField(),
        help_text="keys by outcome, each with those below it that say the same; empty where it was refused",
    )
    node_count = s.IntegerField()
    workflow = NamedSerializer(allow_null=True, help_text="what was made of it, while that exists")
    answers_from = s.CharField(
        allow_null=True, help_text="the import of the same files whose answers and variables it began with"
    )
    drawn_before = s.CharField(
        allow_null=True, help_text="the last import of the same project that was made, or merged into, a workflow"
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
    source_id = s.CharField(allow_null=True, help_text="the node of the source that gives its image; null for none")
    why_not = s.CharField(allow_blank=True, help_text="why it is not built; empty where it is, or somebody decided so")


class DrawnSourceSerializer(Shape):
    node_id = s.CharField()
    name = s.CharField(help_text="in the team; a number is added where another source has the name")
    id = s.CharField(allow_null=True, help_text="of the source that the team has; null for one that is made")
    differs = s.ListField(child=s.CharField(), help_text="what that one says otherwise; it stays as it is")
    repository = s.CharField()
    ref = s.CharField(allow_blank=True, help_text="empty for the default branch")
    root: Any = s.CharField(allow_blank=True, help_text="a folder of the repository; empty for its top")
    dockerfile = s.CharField(allow_blank=True, help_text="below the root; empty where the source keeps the text")
    target = s.CharField(allow_blank=True)
    platform = s.CharField(allow_blank=True)
    args = s.ListField(child=s.CharField(), help_text="names alone")
    secrets = s.ListField(child=s.CharField(), help_text="names of what is kept sealed")


class VariableRowSerializer(Shape):
    name = s.CharField()
    value = s.CharField(allow_null=True, allow_blank=True, help_text="masked where it looks like a secret")
    origin = s.JSONField(allow_null=True, help_text="a place, `given`, or null where nothing sets it")
    used = PlaceSerializer(many=True)
    lands = BecameSerializer(many=True)
    default_used = s.BooleanField()
    defaults = s.ListField(child=s.CharField(), help_text="of the files, which stand in for it; masked alike")


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
    builds = BuildRowSerializer(many=True, help_text="services whose image the files build")
    sources = DrawnSourceSerializer(many=True, help_text="what is built, as sources of the team")
    variables = VariableRowSerializer(many=True)
    decisions = DecisionSerializer(many=True)
    secrets = SecretKeyRowSerializer(many=True)
    graph = ImportedGraphSerializer(allow_null=True)


class AppliedSerializer(Shape):
    workflow = NamedSerializer()
    sources = NamedSerializer(many=True, help_text="those that were made with it; nothing is built of them yet")


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


class MergedSecretSerializer(Shape):
    id = s.CharField()
    node_id = s.CharField(help_text="in the workflow")
    name = s.CharField()
    key = s.CharField()
    change = s.ChoiceField(
        choices=["new", "differs"], help_text="differs: what is stored stays, unless the id is in `replace_secrets`"
    )


class MergeSerializer(Shape):
    workflow = NamedSerializer()
    rev = s.IntegerField()
    base = MergeBaseSerializer(allow_null=True, help_text="the last import into the workflow, while that is kept")
    before = PlainGraphSerializer(help_text="the workflow as it is")
    graph = MergedGraphSerializer(help_text="the workflow after the merge")
    changes = GraphChangesSerializer()
    conflicts = MergeConflictSerializer(many=True, help_text=f"what both sides changed; {SHOWN_MOST} at most")
    conflict_count = s.IntegerField()
    sources = DrawnSourceSerializer(many=True, help_text="what is built, as sources of the team")
    secrets = MergedSecretSerializer(
        many=True, help_text="values of the files that the environment `secrets_of` does not have, or has otherwise"
    )
