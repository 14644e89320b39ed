"""The long syntax of what may be written short.

Source: Compose Specification, 05-services.md, sections "Short syntax" and "Long syntax".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from imports.domain.compose.kinds import wrong_type
from imports.domain.compose.merging import defaults
from imports.domain.compose.mounts import read_mount
from imports.domain.compose.ports import read_ports
from imports.domain.compose.tree import Change, Node, Path, Reading, changed, dotted, rules_of
from imports.domain.compose.units import as_text
from imports.domain.problems import ImportInvalid

_VALUES_OF_A_PORT = 5


def _long(node: Node, value: Any) -> Node:
    """A value made of a short form: everything in it stands where the short form stands."""
    if isinstance(value, dict):
        return node.made({key: _long(node, item) for key, item in value.items()})
    return node.made([_long(node, item) for item in value] if isinstance(value, list) else value)


def _parsed(node: Node, path: Path, parse: Callable[[str], Any]) -> Node:
    try:
        made = _long(node, parse(as_text(node.value)))
    except ValueError as error:
        raise ImportInvalid(f"{dotted(path)}: {error}", node.place, code="import.value") from error
    return Node(made.value, node.place, node.key)


def _text_as(parse: Callable[[str], Any]) -> Change:
    def change(node: Node, path: Path) -> Node:
        return _parsed(node, path, parse) if isinstance(node.value, str) else node

    return change


def canonical(model: Node, reading: Reading) -> Node:
    """A model with the long syntax everywhere. What ranges of ports become is counted."""

    def ports(node: Node, path: Path) -> Node:
        return _ports(node, path, reading)

    return changed(model, rules_of(_CHANGES | {"services.*.ports": ports}))


def _ports(node: Node, path: Path, reading: Reading) -> Node:
    """One entry a port; a range becomes several."""
    entries: list[Node] = []
    for at, item in enumerate(node.value if isinstance(node.value, list) else ()):
        if isinstance(item.value, dict):
            entries.append(item)
        elif isinstance(item.value, (str, int)):
            made = _parsed(item, (*path, at), read_ports).value
            reading.count_nodes(_VALUES_OF_A_PORT * len(made), item.place)
            entries.extend(made)
        else:
            raise wrong_type(item, (*path, at), ("integer", "string", "object"))
    return Node(entries, node.place, node.key)


def _device(text: str) -> dict[str, Any]:
    source, *rest = text.split(":")
    if len(rest) > 2:
        raise ValueError(f"{text[:60]!r} has too many colons")
    target, permissions = [*rest, "", ""][0] or source, [*rest, "", ""][1] if len(rest) == 2 else "rwm"
    return {"source": source, "target": target, "permissions": permissions}


def _depends_on(node: Node, path: Path) -> Node:
    default = {"condition": "service_started", "required": True}
    if isinstance(node.value, list):
        return Node({as_text(item.value): defaults(item, default) for item in node.value}, node.place, node.key)
    for item in node.value.values() if isinstance(node.value, dict) else ():
        for key, value in default.items():
            item.value.setdefault(key, item.made(value))
    return node


def _env_files(node: Node, path: Path) -> Node:
    items = node.value if isinstance(node.value, list) else [Node(node.value, node.place)]
    for item in items:
        if isinstance(item.value, str):
            item.value = {"path": item.made(item.value), "required": item.made(True)}
        else:
            item.value.setdefault("required", item.made(True))
    return Node(items, node.place, node.key)


def _list(node: Node, path: Path) -> Node:
    return Node([Node(node.value, node.place)], node.place, node.key) if isinstance(node.value, str) else node


def _by_name(node: Node, path: Path) -> Node:
    if not isinstance(node.value, list):
        return node
    return Node({as_text(item.value): Node(None, item.place, item.place) for item in node.value}, node.place, node.key)


def _pairs(needs_value: bool) -> Change:
    def change(node: Node, path: Path) -> Node:
        if not isinstance(node.value, list):
            return node
        made: dict[str, Node] = {}
        for item in node.value:
            name, equals, value = as_text(item.value).partition("=")
            if not equals and (needs_value or name != "default"):
                raise ImportInvalid(
                    f"{dotted(path)}: {item.value!r} has no value; write name=value", item.place, code="import.value"
                )
            made[name] = Node(value if equals else None, item.place, item.place)
        return Node(made, node.place, node.key)

    return change


def _text(node: Node, path: Path) -> Node:
    return Node(as_text(node.value), node.place, node.key)


def _external(node: Node, path: Path) -> Node:
    """`external: {name: x}` is an old way to write `external: true` and `name: x`."""
    if not isinstance(node.value, dict) or not isinstance(node.at("external"), dict):
        return node
    external = node.value["external"]
    name, named = external.value.get("name"), node.value.get("name")
    if name and named and name.value != named.value:
        raise ImportInvalid(f"{dotted(path)}: name and external.name differ; keep name", name.place)
    if name and not named:
        node.value["name"] = name
    node.value["external"] = Node(True, external.place, external.key)
    return node


_OF_SERVICES: dict[str, Change] = {
    "build": _text_as(lambda text: {"context": text}),
    "build.additional_contexts": _pairs(True),
    "build.provenance": _text,
    "build.sbom": _text,
    "build.secrets.*": _text_as(lambda text: {"source": text}),
    "build.ssh": _pairs(False),
    "configs.*": _text_as(lambda text: {"source": text}),
    "depends_on": _depends_on,
    "develop.watch.*.ignore": _list,
    "develop.watch.*.include": _list,
    "devices.*": _text_as(_device),
    "dns": _list,
    "env_file": _env_files,
    "gpus": _text_as(lambda text: [{"count": "all"}]),
    "label_file": _list,
    "models": _by_name,
    "networks": _by_name,
    "secrets.*": _text_as(lambda text: {"source": text}),
    "volumes.*": _text_as(read_mount),
}
_CHANGES: dict[str, Change] = {
    **{f"services.*.{name}": change for name, change in _OF_SERVICES.items()},
    **dict.fromkeys(("volumes.*", "networks.*", "secrets.*", "configs.*"), _external),
}
