"""From Compose files to the resolved model, which is what `docker compose config --format json` prints.

Each document is filled in, extended, merged over those before it, checked, and brought into the long syntax; what the
files say as a whole follows then. Not followed is Docker Compose where it loses something on the way: extensions
(x-*) of services and resources and the section `models` stay in the model, and devices of blkio_config have the names
of the file.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from imports.domain.compose.canonical import canonical
from imports.domain.compose.consistency import check_consistency
from imports.domain.compose.env_files import Found, read_env_file
from imports.domain.compose.extending import account_bases, extend_services
from imports.domain.compose.including import SECTIONS, include_files
from imports.domain.compose.interpolation import interpolate, substitute
from imports.domain.compose.kinds import Kind, wrong_type
from imports.domain.compose.merging import merge, unique
from imports.domain.compose.normal import normalize, resolve_environment, set_defaults
from imports.domain.compose.paths import resolve_paths
from imports.domain.compose.reader import read_documents
from imports.domain.compose.schema import CONFIG, FILE, MODEL, NETWORK, SECRET, SERVICE, VOLUME
from imports.domain.compose.scope import Scope
from imports.domain.compose.services import fill_environment, fill_labels
from imports.domain.compose.tree import Fate, Node, Overridden, Path, Reading
from imports.domain.compose.variables import Environment, Variable, without_values
from imports.domain.problems import ImportInvalid
from imports.domain.sources import FileTree, Place
from kubeorch.base.records import record

ROOT = "/.kubeorch/project"
"""The absolute path that the folder of what was brought in has in a model, unless the caller says another."""
_KINDS: dict[str, Kind] = {
    "networks": NETWORK,
    "volumes": VOLUME,
    "secrets": SECRET,
    "configs": CONFIG,
    "models": MODEL,
}


@record
class Project:
    """A resolved project. The values of `model` are as containers get them: a dollar is one dollar."""

    name: str
    model: dict[str, Any]
    """What `docker compose config --format json` prints."""
    inactive: dict[str, Any]
    """Services whose profiles are not on, in the same form, without what env files say."""
    places: Mapping[Path, Place]
    """Where each value of the model was written; inactive services under ("inactive", …)."""
    overridden: list[Overridden]
    keys: list[tuple[Path, Place]]
    """Every key and every item of a list of every file, as written."""
    variables: list[Variable]
    warnings: list[tuple[Place, str]]
    root: str

    def relative(self, path: str) -> str | None:
        """The path in the folder of what was brought in, of a path of the model; None where it is outside."""
        if path == self.root:
            return "."
        return path.removeprefix(f"{self.root}/") if path.startswith(f"{self.root}/") else None


def load(
    tree: FileTree,
    files: Sequence[str],
    *,
    project_name: str | None = None,
    folder_name: str = "project",
    env_files: Sequence[str] | None = None,
    environment: Mapping[str, str] | None = None,
    profiles: Collection[str] = (),
    root: str = ROOT,
) -> Project:
    """The project of these files, merged in their order; `folder_name` names it where nothing else does.

    `env_files` are read for interpolation alone; without them, the `.env` beside the first file. What `environment`
    gives wins over them. Raises ImportInvalid with the place of what is wrong.
    """
    table: dict[tuple[str, object], Variable] = {}
    found: Found = {name: (value, Place("", 0, 0)) for name, value in (environment or {}).items()}
    try:
        return _load(tree, files, project_name, folder_name, env_files, environment or {}, profiles, root, table, found)
    except ImportInvalid as error:
        values = {value: name for name, (value, _) in found.items()}
        values |= {one.value: one.name for one in table.values() if one.value is not None}
        why = without_values(error.why, values)
        if why == error.why:
            raise
        raise ImportInvalid(why, error.place, code=error.code) from None


def _load(
    tree: FileTree,
    files: Sequence[str],
    project_name: str | None,
    folder_name: str,
    env_files: Sequence[str] | None,
    environment: Mapping[str, str],
    profiles: Collection[str],
    root: str,
    table: dict[tuple[str, object], Variable],
    found: Found,
) -> Project:
    """`table` and `found` take up the variables as they are read."""
    if not files:
        raise ImportInvalid("name at least one Compose file", code="import.file_missing")
    reading = Reading(tree)
    base = posixpath.normpath(posixpath.join(root, posixpath.dirname(files[0])))
    given = Environment(reading, environment, table)
    scope = Scope(reading, root, base, given)
    scope.environment = given.within(_env_files(scope, root, env_files, found))
    nodes = [Node(f"{root}/{file}", Place(file, 0, 0)) for file in files]
    documents = [(path, document) for node in nodes for path, document in _documents(node, scope)]
    name = _project_name(documents, project_name, folder_name, scope)
    scope.environment = scope.environment.within({"COMPOSE_PROJECT_NAME": (name, Place(files[0], 0, 0))})
    model = _model(documents, scope, tuple(node.value for node in nodes))
    if not model.value:
        raise ImportInvalid("the file is empty", Place(files[0], 0, 0), code="import.empty")
    written_name = model.value.get("name")
    nowhere = Place("", 0, 0)
    model.value["name"] = Node(name, written_name.place, written_name.key) if written_name else Node(name, nowhere)
    normalize(model, name, scope)
    wanted = set(profiles) or {one.strip() for one in (scope.environment.get("COMPOSE_PROFILES") or "").split(",")}
    inactive = _final(model, scope, wanted)
    account_bases(reading)
    places = {path: node.where for path, node in model.within(())}
    places |= {("inactive", *path): node.where for path, node in inactive.within(()) if path}
    return Project(
        name=name,
        model=model.plain(),
        inactive=inactive.plain(),
        places=places,
        overridden=reading.overridden,
        keys=reading.keys,
        variables=sorted(table.values(), key=lambda variable: variable.name),
        warnings=reading.warnings,
        root=root,
    )


def _env_files(scope: Scope, root: str, env_files: Sequence[str] | None, read: Found) -> Found:
    found: Found = {}
    beside = posixpath.join(scope.base, ".env")
    paths = [f"{root}/{path}" for path in env_files] if env_files else [beside] if scope.find(beside) else []
    for path in paths:
        inside, content = scope.read(path, Place(scope.relative(path) or path, 0, 0), "the env file")
        try:
            read_env_file(content, inside, scope.reading, scope.environment.get, found)
        finally:
            read |= found
    return found


def _documents(node: Node, scope: Scope) -> list[tuple[str, Node]]:
    """The documents of a file, each with the absolute path of the file."""
    inside, content = scope.read(node.value, node.place, "the Compose file")
    documents = read_documents(content, inside, scope.reading)
    scope.reading.count_nodes(sum(document.size() for document in documents), node.place)
    for document in documents:
        if not isinstance(document.value, dict):
            raise wrong_type(document, ("the file",), ("object",))
    return [(inside, document) for document in documents]


def _project_name(documents: list[tuple[str, Node]], given: str | None, folder: str, scope: Scope) -> str:
    """The name: given, or the variable COMPOSE_PROJECT_NAME, or the last `name` of the files, or the folder's."""
    imposed = given or scope.environment.get("COMPOSE_PROJECT_NAME")
    if imposed:
        if _normal_name(imposed) != imposed:
            raise ImportInvalid(
                f"the project name {imposed[:60]!r} may have small letters, digits, - and _ only, and begins with a "
                "letter or digit",
                code="import.name",
            )
        return imposed
    names = [document.value["name"] for _, document in documents if document.at("name")]
    written = names[-1] if names else None
    text = substitute(str(written.value), scope.environment, written.place) if written else folder
    name = _normal_name(text)
    if not name:
        raise ImportInvalid("the project needs a name", written.place if written else None, code="import.name")
    return name


