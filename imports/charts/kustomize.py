"""Kustomizations among files become what `kubectl kustomize` prints of each that no other one uses.

Nothing is fetched and no plugin runs: every path that a kustomization names must be among the files.
Sources: kustomize docs, "The Kustomization File"; kustomize, `api/internal/loader/fileloader.go` (a path may be a URL).
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from builds.domain.detection.recognising import KUSTOMIZATIONS
from imports.charts.jail import Check, Jail, JailBroken, jail
from imports.charts.places import key_lines
from imports.charts.printed import Part
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Place, SourceFile
from kubeorch.base.yaml import YamlInvalid, load_all_strict, load_strict

ROOTS_MAX = 20
TOP = "."
"""What the folder at the top is called."""
_CODE = "import.kustomization"
_FOLDERS = ("resources", "bases", "components")
_FILES = ("crds", "configurations", "patchesStrategicMerge")
_PATHS_IN = ("patches", "patchesJson6902", "replacements")
_GENERATORS = ("configMapGenerator", "secretGenerator")
_REFUSED = {
    **dict.fromkeys(("generators", "transformers", "validators"), "plugins are not run here; use patches and the like"),
    **dict.fromkeys(
        ("helmCharts", "helmChartInflationGenerator", "helmGlobals"),
        "it would run helm on a chart from elsewhere; import the chart by itself",
    ),
}
_TOP = (*_FOLDERS, *_FILES, *_PATHS_IN, *_GENERATORS, *_REFUSED, "openapi")
_INSIDE: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys((*_PATHS_IN, "openapi"), ("path",)),
    **dict.fromkeys(_GENERATORS, ("files", "envs", "env")),
}
"""Kustomize takes these in any case, and reads a file by each. Source: Go, `encoding/json`, "Unmarshal"."""
_REMOTE = re.compile(r"\A[a-z][a-z0-9+.-]*::?//|\A(git::|git@|github\.com|gh:)|[?&](ref|version)=|//", re.IGNORECASE)
_UNKNOWN_FIELD = re.compile(r'unknown field "(?P<field>[^"]+)"')
_LOGGED = re.compile(r'"command failed" err=("(?:[^"\\]|\\.)*")')
_LINE = re.compile(r"\bline (?P<line>\d+)")


@dataclass(slots=True)
class Kustomizations:
    """Those among the files, by folder."""

    files: Mapping[str, bytes] = field(repr=False)
    named: dict[str, list[str]] = field(default_factory=dict)
    """The folders of other kustomizations that one uses."""

    def path(self, folder: str) -> str:
        return next(path for name in KUSTOMIZATIONS if (path := posixpath.join(folder, name)) in self.files)

    def tops(self) -> list[str]:
        """Folders of those that no other one uses, which are what people build."""
        used = {one for folders in self.named.values() for one in folders}
        return [folder for folder in self.named if folder not in used]

    def check(self, folder: str) -> None:
        """Judge a kustomization and those that it uses. Raises ImportInvalid with the place."""
        waiting, seen = [folder], {folder}
        for at in waiting:  # grows while it is read
            _check(self, at)
            more = [one for one in dict.fromkeys(self.named[at]) if one not in seen]
            waiting += more
            seen |= set(more)


def has_kustomization(paths: Iterable[str]) -> bool:
    return any(posixpath.basename(path) in KUSTOMIZATIONS for path in paths)


def build(
    files: Sequence[SourceFile],
    kubectl: Path,
    folders: Sequence[str] | None = None,
    *,
    check: Check = lambda: None,
) -> tuple[list[Part], list[str]]:
    """What the kustomizations in these folders print, as parts named by them, and why others print nothing.

    Without `folders` it is each one that no other one uses. Raises ImportInvalid with the place where none prints
    anything, and what `check` raises.
    """
    found = kustomizations(files)
    wanted = list(folders) if folders is not None else found.tops()
    if missing := [one for one in wanted if one not in found.named]:
        raise ImportInvalid(f"there is no kustomization in {missing[0]}", code=_CODE)
    if len(wanted) > ROOTS_MAX:
        raise ImportInvalid(f"more than {ROOTS_MAX} kustomizations are used by no other one; bring fewer", code=_CODE)
    if not wanted:
        raise ImportInvalid("the kustomizations use one another in a circle", code=_CODE)
    parts: list[Part] = []
    refused: list[ImportInvalid] = []
    with jail() as own:
        own.write(files)
        for folder in wanted:
            try:
                found.check(folder)
                parts.append(Part(folder or TOP, _built(own, folder, found, kubectl, check)))
            except ImportInvalid as error:
                refused.append(error)
    if not parts:
        raise refused[0]
    return parts, [error.detail for error in refused]


def kustomizations(files: Sequence[SourceFile]) -> Kustomizations:
    """Those among the files. Raises ImportInvalid where there is none."""
    found = Kustomizations({file.path: file.content for file in files})
    folders = sorted(
        {posixpath.dirname(file.path) for file in files if posixpath.basename(file.path) in KUSTOMIZATIONS}
    )
    if not folders:
        raise ImportInvalid(f"there is no {KUSTOMIZATIONS[0]} among the files", code=_CODE)
    for folder in folders:
        found.named[folder] = _used(found, folder)
    return found


def needed(every: Iterable[str], folder: str, read: Callable[[str], bytes | None]) -> list[str]:
    """The files that the kustomization in a folder uses, with those of others that it uses; what is wrong is left out.

    `every` are all paths there are.
    """
    known = set(every)
    folders, found, seen = [folder], dict[str, None](), {folder}
    for at in folders:  # grows while it is read
        path = next((own for name in KUSTOMIZATIONS if (own := posixpath.join(at, name)) in known), None)
        content = read(path) if path is not None else None
        if path is None or content is None:
            continue
        found[path] = None
        try:
            named = [posixpath.normpath(posixpath.join(at, text)) for _, text in _paths(_read(content, path))]
        except ImportInvalid:
            continue
        found |= dict.fromkeys(one for one in named if one in known)
        more = dict.fromkeys("" if one == "." else one for one in named)
        folders += [one for one in more if one not in known and one not in seen]
        seen |= more.keys()
    return list(found)


def _used(found: Kustomizations, folder: str) -> list[str]:
    """The folders of kustomizations that one uses; what is wrong in it is said once it is built."""
    path = found.path(folder)
    try:
        named = [
            _target(folder, text) for where, text in _paths(_read(found.files[path], path)) if where[0] in _FOLDERS
        ]
    except ImportInvalid:
        return []
    return [one for one in named if one not in found.files and _has_one(found, one)]


def _target(folder: str, text: str) -> str:
    target = posixpath.normpath(posixpath.join(folder, text))
    return "" if target == "." else target


def _has_one(found: Kustomizations, folder: str) -> bool:
    return any(posixpath.join(folder, name) in found.files for name in KUSTOMIZATIONS)


def _check(found: Kustomizations, folder: str) -> None:
    """Every key that names files is one that we read, and every path is among the files."""
    path = found.path(folder)
    content = found.files[path]
    said = _read(content, path)
    lines = key_lines(content)
    for where, right in _misspelled(said):
        line = lines.get(where, 0)
        why = f"write {right} in place of {str(where[-1])[:60]}"
        raise ImportInvalid(why, Place(path, line, 1 if line else 0), code=_CODE)
    for key, why in _REFUSED.items():
        if key in said:
            raise ImportInvalid(f"{key}: {why}", Place(path, lines.get((key,), 0), 1), code=_CODE)
    for where, text in _paths(said):
        place = Place(path, lines.get(where, 0), 1)
        if _REMOTE.search(text) or ":" in text:  # before the files: kustomize asks the network first
            raise ImportInvalid(
                f"{text[:200]} lies elsewhere and is not fetched; bring its files, and name their folder",
                place,
                code=_CODE,
            )
        if posixpath.normpath(text) != text.removeprefix("./").rstrip("/") and text.strip("./"):
            why = f"write {posixpath.normpath(text)[:200]} in place of {text[:200]}"
            raise ImportInvalid(why, place, code=_CODE)
        target = _target(folder, text)
        if target not in found.files and not (where[0] in _FOLDERS and _has_one(found, target)):
            raise ImportInvalid(f"{text[:200]} is not among the files; bring it as well", place, code=_CODE)


def _misspelled(said: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Keys that kustomize takes for one of ours, though they are written otherwise, each with how it is written."""
    yield from (((key,), right) for key, right in _otherwise(said, _TOP))
    for key, inside in _INSIDE.items():
        rows = said.get(key)
        if isinstance(rows, dict):
            yield from (((key, own), right) for own, right in _otherwise(rows, inside))
        for number, row in _items(rows):
            if isinstance(row, dict):
                yield from (((key, number, own), right) for own, right in _otherwise(row, inside))


