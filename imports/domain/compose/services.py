"""What a container gets from env files and label files. Source: Compose Specification, 05-services.md, "env_file"."""

from __future__ import annotations

from collections.abc import Callable

from imports.domain.compose.env_files import Found, read_env_file, read_raw_env_file
from imports.domain.compose.scope import Scope
from imports.domain.compose.tree import Fate, Node, Path
from imports.domain.problems import ImportInvalid


def fill_environment(service: Node, path: Path, scope: Scope) -> None:
    """The environment of a service with what its env files say; its own entries win.

    The service is in its final form; `env_file` is gone from it afterwards.
    """
    files = service.value.pop("env_file", None)
    if files is None:
        return
    scope.reading.lost((*path, "env_file"), files, files.where, Fate.DIRECTIVE)
    written = service.value.get("environment")
    own: dict[str, Node] = written.value if written else {}
    found: Found = {}

    def outer(name: str) -> str | None:
        value = scope.environment.get(name)
        return value if value is not None or name not in own else own[name].value

    for file in files.value:
        _read(file, scope, outer, found)
        scope.reading.count_nodes(len(found), file.place)
    if found or own:
        given = {name: Node(value, place, place) for name, (value, place) in found.items()}
        for name, item in given.items():
            if name in own:
                scope.reading.lost((*path, "environment", name), item, own[name].where, Fate.OVERRIDDEN)
        service.value["environment"] = Node(
            given | own, (written or files).place, written.key if written else files.where
        )


def _read(file: Node, scope: Scope, outer: Callable[[str], str | None], found: Found) -> None:
    path, required, form = file.value["path"], file.at("required"), file.at("format") or ""
    if not required and scope.find(path.value) is None:
        scope.reading.warn(path.place, f"the env file {path.value} is not there, and need not be")
        return
    inside, content = scope.read(path.value, path.place, "the env file")
    if form not in ("", ".env", "raw"):
        raise ImportInvalid(f"the format {form[:40]!r} of an env file is not known; write raw, or none", path.place)
    if form == "raw":
        found.update(read_raw_env_file(content, inside, outer))
    else:
        read_env_file(content, inside, scope.reading, outer, found)


def _nothing(name: str) -> None:
    """What label files see of the variables of the project."""


def fill_labels(service: Node, path: Path, scope: Scope) -> None:
    """The labels of a service with what its label files say; its own entries win."""
    files = service.value.pop("label_file", None)
    if files is None:
        return
    scope.reading.lost((*path, "label_file"), files, files.where, Fate.DIRECTIVE)
    written = service.value.get("labels")
    found: Found = {}
    for file in files.value:
        inside, content = scope.read(file.value, file.place, "the label file")
        read_env_file(content, inside, scope.reading, _nothing, found)
        scope.reading.count_nodes(len(found), file.place)
    given = {name: Node(value, place, place) for name, (value, place) in found.items()}
    own: dict[str, Node] = written.value if written else {}
    for name in given.keys() & own.keys():
        scope.reading.lost((*path, "labels", name), given[name], own[name].where, Fate.OVERRIDDEN)
    if given or own:
        place, key = (written.place, written.key) if written else (files.place, files.where)
        service.value["labels"] = Node(given | own, place, key)
