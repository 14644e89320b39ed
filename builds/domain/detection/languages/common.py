"""What the languages share: a sketch of one image, versions from files, commands of a Procfile."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from builds.domain.detection.findings import Notes
from builds.domain.detection.plan import Plan, is_command
from builds.domain.detection.tree import Tree, join, mapping, text
from builds.domain.detection.versions import Line, allowed_version, written_version

_ENTRY = re.compile(r"([A-Za-z0-9_-]{1,63}):[ \t]*(\S.*)")
_PORT = re.compile(r"^[ \t]*(?:export[ \t]+)?PORT[ \t]*=[ \t]*[\"']?([0-9]{2,5})[\"']?[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sketch:
    """One image, as a language sees it."""

    plan: Plan
    root: str
    """The context of the build."""
    name: str = ""
    """What the project calls itself."""


@dataclass(frozen=True, slots=True)
class Said:
    """A version that a file names."""

    text: str
    path: str
    line: int = 0
    is_range: bool = False


def choose(line: Line, said: Iterable[Said | None], notes: Notes) -> str:
    """The version of the first file that names one; ours, and a question, where none does."""
    for one in said:
        if one is None or not one.text.strip():
            continue
        read = allowed_version if one.is_range else written_version
        version = read(line, one.text) or (None if one.is_range else allowed_version(line, one.text))
        if version is None:
            notes.warn(f"{line.name} {one.text.strip()[:60]!r} is not a version that is known here", one.path, one.line)
            continue
        notes.because(f"{line.name} {version}: the file asks for {one.text.strip()[:60]}", one.path, one.line)
        if version in line.ended:
            notes.warn(f"{line.name} {version} gets no more security updates", one.path, one.line)
        elif version not in line.known:
            notes.warn(f"{line.name} {version} is not known here; its image may not exist", one.path, one.line)
        return version
    notes.ask("version", f"Which version of {line.name}?", line.usual, "no file names one; this is the usual one today")
    return line.usual


def version_file(tree: Tree, folders: Iterable[str], name: str) -> Said | None:
    """The first line that says something, of the first such file."""
    for folder in folders:
        path = join(folder, name)
        for number, line in enumerate(tree.text(path).split("\n")[:20], 1):
            if line.strip() and not line.lstrip().startswith("#"):
                return Said(line.strip(), path, number)
    return None


def tool_versions(tree: Tree, folders: Iterable[str], *tools: str) -> Said | None:
    """Of .tool-versions, and of mise.toml, as asdf and mise read them."""
    for folder in folders:
        path = join(folder, ".tool-versions")
        for number, line in enumerate(tree.text(path).split("\n")[:200], 1):
            words = line.split()
            if len(words) > 1 and words[0] in tools:
                return Said(words[1], path, number)
        path = join(folder, "mise.toml")
        if tree.has(path):
            named = mapping(tree.toml(path).get("tools"))
            for tool in tools:
                if text(named.get(tool)):
                    return Said(named[tool], path, tree.line_of(path, tool))
    return None


def procfile(tree: Tree, folder: str, notes: Notes) -> str:
    """The command of the process `web`, or of the only one; "" where there is none."""
    path = join(folder, "Procfile")
    found: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(tree.text(path).split("\n")[:200], 1):
        match = _ENTRY.fullmatch(line.strip())
        if match:
            found.setdefault(match[1], (match[2], number))
    chosen = found.get("web") or (next(iter(found.values())) if len(found) == 1 else None)
    if chosen is None:
        return ""
    for name, (command, number) in found.items():
        if (command, number) != chosen:
            notes.warn(
                f"the process {name} needs a workload of its own, with the command {command[:100]}", path, number
            )
    command, number = chosen
    if not is_command(command):
        notes.warn("the command is too long, or has characters that cannot be seen; it is not used", path, number)
        return ""
    notes.because(f"it starts with {command[:200]}", path, number)
    return command


def port_of_environment(tree: Tree, folder: str, notes: Notes) -> int | None:
    """PORT in an example of the environment."""
    for name in (".env.example", ".env.sample", ".env.template", "env.example", ".env.dist"):
        path = join(folder, name)
        match = _PORT.search(tree.text(path))
        if match and 1 <= int(match[1]) <= 65535:
            notes.because(
                f"PORT is {match[1]} in the example of the environment", path, tree.line_of(path, match[0].strip())
            )
            return int(match[1])
    return None


def port_in(tree: Tree, paths: Iterable[str], patterns: Iterable[re.Pattern[str]], notes: Notes) -> int | None:
    """The first port that a source file names."""
    every = list(patterns)
    for path in paths:
        source = tree.text(path)
        for pattern in every:
            match = pattern.search(source)
            if match and 1 <= int(match[1]) <= 65535:
                notes.because(f"it listens on {match[1]}", path, source.count("\n", 0, match.start(1)) + 1)
                return int(match[1])
    return None


def ask_port(port: int | None, usual: int, notes: Notes, why: str) -> int:
    if port is not None:
        return port
    notes.ask("port", "Which port does it listen on?", str(usual), why)
    return usual


def existing(tree: Tree, folder: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the files that are there, as paths below the folder."""
    return tuple(name for name in names if tree.has(join(folder, name)))


def lines_with(source: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, re.Match[str]]]:
    """Each match, and the line on which it begins, from 1."""
    line, read = 1, 0
    for match in pattern.finditer(source):
        line += source.count("\n", read, match.start())
        read = match.start()
        yield line, match
