"""What can be imported from a tree of files, found by names and by first looks at their content. Pure."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
from imports.domain.sources import SourceFile
from imports.intake import FILE_MAX_BYTES, ContentType, merged_by_default
from imports.needing import LFS, Check, Read, TooMuch, Tree, bounded, needed
from kubeorch.base.errors import InvalidInput

FOUND_TYPES = ("compose", "chart", "kustomize", "manifests", "dockerfile")
_CALLED = {"compose": "Compose project", "kustomize": "Kustomization"}
FOUND_MOST = 100
LOOKED_AT_MOST = 3_000
"""YAML files that are looked into."""


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
    part_of: str = ""
    """The place of what reads it, too: a Compose project that includes it, a kustomization around it."""


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
    return _with_owners([_with_files(one, tree, texts) for one in found[:FOUND_MOST]], texts)


def _with_owners(found: Sequence[Found], texts: _Looked) -> list[Found]:
    """Each with what reads it, too: a Compose project that names it, a kustomization that needs all of it. Those come
    after the others."""
    owners = [(one, frozenset(one.files)) for one in found if one.type in _CALLED]
    known = []
    for one in found:
        own = one.taken if one.type == "compose" else one.files
        if one.type == "kustomize":
            own = tuple(path for path in own if posixpath.dirname(path) == one.path)
        owner = next((other for other, files in owners if files.issuperset(own) and _reads(other, one, texts)), None)
        known.append(
            one if owner is None else replace(one, part_of=f"{_CALLED[owner.type]} {owner.path or 'at the top'}")
        )
    return sorted(known, key=lambda one: (one.type == "dockerfile", one.part_of != ""))


def _reads(owner: Found, one: Found, texts: _Looked) -> bool:
    """Whether it is a part; a folder that a Compose project mounts is none, whatever is in it."""
    if (
        owner is one
        or one.type not in ("compose", "kustomize", "manifests")
        or (owner.type == "compose") != (one.type == "compose")
    ):
        return False
    if owner.type == "kustomize":
        return one.type == "manifests" or len(owner.files) > len(one.files)
    names = [posixpath.relpath(path, owner.path or ".") for path in one.taken]
    return any(name in texts.text(path) for path in owner.merged for name in names)


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
        files = needed(one.merged, one.taken, tree) if one.type == "compose" else _measured(one.files, texts.read)
    except TooMuch as error:
        return replace(one, files=(), why_not=str(error))
    pointers = [path for path in files if (texts.read(path) or b"").startswith(LFS)]
    if pointers:
        return replace(one, files=tuple(files), why_not=f"{pointers[0]} is kept in Git LFS, which is not read")
    return replace(one, files=tuple(files))


def _measured(paths: Sequence[str], read: Read) -> Sequence[str]:
    size = 0
    bounded(len(paths), 0)
    for path in paths:
        content = read(path)
        if content is None:
            raise TooMuch(f"{path} has more than {FILE_MAX_BYTES:,} bytes")
        size += len(content)
    bounded(len(paths), size)
    return paths


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
