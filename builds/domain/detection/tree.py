"""A tree of files by its folders, and their texts, within bounds whatever the tree."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import orjson

from builds.domain.detection.recognising import PASSED_OVER
from kubeorch.base.yaml import load_strict
from kubeorch.base.yaml_events import YamlInvalid

PATHS_MOST = 100_000
PATH_MOST = 1000
FOLDERS_MOST = 20_000
DEPTH_MOST = 8
"""Folders below the top in which something is looked for."""
FILE_MOST_BYTES = 256_000
TEXTS_MOST = 600
TOML_MOST_LEVELS = 200
"""Dots and brackets of a line."""
CHARACTERS_MOST = 6_000_000
"""Of all texts together."""

TextOf = Callable[[str], str | None]


class Tree:
    """The listing of paths with sizes in bytes, folder by folder. Folders of other people's code are left out."""

    def __init__(self, listing: Mapping[str, int], text_of: TextOf) -> None:
        self.folders: dict[str, set[str]] = {}
        """Names of files, by folder; "" is the top."""
        self.cut = False
        """Whether there was more than is looked at."""
        self._listing = listing
        self._text_of = text_of
        self._texts: dict[str, str] = {}
        self._left = CHARACTERS_MOST
        folders = self.folders
        left_out: set[str] = set()
        for number, path in enumerate(listing):
            if number == PATHS_MOST:
                self.cut = True
                break
            folder, _, name = path.rpartition("/")
            names = folders.get(folder)
            if names is not None:
                names.add(name)
            elif folder not in left_out:
                if _is_looked_at(folder) and len(folders) < FOLDERS_MOST:
                    folders[folder] = {name}
                else:
                    left_out.add(folder)

    @cached_property
    def _all_folders(self) -> set[str]:
        found: set[str] = set()
        for folder in self.folders:
            while folder not in found:
                found.add(folder)
                folder = folder.rpartition("/")[0]
        return found

    def names(self, folder: str) -> set[str]:
        return self.folders.get(folder, set())

    def has(self, path: str) -> bool:
        return path in self._listing

    def has_folder(self, path: str) -> bool:
        """Whether files lie in it or below it."""
        return path in self._all_folders

    def text(self, path: str) -> str:
        """The text of a file; "" where there is none, it is too large, or enough has been read."""
        if path in self._texts:
            return self._texts[path]
        size = self._listing.get(path)
        if size is None or size > FILE_MOST_BYTES or self._left <= 0 or len(self._texts) >= TEXTS_MOST:
            self.cut = self.cut or (size is not None and size <= FILE_MOST_BYTES)
            return ""
        found = (self._text_of(path) or "")[:FILE_MOST_BYTES].removeprefix("\ufeff")
        self._left -= len(found)
        self._texts[path] = found
        return found

    def json(self, path: str) -> dict[str, Any]:
        """A JSON object; empty where it is none."""
        try:
            return mapping(orjson.loads(self.text(path) or "{}"))
        except (orjson.JSONDecodeError, UnicodeEncodeError):
            return {}

    def toml(self, path: str) -> dict[str, Any]:
        """A TOML table; empty where it is none."""
        text = self.text(path)
        if any(line.count(".") + line.count("[") + line.count("{") > TOML_MOST_LEVELS for line in text.splitlines()):
            return {}  # the reader walks down all levels again for every key
        try:
            return tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError, ValueError):
            return {}

    def yaml(self, path: str) -> dict[str, Any]:
        """A YAML mapping; empty where it is none."""
        try:
            return mapping(load_strict(self.text(path), max_nodes=20_000))
        except YamlInvalid:
            return {}

    def line_of(self, path: str, part: str) -> int:
        """The first line of a file that has this text, from 1; 0 where none has."""
        text = self.text(path)
        at = text.find(part)
        return 0 if at < 0 or not part else text.count("\n", 0, at) + 1


def _is_looked_at(folder: str) -> bool:
    parts = folder.split("/")
    return len(parts) <= DEPTH_MOST and len(folder) <= PATH_MOST and not PASSED_OVER.intersection(parts)


def join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def text(value: object, most: int = 1000) -> str:
    """A short text; "" for whatever else."""
    return value if isinstance(value, str) and len(value) <= most else ""