def _normal_name(text: str) -> str:
    return re.sub("[^a-z0-9_-]", "", text.lower()).lstrip("_-")


def _included(nodes: list[Node], scope: Scope, included: tuple[str, ...]) -> Node:
    documents = [document for node in nodes for document in _documents(node, scope)]
    return _model(documents, scope, (*included, *(node.value for node in nodes)))


def _model(documents: list[tuple[str, Node]], scope: Scope, included: tuple[str, ...]) -> Node:
    """The documents merged, in the long syntax, with absolute paths."""
    model = Node({}, Place(documents[0][0], 1, 1) if documents else Place("", 0, 0))
    for number, (file, document) in enumerate(documents):
        if number:  # what is there is read anew with each document
            scope.reading.count_nodes(model.size(), document.place)
        interpolate(document, scope.environment)
        extend_services(document, file, scope)
        include_files(document, scope, included, _included)
        model = merge(model, document, scope.reading)
        unique(model, scope.reading)
        FILE.check(model, ())
        version = model.value.pop("version", None)
        if version:
            scope.reading.lost(("version",), version, version.where, Fate.DIRECTIVE)
        model = canonical(model, scope.reading)
        unique(model, scope.reading)
    set_defaults(model)
    resolve_paths(model, scope)
    resolve_environment(model, scope)
    return model


def _final(model: Node, scope: Scope, profiles: set[str]) -> Node:
    """Brings the model into the form that is printed. Returns the services that are not active."""
    reading = scope.reading
    services = model.value.pop("services", None) or model.made({})
    made = {name: SERVICE.final(node, ("services", name), reading) for name, node in services.value.items()}
    active = {name: node for name, node in made.items() if node and _is_on(node, profiles)}
    inactive = Node({name: node for name, node in made.items() if node and name not in active}, services.place)
    written = model.value
    model.value = {"name": written.pop("name"), "services": Node(active, services.place, services.key)}
    for section, kind in _KINDS.items():
        found = written.pop(section, None)
        for name, node in found.value.items() if found and found.value else ():
            final = kind.final(node, (section, name), reading) or node.made({})
            model.value.setdefault(section, Node({}, found.place, found.key)).value[name] = final
        if found and section not in model.value:
            reading.lost((section,), found, found.where, Fate.DEFAULT)
    model.value |= written
    check_consistency(model, inactive)
    for name, service in active.items():
        fill_environment(service, ("services", name), scope)
        fill_labels(service, ("services", name), scope)
    _drop_unused(model, reading)
    return inactive


def _is_on(service: Node, profiles: set[str]) -> bool:
    """Source: Compose Specification, 15-profiles.md."""
    own = {profile.value for profile in service.at("profiles") or ()}
    return not own or "*" in profiles or bool(own & profiles)


def _drop_unused(model: Node, reading: Reading) -> None:
    """Takes out resources that no active service refers to."""
    used: dict[str, set[Any]] = {section: set() for section in SECTIONS}
    for service in model.value["services"].value.values():
        used["networks"].update(service.at("networks") or ())
        used["models"].update(service.at("models") or ())
        used["volumes"].update(m.at("source") for m in service.at("volumes") or () if m.at("type") == "volume")
        build = service.value.get("build")
        for section in ("secrets", "configs"):
            used[section].update(item.at("source") for item in service.at(section) or ())
        used["secrets"].update(item.at("source") for item in (build.at("secrets") if build else None) or ())
    for section in SECTIONS[1:]:
        found = model.value.get(section)
        if found is None:
            continue
        for name in [name for name in found.value if name not in used[section]]:
            node = found.value.pop(name)
            reading.lost((section, name), node, node.where, Fate.UNUSED)
        if not found.value:
            del model.value[section]
            reading.lost((section,), found, found.where, Fate.UNUSED)
