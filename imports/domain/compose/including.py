"""Carries out `include`. Source: Compose Specification, 14-include.md."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from imports.domain.compose.env_files import Found, read_env_file
from imports.domain.compose.kinds import wrong_type
from imports.domain.compose.schema import FILE
from imports.domain.compose.scope import NOWHERE, Scope
from imports.domain.compose.tree import Fate, Node
from imports.domain.problems import ImportInvalid

SECTIONS = ("services", "volumes", "networks", "secrets", "configs", "models")
Loader = Callable[[list[Node], Scope, tuple[str, ...]], Node]
"""Loads the files that nodes name into one model; the paths are of the files that include it."""


def include_files(document: Node, scope: Scope, included: tuple[str, ...], load: Loader) -> None:
    """The resources of every included file, added to the document. A name that stands for two things is refused."""
    include = document.value.pop("include", None)
    if include is None:
        return
    scope.reading.lost(("include",), include, include.where, Fate.DIRECTIVE)
    if include.value is None:
        return
    FILE.fields["include"].check(include, ("include",))
    for item in include.value:
        _include(item, document, scope, included, load)


def _include(item: Node, document: Node, scope: Scope, included: tuple[str, ...], load: Loader) -> None:
    paths = _listed(item.value["path"]) if isinstance(item.value, dict) and "path" in item.value else []
    paths = [item] if isinstance(item.value, str) else paths
    if not paths:
        raise ImportInvalid("an include needs a path", item.where, code="import.missing")
    main = scope.absolute(paths[0].value)
    if main in included:
        way = " → ".join(posixpath.relpath(path, scope.root) for path in (*included, main))
        raise ImportInvalid(f"files include one another in a circle: {way[:300]}", item.where, code="import.cycle")
    given = item.at("project_directory") if isinstance(item.value, dict) else None
    base = scope.absolute(given) if given else posixpath.dirname(main)
    environment = scope.environment.within(_env_files(item, base, scope))
    paths = [Node(scope.absolute(path.value), path.place) for path in paths]
    model = load(paths, scope.within(base, environment), included)
    for key, found in model.value.items():
        if key in SECTIONS and isinstance(found.value, dict):
            _add(key, found, document, scope)
        else:
            scope.reading.lost((key,), found, item.where, Fate.IGNORED)


def _listed(node: Node) -> list[Node]:
    return node.value if isinstance(node.value, list) else [node]


def _env_files(item: Node, base: str, scope: Scope) -> Found:
    """Variables of the env files of an included project; without any named, of the .env in its folder."""
    found: Found = {}
    named = item.value.get("env_file") if isinstance(item.value, dict) else None
    files = _listed(named) if named else [Node(f"{base}/.env", item.place)]
    for file in files:
        if named and file.value == NOWHERE:
            continue
        if not named and not scope.find(file.value):
            continue
        path, content = scope.read(file.value, file.place, "the env file")
        read_env_file(content, path, scope.reading, scope.environment.get, found)
    return found


def _add(section: str, imported: Node, document: Node, scope: Scope) -> None:
    there = document.value.setdefault(section, Node({}, imported.place, imported.key))
    if not isinstance(there.value, dict):
        raise wrong_type(there, (section,), ("object",))
    if there.where != imported.where:
        scope.reading.lost((section,), Node(None, imported.place, imported.key), there.where, Fate.MERGED)
    for name, resource in imported.value.items():
        known = there.value.get(name)
        if known is None:
            there.value[name] = resource
        elif known.plain() == resource.plain():
            scope.reading.lost((section, name), resource, known.where, Fate.MERGED)
        else:
            raise ImportInvalid(
                f"{section}.{name} is also included from {resource.where}; give one of them another name",
                known.where,
                code="import.conflict",
            )
