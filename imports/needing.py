"""Which files of a tree a Compose project needs, found by converting it. Pure."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

from imports.domain.compose.load import load
from imports.domain.convert.conversion import convert
from imports.domain.problems import ImportInvalid

NEEDED_FILES = 1_000
NEEDED_BYTES = 5_000_000
"""Of one thing that is found."""
PASSES = 5
OTHERS_MOST = 5
"""Compose files of a folder that are tried beside those that Compose takes by itself."""
WIDE_MOST = 200
"""Paths with variables that are looked up, and what each may be."""
REFUSED_MOST = 10
"""Lines that refuse any text for their variables."""
_REQUIRED = re.compile(rb"\$\{([A-Za-z_][A-Za-z0-9_]*):?\?")
_SETS = re.compile(rb"^(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=", re.MULTILINE)
_WORD = re.compile(rb"[^\s\"',\[\]]*\$[^\s\"',\[\]]+")
_VARIABLE = re.compile(rb"\$\{?([A-Za-z_][A-Za-z0-9_]*)")
_PATH = re.compile(rb"[/.]")
_ANY = "kubeorch-any-text"
"""Stands in a path for what a variable may be."""
LFS = b"version https://git-lfs.github.com/spec/"
_AFTER_SLASH = "0"
"""The character after "/"."""

Read = Callable[[str], bytes | None]
Check = Callable[[], None]


class TooMuch(Exception):
    """What one thing needs is more than an import keeps."""


def bounded(count: int, size: int) -> None:
    """Raises TooMuch."""
    if count > NEEDED_FILES or size > NEEDED_BYTES:
        raise TooMuch(f"it needs more than {NEEDED_FILES:,} files or {NEEDED_BYTES:,} bytes; give the path of a part")


class Recorder:
    """A FileTree that remembers what was read, files that are not there left out."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.contents: dict[str, bytes] = {}
        self._size = 0
        self.check = tree.check

    def copy(self) -> Recorder:
        other = Recorder(self._tree)
        other.contents, other._size = dict(self.contents), self._size
        return other

    def read(self, path: str) -> bytes | None:
        self.check()
        if path in self.contents:
            return self.contents[path]
        content = self._tree.read(path)
        if content is not None:
            self.contents[path] = content
            self._size += len(content)
            bounded(len(self.contents), self._size)
        return content

    def list(self, path: str) -> list[str]:
        return self._tree.list(path)


class Tree:
    """A FileTree of sorted paths, whose contents are read when they are asked for."""

    def __init__(self, paths: Sequence[str], read: Read, check: Check) -> None:
        self._paths = paths
        self._read = read
        self.check = check

    def read(self, path: str) -> bytes | None:
        at = bisect_left(self._paths, path)
        return self._read(path) if self._paths[at : at + 1] == [path] else None

    def list(self, path: str) -> list[str]:
        """Children are found by jumping over what is below each of them."""
        start = f"{path}/" if path else ""
        found: set[str] = set()
        at = bisect_left(self._paths, start)
        while at < len(self._paths) and self._paths[at].startswith(start):
            self.check()
            name, slash, _ = self._paths[at][len(start) :].partition("/")
            found.add(name)
            at = bisect_left(self._paths, f"{start}{name}{_AFTER_SLASH}", at) if slash else at + 1
        return sorted(found)


def needed(offered: Sequence[str], taken: Sequence[str], tree: Tree) -> list[str]:
    """What a conversion reads, whichever of the files offered are merged, whichever profiles are on, and whatever
    variables in paths are set to, as far as there is room for that.

    A project that is refused needs what was read before. Raises TooMuch.
    """
    recorder = Recorder(tree)
    rest = [path for path in offered if path not in taken][:OTHERS_MOST]
    choices = [list(taken), *([*taken, other] for other in rest), *([other] for other in rest)]
    for merged in filter(None, choices):
        _read_through(recorder, merged)
    wide = recorder.copy()
    try:
        for merged in filter(None, choices):
            _read_wide(wide, merged)
    except TooMuch:
        return sorted(recorder.contents)
    needed_for_sure = recorder.contents.keys()
    return sorted(path for path, text in wide.contents.items() if path in needed_for_sure or not text.startswith(LFS))


