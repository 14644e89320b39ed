"""Where images go unless a source says otherwise, and which of them a team may reach: only its own."""

from __future__ import annotations

from bson import ObjectId
from django.conf import settings

from builds.domain import registries as rules
from builds.domain.images import Image, ImageInvalid, image_of
from builds.domain.pulls import SharedPlace
from builds.registries.embedded import known


def place_of_images() -> str:
    """KUBEORCH_BUILD_IMAGES, else the embedded registry, whose address is chosen now; "" for nowhere."""
    if settings.BUILD_IMAGES:
        return str(settings.BUILD_IMAGES)
    return known.address().name if known.is_on() else ""


def is_of_another_team(image: Image, team_id: ObjectId) -> bool:
    return any(rules.is_of_another_team(image.repository, shared, str(team_id)) for shared in _shared())


def shared_places(team_id: ObjectId) -> tuple[SharedPlace, ...]:
    """What keeps a team's builds from the images of others, whatever their Dockerfiles come to."""
    return tuple(SharedPlace(shared, f"{shared}/{team_id}") for shared in _shared())


def _shared() -> list[str]:
    """Where the images of all teams are, in the form in which images are compared."""
    embedded = known.address_known()
    places = [settings.BUILD_IMAGES, embedded.name if embedded else ""]
    return [found for one in places if one and (found := _compared(one))]


def _compared(place: str) -> str:
    try:
        return image_of(f"{place}/x").repository.removesuffix("/x")
    except ImageInvalid:
        return ""  # no image has such a name, so nothing is below it
