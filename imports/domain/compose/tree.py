"""Compose files as trees in which every value knows where it was written, and what became of what does not live on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from imports.domain.problems import ImportInvalid
from imports.domain.sources import FileTree, Place
from kubeorch.base.records import draft, field

Path = tuple[str | int, ...]
"""Keys and positions that lead to a value: ("services", "web", "ports", 0)."""

MAX_NODES = 200_000
"""Values of all files together, counting what `extends` and `include` bring in again."""
MAX_TEXT_BYTES = 8_000_000
"""Characters that interpolation may write, of all files together."""
MAX_FILES = 200
"""Files read, counting one that is included twice two times."""


@draft
class Node:
    """A value and its place. `value` is a scalar, a dict of nodes, or a list of nodes."""

    value: Any
    place: Place
    key: Place | None = None
    """Where its key stands, for a value of a mapping."""
    tag: str = ""
    """`reset` or `override`. Source: Compose Specification, 13-merge.md, "Reset value" and "Replace value"."""

    @property
    def where(self) -> Place:
        """Its key, or itself."""
        return self.key or self.place

    def at(self, key: str) -> Any:
        """The value under a key of a mapping; None where there is none."""
        found = self.value.get(key) if isinstance(self.value, dict) else None
        return found.value if found else None

    def made(self, value: Any) -> Node:
        """A value that was made of this one and stands where it stands."""
        return Node(value, self.place, self.where)

    def copy(self) -> Node:
        """A tree of its own, in the same places."""
        value = self.value
        if isinstance(value, dict):
            value = {key: item.copy() for key, item in value.items()}
        elif isinstance(value, list):
            value = [item.copy() for item in value]
        return Node(value, self.place, self.key, self.tag)

    def size(self) -> int:
        """How many values it holds, itself included."""
        return sum(1 for _ in self.within(()))

    def within(self, path: Path) -> Iterator[tuple[Path, Node]]:
        """Itself and all below it, with their paths."""
        yield path, self
        if isinstance(self.value, dict):
            for key, item in self.value.items():
                yield from item.within((*path, key))
        elif isinstance(self.value, list):
            for at, item in enumerate(self.value):
                yield from item.within((*path, at))

    def plain(self) -> Any:
        """The values alone."""
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value


class Fate(StrEnum):
    """Why something that was written does not stand in the model."""

    OVERRIDDEN = "overridden"
    MERGED = "merged"
    """The mapping lives on, at the place of the file that came last."""
    RESET = "reset"
    DEFAULT = "default"
    """It says what holds anyway, so the model does not print it."""
    DIRECTIVE = "directive"
    """It was carried out: include, extends, env_file, label_file, <<, version."""
    IGNORED = "ignored"
    """Compose knows the key and carries it no further."""
    UNUSED = "unused"
    """No service that runs refers to it."""


class Overridden(NamedTuple):
    """Something that was written and does not stand in the model: its path, its place, and where the cause stands."""

    path: Path
    place: Place
    by: Place
    fate: Fate


@draft
class Reading:
    """One load: the files, what is still allowed, and the account of what was written."""

    tree: FileTree
    keys: list[tuple[Path, Place]] = field(default_factory=list)
    overridden: list[Overridden] = field(default_factory=list)
    warnings: list[tuple[Place, str]] = field(default_factory=list)
    bases: list[tuple[Node, set[str]]] = field(default_factory=list)
    """Services of files that `extends` names, each with the names that were extended."""
    nodes: int = 0
    text: int = 0
    files: int = 0

    def lost(self, path: Path, node: Node, by: Place, fate: Fate) -> None:
        """A value does not live on, with all below it."""
        self.overridden.extend(Overridden(where, item.where, by, fate) for where, item in node.within(path))

    def warn(self, place: Place, text: str) -> None:
        self.warnings.append((place, text))

    def count_nodes(self, nodes: int, place: Place) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise ImportInvalid(
                f"more than {MAX_NODES:,} values with all that extends and include bring in; import it in parts",
                place,
                code="import.too_large",
            )

    def count_text(self, characters: int, place: Place) -> None:
        self.text += characters
        if self.text > MAX_TEXT_BYTES:
            raise ImportInvalid(
                f"variables fill in more than {MAX_TEXT_BYTES:,} characters; use shorter values",
                place,
                code="import.too_large",
            )

    def count_file(self, place: Place) -> None:
        self.files += 1
        if self.files > MAX_FILES:
            raise ImportInvalid(
                f"more than {MAX_FILES} files are read, counting each time; include fewer",
                place,
                code="import.too_large",
            )


Rules = dict[str, Any]
"""A table of patterns as a tree, so that a walk carries its rules along; what a pattern leads to is under ""."""


def rules_of(table: Mapping[str, Any]) -> Rules:
    """Patterns such as `services.*.ports.*`, in which * is any key or position."""
    root: Rules = {}
    for pattern, rule in table.items():
        at = root
        for part in pattern.split("."):
            at = at.setdefault(part, {})
        at[""] = rule
    return root


def below(rules: Rules | None, key: str | int) -> Rules | None:
    """The rules one step further down."""
    if not rules:
        return None
    found: Rules | None = rules.get(key) if isinstance(key, str) and key else None
    return found if found is not None else rules.get("*")


def children(node: Node) -> list[tuple[str | int, Node]]:
    """What stands directly below, with keys or positions."""
    if isinstance(node.value, dict):
        return list(node.value.items())
    if isinstance(node.value, list):
        return list(enumerate(node.value))
    return []


def dotted(path: Path) -> str:
    """A path as Compose writes it: `services.web.ports.0`."""
    return ".".join(map(str, path))


Change = Callable[[Node, Path], Node]


def changed(node: Node, rules: Rules | None, path: Path = ()) -> Node:
    """Each value with a rule replaced by what the rule makes of it; what stands below one first."""
    if rules is None:
        return node
    if isinstance(node.value, dict):
        for key, item in node.value.items():
            node.value[key] = changed(item, below(rules, key), (*path, key))
    elif isinstance(node.value, list):
        node.value = [changed(item, below(rules, at), (*path, at)) for at, item in enumerate(node.value)]
    rule: Change | None = rules.get("")
    return rule(node, path) if rule else node
