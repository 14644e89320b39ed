"""The images of a team in the embedded registry, read from its files: without a password, and while it rests, too."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from builds.domain.images import is_digest, is_tag
from builds.domain.manifests import Index, ManifestInvalid, Platform, config_of, manifest_of
from builds.registries.embedded.layout import blob, linked, names_in, parts, repositories_in, revisions, tags

IMAGES_MOST = 5_000
"""Of a team; beyond, the list says that it is not whole."""
READ_MOST = 4_000_000
"""Bytes of a manifest or a configuration; one that is larger is listed by its size alone."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What one manifest says."""

    listed: tuple[str, ...] = ()
    """Of an index: the manifests that it names."""
    config: str = ""
    """Digest of the configuration; "" without one."""
    blobs: tuple[str, ...] = ()
    """Digests of layers and configuration."""


@dataclass(frozen=True, slots=True)
class StoredImage:
    """What a person pushed at once: a manifest, or an index with what it lists."""

    repository: str
    """Below the id of the team."""
    digest: str
    tags: tuple[str, ...]
    pushed_at: datetime
    platforms: tuple[Platform, ...]
    size_bytes: int
    manifests: tuple[str, ...]
    """Its digest first, then those that go with it."""
    blobs: frozenset[str]
    """All that is stored for it, the manifests among them."""
    is_certain: bool = True
    """False where something of its repository cannot be read, which may need it."""


@dataclass(frozen=True, slots=True)
class Images:
    found: list[StoredImage]
    is_whole: bool


def images_of(data: Path, team: str) -> Images:
    """The images of a team, IMAGES_MOST at most. What goes while it is read is left out."""
    found: list[StoredImage] = []
    for name, folder in repositories_in(data, team):
        for one in _images(data, name.removeprefix(f"{team}/"), folder):
            if len(found) == IMAGES_MOST:
                return Images(found, is_whole=False)
            found.append(one)
    return Images(found, is_whole=True)


def freed_by(data: Path, team: str, images: Iterable[StoredImage], removed: Collection[StoredImage]) -> int:
    """Bytes that nothing stored needs any more once these `images` of the team are without those `removed`."""
    gone = {(one.repository, one.digest) for one in removed}
    doomed = frozenset[str]().union(*(one.blobs for one in removed))
    kept = frozenset[str]().union(*(one.blobs for one in images if (one.repository, one.digest) not in gone))
    return sum(_size(blob(data, digest)) for digest in doomed - kept - _of_others(data, team))


def forget_links(data: Path) -> None:
    """Have no repository name parts that none of its images has any more; nothing may be pushed meanwhile. Without such
    a name nobody gets the part, so a repository with an image that cannot be read is left as it is."""
    for _, folder in repositories_in(data):
        said = [_said(data, digest) for digest in linked(revisions(folder))]
        if None in said:
            continue  # what it needs is not known
        needed = {part for one in said if one is not None for part in one.blobs}
        for name in names_in(parts(folder)):
            if f"sha256:{name}" not in needed:
                shutil.rmtree(parts(folder) / name, ignore_errors=True)


def _of_others(data: Path, team: str) -> frozenset[str]:
    found = set[str]()
    for name, folder in repositories_in(data):
        if name.partition("/")[0] != team:
            found.update(linked(parts(folder)), linked(revisions(folder)))
    return frozenset(found)


def _images(data: Path, name: str, folder: Path) -> Iterator[StoredImage]:
    stored = linked(revisions(folder))
    tagged: dict[str, list[str]] = {}
    for tag in sorted(names_in(tags(folder))):
        if is_tag(tag) and (digest := _link(tags(folder) / tag / "current" / "link")):
            tagged.setdefault(digest, []).append(tag)
    read = {digest: _said(data, digest) for digest in stored}
    is_certain = None not in read.values()
    said = {digest: one or Parts() for digest, one in read.items()}
    listed = {inner for one in said.values() for inner in one.listed}
    for digest in stored:
        if digest in listed and digest not in tagged:
            continue  # it goes with its index
        manifests = (digest, *(one for one in said[digest].listed if one in said))
        platforms = tuple(dict.fromkeys(found for one in manifests for found in _platforms(data, said[one].config)))
        blobs = frozenset([*manifests, *(part for one in manifests for part in said[one].blobs)])
        with suppress(FileNotFoundError):  # it was removed just now
            pushed_at = (revisions(folder) / digest.partition(":")[2] / "link").stat().st_mtime
            yield StoredImage(
                name,
                digest,
                tuple(tagged.get(digest, ())),
                datetime.fromtimestamp(pushed_at, UTC),
                platforms,
                sum(_size(blob(data, one)) for one in blobs),
                manifests,
                blobs,
                is_certain,
            )


def _said(data: Path, digest: str) -> Parts | None:
    """None where it cannot be read now."""
    with suppress(ManifestInvalid, OSError):
        return _parts(data, digest)
    return None


@lru_cache(maxsize=20_000)
def _parts(data: Path, digest: str) -> Parts:
    """A digest means one content for good. Raises ManifestInvalid and OSError, which are not kept."""
    found = manifest_of(_read(blob(data, digest)), "")
    return Parts(found.listed) if isinstance(found, Index) else Parts((), found.config, found.parts)


def _platforms(data: Path, config: str) -> tuple[Platform, ...]:
    """() where the image does not say, or it cannot be read now."""
    with suppress(ManifestInvalid, OSError):
        if config and (found := _platform(data, config)).os not in ("", "unknown"):
            return (found,)
    return ()


@lru_cache(maxsize=20_000)
def _platform(data: Path, config: str) -> Platform:
    return config_of(_read(blob(data, config)))[0]


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(READ_MOST + 1)
    if len(content) > READ_MOST:
        raise ManifestInvalid(f"it has more than {READ_MOST:,} bytes")
    return content


def _link(path: Path) -> str:
    """The digest that a link names; "" for none."""
    try:
        text = path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return text if is_digest(text) else ""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
