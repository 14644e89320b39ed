"""Which images of the instance's registries a team may reach: below KUBEORCH_BUILD_IMAGES only its own."""

from __future__ import annotations

from bson import ObjectId
from django.conf import settings

from builds.domain import registries as rules
from builds.domain.images import Image, ImageInvalid, image_of


def is_of_another_team(image: Image, team_id: ObjectId) -> bool:
    return rules.is_of_another_team(image.repository, _images(), str(team_id))


def _images() -> str:
    """Where the images of all teams are, in the form in which images are compared; "" for nowhere."""
    try:
        return image_of(f"{settings.BUILD_IMAGES}/x").repository.removesuffix("/x") if settings.BUILD_IMAGES else ""
    except ImageInvalid:
        return ""  # no image has such a name, so nothing is below it
