"""Shapes of the embedded registry."""

from __future__ import annotations

from typing import Any, get_args

from rest_framework import serializers as s

from builds.domain.images import PATH_MAX, is_digest
from builds.running.embedded_images import AT_ONCE
from builds.running.image_uses import Kind
from kubeorch.programs.progress import Phase
from kubeorch.web.requests import Id, Input, Text
from kubeorch.web.schema import Shape

STATES = ["off", "idle", "stopped", *(str(phase) for phase in Phase)]
DAYS_MOST = 30


class OfTeamInput(Input):
    team = Id(allow_blank=True, default="", help_text="team id; needed by members of several teams")


class RegistryLoginInput(OfTeamInput):
    days = s.IntegerField(min_value=1, max_value=DAYS_MOST, default=7, help_text="how long it lasts")


class Digest(Text):
    def to_internal_value(self, data: Any) -> str:
        digest = super().to_internal_value(data)
        if not is_digest(digest):
            raise s.ValidationError("a digest is sha256: and 64 hex digits", code="image.digest")
        return digest


class StoredImageInput(Input):
    repository = Text(max_length=PATH_MAX, help_text="below the id of the team")
    digest = Digest(max_length=140)


class RemoveImagesInput(OfTeamInput):
    images = s.ListField(child=StoredImageInput(), default=list, max_length=AT_ONCE)
    preview = s.BooleanField(default=False, help_text="list what would be removed, and remove nothing")
    despite_use = s.BooleanField(default=False, help_text="of one image: although something uses it")


class EmbeddedTeamSerializer(Shape):
    id = s.CharField()
    name = s.CharField()
    size_bytes = s.IntegerField(help_text="what two teams share counts for each")


class EmbeddedRegistrySerializer(Shape):
    state = s.ChoiceField(choices=STATES, help_text="idle: it is got and started when it is first wanted")
    message = s.CharField()
    detail = s.CharField(allow_blank=True, help_text="what is missing, and what to do")
    address = s.CharField(allow_blank=True, help_text="host:port that names of its images begin with; empty before")
    is_loopback = s.BooleanField(help_text="true: only this machine reaches it")
    ca = s.CharField(allow_blank=True, help_text="PEM that nodes have to trust; empty without TLS")
    takes_images = s.BooleanField(help_text="images go there that nobody named a place for")
    size_bytes = s.IntegerField()
    most_bytes = s.IntegerField(help_text="beyond it nothing more is pushed; 0 while it does not run")
    team_most_bytes = s.IntegerField(help_text="of each team; 0 while it does not run")
    repositories = s.IntegerField()
    images = s.IntegerField()
    teams = EmbeddedTeamSerializer(many=True, help_text="yours")


class ImageUseSerializer(Shape):
    kind = s.ChoiceField(choices=get_args(Kind))
    what = s.CharField()


class MadeBySerializer(Shape):
    id = s.CharField()
    source = s.CharField()  # type: ignore[assignment]
    number = s.IntegerField()
    commit = s.CharField(allow_blank=True)


class StoredImageSerializer(Shape):
    image = s.CharField(help_text="its repository, whole")
    repository = s.CharField(help_text="below the id of the team")
    digest = s.CharField()
    tags = s.ListField(child=s.CharField())
    platforms = s.ListField(child=s.CharField())
    size_bytes = s.IntegerField(help_text="what is stored for it, with what other images share")
    pushed_at = s.DateTimeField()
    build = MadeBySerializer(allow_null=True, help_text="the newest build that made it")
    uses = ImageUseSerializer(many=True, help_text="10 at most; none: nothing needs it")


class StoredImagesSerializer(Shape):
    results = StoredImageSerializer(many=True)
    next = s.CharField(allow_null=True, help_text="cursor of the next page")
    is_whole = s.BooleanField(help_text="false: the team has more than are read")
    count = s.IntegerField(help_text="that match")
    unused = s.IntegerField(help_text="of all, those that nothing needs")


class StoredRepositoriesSerializer(Shape):
    results = s.ListField(child=s.CharField())


class RemovedImageSerializer(Shape):
    repository = s.CharField()
    digest = s.CharField()
    tags = s.ListField(child=s.CharField())


class LeftImageSerializer(RemovedImageSerializer):
    detail = s.CharField()


class RemovedImagesSerializer(Shape):
    removed = RemovedImageSerializer(many=True)
    freed_bytes = s.IntegerField(help_text="once the registry has tidied up, when nobody pushes")
    left = LeftImageSerializer(many=True, help_text="what was not removed, and why")


class NewPasswordsSerializer(Shape):
    generation = s.IntegerField(help_text="how often the team was given new ones")


class RegistryLoginSerializer(Shape):
    registry = s.CharField()
    prefix = s.CharField(help_text="what names of the team's images begin with")
    username = s.CharField()
    password = s.CharField()
    ends_at = s.DateTimeField()
