"""Images that one is built on, or copied from, as the engine has resolved them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from builds.domain.images import Image, ImageInvalid, image_of

BASES_MOST = 20
_FROM = re.compile(r"(?:\[(?:[^\]\n]{0,300} )?\d+/\d+\] )?FROM (\S{1,400}@sha256:[0-9a-f]{64})(?:\s|\Z)")
"""Source: BuildKit, `dockerfile2llb`: a step that pulls is called by the image with its tag and digest; what is
only copied from has no number."""


@dataclass(frozen=True, slots=True)
class Base:
    image: Image
    """With a digest."""

    @property
    def name(self) -> str:
        """As the Dockerfile names it, written out."""
        return f"{self.image.repository}{':' if self.image.tag else ''}{self.image.tag}"


def bases_of(names: Sequence[str]) -> list[Base]:
    """Of the names of all steps, in their order, each once; BASES_MOST at most."""
    found = {str(one): Base(one) for one in _images(names)}
    return list(found.values())[:BASES_MOST]


def _images(names: Sequence[str]) -> Iterator[Image]:
    for name in names:
        if match := _FROM.match(name):
            try:
                yield image_of(match[1])
            except ImageInvalid:
                continue
