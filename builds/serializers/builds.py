"""What is answered of builds and their logs."""

from __future__ import annotations

from rest_framework import serializers as s

from builds.domain.states import BuildState
from kubeorch.web.schema import Shape
from workflows.serializers.shapes import RUN_STATES

STATES = [state.value for state in BuildState]
LEVELS = ("info", "warning", "error")


class BuildReasonSerializer(Shape):
    stage = s.CharField()
    code = s.CharField()
    detail = s.CharField()
    hint = s.CharField()
    retryable = s.BooleanField()


class BuildStageSerializer(Shape):
    stage = s.CharField()
    started_at = s.CharField()
    ended_at = s.CharField(allow_null=True)


class BuildStepSerializer(Shape):
    number = s.IntegerField()
    name = s.CharField()
    started_at = s.CharField(allow_null=True)
    ended_at = s.CharField(allow_null=True)
    cached = s.BooleanField()
    error = s.CharField()
    why = s.CharField(help_text="why it was not taken from the cache, once the build has ended; else empty")


class BaseImageSerializer(Shape):
    image = s.CharField(help_text="host/path:tag, as the Dockerfile names it")
    digest = s.CharField(help_text="what that was when it was built")
    created_at = s.CharField(allow_null=True, help_text="null where its registry has not said")


class BuildPushSerializer(Shape):
    host = s.CharField(help_text="github, gitea, gitlab, bitbucket or other")
    by = s.CharField(allow_blank=True)
    ref = s.CharField(allow_blank=True)
    commit = s.CharField(allow_blank=True)


class BuildSerializer(Shape):
    id = s.CharField()
    team_id = s.CharField()
    source_id = s.CharField()
    source_name = s.CharField()
    number = s.IntegerField()
    state = s.ChoiceField(choices=STATES)
    ref = s.CharField()
    commit = s.CharField(allow_null=True)
    message = s.CharField()
    image = s.CharField()
    tags = s.ListField(child=s.CharField())
    digest = s.CharField(allow_null=True)
    image_removed_at = s.CharField(allow_null=True, help_text="when its image was removed from its registry")
    image_removed_by = s.CharField(help_text="who removed it; empty where that is not known")
    bases = BaseImageSerializer(many=True, help_text="images that it was built on, or copied from")
    platform = s.CharField()
    engine = s.CharField()
    no_cache = s.BooleanField()
    answered_by = s.CharField(allow_null=True, help_text="the build that has made the same image before")
    waiting = s.CharField(help_text="what it waits for, in words")
    reason = BuildReasonSerializer(allow_null=True)
    stages = BuildStageSerializer(many=True)
    error_seq = s.IntegerField(allow_null=True, help_text="the line of the log at which it failed")
    log_lines = s.IntegerField()
    attempt = s.IntegerField()
    cancel_asked = s.BooleanField()
    canceled_by = s.CharField(help_text="who asked for its end; empty for nobody, and where it is not known")
    triggered_by = s.CharField()
    push = BuildPushSerializer(allow_null=True, help_text="the newest push that it is built for, as it was told")
    created_by = s.CharField()
    created_at = s.CharField()
    started_at = s.CharField(allow_null=True)
    ended_at = s.CharField(allow_null=True)
    rev = s.IntegerField()


class BuildDetailSerializer(BuildSerializer):
    steps = BuildStepSerializer(many=True)
    position = s.IntegerField(allow_null=True, help_text="how many builds get a place before it")


class BuildRunSerializer(Shape):
    id = s.CharField()
    number = s.IntegerField()
    state = s.ChoiceField(choices=RUN_STATES)
    environment = s.CharField()
    created_at = s.CharField()


class BuildWorkflowSerializer(Shape):
    id = s.CharField()
    name = s.CharField()
    node = s.CharField(allow_null=True, help_text="that names the source; null: it is not drawn any more")
    pinned = s.BooleanField(help_text="the drawing is pinned to this build")
    run = BuildRunSerializer(allow_null=True, help_text="the newest that has taken the image of this build")


class BuildWorkflowsSerializer(Shape):
    results = BuildWorkflowSerializer(many=True)


class BuildLogLineSerializer(Shape):
    seq = s.IntegerField()
    at = s.CharField()
    stage = s.CharField()
    step = s.IntegerField(allow_null=True)
    stream = s.CharField()
    level = s.ChoiceField(choices=LEVELS)
    text = s.CharField()


class BuildLogSerializer(Shape):
    lines = BuildLogLineSerializer(many=True)
    after = s.IntegerField(help_text="give it as `after` to go on")
    ended = s.BooleanField(help_text="the build has ended, and this was its last line")
