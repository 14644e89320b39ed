"""Images that are built of sources: what a node asks for, and what it gets; and images that are watched. Who builds,
and who watches, is not known here."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from kubeorch.base.digests import content_digest
from kubeorch.base.records import fields, record


@record
class Wanted:
    """What a node says of the image that it gives."""

    source: str
    pin: str = ""
    """A build's number or an image's digest; "" for the newest build that succeeded."""

    def __str__(self) -> str:
        number = f" #{self.pin}" if self.pin.isdecimal() else f" {self.pin[:19]}" if self.pin else ""
        return f"build{number} of {self.source}"


@record
class BuiltImage:
    """The image of one build."""

    source: str
    image: str
    """`repository@sha256:…`, what a container runs."""
    digest: str
    tag: str
    """`repository:tag`, for people: the digest is what counts."""
    build_id: str
    number: int
    """Counts the builds of the source, from 1."""
    commit: str

    def __str__(self) -> str:
        return f"build #{self.number} of {self.source}"

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in fields(self)}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> BuiltImage:
        return cls(**{name: stored[name] for name in fields(cls)})


@record
class PinnedImage:
    """An image that is watched: containers run the digest that its tag named when its registry was asked last."""

    watched: str
    """As it is drawn."""
    digest: str

    @property
    def image(self) -> str:
        """What a container runs."""
        return f"{self.watched}@{self.digest}"

    @property
    def key(self) -> str:
        """Where it stands among the images of nodes: no node has such an id."""
        return f"watched {content_digest(self.watched.encode())}"

    def as_json(self) -> dict[str, Any]:
        return {"watched": self.watched, "image": self.image, "digest": self.digest}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> PinnedImage:
        return cls(stored["watched"], stored["digest"])


@record
class LastBuild:
    """The newest build of a source, however it does."""

    build_id: str
    number: int
    state: str
    """As the builds themselves have it."""
    commit: str
    at: str
    """When it ended, or else began; RFC 3339."""

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in fields(self)}


@record
class NotBuilt:
    """Why there is no image, with the cure."""

    code: str
    detail: str


TakenImage = BuiltImage | NotBuilt | PinnedImage
Images = Mapping[str, TakenImage]
"""By the node that gives the image; those that are watched by their own key."""


def images_json(images: Images) -> dict[str, dict[str, Any]]:
    """Those that there are, as runs, plans and releases keep them."""
    return {key: one.as_json() for key, one in images.items() if not isinstance(one, NotBuilt)}


def images_digest(stored: Mapping[str, Mapping[str, Any]] | None) -> str:
    """Equal for the same images; "" without any."""
    lines = sorted(f"{node_id} {one['image']}" for node_id, one in (stored or {}).items())
    return content_digest("\n".join(lines).encode()) if lines else ""


def images_from(stored: Mapping[str, Mapping[str, Any]] | None) -> dict[str, TakenImage]:
    """The inverse of `images_json`."""
    return {key: taken_image(one) for key, one in (stored or {}).items()}


def taken_image(stored: Mapping[str, Any]) -> BuiltImage | PinnedImage:
    return PinnedImage.of(stored) if "watched" in stored else BuiltImage.of(stored)


def pins_in(images: Images) -> dict[str, str]:
    """What containers run instead of what is drawn, by the latter."""
    return {one.watched: one.image for one in images.values() if isinstance(one, PinnedImage)}


def built_rows(stored: Mapping[str, Mapping[str, Any]] | None) -> dict[str, Mapping[str, Any]]:
    """Of what a run, a plan or a release keeps, what was built of a source, by its node."""
    return {key: one for key, one in (stored or {}).items() if "watched" not in one}


def pinned_images_json(images: Mapping[str, Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """The images that were watched when a run or a plan took them, by name."""
    rows = [{"image": one["watched"], "digest": one["digest"]} for one in (images or {}).values() if "watched" in one]
    return sorted(rows, key=itemgetter("image"))
