"""Carries out `extends`. Source: Compose Specification, 05-services.md, "extends"; 13-merge.md."""

from __future__ import annotations

from imports.domain.compose.canonical import canonical
from imports.domain.compose.interpolation import interpolate
from imports.domain.compose.kinds import wrong_type
from imports.domain.compose.merging import merge, unique
from imports.domain.compose.paths import resolve_paths
from imports.domain.compose.reader import read_documents
from imports.domain.compose.scope import Scope
from imports.domain.compose.tree import Fate, Node, Reading
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Place

_Chain = tuple[tuple[str, str], ...]
MAX_CHAIN = 50


def extend_services(document: Node, file: str, scope: Scope) -> None:
    """Every service of a document with what it extends. `file` is the path of the document in the folder."""
    services = document.value.get("services")
    if services is None:
        return
    if not isinstance(services.value, dict):
        raise wrong_type(services, ("services",), ("object",))
    for name in list(services.value):
        _extended(name, services.value, file, scope, ())


def _extended(name: str, services: dict[str, Node], file: str, scope: Scope, chain: _Chain) -> Node:
    """The service, whose `extends` is gone; it replaces the one it was made of."""
    service = services[name]
    if service.value is None:
        return service
    if not isinstance(service.value, dict):
        raise wrong_type(service, ("services", name), ("object",))
    extends = service.value.get("extends")
    if extends is None:
        return service
    chain = (*chain, (file, name))
    target, other = _target(extends, name)
    base_file, base_services = file, services
    if other:
        base_file, found, used = _services_of(other, scope)
        base_services = found.value
        used.add(target)
    elif services_used := _used_of(services, scope):
        services_used.add(target)
    if target not in base_services:
        raise ImportInvalid(
            f"services.{name} extends {target!r}, and {base_file} has no service of this name",
            extends.where,
            code="import.reference",
        )
    if (base_file, target) in chain:
        way = " → ".join(service for _, service in (*chain, (base_file, target)))
        raise ImportInvalid(f"services extend one another in a circle: {way[:300]}", extends.where, code="import.cycle")
    if len(chain) > MAX_CHAIN:
        detail = f"more than {MAX_CHAIN} services extend one another in a row; extend the last of them directly"
        raise ImportInvalid(detail, extends.where, code="import.too_large")
    base = _extended(target, base_services, base_file, scope, chain)
    del service.value["extends"]
    scope.reading.lost(("services", name, "extends"), extends, extends.where, Fate.DIRECTIVE)
    if base.value is not None:
        scope.reading.count_nodes(base.size(), extends.where)
        service = services[name] = merge(base.copy(), service, scope.reading, ("services", name))
    return service


def _target(extends: Node, name: str) -> tuple[str, Node | None]:
    """The service that is extended, and the node that names its file."""
    if isinstance(extends.value, str):
        return extends.value, None
    target, file = extends.at("service"), extends.at("file")
    if not isinstance(target, str) or not (file is None or isinstance(file, str)):
        raise ImportInvalid(
            f"services.{name}.extends needs the name of a service", extends.where, code="import.missing"
        )
    return target, extends.value["file"] if file else None


def _services_of(other: Node, scope: Scope) -> tuple[str, Node, set[str]]:
    """The path of another file, its services, and which were extended.

    The services are in the long syntax and have their paths from the folder of their file.
    """
    path = scope.absolute(other.value)
    if path not in scope.extended:
        inside, content = scope.read(other.value, other.place, "the extended file")
        model = Node({}, Place(inside, 1, 1))
        for document in read_documents(content, inside, scope.reading):
            if not isinstance(document.value, dict):
                raise wrong_type(document, (), ("object",))
            interpolate(document, scope.environment)
            model = merge(model, document, scope.reading)
            unique(model, scope.reading)
            model = canonical(model, scope.reading)
            unique(model, scope.reading)
        services = model.value.get("services")
        if services is None or not isinstance(services.value, dict):
            raise ImportInvalid(f"{inside} has no services to extend", other.place, code="import.reference")
        folder = path.rpartition("/")[0]
        resolve_paths(model, scope.within(folder, scope.environment))
        for key, item in model.value.items():
            if key != "services":
                scope.reading.lost((key,), item, other.place, Fate.UNUSED)
        scope.extended[path] = services, set()
        scope.reading.bases.append(scope.extended[path])
    return scope.relative(path) or path, *scope.extended[path]


def _used_of(services: dict[str, Node], scope: Scope) -> set[str] | None:
    """Which services were extended, for the services of another file."""
    return next((used for found, used in scope.extended.values() if found.value is services), None)


def account_bases(reading: Reading) -> None:
    """Notes the services of extended files that nobody extended."""
    for services, used in reading.bases:
        reading.lost(("services",), Node(None, services.place, services.key), services.where, Fate.DIRECTIVE)
        for name, service in services.value.items():
            if name not in used:
                reading.lost(("services", name), service, service.where, Fate.UNUSED)
