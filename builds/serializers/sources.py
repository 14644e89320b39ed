"""What is sent and answered of sources."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers as s

from builds.domain.keeping import KEEP_MOST
from builds.domain.repositories import ADDRESS_MAX, REF_MAX
from builds.domain.sources import (
    ARGS_MOST,
    BUILDERS,
    IGNORE_MOST,
    KEY_MOST,
    PATH_MOST,
    PLATFORMS,
    TARGET_MOST,
    TEXT_MOST,
    USAGES,
    VALUE_MOST,
    VARIABLES_MOST,
)
from builds.serializers.builds import BuildSerializer
from kubeorch.web.requests import Id, Input, Text, WholeNumber
from kubeorch.web.schema import Shape

IMAGE_MAX = 500


class ArgsField(s.DictField):
    """Values by name, ARGS_MOST at most."""

    child = Text(max_length=VALUE_MOST, allow_blank=True, trim_whitespace=False)


class BuilderInput(Input):
    type = s.ChoiceField(
        choices=BUILDERS, required=False, help_text="dockerfile: a file of the repository; written: `text`"
    )
    dockerfile = Text(
        max_length=PATH_MOST, required=False, allow_blank=True, help_text="path below the root; or Dockerfile"
    )
    text = Text(
        max_length=TEXT_MOST,
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        help_text="the whole Dockerfile, kept with the source",
    )
    target = Text(max_length=TARGET_MOST, required=False, allow_blank=True, help_text="a stage; or the last one")
    args = ArgsField(required=False, help_text=f"build arguments, {ARGS_MOST} at most; never secrets")
    platform = s.ChoiceField(choices=PLATFORMS, required=False, allow_blank=True, help_text="or that of the engine")
    ignore = Text(
        max_length=IGNORE_MOST,
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        help_text="with `text`: what is left out, as a .dockerignore; one of the repository goes before it",
    )
    provenance = s.BooleanField(
        required=False, help_text="attach what it was built from; each build then has another digest"
    )
    sbom = s.BooleanField(required=False, help_text="attach what is in it, found by a scanner")
    submodules = s.BooleanField(
        required=False,
        help_text="fetch the submodules, too; the connection opens those in the folder of the repository or below, and "
        "others have to be public",
    )
    lfs = s.BooleanField(
        required=False,
        help_text="fetch the files that are kept in Git LFS, 200 MB each at most; without it a build of pointers fails",
    )
    deploy_key = s.BooleanField(
        required=False,
        help_text="let steps with RUN --mount=type=ssh sign in with the deploy keys of the connection, which has to be "
        "one for SSH; they never see the keys",
    )


class VariableInput(Input):
    key = Text(max_length=KEY_MOST)
    usage = s.ChoiceField(
        choices=USAGES,
        help_text="build: while building; run: in the container; both; ssh: a private key that steps with "
        "RUN --mount=type=ssh,id=<key> sign in with, and never see",
    )
    secret = s.BooleanField(required=False, help_text="kept sealed; a build gets it as a secret mount of this id")
    value = Text(
        max_length=VALUE_MOST,
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        help_text="of a secret it may be left out: then it stays",
    )


class ChangedSourceSerializer(Input):
    repository = Text(max_length=ADDRESS_MAX, required=False, help_text="https://host/path or git@host:path")
    connection = Id(
        required=False, allow_null=True, allow_blank=True, help_text="the git connection that opens the repository"
    )
    ref = Text(
        max_length=REF_MAX,
        required=False,
        allow_blank=True,
        help_text="a branch, a tag or a commit; or the default branch",
    )
    root: Any = Text(
        max_length=PATH_MOST, required=False, allow_blank=True, help_text="a folder of the repository; or all"
    )
    builder = BuilderInput(required=False)
    image = Text(
        max_length=IMAGE_MAX,
        required=False,
        allow_blank=True,
        help_text="where images go, as registry.example/team/app; or the registry of the installation",
    )
    engine = Text(
        max_length=64, required=False, allow_blank=True, help_text="the id of one of build-engines; or the default"
    )
    keep_images = WholeNumber(
        min_value=0,
        max_value=KEEP_MOST,
        required=False,
        help_text="of its images so many stay in their registry, the newest; of the others those that are used; 0: all",
    )
    variables: Any = s.ListSerializer(child=VariableInput(), max_length=VARIABLES_MOST, required=False)
    rev = WholeNumber(min_value=1, required=False, help_text="of the source that was looked at")


class NewSourceSerializer(ChangedSourceSerializer):
    name = Text(max_length=63, help_text="small letters, digits and -; it never changes")
    team = Id(required=False, help_text="team id; needed only by members of several")
    repository = Text(max_length=ADDRESS_MAX, help_text="https://host/path or git@host:path")
    rev = None  # type: ignore[assignment]


class NewBuildSerializer(Input):
    ref = Text(
        max_length=REF_MAX,
        required=False,
        allow_blank=True,
        help_text="a branch, a tag or a whole commit id; or the source's own",
    )
    no_cache = s.BooleanField(required=False, help_text="build every step anew, although the same was built before")


class SourceTeamSerializer(Shape):
    id = s.CharField()
    name = s.CharField()


class SourceConnectionSerializer(Shape):
    id = s.CharField()
    name = s.CharField(help_text="empty for one that is gone")


class BuilderSerializer(Shape):
    type = s.ChoiceField(choices=BUILDERS)
    dockerfile = s.CharField()
    text = s.CharField()
    target = s.CharField()
    args = s.DictField(child=s.CharField())
    platform = s.CharField()
    ignore = s.CharField()
    provenance = s.BooleanField()
    sbom = s.BooleanField()
    submodules = s.BooleanField()
    lfs = s.BooleanField()
    deploy_key = s.BooleanField()


class SourceVariableSerializer(Shape):
    key = s.CharField()
    usage = s.ChoiceField(choices=USAGES)
    secret = s.BooleanField()
    value = s.CharField(allow_null=True, help_text="null for a secret")
    changed_at = s.CharField()


class ImagesNoteSerializer(Shape):
    at = s.DateTimeField()
    removed = s.IntegerField()
    trouble = s.CharField(allow_blank=True, help_text="why some are still there")


class OldImagesInput(Input):
    keep = WholeNumber(min_value=1, max_value=KEEP_MOST, help_text="so many of its newest images stay")
    preview = s.BooleanField(default=False, help_text="list what would be removed, and remove nothing")


class OldImageSerializer(Shape):
    image = s.CharField(help_text="host/path")
    digest = s.CharField()
    tags = s.ListField(child=s.CharField())
    builds = s.ListField(child=s.IntegerField(), help_text="numbers of the builds that have it, the newest first")


class KeptImageSerializer(OldImageSerializer):
    detail = s.CharField(help_text="what keeps it")


class OldImagesSerializer(Shape):
    removed = OldImageSerializer(many=True, help_text="or what would be, in a preview")
    kept = KeptImageSerializer(many=True, help_text="older than those that stay, and needed")
    left = KeptImageSerializer(many=True, help_text="what was to go and is still there, and why")
    is_more = s.BooleanField(help_text="true: there are others, for the next time")
    deletes_nothing = s.BooleanField(help_text="true: the registry has no such operation")


class SourceSerializer(Shape):
    id = s.CharField()
    team = SourceTeamSerializer()
    name = s.CharField()
    repository = s.CharField()
    connection = SourceConnectionSerializer(allow_null=True, help_text="null: the repository is public")
    ref = s.CharField()
    root: Any = s.CharField()
    builder = BuilderSerializer()
    image = s.CharField()
    engine = s.CharField(help_text="what builds it; empty for the default of its team")
    keep_images = s.IntegerField(help_text="0: all")
    images_note = ImagesNoteSerializer(allow_null=True, help_text="what came of removing the others last")
    variables = SourceVariableSerializer(many=True)
    builds_on_push = s.BooleanField(help_text="it has an address that git hosts call, and that is switched on")
    last_build = BuildSerializer(allow_null=True)
    rev = s.IntegerField()
    created_at = s.CharField()
    updated_at = s.CharField()
