"""Attributes that may be a list of `name=value` or a mapping, as environment and labels; and command lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from imports.domain.compose.tree import Fate, Node, Path, Reading
from imports.domain.compose.units import as_text, command_line


def _pairs(node: Node, path: Path, reading: Reading) -> dict[str, Node]:
    """The entries by name; of two in a list the later one counts. Values are texts, or None without a value."""
    found: dict[str, Node] = {}
    if isinstance(node.value, dict):
        for name, item in node.value.items():
            found[name] = Node(None if item.value is None else as_text(item.value), item.place, item.key)
        return found
    for at, item in enumerate(node.value or ()):
        name, equals, value = as_text(item.value).partition("=")
        if name in found:
            reading.lost((*path, name), found[name], item.place, Fate.OVERRIDDEN)
        found[name] = Node(value if equals else None, item.place, item.place)
        if name != name.rstrip() and path[-1:] in (("environment",), ("args",)):
            raise ValueError(f"item {at}: the name {name[:60]!r} ends in a space")
    return found


def _mapping(without: str | None) -> Callable[[Node, Path, Reading], Node | None]:
    def make(node: Node, path: Path, reading: Reading) -> Node | None:
        node.value = _pairs(node, path, reading)
        for item in node.value.values():
            if item.value is None:
                item.value = without
        return node if node.value else None

    return make


variables = _mapping(None)
"""`A` alone stays without a value: the container gets what Compose itself is run with."""
texts = _mapping("")


def several(node: Node, path: Path, reading: Reading) -> Node | None:
    """Options that may be repeated: each name with a list of texts."""
    for name, item in (node.value or {}).items():
        values = item.value if isinstance(item.value, list) else [Node(item.value, item.place)]
        node.value[name] = Node([Node(as_text(value.value), value.place) for value in values], item.place, item.key)
    return node if node.value else None


def not_empty(node: Node, path: Path, reading: Reading) -> Node | None:
    """A list without empty texts: a variable that is not set names nothing."""
    for at, item in enumerate(node.value or ()):
        if not item.value:
            reading.lost((*path, at), item, item.where, Fate.DEFAULT)
    node.value = [item for item in node.value or () if item.value]
    return node if node.value else None


def hosts(node: Node, path: Path, reading: Reading) -> Node | None:
    """Names of hosts with addresses, as a sorted list of `name=address`."""
    found = sorted(_hosts(node), key=lambda item: str(item.value))
    if isinstance(node.value, dict):
        for name, item in node.value.items():
            if isinstance(item.value, list):
                by = item.value[0].place if item.value else item.where
                reading.lost((*path, name), Node(None, item.place, item.key), by, Fate.MERGED)
    node.value = found
    return node if node.value else None


def _divider(text: str) -> int:
    at = text.find("=")
    return at if at >= 0 else text.find(":")


def _hosts(node: Node) -> Iterator[Node]:
    if isinstance(node.value, dict):
        for name, item in node.value.items():
            addresses = item.value if isinstance(item.value, list) else [item]
            for address in addresses:
                yield Node(f"{_host(name)}={_bare(as_text(address.value))}", address.place, address.key)
        return
    for item in node.value or ():
        text = as_text(item.value)
        at = _divider(text)
        if at < 0:
            raise ValueError(f"{text[:60]!r} has no address; write name=address")
        for address in text[at + 1 :].split(","):
            yield Node(f"{_host(text[:at])}={_bare(address)}", item.place)


def _host(name: str) -> str:
    if not name or ":" in name or "=" in name:
        raise ValueError(f"{name[:60]!r} is not the name of a host")
    return name


def _bare(address: str) -> str:
    return address[1:-1] if len(address) > 2 and address[0] == "[" and address[-1] == "]" else address


def words(node: Node, path: Path, reading: Reading) -> Node | None:
    """A command: the words of a text, or the list; nothing stays nothing, so that the image's own holds."""
    if isinstance(node.value, str):
        split, end = command_line(node.value)
        node.value = [Node(word, node.place) for word in split]
        if end:
            why = f"no shell runs it, so Compose leaves out what follows from {end!r} on; write [sh, -c, …] for a shell"
            reading.warn(node.where, why)
    return node


def health_test(node: Node, path: Path, reading: Reading) -> Node | None:
    """A test: a text runs in a shell."""
    if isinstance(node.value, str):
        node.value = [Node("CMD-SHELL", node.place), Node(node.value, node.place)]
    return node if node.value else None


def ssh_keys(node: Node, path: Path, reading: Reading) -> Node | None:
    """Keys for a build: `id`, or `id=path`."""
    if isinstance(node.value, dict):
        pairs = sorted(node.value.items())
        texts_of = [(f"{name}={item.value}" if item.value else name, item.where) for name, item in pairs]
        node.value = [Node(text, place) for text, place in texts_of]
    return node if node.value else None


def limit(node: Node, path: Path, reading: Reading) -> Node | None:
    """One ulimit: a number, or soft and hard; 0 says nothing."""
    if isinstance(node.value, int):
        node.value = node.value or {}
    elif isinstance(node.value, dict):
        node.value = {k: item for k, item in node.value.items() if item.value != 0 or k.startswith("x-")}
    return node
