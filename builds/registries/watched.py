"""Images that a team may watch: which digest a tag of theirs names, asked again and again with the team's accounts."""

from __future__ import annotations

from bson import ObjectId

from builds.domain.images import Image, image_of
from builds.registries import store
from builds.registries.errors import RegistryRefused
from builds.registries.reach import is_of_another_team
from kubeorch.base.errors import InvalidInput


class HasDigest(InvalidInput):
    """What is to be watched can never move."""

    code = "trigger.image_digest"


def watched_image(team_id: ObjectId, text: str) -> Image:
    """Raises ImageInvalid, HasDigest, and RegistryRefused for an image of another team."""
    image = image_of(text, field="images")
    if image.digest:
        raise HasDigest(f"{text[:100]} names a digest, which is one image for ever; watch a tag", field="images")
    if is_of_another_team(image, team_id) and store.for_image(team_id, image) is None:
        raise RegistryRefused("images of other teams are there; watch one of your own team", field="images")
    return image
