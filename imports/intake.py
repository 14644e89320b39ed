"""Files on their way in: paths, sizes, and which of them are Compose files. What is wrong names the file."""

from __future__ import annotations

import base64
import binascii
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from imports.domain.sources import SourceFile
from imports.sniffing import COMPOSE_NAMES, OVERRIDE_NAMES
from kubeorch.base.errors import InvalidInput, Problem
from kubeorch.base.names import shows_all

SourceType = Literal["compose", "manifests", "git", "namespace", "chart", "kustomize"]
"""Where an import comes from."""
ContentType = Literal["compose", "manifests", "namespace", "chart", "kustomize"]
"""How its files are read."""
SOURCE_FIELDS: Mapping[SourceType, tuple[frozenset[str], frozenset[str]]] = {
    "compose": (
        frozenset({"files"}),
        frozenset({"compose_files", "env_files", "profiles", "environment", "repository", "ref"}),
    ),
    "manifests": (frozenset({"files"}), frozenset()),
    "namespace": (frozenset({"cluster", "namespace"}), frozenset({"selector"})),
    "git": (frozenset({"url"}), frozenset({"ref", "path", "credential", "host_key", "connection"})),
    "chart": (
        frozenset(),
        frozenset({"files", "path", "url", "chart", "version", "credential"})
        | frozenset({"values", "value_files", "release", "namespace", "cluster"}),
    ),
    "kustomize": (frozenset({"files"}), frozenset({"path"})),
}
"""What a source of a type must have, and what it may have, beside its type."""

FILES_MAX = 500
FILE_MAX_BYTES = 1_000_000
ALL_MAX_BYTES = 5_000_000
PATH_MAX = 300
OWN = ".kubeorch/"
"""The beginning of the paths of what is kept beside files; nobody brings in a file there."""

_YAML = (".yaml", ".yml", ".json")
_SERVICES = re.compile(rb"^(?:services|include)[ \t]*:", re.MULTILINE)


class FileRefused(InvalidInput):
    """A file that cannot be brought in. The detail names it."""

    code = "import.file"

    def __init__(self, path: str, why: str, *, index: int | None = None) -> None:
        field = "source.files" if index is None else f"source.files.{index}"
        super().__init__(f"{path[:PATH_MAX] or 'a file'}: {why}", field=field)


def check_source(given: Mapping[str, Any]) -> None:
    """Raise InvalidInput for the fields that a source of its type lacks or does not take."""
    type_ = given["type"]
    needed, possible = SOURCE_FIELDS[type_]
    fields = {*needed, *possible}
    cure = f"its fields are {', '.join(sorted(fields))}"
    problems = [
        *(
            Problem("required", f"a source of type {type_} needs {name}", f"source.{name}")
            for name in needed - set(given)
        ),
        *(
            Problem("unknown", f"a source of type {type_} takes no {name}; {cure}", f"source.{name}")
            for name in set(given) - {"type", *fields}
        ),
    ]
    if problems:
        problems.sort(key=lambda one: str(one.field))
        raise InvalidInput(problems[0].detail, code="import.source", problems=problems)


def source_files(given: Sequence[Mapping[str, Any]]) -> list[SourceFile]:
    """The files of a request, `{path, text}` or `{path, base64}` each. Raises FileRefused."""
    files: list[SourceFile] = []
    total = 0
    for index, one in enumerate(given):
        path = one["path"]
        if why := wrong_path(path):
            raise FileRefused(path, why, index=index)
        if any(path == other.path for other in files):
            raise FileRefused(path, "it is here twice; leave one out", index=index)
        content = _content(one, path, index)
        if len(content) > FILE_MAX_BYTES:
            why = f"it has {len(content):,} bytes, and a file may have {FILE_MAX_BYTES:,}; leave it out or shorten it"
            raise FileRefused(path, why, index=index)
        total += len(content)
        if total > ALL_MAX_BYTES:
            why = f"with it the files have more than {ALL_MAX_BYTES:,} bytes together; leave out what is not needed"
            raise FileRefused(path, why, index=index)
        files.append(SourceFile(path, content))
    return files


def _content(one: Mapping[str, Any], path: str, index: int) -> bytes:
    if ("text" in one) == ("base64" in one):
        raise FileRefused(path, "give its content as text, or as base64 where it is not UTF-8", index=index)
    if "text" in one:
        return str(one["text"]).encode()
    try:
        return base64.b64decode(one["base64"], validate=True)
    except (binascii.Error, ValueError):
        raise FileRefused(path, "its content is not base64", index=index) from None


def wrong_path(path: str) -> str:
    """Why this is not a path in a folder; "" when it is one."""
    if not path or len(path) > PATH_MAX:
        return f"a path has 1 to {PATH_MAX} characters"
    if not shows_all(path) or "\\" in path:
        return "a path is one line, without invisible characters, with / between its folders"
    if path.startswith(("/", "~")) or re.match(r"[A-Za-z]:", path):
        return "a path is relative to the folder of what is brought in"
    if path.partition("/")[0].endswith(":"):
        return "a folder at the top cannot end with :, as an address begins"
    if path.startswith(OWN):
        return "KubeOrch keeps files of its own there"
    if posixpath.normpath(path) != path or path.startswith(".."):
        return "a path has no . or .. and no empty part"
    return ""


def chosen_files(files: Sequence[SourceFile], chosen: Sequence[str], *, field: str) -> list[str]:
    """The paths that were chosen, in their order. Raises FileRefused for one that was not brought in."""
    known = {file.path for file in files}
    for path in chosen:
        if path not in known:
            raise InvalidInput(
                f"{path[:PATH_MAX]}: it is not among the files", code="import.file", field=f"source.{field}"
            )
    return list(dict.fromkeys(chosen))


def compose_files(files: Sequence[SourceFile]) -> list[str]:
    """The files that Compose would take by itself, in the folder that is nearest to the top; else all with services.

    Raises FileRefused when there is none.
    """
    folders: dict[str, set[str]] = {}
    for file in files:
        folder, name = posixpath.split(file.path)
        folders.setdefault(folder, set()).add(name)
    for folder in sorted(folders, key=lambda one: (one.count("/") + bool(one), one)):
        if _first(folders[folder], COMPOSE_NAMES):
            return merged_by_default([posixpath.join(folder, name) for name in folders[folder]])
    found = [file.path for file in files if file.path.endswith(_YAML) and _SERVICES.search(file.content)]
    if not found:
        raise InvalidInput(
            "none of the files is a Compose file; add one with services, such as compose.yaml",
            code="import.no_compose_file",
            field="source.files",
        )
    return found


def merged_by_default(paths: Sequence[str]) -> list[str]:
    """Of the files of one folder those that Compose takes by itself; the first of them where it would take none."""
    by_name = {posixpath.basename(path): path for path in paths}
    first = _first(by_name, COMPOSE_NAMES)
    if first is None:
        return [min(paths)]
    override = _first(by_name, OVERRIDE_NAMES)
    return [by_name[name] for name in (first, override) if name]


def manifest_files(files: Sequence[SourceFile]) -> list[SourceFile]:
    """The files that can hold objects, by their names. Raises InvalidInput when there is none."""
    found = [file for file in files if file.path.lower().endswith(_YAML)]
    if not found:
        raise InvalidInput(
            "none of the files is YAML or JSON; add files that end with .yaml, .yml or .json",
            code="import.no_manifest",
            field="source.files",
        )
    return found


def _first(names: Iterable[str], wanted: Sequence[str]) -> str | None:
    known = set(names)
    return next((name for name in wanted if name in known), None)
