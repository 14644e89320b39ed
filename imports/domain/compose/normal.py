"""What a file need not say: defaults, the default network, what a service needs because of what it refers to, names.

Source: Compose Specification, 05-services.md to 09-secrets.md; Docker Compose where it is silent.
"""

from __future__ import annotations

import posixpath
from typing import Any

from imports.domain.compose.ports import is_address
from imports.domain.compose.scope import Scope
from imports.domain.compose.tree import Change, Fate, Node, Path, changed, children, dotted, rules_of
from imports.domain.problems import ImportInvalid


def _set(node: Node, key: str, value: Any) -> None:
    if isinstance(node.value, dict) and key not in node.value:
        node.value[key] = node.made(value)


def _build(node: Node, path: Path) -> Node:
    _set(node, "context", ".")
    return node


def _secret(node: Node, path: Path) -> Node:
    _set(node, "target", f"/run/secrets/{node.at('source')}")
    return node


def _port(node: Node, path: Path) -> Node:
    _set(node, "protocol", "tcp")
    _set(node, "mode", "ingress")
    address = node.at("host_ip")
    if address is not None and not is_address(str(address)):
        raise ImportInvalid(f"{dotted(path)}.host_ip: {address!r} is not an IP address", node.where)
    return node


def _device(node: Node, path: Path) -> Node:
    if isinstance(node.value, dict) and "count" in node.value and "device_ids" in node.value:
        raise ImportInvalid(f"{dotted(path)} has both count and device_ids; keep one", node.where)
    if node.at("device_ids") is None:
        _set(node, "count", "all")
    return node


def _watch(node: Node, path: Path) -> Node:
    if node.value == "":
        raise ImportInvalid(f"{dotted(path)} is empty; name a folder", node.place)
    return node


def _volume(node: Node, path: Path) -> Node:
    external = node.at("external")
    others = [key for key in node.value or () if key not in ("name", "external") and not key.startswith("x-")]
    if external is True and others:
        raise ImportInvalid(f"{dotted(path)} is external, so {others[0]!r} means nothing; remove it", node.where)
    return node


def _file_object(*keys: str) -> Change:
    def change(node: Node, path: Path) -> Node:
        written = node.value if isinstance(node.value, dict) else {}
        given = [key for key in keys if key in written]
        names = ", ".join(keys)
        if len(given) > 1:
            raise ImportInvalid(f"{dotted(path)} has {' and '.join(given)}; keep one", node.where)
        if not given and "driver" not in written and "external" not in written:
            raise ImportInvalid(f"{dotted(path)} needs one of {names}, or external", node.where, code="import.missing")
        return node

    return change


_DEFAULTS: dict[str, Change] = {
    "services.*.build": _build,
    "services.*.secrets.*": _secret,
    "services.*.ports.*": _port,
    "services.*.deploy.resources.reservations.devices.*": _device,
    "services.*.gpus.*": _device,
    "services.*.develop.watch.*.path": _watch,
    "volumes.*": _volume,
    "configs.*": _file_object("file", "environment", "content"),
    "secrets.*": _file_object("file", "environment"),
}
_DEFAULT_RULES = rules_of(_DEFAULTS)


def set_defaults(model: Node) -> None:
    """Values that hold where nothing is written, in a model in the long syntax; and what no schema can say."""
    changed(model, _DEFAULT_RULES)


def resolve_environment(model: Node, scope: Scope) -> None:
    """Variables that an `environment` lists without a value get the one of the project folder, if it has one."""
    for _, service in _entries(model, "services"):
        environment = service.value.get("environment") if isinstance(service.value, dict) else None
        for item in environment.value if environment and isinstance(environment.value, list) else ():
            value = scope.environment.get(item.value)
            if value is not None:
                scope.environment.use(item.value, item.place)
                item.value = f"{item.value}={value}"
    for section in ("secrets", "configs"):
        for _, resource in _entries(model, section):
            name = resource.at("environment")
            if isinstance(name, str):
                scope.environment.use(name, resource.value["environment"].place)


def _entries(model: Node, section: str) -> list[tuple[str | int, Node]]:
    found = model.value.get(section)
    return children(found) if found else []