def _read_through(recorder: Recorder, merged: Sequence[str]) -> None:
    """Convert it for what that reads. Where files ask for variables that nobody sets, these get a value."""
    for path in (*merged, posixpath.join(posixpath.dirname(merged[0]), ".env")):
        recorder.read(path)
    _refused(recorder, recorder, merged, {})


def _refused(
    recorder: Recorder, tree: Recorder | _Wide, merged: Sequence[str], given: dict[str, str]
) -> ImportInvalid | None:
    """Convert it with these variables, and a value for those that it asks for. Gives the refusal, if there is one."""
    refused = None
    for _ in range(PASSES):
        recorder.check()
        try:
            project = load(tree, list(merged), folder_name="import", environment=given, profiles=["*"])
            convert(project, tree, {})
            return None
        except ImportInvalid as error:
            refused = error
            contents = recorder.contents.values()
            asked = {name for text in contents for name in _REQUIRED.findall(text)}
            set_here = {name for text in contents for name in _SETS.findall(text)}
            lacking = {name.decode() for name in asked - set_here} - set(given)
            if error.code != "import.variable_required" or not lacking:
                return error
            given = given | dict.fromkeys(lacking, "x")
    return refused


def _read_wide(recorder: Recorder, merged: Sequence[str]) -> None:
    """Convert it with variables in paths standing for any text; those of a line that is refused are numbers, say."""
    names = _in_paths(recorder)
    tree = _Wide(recorder)
    for _ in range(REFUSED_MOST):
        refused = _refused(recorder, tree, merged, dict.fromkeys(names, _ANY)) if names else None
        if refused is None or refused.place is None:
            return
        lines = recorder.contents.get(refused.place.path, b"").splitlines()
        line = lines[refused.place.line - 1] if 0 < refused.place.line <= len(lines) else b""
        left = names.keys() - {name.decode() for name in _VARIABLE.findall(line)}
        if len(left) == len(names):
            return
        names = {name: None for name in names if name in left}


def _in_paths(recorder: Recorder) -> dict[str, None]:
    """Variables that stand in words which may be paths."""
    found: dict[str, None] = {}
    for path, content in recorder.contents.items():
        if path.endswith((".yaml", ".yml")):
            words = (word for word in _WORD.findall(content) if _PATH.search(word))
            found |= dict.fromkeys(name.decode() for word in words for name in _VARIABLE.findall(word))
    return found


class _Wide:
    """A FileTree in which a path may have any text at some places: all that it may be is read."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._looked_up: dict[str, bytes | None] = {}

    def read(self, path: str) -> bytes | None:
        if _ANY not in path:
            return self._recorder.read(path)
        if path not in self._looked_up:
            self._looked_up[path] = self._first(path) if len(self._looked_up) < WIDE_MOST else None
        return self._looked_up[path]

    def list(self, path: str) -> list[str]:
        if _ANY not in path:
            return self._recorder.list(path)
        self.read(path)  # and all that is below
        return []

    def _first(self, path: str) -> bytes | None:
        first = None
        for one in self._may_be(path):
            content = self._recorder.read(one)
            first = first if first is not None else content
            for file in self._below(one) if content is None else ():
                self._recorder.read(file)
        return first

    def _may_be(self, path: str) -> Sequence[str]:
        """What there is at such a path; nothing where it may be all there is."""
        if path.rpartition("/")[2] == path == _ANY:
            return []
        found = [""]
        for part in path.split("/"):
            if _ANY not in part:
                found = [posixpath.join(one, part) for one in found]
            else:
                fitting = (posixpath.join(one, name) for one in found for name in self._named(one, part))
                found = [one for one, _ in zip(fitting, range(WIDE_MOST), strict=False)]
        return found

    def _named(self, folder: str, part: str) -> Iterator[str]:
        head, *middle, tail = part.split(_ANY)
        for name in self._recorder.list(folder):
            at, end = len(head), len(name) - len(tail)
            if not (at <= end and name.startswith(head) and name.endswith(tail)):
                continue
            for text in middle:
                at = name.find(text, at, end) + len(text) if name.find(text, at, end) >= 0 else end + 1
            if at <= end:
                yield name

    def _below(self, folder: str) -> Iterator[str]:
        waiting = [folder]
        while waiting:
            at = waiting.pop()
            names = [posixpath.join(at, name) for name in self._recorder.list(at)]
            waiting += names
            if not names and at != folder:
                yield at
