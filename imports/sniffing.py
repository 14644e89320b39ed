"""What a command is given: Compose files, or objects and workflow files. Light, since it decides what is loaded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

_LOOKED_AT_BYTES = 65_536
_OBJECT = re.compile(rb"""^[ \t{\[-]*["']?apiVersion["']?[ \t]*:""", re.MULTILINE)
COMPOSE_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDE_NAMES = (
    *("compose.override.yml", "compose.override.yaml"),
    *("docker-compose.override.yml", "docker-compose.override.yaml"),
)
"""In the order in which the first that is there counts. Source: Compose, `cli/options.go`, DefaultFileNames."""
_OTHERS = ("Chart.yaml", "kustomization.yaml", "kustomization.yml", "Kustomization")
"""At the top of a folder: what it is, whatever else is in it."""
_WORKFLOW = re.compile(rb"^(?:workflow|nodes):", re.MULTILINE)


def names_objects(argv: Sequence[str]) -> bool:
    """Whether the first file or folder among the arguments has objects of Kubernetes, or is a workflow file."""
    for one in argv:
        path = Path(one)
        if path.is_dir() and compose_files_of(path) and not any((path / name).is_file() for name in _OTHERS):
            return False
        if one.endswith((".tgz", ".tar.gz")) and path.exists():
            return True  # the archive of a chart
        if not one.startswith("-") and path.exists():
            return any(_has_objects(file) for file in (files_in(path) if path.is_dir() else [path]))
    return False


def compose_files_of(folder: Path) -> list[Path]:
    """The files of a folder that Compose takes by itself; empty where it would take none."""
    found = []
    for names in (COMPOSE_NAMES, OVERRIDE_NAMES):
        found += [folder / name for name in names if (folder / name).is_file()][:1]
        if not found:
            return []
    return found


def files_in(folder: Path) -> list[Path]:
    """The YAML and JSON files of a folder and those below it, in order. Links and hidden ones are left out."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in (".yaml", ".yml", ".json")
        and path.is_file()
        and not path.is_symlink()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def is_workflow(content: bytes) -> bool:
    """Whether a text is a workflow file."""
    start = content[:_LOOKED_AT_BYTES]
    return bool(_WORKFLOW.search(start)) and not re.search(rb"^apiVersion:", start, re.MULTILINE)


def _has_objects(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(_LOOKED_AT_BYTES)
    return bool(_OBJECT.search(start) or _WORKFLOW.search(start))
