"""Compose files of others, such as kompose's test fixtures, against Docker Compose: nothing of them is kept here."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from imports.command import Folder
from imports.domain.compose.load import load
from imports.domain.problems import ImportInvalid
from tests.oracles.compose.oracle import compared, run

FIXTURES = "COMPOSE_FIXTURES"
"""The variable that names a folder; every Compose file below it is compared."""
_COMPOSE = re.compile(r"(^|[-_.])compose.*\.ya?ml$")
_LARGEST = 100_000


def projects(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Folders and the files in them to load together: each by itself, and each override over its base."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and _COMPOSE.search(path.name) and path.stat().st_size < _LARGEST:
            yield path.parent, [path.name]
            over = path.with_name(path.name.replace("compose.", "compose.override."))
            if over != path and over.exists():
                yield path.parent, [path.name, over.name]


def difference(folder: Path, files: list[str], program: str) -> list[str]:
    """What differs for one project; with every profile on."""
    with tempfile.TemporaryDirectory() as made:
        root = Path(made, "project")
        shutil.copytree(folder, root, symlinks=True)
        done = run(program, root, files, ["*"], [])
        theirs: dict[str, Any] = {"error": done.stderr.strip().splitlines()[-1:]}
        if not done.returncode:
            theirs = {"model": json.loads(done.stdout)}
        try:
            project = load(Folder(root), files, profiles=["*"], root=os.fspath(root))
        except ImportInvalid as error:
            return compared(theirs, {"error": [error.detail]})
        return compared(theirs, {"model": project.model})
