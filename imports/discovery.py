"""What can be imported from a tree of files, found by names and by first looks at their content. Pure."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from builds.domain.detection.recognising import (
    CHART,
    KUSTOMIZATIONS,
    LOOKED_AT_CHARACTERS,
    PASSED_OVER,
    has_objects,
    has_services,
    is_compose_name,
    is_dockerfile_name,
    may_have_objects,
)
from imports.charts.kustomize import needed as needed_by_kustomization
from imports.domain.compose.load import load
from imports.domain.convert.conversion import convert
from imports.domain.problems import ImportInvalid
from imports.domain.sources import SourceFile
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
OTHERS_MOST = 5
"""Compose files of a folder that are tried beside those that Compose takes by itself."""
_REQUIRED = re.compile(rb"\$\{([A-Za-z_][A-Za-z0-9_]*):?\?")
_SETS = re.compile(rb"^(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=", re.MULTILINE)
_AFTER_SLASH = "0"
"""The character after "/"."""
_LFS = b"version https://git-lfs.github.com/spec/"


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
Check = Callable[[], None]


def discover(paths: Iterable[str], read: Read, check: Check, *, below: str = "") -> list[Found]:
    """What can be imported below a folder, the nearest to the top first; FOUND_MOST at most.

    `paths` are all files there are, `read` gives the content of one, None where it is too large. Compose may use files
    of the whole tree. `check` is called again and again, and what it raises reaches the caller.
    """
    every = sorted(paths)
    inside = [path for path in every if _is_below(path, below) and not PASSED_OVER & set(path.split("/")[:-1])]
    folders: dict[str, list[str]] = defaultdict(list)
    for path in inside:
        folders[posixpath.dirname(path)].append(path)
    charts = _in_charts(folders, check)
    texts = _Looked(read)
    found: list[Found] = []
    for folder, files in folders.items():
        check()
        if folder in charts:
            continue
        compose = [
            path for path in files if is_compose_name(posixpath.basename(path)) and has_services(texts.text(path))
        ]
        if compose:
            found.append(Found("compose", folder, tuple(compose), tuple(merged_by_default(compose)), ()))
        if _names(files) & set(KUSTOMIZATIONS):
            found.append(Found("kustomize", folder, (), (), tuple(needed_by_kustomization(every, folder, read))))
        objects = [
            path for path in files if may_have_objects(posixpath.basename(path)) and has_objects(texts.text(path))
        ]
        if objects:
            found.append(Found("manifests", folder, (), (), tuple(objects)))
        found += [
            Found("dockerfile", path, (), (), (path,), "an image is built from it, and named in the workflow")
            for path in files
            if is_dockerfile_name(posixpath.basename(path))
        ]
    files_of = defaultdict[str, list[str]](list)
    for path in inside:
        if (chart := charts.get(posixpath.dirname(path))) is not None:
            files_of[chart].append(path)
    found += [Found("chart", chart, (), (), tuple(files)) for chart, files in files_of.items()]
    order = {type_: number for number, type_ in enumerate(FOUND_TYPES)}
    found.sort(
        key=lambda one: (one.type == "dockerfile", one.path.count("/") + bool(one.path), order[one.type], one.path)
    )
    tree = Tree(every, read, check)
    return [_with_files(one, tree, texts) for one in found[:FOUND_MOST]]


def _in_charts(folders: Mapping[str, Sequence[str]], check: Check) -> dict[str, str]:
    """Of each folder that is in a chart, the outermost chart around it."""
    charts = {folder for folder, files in folders.items() if CHART in _names(files)}
    found: dict[str, str] = {}
    for folder in folders if charts else ():
        check()
        at, outermost = folder, None
        while True:
            outermost = at if at in charts else outermost
            if not at:
                break
            at = posixpath.dirname(at)
        if outermost is not None:
            found[folder] = outermost
    return found


class _Looked:
    """Contents that were looked at, LOOKED_AT_MOST of them."""

    def __init__(self, read: Read) -> None:
        self.read = read
        self._left = LOOKED_AT_MOST
        self._texts: dict[str, str] = {}

    def text(self, path: str) -> str:
        if path not in self._texts:
            if self._left == 0:
                return ""
            self._left -= 1
            self._texts[path] = (self.read(path) or b"")[:LOOKED_AT_CHARACTERS].decode(errors="replace")
        return self._texts[path]


def _with_files(one: Found, tree: Tree, texts: _Looked) -> Found:
    """With all files that it needs, unless they are too many."""
    if one.why_not:
        return one
    try:
        files = needed_by_compose(one, tree) if one.type == "compose" else _measured(one.files, texts.read)
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
    _bounded(len(paths), 0)
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

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.contents: dict[str, bytes] = {}
        self._size = 0
        self.check = tree.check

    def read(self, path: str) -> bytes | None:
        self.check()
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
    """A FileTree of sorted paths, whose contents are read when they are asked for."""

    def __init__(self, paths: Sequence[str], read: Read, check: Check) -> None:
        self._paths = paths
        self._read = read
        self.check = check

    def read(self, path: str) -> bytes | None:
        at = bisect_left(self._paths, path)
        return self._read(path) if self._paths[at : at + 1] == [path] else None

    def list(self, path: str) -> list[str]:
        """Children are found by jumping over what is below each of them."""
        start = f"{path}/" if path else ""
        found: set[str] = set()
        at = bisect_left(self._paths, start)
        while at < len(self._paths) and self._paths[at].startswith(start):
            self.check()
            name, slash, _ = self._paths[at][len(start) :].partition("/")
            found.add(name)
            at = bisect_left(self._paths, f"{start}{name}{_AFTER_SLASH}", at) if slash else at + 1
        return sorted(found)


def needed_by_compose(one: Found, tree: Tree) -> list[str]:
    """What a conversion reads, whichever of its files are merged and whichever profiles are on.

    A project that is refused needs what was read before. Raises _TooMuch.
    """
    recorder = Recorder(tree)
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
        recorder.check()
        try:
            project = load(recorder, list(merged), folder_name="import", environment=given, profiles=["*"])
            convert(project, recorder, {})
            return
        except ImportInvalid as error:
            contents = recorder.contents.values()
            asked = {name for text in contents for name in _REQUIRED.findall(text)}
            set_here = {name for text in contents for name in _SETS.findall(text)}
            lacking = {name.decode() for name in asked - set_here} - set(given)
            if error.code != "import.variable_required" or not lacking:
                return
            given |= dict.fromkeys(lacking, "x")


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


def _names(paths: Sequence[str]) -> set[str]:
    return {posixpath.basename(path) for path in paths}
