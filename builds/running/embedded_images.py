"""The images that a team has in the embedded registry: which there are, who uses them, and their removal.

What is removed cannot be had back, so what somebody still uses is removed by name alone, one at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bson import ObjectId

from builds.registries.distribution import Distribution
from builds.registries.embedded import known
from builds.registries.embedded.images import Images, StoredImage, freed_by, images_of
from builds.registries.errors import NothingThere
from builds.running import image_store, image_uses
from builds.running.image_uses import Key, Known
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, InvalidInput, KubeOrchError, NotFound

AT_ONCE = 200
"""Images that one request removes."""


class NoEmbeddedRegistry(Conflict):
    code = "registry.no_embedded"

    def __init__(self) -> None:
        super().__init__("no registry runs beside this server; set KUBEORCH_EMBEDDED_REGISTRY=1 to have one")


class NoSuchImage(NotFound):
    code = "image.not_found"

    def __init__(self, repository: str) -> None:
        super().__init__(f"the embedded registry has no such image of {repository}; look at the list again")


class ImageInUse(Conflict):
    """Something still needs it; `despite_use` removes one all the same."""

    code = "image.in_use"

    def __init__(self, repository: str, uses: Sequence[image_uses.Use]) -> None:
        words = "; ".join(one.what for one in uses[:3])
        super().__init__(
            f"{repository} is still used ({words}); nothing was removed. Remove it by itself, and say that it may go",
            field="images",
        )


class TooManyImages(InvalidInput):
    code = "image.too_many"

    def __init__(self) -> None:
        super().__init__(f"at most {AT_ONCE} images are removed at once; remove the others afterwards", field="images")


@dataclass(frozen=True, slots=True)
class Listed:
    """A team's images, the newest first."""

    images: Sequence[StoredImage]
    is_whole: bool
    known: Known

    def unused(self) -> list[StoredImage]:
        return [one for one in self.images if not self.known.uses.get(key_of(one))]


@dataclass(frozen=True, slots=True)
class Removed:
    images: Sequence[StoredImage]
    freed_bytes: int
    """Once the registry has tidied up, which it does when nobody pushes."""
    left: Sequence[tuple[StoredImage, str]]
    """What was not removed, and why."""


def key_of(image: StoredImage) -> Key:
    return image.repository, image.digest


def list_images(team_id: ObjectId) -> Listed:
    """Raises NoEmbeddedRegistry and UsesTookTooLong."""
    found, host = _stored(team_id)
    images = sorted(found.found, key=lambda one: (one.pushed_at, one.digest), reverse=True)
    return Listed(images, found.is_whole, image_uses.known_of(team_id, host, images))


def repositories_of(team_id: ObjectId) -> list[str]:
    """Whole names of the repositories that the team has images in. Raises NoEmbeddedRegistry."""
    found, host = _stored(team_id)
    return sorted({f"{host}/{team_id}/{one.repository}" for one in found.found})


def chosen(team_id: ObjectId, wanted: Sequence[Key] | None, *, despite_use: bool) -> tuple[Listed, list[StoredImage]]:
    """The images to remove: those that are named, or without any those that nothing uses, AT_ONCE at most.

    Raises NoSuchImage, ImageInUse, TooManyImages and as `list_images`.
    """
    listed = list_images(team_id)
    if wanted is None:
        return listed, listed.unused()[:AT_ONCE]
    if len(wanted) > AT_ONCE:
        raise TooManyImages
    by_key = {key_of(one): one for one in listed.images}
    found = []
    for key in dict.fromkeys(wanted):
        if key not in by_key:
            raise NoSuchImage(key[0])
        uses = listed.known.uses.get(key)
        if uses and not (despite_use and len(wanted) == 1):
            raise ImageInUse(key[0], uses)
        found.append(by_key[key])
    return listed, found


def frees(team_id: ObjectId, listed: Listed, images: Sequence[StoredImage]) -> int:
    """Bytes that are free once these images are gone."""
    return freed_by(known.place().data, str(team_id), listed.images, images)


def remove_images(team_id: ObjectId, wanted: Sequence[Key], *, despite_use: bool, by: str) -> Removed:
    """Remove images of a team with all their tags; `by` is the name of who does. One that somebody else has just
    removed counts as removed; what the registry refuses now is left, and said. Raises as `chosen`."""
    listed, images = chosen(team_id, wanted, despite_use=despite_use)
    freed, gone, left = frees(team_id, listed, images), list[StoredImage](), list[tuple[StoredImage, str]]()
    with Distribution(known.server(), known.login_of_team(team_id, "delete")) as registry:
        for image in images:
            try:
                _remove(registry, team_id, image, _needed(listed.images, images))
            except KubeOrchError as error:
                left.append((image, error.detail))
            else:
                gone.append(image)
                place = f"{known.host_of_images()}/{team_id}/{image.repository}"
                image_store.note_removed_of_team(team_id, (place, image.digest), now(), by)
    return Removed(gone, freed if not left else frees(team_id, listed, gone), left)


def _remove(registry: Distribution, team_id: ObjectId, image: StoredImage, needed: Mapping[str, set[str]]) -> None:
    """The index first: what it lists is of no use without it."""
    for digest in image.manifests:
        if digest not in needed.get(image.repository, ()):
            try:
                registry.delete(f"{team_id}/{image.repository}", digest)
            except NothingThere:
                continue


def _needed(images: Sequence[StoredImage], removed: Sequence[StoredImage]) -> Mapping[str, set[str]]:
    """Manifests that an image has which stays, by repository."""
    gone, needed = {key_of(one) for one in removed}, dict[str, set[str]]()
    for one in images:
        if key_of(one) not in gone:
            needed.setdefault(one.repository, set()).update(one.manifests)
    return needed


def _stored(team_id: ObjectId) -> tuple[Images, str]:
    if not known.is_on():
        raise NoEmbeddedRegistry
    at = known.address_known()
    if at is None:
        return Images([], is_whole=True), ""
    return images_of(known.place().data, str(team_id)), known.host_of_images()
