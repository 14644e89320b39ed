"""Merges a file over those before it. Source: Compose Specification, 13-merge.md; Docker Compose where it is silent.

Mappings merge key by key and lists are appended to each other, except for the attributes of the tables here. What a
later value replaces is noted as overridden.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from imports.domain.compose.mounts import read_mount
from imports.domain.compose.tree import Fate, Node, Path, Reading, Rules, below, dotted, rules_of
from imports.domain.compose.units import as_text
from imports.domain.problems import ImportInvalid


def merge(base: Node, over: Node, reading: Reading, path: Path = ()) -> Node:
    """What `over` makes of `base`, both at the same path. What it says to reset or replace leaves the base first."""
    _reset(base, over, path, reading)
    return _merge(base, over, path, _at(MERGES, path), reading)


def _at(rules: Rules | None, path: Path) -> Rules | None:
    for key in path:
        rules = below(rules, key)
    return rules


def _reset(base: Node | None, over: Node, path: Path, reading: Reading) -> None:
    """Takes out of the base what `over` tags with `!reset` or `!override`, and what it resets out of `over` too."""
    if not isinstance(over.value, dict):
        return
    for key, item in list(over.value.items()):
        under = base.value.get(key) if base and isinstance(base.value, dict) else None
        if item.tag:
            if under and base:
                reading.lost((*path, key), under, item.where, Fate.RESET if item.tag == "reset" else Fate.OVERRIDDEN)
                del base.value[key]
            if item.tag == "reset":
                reading.lost((*path, key), item, item.where, Fate.RESET)
                del over.value[key]
        else:
            _reset(under, item, (*path, key), reading)


def _merge(base: Node, over: Node, path: Path, rules: Rules | None, reading: Reading) -> Node:
    special: Callable[[Node, Node, Path, Rules | None, Reading], Node] | None = rules.get("") if rules else None
    if special:
        return special(base, over, path, rules, reading)
    if over.value is None:
        reading.lost(path, over, base.where, Fate.OVERRIDDEN)
        return base
    if isinstance(base.value, dict):
        return _mappings(base, over, path, rules, reading)
    if isinstance(base.value, list):
        if not isinstance(over.value, list):
            raise _cannot(over, path)
        return _joined(base, over, path, reading)
    return _replaced(base, over, path, rules, reading)


def _cannot(over: Node, path: Path) -> ImportInvalid:
    return ImportInvalid(
        f"{dotted(path)} is written in another form than before; write it in the same one, or tag it with !override",
        over.place,
        code="import.merge",
    )


def _mappings(base: Node, over: Node, path: Path, rules: Rules | None, reading: Reading) -> Node:
    if not isinstance(base.value, dict) or not isinstance(over.value, dict):
        raise _cannot(over, path)
    merged = base.value
    for key, item in over.value.items():
        under = merged.get(key)
        merged[key] = _merge(under, item, (*path, key), below(rules, key), reading) if under else item
    if base.where != over.where:
        reading.lost(path, Node(None, base.place, base.key), over.where, Fate.MERGED)
    return Node(merged, over.place, over.key)


def _joined(base: Node, over: Node, path: Path, reading: Reading) -> Node:
    if base.where != over.where:
        reading.lost(path, Node(None, base.place, base.key), over.where, Fate.MERGED)
    return Node([*base.value, *over.value], over.place, over.key)


def _replaced(base: Node, over: Node, path: Path, rules: Rules | None, reading: Reading) -> Node:
    if base.where != over.where:
        reading.lost(path, base, over.where, Fate.OVERRIDDEN)
    return over


def listed(node: Node, path: Path, reading: Reading) -> Node:
    """A mapping, or one text, as the list that it may be written as: `name=value`, sorted."""
    if isinstance(node.value, dict):
        for key, one in node.value.items():
            if isinstance(one.value, list):
                by = one.value[0].place if one.value else one.where
                reading.lost((*path, key), Node(None, one.place, one.key), by, Fate.MERGED)
        pairs = [
            (f"{key}={as_text(item.value)}" if item.value is not None else key, item.where)
            for key, one in node.value.items()
            for item in (one.value if isinstance(one.value, list) else [one])
        ]
        return Node([Node(text, place) for text, place in sorted(pairs)], node.place, node.key)
    if isinstance(node.value, list):
        return node
    return Node([Node(node.value, node.place)] if isinstance(node.value, str) else [], node.place, node.key)


def _sequences(base: Node, over: Node, path: Path, rules: Rules | None, reading: Reading) -> Node:
    return _joined(listed(base, path, reading), listed(over, path, reading), path, reading)


def _hosts(base: Node, over: Node, path: Path, rules: Rules | None, reading: Reading) -> Node:
    before, after = listed(base, path, reading), listed(over, path, reading)
    for side in (before, after):
        for at, item in enumerate(side.value):
            if isinstance(item.value, (dict, list)):
                raise _wrong(item, (*path, at), "must be text")
    known = {item.value for item in before.value}
    for at, item in enumerate(after.value):
        if item.value in known:
            reading.lost((*path, at), item, before.where, Fate.MERGED)
    after.value = [item for item in after.value if item.value not in known]
    return _joined(before, after, path, reading)


def _named(default: dict[str, Any] | None) -> Callable[[Node, Node, Path, Rules | None, Reading], Node]:
    """A list of names merges as a mapping of them does."""

    def mapping(node: Node) -> Node:
        if isinstance(node.value, list):
            return Node({as_text(item.value): defaults(item, default) for item in node.value}, node.place, node.key)
        return node if isinstance(node.value, dict) else Node({}, node.place, node.key)

    def special(base: Node, over: Node, path: Path, rules: Rules | None, reading: Reading) -> Node:
        return _mappings(mapping(base), mapping(over), path, rules, reading)

    return special


def defaults(item: Node, default: dict[str, Any] | None) -> Node:
    """A mapping of these values, which stands where a name stands."""
    value = None if default is None else {key: item.made(one) for key, one in default.items()}
    return Node(value, item.place, item.place)


def _build(base: Node, over: Node, path: Path, rules: Rules | None, reading: Reading) -> Node:
    def mapping(node: Node) -> Node:
        if isinstance(node.value, str):
            return Node({"context": Node(node.value, node.place, node.place)}, node.place, node.key)
        return node if isinstance(node.value, dict) else Node({}, node.place, node.key)

    return _mappings(mapping(base), mapping(over), path, rules, reading)


def _logging(base: Node, over: Node, path: Path, rules: Rules | None, reading: Reading) -> Node:
    """Options of another driver are not kept."""
    if base.at("driver") == over.at("driver") or None in (base.at("driver"), over.at("driver")):
        return _mappings(base, over, path, rules, reading)
    return _replaced(base, over, path, rules, reading)


def _pools(base: Node, over: Node, path: Path, rules: Rules | None, reading: Reading) -> Node:
    """Address pools by their subnet, as Docker Compose merges them."""
    if not isinstance(base.value, list) or not isinstance(over.value, list):
        raise _cannot(over, path)
    for at, pool in enumerate([*base.value, *over.value]):
        subnet = pool.value.get("subnet") if isinstance(pool.value, dict) else None
        if subnet is not None and isinstance(subnet.value, (dict, list)):
            raise _wrong(subnet, (*path, at, "subnet"), "must be text")
    found: dict[Any, Node] = {}
    for before in base.value:
        for after in over.value:
            subnet = after.at("subnet")
            if subnet != before.at("subnet") and subnet not in found:
                found[subnet] = after
                continue
            merged = _mappings(before, after.copy(), path, None, reading)
            found[merged.at("subnet")] = merged
    for at, before in enumerate(base.value):
        if before not in found.values():
            reading.lost((*path, at), before, over.where, Fate.OVERRIDDEN)
    return _joined(Node([], base.place, base.key), Node(list(found.values()), over.place, over.key), path, reading)


_STARTED = {"condition": "service_started", "required": True}
_OF_SERVICES: dict[Callable[..., Node], str] = {
    _sequences: "annotations build.args build.additional_contexts build.labels deploy.labels dns dns_opt dns_search "
    "env_file label_file environment labels volumes.*.volume.labels sysctls tmpfs",
    _replaced: "command entrypoint healthcheck.test ulimits.*",
    _hosts: "build.extra_hosts extra_hosts",
    _named(_STARTED): "depends_on",
    _named(None): "models networks",
    _build: "build",
    _logging: "logging",
}
MERGES = rules_of(
    {f"services.*.{name}": rule for rule, names in _OF_SERVICES.items() for name in names.split()}
    | {"networks.*.ipam.config": _pools, "networks.*.labels": _sequences, "volumes.*.labels": _sequences}
)


def unique(node: Node, reading: Reading, path: Path = (), rules: Rules | None = None) -> Node:
    """Each list whose items have an identity with one item of each, the last one in the place of the first.

    Source: Compose Specification, 13-merge.md, "Unique resources".
    """
    rules = rules or UNIQUE
    if isinstance(node.value, dict):
        for key, item in node.value.items():
            under = below(rules, key)
            if under:
                unique(item, reading, (*path, key), under)
    elif isinstance(node.value, list) and "" in rules:
        kept: dict[str, Node] = {}
        for at, item in enumerate(node.value):
            identity = rules[""](item, (*path, at))
            if identity in kept:
                reading.lost((*path, at), kept[identity], item.where, Fate.OVERRIDDEN)
            kept[identity] = item
        node.value = list(kept.values())
    return node


def _wrong(node: Node, path: Path, why: str) -> ImportInvalid:
    return ImportInvalid(f"{dotted(path)} {why}", node.place, code="import.type")


def _by_name(node: Node, path: Path) -> str:
    if not isinstance(node.value, str):
        raise _wrong(node, path, "must be text")
    return node.value.partition("=")[0]


def _by_target(node: Node, path: Path) -> str:
    if isinstance(node.value, str):
        try:
            return str(read_mount(node.value)["target"])
        except ValueError as error:
            raise _wrong(node, path, f": {error}") from error
    if isinstance(node.value, dict):
        return _target(node, path)
    return ""


def _target(node: Node, path: Path) -> str:
    target = node.at("target")
    if not isinstance(target, str):
        raise _wrong(node, path, "needs a target")
    return target


def _by_device(node: Node, path: Path) -> str:
    if isinstance(node.value, str):
        parts = node.value.split(":")
        return parts[min(len(parts) - 1, 1)]
    return _target(node, path) if isinstance(node.value, dict) else ""


def _by_number(node: Node, path: Path) -> str:
    if isinstance(node.value, (bool, float)) or not isinstance(node.value, (str, int)):
        raise _wrong(node, path, "must be a port, or a range of ports in quotes")
    return str(node.value)


def _by_file(folder: str) -> Callable[[Node, Path], str]:
    def identity(node: Node, path: Path) -> str:
        if isinstance(node.value, str):
            return f"{folder}/{node.value}"
        if not isinstance(node.value, dict):
            raise _wrong(node, path, "must be a name or a mapping")
        target = node.at("target")
        return str(target) if target is not None else f"{folder}/{node.at('source')}"

    return identity


def _by_port(node: Node, path: Path) -> str:
    if not isinstance(node.value, dict):
        return str(node.value) if isinstance(node.value, (str, int)) else ""
    if node.at("target") is None:
        raise _wrong(node, path, "needs a target port")
    host, protocol = node.at("host_ip") or "0.0.0.0", node.at("protocol") or "tcp"  # noqa: S104 - an identity, not a bind
    return f"{host}:{node.at('published')}:{node.at('target')}/{protocol}"


def _by_path(node: Node, path: Path) -> str:
    if isinstance(node.value, dict):
        if not isinstance(node.at("path"), str):
            raise _wrong(node, path, "needs a path")
        return str(node.at("path"))
    return str(node.value)


_UNIQUE_OF_SERVICES: dict[Callable[[Node, Path], str], str] = {
    _by_name: "annotations build.args build.additional_contexts build.platform build.tags build.labels cap_add "
    "cap_drop deploy.labels dns dns_opt dns_search environment labels links networks.*.aliases "
    "networks.*.link_local_ips profiles sysctls tmpfs",
    _by_target: "volumes",
    _by_device: "devices",
    _by_file("/run/secrets"): "secrets",
    _by_file(""): "configs",
    _by_path: "env_file",
    _by_number: "expose",
    _by_port: "ports",
}
UNIQUE = rules_of(
    {f"services.*.{name}": rule for rule, names in _UNIQUE_OF_SERVICES.items() for name in names.split()}
    | {"networks.*.labels": _by_name, "networks.*.ipam.options": _by_name}
)
