"""Makes relative paths absolute. Source: Compose Specification, 05-services.md; which attributes: Docker Compose."""

from __future__ import annotations

import re

from imports.domain.compose.scope import Scope
from imports.domain.compose.tree import Change, Node, Path, changed, rules_of
from imports.domain.problems import ImportInvalid

_REMOTE = ("https://", "http://", "git://", "ssh://", "github.com/", "git@", "service:")
_WINDOWS = re.compile(r"[a-zA-Z]:[\\/]|[\\/]{2}")


def resolve_paths(model: Node, scope: Scope) -> None:
    """Every path of the model, which is in the long syntax, from the folder of its project."""

    def path(node: Node, at: Path) -> Node:
        if isinstance(node.value, str) and node.value:
            node.value = scope.absolute(node.value)
        return node

    def unless_windows(node: Node, at: Path) -> Node:
        """Nothing is the folder itself here."""
        if isinstance(node.value, str) and not _WINDOWS.match(node.value):
            node.value = scope.absolute(node.value)
        return node

    def context(node: Node, at: Path) -> Node:
        value = node.value
        remote = isinstance(value, str) and ("://" in value or value.startswith(_REMOTE))
        return node if remote else path(node, at)

    def mount(node: Node, at: Path) -> Node:
        if isinstance(node.value, dict) and node.at("type") == "bind":
            source = node.value.get("source")
            if source is None:
                raise ImportInvalid("a mount of type bind needs a source", node.where, code="import.missing")
            unless_windows(source, at)
        return node

    def volume(node: Node, at: Path) -> Node:
        options = node.value.get("driver_opts") if isinstance(node.value, dict) else None
        if options and node.at("driver") == "local" and options.at("o") == "bind" and "device" in options.value:
            unless_windows(options.value["device"], at)
        return node

    changes: dict[str, Change] = {
        "services.*.build.context": context,
        "services.*.build.additional_contexts.*": context,
        "services.*.build.ssh.*": unless_windows,
        "services.*.env_file.*.path": path,
        "services.*.label_file.*": path,
        "services.*.extends.file": path,
        "services.*.develop.watch.*.path": path,
        "services.*.volumes.*": mount,
        "configs.*.file": unless_windows,
        "secrets.*.file": unless_windows,
        "volumes.*": volume,
    }
    changed(model, rules_of(changes))
