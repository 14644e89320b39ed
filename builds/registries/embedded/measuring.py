"""How much the embedded registry stores, by its files: in all, and of each team."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from builds.registries.embedded.layout import (
    ALGORITHM,
    blobs_folder,
    linked,
    names_in,
    parts,
    repositories_folder,
    repositories_in,
    revisions,
)


@dataclass(frozen=True, slots=True)
class Stored:
    size_bytes: int = 0
    repositories: int = 0
    images: int = 0
    teams: Mapping[str, int] = field(default_factory=dict)
    """By the first part of the names of repositories. What two teams share counts for each, and so do parts that were
    pushed and belong to no image yet."""


def stored_in(data: Path) -> Stored:
    """What goes while it is counted is not counted."""
    sizes = dict(_blobs(data))
    repositories = images = uploads = 0
    teams: Counter[str] = Counter()
    of_teams: dict[str, set[str]] = {}
    for name, folder in repositories_in(data):
        team = name.partition("/")[0]
        found = linked(revisions(folder))
        repositories += bool(found)
        images += len(found)
        of_teams.setdefault(team, set()).update(found, linked(parts(folder)))
    for name in names_in(repositories_folder(data)):
        size = _uploads(repositories_folder(data) / name)
        uploads += size
        teams[name] += size
    for team, digests in of_teams.items():
        teams[team] += sum(sizes.get(digest, 0) for digest in digests)
    return Stored(sum(sizes.values()) + uploads, repositories, images, dict(teams))


def _blobs(data: Path) -> list[tuple[str, int]]:
    top = blobs_folder(data)
    found = ((number, top / first / number / "data") for first in names_in(top) for number in names_in(top / first))
    return [(f"{ALGORITHM}:{number}", _size(path)) for number, path in found]


def _uploads(team: Path) -> int:
    """Of what is being pushed now, or broke off."""
    size = 0
    for folder, names, files in os.walk(team):
        names[:] = [name for name in names if name not in ("_manifests", "_layers")]
        if "_uploads" in Path(folder).parts:
            size += sum(_size(Path(folder) / name) for name in files)
    return size


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
