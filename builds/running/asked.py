"""What a build was asked for with: variables, and where its image goes."""

from __future__ import annotations

from bson import ObjectId

from builds.domain.images import Image, image_of
from builds.domain.sources import BUILDING, Variable
from builds.engines.protocol import Readiness
from builds.registries.embedded import known
from builds.registries.reach import is_of_another_team, place_of_images
from builds.running.store import Build
from builds.sources import store as source_store
from builds.sources.store import SourceRow
from kubeorch.base.errors import InvalidInput, KubeOrchError


class VariableGone(InvalidInput):
    """A secret that the build was asked for with is not there any more."""

    code = "build.variable_gone"


class NoRegistry(InvalidInput):
    """Nobody said where images go."""

    code = "build.no_registry"


def place_of(build: Build, source: SourceRow) -> Image | None:
    """Where the image of a build goes, as it was when it was asked for; None where that cannot be told, which ends the
    build later."""
    try:
        return image_for(build.get("asked_image", source["image"]), source)
    except KubeOrchError:
        return None


def variables_of(build: Build, source: SourceRow) -> list[Variable]:
    """Those that the image is made with: as they were when the build was asked for; values of secrets as they are now,
    so that one that was changed because it had become known is used no more. Raises VariableGone, Unsealable."""
    rows = build.get("variables")
    if rows is None:  # asked for by an older version
        return source_store.open_variables(source, BUILDING)
    secrets = source_store.open_values(source) if any(one["is_secret"] for one in rows) else {}
    wanted = [one for one in rows if one["usage"] in BUILDING]
    if gone := [one["key"] for one in wanted if one["is_secret"] and one["key"] not in secrets]:
        raise VariableGone(f"the secret {gone[0]} was removed after this build was asked for; build it again")
    return [
        Variable(one["key"], one["usage"], one["is_secret"], secrets[one["key"]] if one["is_secret"] else one["value"])
        for one in wanted
    ]


def image_for(given: str, source: SourceRow) -> Image:
    """Where the images of a source go, whose own word about it is `given`, without a tag. Raises NoRegistry."""
    if given:
        image = image_of(given)
        if is_of_another_team(image, source["team_id"]):
            raise NoRegistry("the images of other teams are there; leave the image of the source out")
        return image
    prefix = place_of_images()
    if not prefix:
        raise NoRegistry("nobody has said where images go; give the source an image, as registry.example/team/app")
    return image_of(f"{prefix}/{source['team_id']}/{source['name']}")


def check_place(team_id: ObjectId, image: Image | None) -> Readiness:
    """Whether an image can be pushed now, as far as that is up to us: the embedded registry is got and started when it
    is first wanted. Where nothing was named that can be, it is found out later."""
    is_ours = image is not None and known.is_embedded(image)
    why, is_coming = known.why_not_ready(team_id) if is_ours else ("", False)
    return Readiness(not why, (why,), is_coming=is_coming)
