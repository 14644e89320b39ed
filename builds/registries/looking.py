"""What is in a registry: repositories, tags, and what an image is."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from builds.domain.images import Image
from builds.domain.manifests import Index, Manifest, Part, Platform, config_of, manifest_of
from builds.registries.distribution import Distribution
from builds.registries.errors import RegistryRefused

PLATFORMS_MOST = 8
"""How many images of an index are looked into for their size."""
KNOWN_MOST = 5_000


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


@dataclass(frozen=True, slots=True)
class Brief:
    """As much of what a tag names as its list shows."""

    digest: str
    platforms: tuple[Platform, ...]
    size_bytes: int | None
    """Of the image for one platform, the one that was asked for where there is one."""
    created_at: datetime | None


def brief(registry: Distribution, host: str, path: str, reference: str, prefer: Collection[str] = ()) -> Brief:
    """With few requests, none of which a registry counts as a pull where the digest was looked into before.

    `prefer` names architectures. Raises as `describe`.
    """
    digest = registry.digest_of(path, reference)
    key = (host, path, digest, ",".join(sorted(set(prefer))))
    found = _known.get(key)
    if found is None:
        found = _known.keep(key, _brief(registry, path, digest, prefer))
    return found


def _brief(registry: Distribution, path: str, digest: str, prefer: Collection[str]) -> Brief:
    found = registry.manifest(path, digest)
    parsed = manifest_of(found.content, found.media_type)
    if isinstance(parsed, Manifest):
        one = _build(registry, path, digest, parsed, Platform("", ""))
        return Brief(digest, (one.platform,) if one.platform.os else (), one.size_bytes, one.created_at)
    platforms = tuple(part.platform for part in parsed.parts)
    if not parsed.parts:
        return Brief(digest, (), None, None)
    wanted = (*prefer, "amd64")
    part = next((one for name in wanted for one in parsed.parts if one.platform.architecture == name), parsed.parts[0])
    one = _looked_into(registry, path, part)
    return Brief(digest, platforms, one.size_bytes, one.created_at)


class _Known:
    """What digests stood for, the last KNOWN_MOST: that never changes. Whoever asks has been given the digest by the
    registry itself."""

    def __init__(self) -> None:
        self._rows: OrderedDict[tuple[str, ...], Brief] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, ...]) -> Brief | None:
        with self._lock:
            if key in self._rows:
                self._rows.move_to_end(key)
            return self._rows.get(key)

    def keep(self, key: tuple[str, ...], found: Brief) -> Brief:
        with self._lock:
            self._rows[key] = found
            while len(self._rows) > KNOWN_MOST:
                self._rows.popitem(last=False)
        return found


_known = _Known()


def newest_first(tags: Sequence[str]) -> list[str]:
    """As people read versions: numbers by value, the highest first, `latest` before all."""
    return sorted(tags, key=_version_key, reverse=True)


def _version_key(tag: str) -> tuple[bool, list[tuple[int, int, str]]]:
    parts = re.findall(r"\d+|[^\d]+", tag)
    return tag == "latest", [(1, int(one), "") if one.isascii() and one.isdigit() else (0, 0, one) for one in parts]
