"""Which images of a source are kept where only its newest are: pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

KEEP_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Build:
    """As much of a succeeded build as is looked at here."""

    number: int
    image: str
    """host/path without a tag."""
    digest: str
    tags: tuple[str, ...]
    has_pushed: bool
    """False for one that was answered with the image of another."""


@dataclass(frozen=True, slots=True)
class Made:
    """One image of a source."""

    image: str
    digest: str
    numbers: tuple[int, ...]
    """Of the builds that have it, the newest first."""
    tags: tuple[str, ...]
    """That we gave it."""
    is_ours: bool
    """Whether one of these builds has pushed it."""


def made_of(builds: Iterable[Build]) -> list[Made]:
    """The images of these builds, each once; that of the newest build first."""
    found: dict[tuple[str, str], list[Build]] = {}
    for one in sorted(builds, key=lambda one: one.number, reverse=True):
        found.setdefault((one.image, one.digest), []).append(one)
    return [
        Made(
            image,
            digest,
            tuple(one.number for one in of_image),
            tuple(dict.fromkeys(tag for one in of_image for tag in one.tags)),
            any(one.has_pushed for one in of_image),
        )
        for (image, digest), of_image in found.items()
    ]
