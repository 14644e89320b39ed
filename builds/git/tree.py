"""The files of one commit, read from the object database: no working copy, no links followed, no filters run."""

from __future__ import annotations

import os
import selectors
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

from builds.git.errors import GitTooLarge, GitUnavailable
from builds.git.workspace import Workspace
from kubeorch.base.names import shows_all
from kubeorch.processes.bounded import Bounds, Overdue, TooTalkative, end, run_bounded, start_bounded

ENTRIES_MOST = 100_000
PATH_MOST = 1000
PARTS_MOST = 64
PART_MOST = 255
"""Of one part of a path, in bytes: file systems take no longer ones."""
READ_S = 60.0
COPIED_AT_ONCE = 1_000_000
READING = Bounds(
    wall_s=READ_S,
    cpu_s=60,
    memory_bytes=1_000_000_000,
    file_bytes=1_000_000,
    output_bytes=40_000_000,
    error_bytes=100_000,
)
_LINK, _SUBMODULE, _EXECUTABLE = "120000", "160000", "100755"
_FOLDER = b"040000 tree "


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in a commit. Paths have "/" and no part that is empty, `.` or `..`."""

    files: dict[str, str] = field(repr=False)
    """Object id by path."""
    folders: dict[str, str] = field(default_factory=dict, repr=False)
    """Object id by path, equal for equal content; the commit itself is none of them."""
    links: dict[str, str] = field(default_factory=dict, repr=False)
    """Symbolic links: object id by path."""
    submodules: dict[str, str] = field(default_factory=dict)
    """Ids of their commits, in repositories of their own, by path."""
    executables: frozenset[str] = frozenset()
    """Which of the files."""
    unreadable: tuple[bytes, ...] = field(default=(), repr=False)
    """Paths that are not UTF-8, too long or too deep, or no name of a file; they are left out."""


class Objects:
    """Reads objects by id, one at a time, until `close`. Sizes are known beforehand, so nothing large is read."""

    def __init__(self, space: Workspace, check: Callable[[], None]) -> None:
        self._check = check
        self.sizes = _sizes(space, check)
        """Of every blob that was fetched, in bytes."""
        self._process = start_bounded(space.command("cat-file", "--batch"), READING, env=space.env, cwd=space.folder)

    def read(self, object_id: str, *, most: int) -> bytes | None:
        """Its content; None for what is larger, or was not fetched. Raises GitUnavailable."""
        size = self.sizes.get(object_id)
        if size is None or size > most:
            return None
        deadline = time.monotonic() + READ_S
        self._ask(object_id, size, deadline)
        return self._exactly(size + 1, deadline)[:-1]

    def copy(self, object_id: str, sink: BinaryIO, *, most: int) -> bool:
        """Write its content to `sink`; False for what is larger, or was not fetched. Raises GitUnavailable."""
        size = self.sizes.get(object_id)
        if size is None or size > most:
            return False
        deadline = time.monotonic() + READ_S
        self._ask(object_id, size, deadline)
        left = size
        while left:
            piece = self._exactly(min(left, COPIED_AT_ONCE), deadline)
            sink.write(piece)
            left -= len(piece)
        self._exactly(1, deadline)
        return True

    def close(self) -> None:
        end(self._process)

    def _ask(self, object_id: str, size: int, deadline: float) -> None:
        sink = self._process.stdin
        assert sink is not None  # noqa: S101
        try:
            sink.write(f"{object_id}\n".encode())
            sink.flush()
        except OSError:
            raise _broken() from None
        head = f"{object_id} blob {size}\n".encode()
        if self._exactly(len(head), deadline) != head:
            raise _broken()

    def _exactly(self, count: int, deadline: float) -> bytes:
        source = self._process.stdout
        assert source is not None  # noqa: S101
        found = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(source, selectors.EVENT_READ)
            while len(found) < count:
                self._check()
                if time.monotonic() > deadline:
                    raise _broken()
                if selector.select(0.2):
                    chunk = os.read(source.fileno(), count - len(found))
                    if not chunk:
                        raise _broken()
                    found += chunk
        return bytes(found)


def listing_of(space: Workspace, commit: str, check: Callable[[], None]) -> Listing:
    """Raises GitTooLarge, GitUnavailable."""
    output = _run(space, ["ls-tree", "-r", "-t", "-z", "--full-tree", commit], check)
    rows = output.split(b"\0")[:-1]
    if len(rows) - sum(row.startswith(_FOLDER) for row in rows) > ENTRIES_MOST:
        raise _too_many()
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    links: dict[str, str] = {}
    submodules: dict[str, str] = {}
    executables = set()
    unreadable: list[bytes] = []
    for row in rows:
        head, _, name = row.partition(b"\t")
        mode, _, object_id = head.decode().split(" ", 2)
        path = _path(name)
        if path is None:
            unreadable += [] if row.startswith(_FOLDER) else [name]
        elif row.startswith(_FOLDER):
            folders[path] = object_id
        elif mode == _LINK:
            links[path] = object_id
        elif mode == _SUBMODULE:
            submodules[path] = object_id
        else:
            files[path] = object_id
            if mode == _EXECUTABLE:
                executables.add(path)
    return Listing(files, folders, links, submodules, frozenset(executables), tuple(unreadable))


def _path(name: bytes) -> str | None:
    try:
        path = name.decode()
    except UnicodeDecodeError:
        return None
    parts = path.split("/")
    if len(path) > PATH_MOST or len(parts) > PARTS_MOST or not shows_all(path) or "\\" in path:
        return None
    if any(part in ("", ".", "..") or len(part.encode()) > PART_MOST for part in parts):
        return None
    return path


def _sizes(space: Workspace, check: Callable[[], None]) -> dict[str, int]:
    """Only of what is here: an object that was left out by its size is not asked for."""
    form = "%(objectname) %(objecttype) %(objectsize)"
    output = _run(space, ["cat-file", f"--batch-check={form}", "--batch-all-objects", "--unordered"], check)
    rows = (line.split(" ") for line in output.decode().splitlines())
    return {row[0]: int(row[2]) for row in rows if row[1] == "blob"}


def _run(space: Workspace, arguments: list[str], check: Callable[[], None]) -> bytes:
    try:
        done = run_bounded(space.command(*arguments), READING, env=space.env, cwd=space.folder, check=check)
    except TooTalkative:
        raise _too_many() from None
    except Overdue:
        raise _broken() from None
    if done.code != 0:
        raise _broken()
    return done.output


def _too_many() -> GitTooLarge:
    return GitTooLarge(f"the repository has more than {ENTRIES_MOST:,} files", field="source.url")


def _broken() -> GitUnavailable:
    return GitUnavailable("the repository came over, and cannot be read; it may be damaged")