def normalize(model: Node, name: str, scope: Scope) -> None:
    """What follows from the model as a whole."""
    _networks(model, scope)
    for key, service in _entries(model, "services"):
        _service(service, ("services", key), scope)
    for section in ("networks", "volumes", "configs", "secrets"):
        for key, resource in _entries(model, section):
            if resource.value is None:
                resource.value = {}
            if resource.at("name") is None:
                resource.value["name"] = resource.made(key if resource.at("external") is True else f"{name}_{key}")


def _networks(model: Node, scope: Scope) -> None:
    """A service without networks is in `default`. Source: 06-networks.md, "The default network"."""
    used: Node | None = None
    for key, service in _entries(model, "services"):
        if "provider" in service.value or "network_mode" in service.value:
            continue
        networks = service.value.get("networks")
        if networks is None or not networks.value:
            if networks:
                scope.reading.lost(("services", key, "networks"), networks, networks.where, Fate.DEFAULT)
            service.value["networks"] = networks = service.made({"default": service.made(None)})
        if "default" in networks.value:
            used = used or networks.value["default"]
    networks = model.value.get("networks")
    if networks is None or networks.value is None:
        networks = model.made({})
    if used and "default" not in networks.value:
        networks.value["default"] = used.made(None)
    if networks.value:
        model.value["networks"] = networks


def _service(service: Node, path: Path, scope: Scope) -> None:
    if service.at("pull_policy") == "if_not_present":
        service.value["pull_policy"].value = "missing"
    build = service.value.get("build")
    if build:
        if build.at("context") is None:
            build.value["context"] = build.made(scope.base)
        if build.at("dockerfile") is None and build.at("dockerfile_inline") is None:
            build.value["dockerfile"] = build.made("Dockerfile")
        args = build.value.get("args")
        if args:
            _resolve(args, (*path, "build", "args"), scope, keep=False)
    environment = service.value.get("environment")
    if environment:
        _resolve(environment, (*path, "environment"), scope, keep=True)
    for at, mount in enumerate(service.at("volumes") or ()):
        target = mount.value.get("target")
        if target is None:
            raise ImportInvalid(f"the mount {at} needs a target", mount.where, code="import.missing")
        target.value = posixpath.normpath(target.value) if target.value else "."
    needs = _needs(service)
    if needs:
        depends = service.value.setdefault("depends_on", service.made({}))
        for name, need in needs.items():
            depends.value.setdefault(name, need)


def _resolve(node: Node, path: Path, scope: Scope, *, keep: bool) -> None:
    """Names without a value get that of the project folder; those that have none there stay, or go."""
    if isinstance(node.value, list):
        entries = [(item.value, item) for item in node.value if "=" not in item.value]
    else:
        entries = [(name, item) for name, item in node.value.items() if item.value is None]
    gone = set()
    for name, item in entries:
        value = scope.environment.get(name)
        if value is not None or keep:
            scope.environment.use(name, item.where)
        if value is not None:
            item.value = f"{name}={value}" if isinstance(node.value, list) else value
        elif not keep:
            gone.add(name)
            scope.reading.lost((*path, name), item, item.where, Fate.IGNORED)
            scope.reading.warn(item.where, f"the variable {name} is not set, so this says nothing")
    if isinstance(node.value, list):
        node.value = [item for item in node.value if item.value not in gone]
    else:
        node.value = {name: item for name, item in node.value.items() if name not in gone}


def _needs(service: Node) -> dict[str, Node]:
    """Services that a service refers to, and so needs started. Source: 05-services.md, "links" and "volumes_from"."""
    needs: dict[str, Node] = {}

    def need(name: str, item: Node, restart: bool) -> None:
        values: dict[str, Any] = {"condition": "service_started", "restart": restart, "required": True}
        needs.setdefault(name, item.made({key: item.made(value) for key, value in values.items()}))

    for item in service.at("links") or ():
        parts = item.value.split(":")
        need(parts[0] if len(parts) == 2 else item.value, item, True)
    for key in ("network_mode", "ipc", "pid", "uts", "cgroup"):
        value = service.at(key)
        if isinstance(value, str) and value.startswith("service:"):
            need(value.removeprefix("service:"), service.value[key], True)
    for item in service.at("volumes_from") or ():
        if not item.value.startswith("container:"):
            need(item.value.split(":")[0], item, False)
    return needs
