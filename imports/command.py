"""`manage.py convert`: what is brought in, converted in a shell, without Django and a database.

It reads the folder of the first file and nothing outside of it, and no variable of its own environment.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from imports.domain.compose.load import Project, load
from imports.domain.compose.variables import Variable
from imports.domain.problems import ImportInvalid

MAX_BYTES = 2_000_000


class Folder:
    """A FileTree on the disk. Links that lead out of it lead nowhere."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def _found(self, path: str) -> Path | None:
        found = (self.root / path).resolve()
        return found if found.is_relative_to(self.root) else None

    def read(self, path: str) -> bytes | None:
        found = self._found(path)
        if found is None or not found.is_file():
            return None
        with found.open("rb") as file:
            return file.read(MAX_BYTES)

    def list(self, path: str) -> list[str]:
        found = self._found(path)
        return sorted(entry.name for entry in found.iterdir()) if found and found.is_dir() else []


def main(argv: Sequence[str]) -> int:
    """The exit code: 0, 1 where the files are refused, 2 where the command is not understood."""
    options = _parser().parse_args(argv)
    try:
        project = _project(options)
    except ImportInvalid as error:
        print(error.detail, file=sys.stderr)
        return 1
    for place, text in project.warnings:
        print(f"{place}: {text}", file=sys.stderr)
    shown = as_printed(project.model) if options.model else [_told(variable) for variable in project.variables]
    print(json.dumps(shown, indent=2, ensure_ascii=False))
    return 0


def _told(variable: Variable) -> dict[str, Any]:
    """Where a variable comes from, and where it is used."""
    return {
        "name": variable.name,
        "value": variable.value,
        "origin": str(variable.origin) if variable.origin else None,
        "used": [str(place) for place in variable.used],
        "default_used": variable.default_used,
        "required": variable.required_message,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="manage.py convert", description="Convert Compose files.")
    parser.add_argument("files", nargs="+", metavar="FILE", help="Compose files, merged in this order")
    parser.add_argument("--env-file", action="append", default=[], metavar="FILE", help="variables, instead of .env")
    parser.add_argument("--profile", action="append", default=[], metavar="NAME", help="a profile that is on")
    parser.add_argument("--project-name", metavar="NAME")
    printed = parser.add_mutually_exclusive_group(required=True)
    printed.add_argument("--model", action="store_true", help="print the resolved model as JSON")
    printed.add_argument("--variables", action="store_true", help="print where each variable comes from, as JSON")
    return parser


def _project(options: argparse.Namespace) -> Project:
    folder = Path(options.files[0]).resolve().parent

    def within(path: str) -> str:
        found = Path(path).resolve()
        if not found.is_relative_to(folder):
            raise ImportInvalid(f"{path} is outside of {folder}; only the folder of the first file is read")
        return found.relative_to(folder).as_posix()

    return load(
        Folder(folder),
        [within(path) for path in options.files],
        project_name=options.project_name,
        folder_name=folder.name,
        env_files=[within(path) for path in options.env_file],
        profiles=options.profile,
        root=folder.as_posix(),
    )


def as_printed(value: Any) -> Any:
    """A model with every dollar doubled, so that what is printed is a Compose file that says the same."""
    match value:
        case str():
            return value.replace("$", "$$")
        case dict():
            return {key.replace("$", "$$"): as_printed(item) for key, item in value.items()}
        case list():
            return [as_printed(item) for item in value]
        case _:
            return value
