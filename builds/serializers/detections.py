"""What is sent and answered of detections."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers as s

from builds.detecting.making import HOSTS_MOST
from builds.domain.detecting import DetectionState
from builds.domain.detection.seeds import APPS_MOST
from builds.domain.repositories import ADDRESS_MAX, REF_MAX
from builds.domain.sources import PATH_MOST, USAGES, VARIABLES_MOST
from builds.serializers.sources import IMAGE_MAX, BuilderInput, BuilderSerializer, VariableInput
from kubeorch.web.requests import Id, Input, Text, WholeNumber
from kubeorch.web.schema import Shape
from workflows.names import NAME_MAX
from workflows.serializers.environments import NewEnvironmentSerializer
from workflows.serializers.shapes import NamedSerializer

STATES = [state.value for state in DetectionState]
KEY_MAX = 200
HOST_MAX = 253


class NewDetectionSerializer(Input):
    team = Id(required=False, help_text="team id; needed only by members of several")
    repository = Text(max_length=ADDRESS_MAX, help_text="https://host/path or git@host:path")
    ref = Text(
        max_length=REF_MAX,
        required=False,
        allow_blank=True,
        help_text="a branch, a tag or a commit; or the default branch",
    )
    connection = Id(
        required=False, allow_null=True, allow_blank=True, help_text="the git connection that opens the repository"
    )
    root: Any = Text(
        max_length=PATH_MOST, required=False, allow_blank=True, help_text="a folder to look in; or all of it"
    )


class PlanInput(Input):
    """Of a Dockerfile that we write; what is left out is usual."""

    plan = s.DictField(help_text="the plan of a proposal, with what a person changed")


class AppInput(Input):
    proposal = Text(max_length=63, required=False, help_text="id of what was proposed; without one it is all of yours")
    name = Text(max_length=63, help_text="of the workload, its Service and its Ingress; the source is called the same")
    root: Any = Text(max_length=PATH_MOST, required=False, allow_blank=True, help_text="the context of the build")
    builder = BuilderInput(required=False)
    image = Text(max_length=IMAGE_MAX, required=False, allow_blank=True, help_text="where its images go; or the usual")
    ready_image = Text(
        max_length=IMAGE_MAX, required=False, allow_blank=True, help_text="an image that is there: nothing is built"
    )
    port = WholeNumber(
        min_value=1, max_value=65535, required=False, allow_null=True, help_text="where it listens; or no Service"
    )
    hosts = s.ListField(
        child=Text(max_length=HOST_MAX),
        max_length=HOSTS_MOST,
        required=False,
        help_text="what an Ingress leads to it; without one it is reached inside the cluster alone",
    )
    variables: Any = s.ListSerializer(child=VariableInput(), max_length=VARIABLES_MOST, required=False)


class NewWorkflowFromSourcesSerializer(Input):
    name = Text(max_length=NAME_MAX, help_text="of the workflow")
    apps: Any = s.ListSerializer(child=AppInput(), min_length=1, max_length=APPS_MOST)
    environment = NewEnvironmentSerializer(required=False, help_text="where it runs first; or none yet")
    build = s.BooleanField(default=True, help_text="whether the first image of each source is built at once")
    idempotency_key = Text(max_length=KEY_MAX, help_text="the same key gives the same workflow")


class DetectionProgressSerializer(Shape):
    text = s.CharField()
    done = s.IntegerField(allow_null=True)
    total = s.IntegerField(allow_null=True)


class DetectionFailureSerializer(Shape):
    code = s.CharField()
    detail = s.CharField()
    field = s.CharField(allow_null=True, help_text="of what was asked for, as repository")


class DetectionReasonSerializer(Shape):
    text = s.CharField()
    path = s.CharField(allow_blank=True)
    line = s.IntegerField(help_text="from 1; 0 for the whole file")


class DetectionQuestionSerializer(Shape):
    field = s.CharField(help_text="what it is about, as port, start or arguments.TOKEN")
    text = s.CharField()
    default = s.CharField(allow_blank=True)
    why = s.CharField(help_text="why that is the default")


class WantedVariableSerializer(Shape):
    name = s.CharField()
    usage = s.ChoiceField(choices=USAGES)
    secret = s.BooleanField()
    value = s.CharField(allow_blank=True, help_text="as the repository declares it; those of examples are not taken")
    path = s.CharField(allow_blank=True)
    line = s.IntegerField()


class BuildPlanSerializer(Shape):
    language = s.CharField()
    version = s.CharField(allow_blank=True)
    manager = s.CharField()
    framework = s.CharField(allow_blank=True)
    app = s.CharField(allow_blank=True)
    install = s.CharField(allow_blank=True)
    build = s.CharField(allow_blank=True)
    start = s.CharField(allow_blank=True)
    output = s.CharField(allow_blank=True)
    fallback = s.BooleanField()
    document_root = s.CharField(allow_blank=True)
    port = s.IntegerField()
    packages = s.ListField(child=s.CharField())
    build_packages = s.ListField(child=s.CharField())
    extensions = s.ListField(child=s.CharField())
    variables = s.ListField(child=s.CharField())
    secrets = s.ListField(child=s.CharField())
    files = s.ListField(child=s.CharField())
    assets = s.ListField(child=s.CharField())
    prunes = s.BooleanField()
    tool_version = s.CharField(allow_blank=True)


class DetectedAppSerializer(Shape):
    id = s.CharField()
    suggested = s.BooleanField(help_text="whether it is meant unless a person says otherwise")
    title = s.CharField(help_text="as in: Node 22, Vite, static site on port 8080")
    name = s.CharField()
    root: Any = s.CharField(allow_blank=True)
    kind = s.ChoiceField(choices=["dockerfile", "written", "static", "image"])
    language = s.CharField(allow_blank=True)
    framework = s.CharField(allow_blank=True)
    port = s.IntegerField(allow_null=True)
    start = s.CharField(allow_blank=True)
    image = s.CharField(allow_blank=True, help_text="of the kind image: it is not built")
    builder = BuilderSerializer()
    plan = BuildPlanSerializer(allow_null=True, help_text="what the Dockerfile is written from, where we write it")
    targets = s.ListField(child=s.CharField(), help_text="stages of a Dockerfile of the repository")
    reasons = DetectionReasonSerializer(many=True)
    questions = DetectionQuestionSerializer(many=True)
    warnings = DetectionReasonSerializer(many=True)
    variables = WantedVariableSerializer(many=True)
    hosts = s.ListField(child=s.CharField(), help_text="as the repository declares them")


class DetectedImportSerializer(Shape):
    type = s.ChoiceField(choices=["compose", "chart", "kustomize", "manifests"])
    path = s.CharField(allow_blank=True)
    files = s.ListField(child=s.CharField())


class DetectionSerializer(Shape):
    id = s.CharField()
    team_id = s.CharField()
    repository = s.CharField()
    connection = s.CharField(allow_null=True, help_text="id of the git connection; null: the repository is public")
    ref = s.CharField(allow_blank=True)
    root: Any = s.CharField(allow_blank=True)
    state = s.ChoiceField(choices=STATES)
    commit = s.CharField(allow_null=True)
    message = s.CharField(allow_blank=True)
    found_at = s.CharField(allow_blank=True, help_text="`branch main` or `tag v1`, where the server told")
    progress = DetectionProgressSerializer(allow_null=True)
    failure = DetectionFailureSerializer(allow_null=True)
    proposals = DetectedAppSerializer(many=True, help_text="the best first; none before it has succeeded")
    importable = DetectedImportSerializer(many=True, help_text="what can be imported instead")
    warnings = DetectionReasonSerializer(many=True)
    workflows = s.ListField(child=s.CharField(), help_text="ids of what was made of it")
    created_by = s.CharField()
    created_at = s.CharField()
    ended_at = s.CharField(allow_null=True)
    rev = s.IntegerField()


class WrittenDockerfileSerializer(Shape):
    text = s.CharField()
    title = s.CharField()
    port = s.IntegerField()


class WorkflowFromSourcesSerializer(Shape):
    workflow = NamedSerializer()
    sources = s.ListField(child=s.CharField(), help_text="ids, in the order of the applications that are built")
    builds = s.ListField(child=s.CharField(), help_text="ids of the first builds")
