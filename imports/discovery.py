"""What can be imported from a tree of files, found by names and by first looks at their content. Pure."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from imports.charts.kustomize import NAMES as KUSTOMIZATIONS
from imports.charts.kustomize import needed as needed_by_kustomization
from imports.domain.compose.load import load
from imports.domain.convert.conversion import convert
from imports.domain.problems import ImportInvalid
from imports.domain.sources import FileTree, SourceFile
from imports.intake import FILE_MAX_BYTES, ContentType, merged_by_default
from kubeorch.base.errors import InvalidInput

FOUND_TYPES = ("compose", "chart", "kustomize", "manifests", "dockerfile")
FOUND_MOST = 100
LOOKED_AT_MOST = 3_000
"""YAML files that are looked into."""
NEEDED_FILES = 1_000
NEEDED_BYTES = 5_000_000
"""Of one thing that is found."""
PASSES = 5
OTHERS_MOST = 10
"""Compose files of a folder that are tried beside those that Compose takes by itself."""
_COMPOSE_NAME = re.compile(r"(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml", re.ASCII)
_SERVICES = re.compile(rb"^(?:services|include)[ \t]*:", re.MULTILINE)
_OBJECT = re.compile(rb"""^[ \t{\[-]*["']?apiVersion["']?[ \t]*:""", re.MULTILINE)
_KIND = re.compile(rb"""["']?\bkind["']?[ \t]*:""")
_DOCKERFILE = re.compile(r"(?:Dockerfile|Containerfile)(?:\.[\w.-]+)?|[\w.-]+\.[Dd]ockerfile", re.ASCII)
_REQUIRED = re.compile(rb"\$\{([A-Za-z_][A-Za-z0-9_]*):?\?")
_LFS = b"version https://git-lfs.github.com/spec/"
_PASSED_OVER = frozenset({"node_modules", "vendor", ".git", ".github", ".gitlab", ".circleci"})


@dataclass(frozen=True, slots=True)
class Found:
    """Something that may be imported; see `store.Proposal`. `files` are all that it needs."""

    type: str
    path: str
    merged: tuple[str, ...]
    """The Compose files that may be merged; empty for others."""
    taken: tuple[str, ...]
    files: tuple[str, ...]
    why_not: str = ""


Read = Callable[[str], bytes | None]


def discover(paths: Iterable[str], read: Read, *, below: str = "") -> list[Found]:
    """What can be imported below a folder, the nearest to the top first; FOUND_MOST at most.

    `paths` are all files there are, `read` gives the content of one, None where it is too large. Compose may use files
    of the whole tree.
    """
    every = sorted(paths)
    inside = [path for path in every if _is_below(path, below) and not _PASSED_OVER & set(path.split("/")[:-1])]
    folders: dict[str, list[str]] = defaultdict(list)
    for path in inside:
        folders[posixpath.dirname(path)].append(path)
    charts = {folder for folder, names in folders.items() if _names(names) & {"Chart.yaml"}}
    charts = {folder for folder in charts if not _within_another(folder, charts)}
    texts = _Looked(read)
    found: list[Found] = []
    for folder, files in folders.items():
        if folder in charts:
            found.append(Found("chart", folder, (), (), tuple(path for path in inside if _is_below(path, folder))))
        if _within(folder, charts):
            continue
        compose = [
            path for path in files if _COMPOSE_NAME.fullmatch(posixpath.basename(path)) and texts.has_services(path)
        ]
        if compose:
            found.append(Found("compose", folder, tuple(compose), tuple(merged_by_default(compose)), ()))
        if _names(files) & set(KUSTOMIZATIONS):
            found.append(Found("kustomize", folder, (), (), tuple(needed_by_kustomization(every, folder, read))))
        objects = [path for path in files if posixpath.basename(path) not in KUSTOMIZATIONS and texts.has_objects(path)]
        if objects:
            found.append(Found("manifests", folder, (), (), tuple(objects)))
        found += [
            Found("dockerfile", path, (), (), (path,), "an image is built from it, and named in the workflow")
            for path in files
            if _DOCKERFILE.fullmatch(posixpath.basename(path))
        ]
    order = {type_: number for number, type_ in enumerate(FOUND_TYPES)}
    found.sort(
        key=lambda one: (one.type == "dockerfile", one.path.count("/") + bool(one.path), order[one.type], one.path)
    )
    return [_with_files(one, every, texts) for one in found[:FOUND_MOST]]


class _Looked:
    """Contents that were looked at, LOOKED_AT_MOST of them."""

    def __init__(self, read: Read) -> None:
        self.read = read
        self._left = LOOKED_AT_MOST
        self._texts: dict[str, bytes] = {}

    def text(self, path: str) -> bytes:
        if path not in self._texts:
            if self._left == 0:
                return b""
            self._left -= 1
            self._texts[path] = (self.read(path) or b"")[:65_536]
        return self._texts[path]

    def has_services(self, path: str) -> bool:
        return bool(_SERVICES.search(self.text(path)))

    def has_objects(self, path: str) -> bool:
        if not path.lower().endswith((".yaml", ".yml", ".json")):
            return False
        text = self.text(path)
        return bool(_OBJECT.search(text) and _KIND.search(text))


def _with_files(one: Found, every: Sequence[str], texts: _Looked) -> Found:
    """With all files that it needs, unless they are too many."""
    if one.why_not:
        return one
    try:
        files = needed_by_compose(one, every, texts.read) if one.type == "compose" else _measured(one.files, texts.read)
    except _TooMuch as error:
        return replace(one, files=(), why_not=str(error))
    pointers = [path for path in files if (texts.read(path) or b"").startswith(_LFS)]
    if pointers:
        return replace(one, files=tuple(files), why_not=f"{pointers[0]} is kept in Git LFS, which is not read")
    return replace(one, files=tuple(files))


class _TooMuch(Exception):
    pass


def _measured(paths: Sequence[str], read: Read) -> Sequence[str]:
    size = 0
    for path in paths:
        content = read(path)
        if content is None:
            raise _TooMuch(f"{path} has more than {FILE_MAX_BYTES:,} bytes")
        size += len(content)
    _bounded(len(paths), size)
    return paths


def _bounded(count: int, size: int) -> None:
    if count > NEEDED_FILES or size > NEEDED_BYTES:
        raise _TooMuch(f"it needs more than {NEEDED_FILES:,} files or {NEEDED_BYTES:,} bytes; give the path of a part")


class Recorder:
    """A FileTree that remembers what was read, files that are not there left out."""

    def __init__(self, tree: FileTree) -> None:
        self._tree = tree
        self.contents: dict[str, bytes] = {}
        self._size = 0

    def read(self, path: str) -> bytes | None:
        if path in self.contents:
            return self.contents[path]
        content = self._tree.read(path)
        if content is not None:
            self.contents[path] = content
            self._size += len(content)
            _bounded(len(self.contents), self._size)
        return content

    def list(self, path: str) -> list[str]:
        return self._tree.list(path)


class Tree:
    """A FileTree of paths whose contents are read when they are asked for."""

    def __init__(self, paths: Iterable[str], read: Read) -> None:
        self._folders: dict[str, set[str]] = defaultdict(set)
        self._paths = set(paths)
        self._read = read
        for path in self._paths:
            parts = path.split("/")
            for depth in range(len(parts)):
                self._folders["/".join(parts[:depth])].add(parts[depth])

    def read(self, path: str) -> bytes | None:
        return self._read(path) if path in self._paths else None

    def list(self, path: str) -> list[str]:
        return sorted(self._folders.get(path, ()))


def needed_by_compose(one: Found, every: Sequence[str], read: Read) -> list[str]:
    """What a conversion reads, whichever of its files are merged and whichever profiles are on.

    A project that is refused needs what was read before. Raises _TooMuch.
    """
    recorder = Recorder(Tree(every, read))
    rest = [path for path in one.merged if path not in one.taken][:OTHERS_MOST]
    for merged in (list(one.taken), *([*one.taken, other] for other in rest), *([other] for other in rest)):
        _read_through(recorder, merged)
    return sorted(recorder.contents)


def _read_through(recorder: Recorder, merged: Sequence[str]) -> None:
    """Convert it for what that reads. Where files ask for variables that nobody sets, these get a value."""
    given: dict[str, str] = {}
    for path in (*merged, posixpath.join(posixpath.dirname(merged[0]), ".env")):
        recorder.read(path)
    for _ in range(PASSES):
        try:
            project = load(recorder, list(merged), folder_name="import", environment=given, profiles=["*"])
            convert(project, recorder, {})
            return
        except ImportInvalid as error:
            contents = recorder.contents.values()
            asked = {name for text in contents for name in _REQUIRED.findall(text)}
            lacking = {name.decode() for name in asked if not any(_sets(name, text) for text in contents)} - set(given)
            if error.code != "import.variable_required" or not lacking:
                return
            given |= dict.fromkeys(lacking, "x")


def _sets(name: bytes, text: bytes) -> bool:
    return re.search(rb"^(?:export[ \t]+)?" + name + rb"[ \t]*=", text, re.MULTILINE) is not None


CONTENT: Mapping[str, ContentType] = {
    "compose": "compose",
    "manifests": "manifests",
    "chart": "chart",
    "kustomize": "kustomize",
}
"""How what is found can be read, by its type."""


def check_choice(found: Sequence[Mapping[str, Any]], type_: str, paths: Sequence[str]) -> ContentType:
    """How a choice is read: of Compose some files of one folder, of others some folders that were found.

    `found` are rows of `store.Proposal`. Raises InvalidInput.
    """
    offered = [one for one in found if one["type"] == type_]
    content = CONTENT.get(type_)
    if not offered or content is None:
        raise InvalidInput(f"there is nothing of type {type_} to choose", code="import.choice", field="type")
    if type_ == "compose":
        chosen = [one for one in offered if set(paths) <= set(one["files"])]
    else:
        chosen = [one for one in offered if one["path"] in paths]
        chosen = chosen if {one["path"] for one in chosen} == set(paths) else []
    if not chosen or not paths:
        cure = "Compose files of one folder" if type_ == "compose" else "folders"
        raise InvalidInput(f"choose {cure} among those that were found", code="import.choice", field="paths")
    if refused := next((one for one in chosen if one["why_not"]), None):
        raise InvalidInput(refused["why_not"], code="import.choice", field="paths")
    return content


def chosen_files_of(type_: str, paths: Sequence[str], files: Sequence[SourceFile]) -> list[SourceFile]:
    """Of the files that were kept those that a choice means."""
    if type_ == "manifests":
        return [file for file in files if posixpath.dirname(file.path) in paths]
    return list(files)  # Compose may use all, and what charts render lies beside them


def _is_below(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")


def _within(folder: str, others: set[str]) -> bool:
    return any(_is_below(folder, other) for other in others)


def _within_another(folder: str, others: set[str]) -> bool:
    return any(_is_below(folder, other) for other in others if other != folder)


def _names(paths: Sequence[str]) -> set[str]:
    return {posixpath.basename(path) for path in paths}