def _otherwise(row: Mapping[str, Any], keys: Sequence[str]) -> Iterator[tuple[str, str]]:
    right = {key.casefold(): key for key in keys}
    for key in row:
        if right.get(str(key).casefold(), key) != key:
            yield key, right[str(key).casefold()]


def _paths(said: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every path that a kustomization names, and where it does."""
    for key in (*_FOLDERS, *_FILES):
        for number, text in _items(said.get(key)):
            if isinstance(text, str) and not (key == "patchesStrategicMerge" and _is_patch(text)):
                yield (key, number), text
    for key in _PATHS_IN:
        for number, row in _items(said.get(key)):
            if isinstance(row, dict) and isinstance(row.get("path"), str):
                yield (key, number, "path"), row["path"]
    for key in _GENERATORS:
        for number, row in _items(said.get(key)):
            if not isinstance(row, dict):
                continue
            for inner, own in _items(row.get("files")):
                if isinstance(own, str):
                    yield (key, number, "files", inner), own.partition("=")[2] or own
            for inner, own in [*_items(row.get("envs")), *_items([row.get("env")])]:
                if isinstance(own, str):
                    yield (key, number, "envs", inner), own
    schema = said.get("openapi")
    if isinstance(schema, dict) and isinstance(schema.get("path"), str):
        yield ("openapi", "path"), schema["path"]


def _is_patch(text: str) -> bool:
    """Whether it is a patch itself, and no path of one."""
    try:
        return "\n" in text and all(isinstance(one, dict) for one in load_all_strict(text))
    except YamlInvalid:
        return False


def _items(value: Any) -> list[tuple[int, Any]]:
    return list(enumerate(value)) if isinstance(value, list) else []


def _read(content: bytes, path: str) -> dict[str, Any]:
    try:
        said = load_strict(content)
    except YamlInvalid as error:
        place = Place(path, error.line, error.column if error.line else 0)
        raise ImportInvalid(error.why, place, code=_CODE) from error
    if not isinstance(said, dict):
        raise ImportInvalid("a kustomization is a mapping, with resources", Place(path, 0, 0), code=_CODE)
    return said


def _built(own: Jail, folder: str, found: Kustomizations, kubectl: Path, check: Check) -> str:
    place = Place(found.path(folder), 0, 0)
    try:
        printed = own.run(kubectl, ["kustomize", f"./{folder}"], check=check)
    except JailBroken as error:
        raise ImportInvalid(f"building this kustomization {error}", place, code=_CODE) from error
    if not printed.ok:
        raise _refusal(printed.err.replace(f"{own.folder}/", ""), place, found)
    try:
        return printed.out.decode()
    except UnicodeDecodeError as error:
        raise ImportInvalid("what it builds is not UTF-8", place, code=_CODE) from error


def _refusal(said: str, place: Place, found: Kustomizations) -> ImportInvalid:
    """What kustomize says, at the file that it names, else at the kustomization."""
    logged = _LOGGED.search(said)
    text = json.loads(logged[1]) if logged else said.rpartition("error: ")[2]
    why = " ".join(text.split())[:1500] or "kubectl kustomize failed without a word"
    if unknown := _UNKNOWN_FIELD.search(why):
        for path in [place.path, *map(found.path, found.named)]:  # it may be one that this one uses
            if line := key_lines(found.files[path]).get((unknown["field"],)):
                return ImportInvalid(why, Place(path, line, 1), code=_CODE)
    names = [path for path in found.files if re.search(rf"(^|[\s'\"/]){re.escape(path)}($|[\s'\":;,])", why)]
    if names:
        line_ = _LINE.search(why)
        number = int(line_["line"]) if line_ else 0
        return ImportInvalid(why, Place(max(names, key=len), number, 1 if number else 0), code=_CODE)
    return ImportInvalid(why, place, code=_CODE)
