"""Images that are built of sources: what a node asks for, and what it gets. Who builds is not known here."""

from __future__ import annotations

from collections.abc import Mapping
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


Images = Mapping[str, BuiltImage | NotBuilt]
"""By the node that gives the image."""


def images_json(images: Images) -> dict[str, dict[str, Any]]:
    """Those that there are, as runs, plans and releases keep them."""
    return {node_id: one.as_json() for node_id, one in images.items() if isinstance(one, BuiltImage)}


def images_digest(stored: Mapping[str, Mapping[str, Any]] | None) -> str:
    """Equal for the same images; "" without any."""
    lines = sorted(f"{node_id} {one['image']}" for node_id, one in (stored or {}).items())
    return content_digest("\n".join(lines).encode()) if lines else ""


def images_from(stored: Mapping[str, Mapping[str, Any]] | None) -> dict[str, BuiltImage | NotBuilt]:
    """The inverse of `images_json`."""
    return {node_id: BuiltImage.of(one) for node_id, one in (stored or {}).items()}
