"""Workspaces of npm, pnpm, Yarn and Bun: which folders are their packages, and what these need of one another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from builds.domain.detection.tree import Tree, join, mapping, text

PATTERNS_MOST = 100
PACKAGES_MOST = 300


@dataclass(frozen=True, slots=True)
class Workspace:
    root: str
    packages: dict[str, str]
    """Folder by name of the package."""


def workspace_of(tree: Tree, folder: str) -> Workspace | None:
    """The workspace that a folder begins; None where it begins none."""
    patterns = _patterns(tree, folder)
    if not patterns:
        return None
    wanted = [_matcher(one.removeprefix("./").strip("/")) for one in patterns if not one.startswith("!")]
    unwanted = [_matcher(one[1:].removeprefix("./").strip("/")) for one in patterns if one.startswith("!")]
    packages: dict[str, str] = {}
    start = f"{folder}/" if folder else ""
    for path, names in sorted(tree.folders.items()):
        if "package.json" not in names or path == folder or not path.startswith(start):
            continue
        below = path[len(start) :]
        if any(one.fullmatch(below) for one in wanted) and not any(one.fullmatch(below) for one in unwanted):
            name = text(tree.json(join(path, "package.json")).get("name"), 214) or below
            packages.setdefault(name, path)
            if len(packages) == PACKAGES_MOST:
                break
    return Workspace(folder, packages) if packages else None


def built_before(tree: Tree, workspace: Workspace, folder: str) -> list[str]:
    """Packages of the workspace that one needs and that have a build of their own, each after those that it needs."""
    found: list[str] = []
    seen: set[str] = set()
    waiting: list[tuple[str, bool]] = [(folder, False)]
    while waiting:
        path, done = waiting.pop()
        if done:
            if path != folder and "build" in mapping(tree.json(join(path, "package.json")).get("scripts")):
                found.append(path)
            continue
        if path in seen:
            continue
        seen.add(path)
        waiting.append((path, True))
        needs = sorted(set(_needs(tree.json(join(path, "package.json")))) & workspace.packages.keys(), reverse=True)
        waiting += [(workspace.packages[name], False) for name in needs]
    return found


def _needs(package: dict[str, Any]) -> Iterator[str]:
    yield from mapping(package.get("dependencies"))
    yield from mapping(package.get("devDependencies"))


def _patterns(tree: Tree, folder: str) -> list[str]:
    declared = tree.json(join(folder, "package.json")).get("workspaces")
    if isinstance(declared, dict):
        declared = declared.get("packages")
    if "pnpm-workspace.yaml" in tree.names(folder):
        declared = tree.yaml(join(folder, "pnpm-workspace.yaml")).get("packages")
    return [one for one in declared if text(one, 200)][:PATTERNS_MOST] if isinstance(declared, list) else []


def _matcher(pattern: str) -> re.Pattern[str]:
    """`apps/*` and `packages/**`. One star of a part is heard, so that a match takes one look."""
    parts = []
    for part in pattern.split("/")[:20]:
        if part == "**":
            parts.append("(?:[^/]+/)*[^/]+")
        else:
            before, star, after = part.partition("*")
            parts.append(re.escape(before) + ("[^/]*" if star else "") + re.escape(after.replace("*", "")))
    return re.compile("/".join(parts))
