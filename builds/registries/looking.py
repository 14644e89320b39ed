"""What is in a registry: repositories, tags, and what an image is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from builds.domain.images import Image
from builds.domain.manifests import Index, Manifest, Part, Platform, config_of, manifest_of
from builds.registries.distribution import Distribution
from builds.registries.errors import RegistryRefused

PLATFORMS_MOST = 8
"""How many images of an index are looked into for their size."""


@dataclass(frozen=True, slots=True)
class Build:
    """An image for one platform."""

    platform: Platform
    digest: str
    size_bytes: int | None
    """None where it was not looked into."""
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Described:
    """What a tag or digest names."""

    digest: str
    builds: tuple[Build, ...]

    @property
    def created_at(self) -> datetime | None:
        return max((one.created_at for one in self.builds if one.created_at), default=None)


def describe(registry: Distribution, image: Image) -> Described:
    """Raises NothingThere, ManifestInvalid and what the registry says."""
    found = registry.manifest(image.path, image.reference)
    parsed = manifest_of(found.content, found.media_type)
    if isinstance(parsed, Manifest):
        return Described(found.digest, (_build(registry, image.path, found.digest, parsed, Platform("", "")),))
    return Described(found.digest, tuple(_of_index(registry, image.path, parsed)))


def _of_index(registry: Distribution, path: str, index: Index) -> list[Build]:
    builds = []
    for number, part in enumerate(index.parts):
        if number < PLATFORMS_MOST:
            builds.append(_looked_into(registry, path, part))
        else:
            builds.append(Build(part.platform, part.digest, None, None))
    return builds


def _looked_into(registry: Distribution, path: str, part: Part) -> Build:
    found = registry.manifest(path, part.digest)
    parsed = manifest_of(found.content, found.media_type)
    if isinstance(parsed, Index):
        raise RegistryRefused(f"an index of {path} holds another index, which no engine runs; push the image again")
    return _build(registry, path, part.digest, parsed, part.platform)


def _build(registry: Distribution, path: str, digest: str, manifest: Manifest, platform: Platform) -> Build:
    if not manifest.config:
        return Build(platform, digest, manifest.size_bytes, None)
    said, created_at = config_of(registry.blob(path, manifest.config))
    return Build(platform if platform.os else said, digest, manifest.size_bytes, created_at)


def newest_first(tags: Sequence[str]) -> list[str]:
    """As people read versions: numbers by value, the highest first, `latest` before all."""
    return sorted(tags, key=_version_key, reverse=True)


def _version_key(tag: str) -> tuple[bool, list[tuple[int, int, str]]]:
    parts = re.findall(r"\d+|[^\d]+", tag)
    return tag == "latest", [(1, int(one), "") if one.isascii() and one.isdigit() else (0, 0, one) for one in parts]
