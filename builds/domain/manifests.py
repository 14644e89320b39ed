"""Manifests and configurations of images, read strictly: sizes, platforms, dates.

Sources: OCI Image Format Specification 1.1 ("manifest", "image-index", "config"); Docker "Image Manifest Version 2".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from builds.domain.images import is_digest
from kubeorch.base.errors import InvalidInput

INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFESTS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
OLD = "application/vnd.docker.distribution.manifest.v1+"
ACCEPTED = ", ".join((*INDEXES, *MANIFESTS))
PLATFORMS_MOST = 50
LAYERS_MOST = 1_000
SIZE_MOST = 1 << 60
_NAME_MAX = 60


class ManifestInvalid(InvalidInput):
    """What a registry has there cannot be read as an image."""

    code = "image.manifest"


@dataclass(frozen=True, slots=True)
class Platform:
    os: str
    architecture: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


@dataclass(frozen=True, slots=True)
class Part:
    """One image of an index."""

    digest: str
    platform: Platform


@dataclass(frozen=True, slots=True)
class Index:
    """Images for several platforms; what is attached to them (attestations) is left out."""

    parts: tuple[Part, ...]
    listed: tuple[str, ...] = ()
    """Digests of all that it lists, attestations among them."""
    lists_indexes: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """One image."""

    config: str
    """Digest of its configuration; "" for what is not an image that runs, as a chart."""
    size_bytes: int
    """Of its layers as they are sent, and its configuration."""
    parts: tuple[str, ...] = ()
    """Digests of both."""


def manifest_of(content: bytes, media_type: str) -> Index | Manifest:
    """Raises ManifestInvalid."""
    found = _object(content)
    kind = str(found.get("mediaType") or media_type.partition(";")[0].strip())
    if kind.startswith(OLD) or found.get("schemaVersion") == 1:
        raise ManifestInvalid("this image is in a format of 2016 that clusters do not take any more; push it again")
    if kind in INDEXES or isinstance(found.get("manifests"), list):
        rows = found.get("manifests")
        return Index(tuple(_parts(found)), tuple(_digests(rows)), lists_indexes=_lists_indexes(rows))
    layers = found.get("layers")
    if not isinstance(layers, list) or len(layers) > LAYERS_MOST:
        raise ManifestInvalid("what the registry has there is no image")
    config = found.get("config")
    described = config if isinstance(config, dict) else {}
    digest = str(described.get("digest") or "")
    is_image = "image" in str(described.get("mediaType") or "")
    size = sum(_size(one) for one in (*layers, described))
    parts = tuple(_digests([*layers, described]))
    return Manifest(digest if is_image and is_digest(digest) else "", min(size, SIZE_MOST), parts)


def config_of(content: bytes) -> tuple[Platform, datetime | None]:
    """For which platform an image is, and when it was made. Raises ManifestInvalid."""
    found = _object(content)
    return _platform(found), _time(found.get("created"))


def _digests(rows: object) -> Iterator[str]:
    for row in rows[: LAYERS_MOST + 1] if isinstance(rows, list) else ():
        if isinstance(row, dict) and is_digest(digest := str(row.get("digest") or "")):
            yield digest


def _lists_indexes(rows: object) -> bool:
    of = [row.get("mediaType") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return any(one in INDEXES for one in of)


def _parts(found: Mapping[str, Any]) -> list[Part]:
    rows = found.get("manifests")
    parts: list[Part] = []
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, dict) or not isinstance(row.get("platform"), dict):
            continue
        platform, digest = _platform(row["platform"]), str(row.get("digest") or "")
        if is_digest(digest) and platform.os not in ("", "unknown"):
            parts.append(Part(digest, platform))
        if len(parts) == PLATFORMS_MOST:
            break
    return parts


def _platform(found: Mapping[str, Any]) -> Platform:
    return Platform(*(_word(found.get(key)) for key in ("os", "architecture", "variant")))


def _word(value: object) -> str:
    is_word = isinstance(value, str) and len(value) <= _NAME_MAX and value.isascii() and value.isprintable()
    return str(value) if is_word else ""


def _size(row: object) -> int:
    size = row.get("size") if isinstance(row, dict) else None
    return size if type(size) is int and 0 <= size <= SIZE_MOST else 0


def _time(value: object) -> datetime | None:
    """RFC 3339, with nanoseconds as Go writes them. The year 0001 is how Go writes none."""
    if not isinstance(value, str) or len(value) > _NAME_MAX:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    moment = found.replace(tzinfo=UTC) if found.tzinfo is None else found
    return moment.astimezone(UTC) if 1970 <= moment.year < 9000 else None


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ManifestInvalid("the registry sends something that is not JSON in place of an image") from error
    if not isinstance(found, dict):
        raise ManifestInvalid("the registry sends something that is not an image")
    return found
