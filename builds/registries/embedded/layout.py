"""Where Distribution keeps what, below the folder of its files.

Source: Distribution, `registry/storage/paths.go`: what an image consists of lies once for all repositories, by digest;
a repository has links to its images, tags and parts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

_HEX = re.compile(r"[0-9a-f]{64}\Z")
ALGORITHM = "sha256"


def blobs_folder(data: Path) -> Path:
    return data / "docker" / "registry" / "v2" / "blobs" / ALGORITHM


def blob(data: Path, digest: str) -> Path:
    number = digest.removeprefix(f"{ALGORITHM}:")
    return blobs_folder(data) / number[:2] / number / "data"


def repositories_folder(data: Path) -> Path:
    return data / "docker" / "registry" / "v2" / "repositories"


def repositories_in(data: Path, below: str = "") -> Iterator[tuple[str, Path]]:
    """Names and folders, of those `below` a first part or of all; what goes meanwhile is left out."""
    top = repositories_folder(data)
    for folder, names, _ in os.walk(top / below if below else top):
        if "_manifests" in names or "_layers" in names:
            yield str(Path(folder).relative_to(top)), Path(folder)
        names[:] = sorted(name for name in names if not name.startswith("_"))


def revisions(repository: Path) -> Path:
    return repository / "_manifests" / "revisions" / ALGORITHM


def parts(repository: Path) -> Path:
    return repository / "_layers" / ALGORITHM


def tags(repository: Path) -> Path:
    return repository / "_manifests" / "tags"


def linked(folder: Path) -> list[str]:
    """Digests that a folder has links to; of what was deleted a folder without a link stays."""
    return [f"{ALGORITHM}:{one}" for one in names_in(folder) if _HEX.match(one) and (folder / one / "link").exists()]


def names_in(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []
