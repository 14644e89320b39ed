"""How much the embedded registry stores, by its files.

Source: Distribution, `registry/storage/paths.go`: images are links below `_manifests/revisions/` of each repository.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Stored:
    size_bytes: int = 0
    repositories: int = 0
    images: int = 0


def stored_in(data: Path) -> Stored:
    """What goes while it is counted is not counted."""
    size = repositories = images = 0
    for folder, folders, files in os.walk(data):
        size += sum(_size(Path(folder) / name) for name in files)
        if "_manifests" in folders:
            found = _images(Path(folder) / "_manifests" / "revisions" / "sha256")
            repositories += bool(found)
            images += found
    return Stored(size, repositories, images)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _images(revisions: Path) -> int:
    """Of one that was deleted a folder without a link stays."""
    try:
        return sum((revisions / name / "link").exists() for name in os.listdir(revisions))
    except FileNotFoundError:
        return 0
