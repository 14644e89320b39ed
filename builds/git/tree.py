"""The files of one commit, read from the object database: no working copy, no links followed, no filters run."""

from __future__ import annotations

import os
import selectors
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from builds.git.errors import GitTooLarge, GitUnavailable
from builds.git.workspace import Workspace
from kubeorch.base.names import shows_all
from kubeorch.processes.bounded import Bounds, Overdue, TooTalkative, end, run_bounded, start_bounded

ENTRIES_MOST = 100_000
PATH_MOST = 1000
READ_S = 60.0
READING = Bounds(
    wall_s=READ_S,
    cpu_s=60,
    memory_bytes=1_000_000_000,
    file_bytes=1_000_000,
    output_bytes=40_000_000,
    error_bytes=100_000,
)
_LINK, _SUBMODULE = "120000", "160000"


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in a commit. Paths have "/" and no part that is empty, `.` or `..`."""

    files: dict[str, str] = field(repr=False)
    """Object id by path."""
    links: frozenset[str] = frozenset()
    submodules: frozenset[str] = frozenset()
    unreadable: int = 0
    """Entries whose name is not UTF-8, or no name of a file; they are left out."""


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
        sink = self._process.stdin
        assert sink is not None  # noqa: S101
        try:
            sink.write(f"{object_id}\n".encode())
            sink.flush()
        except OSError:
            raise _broken() from None
        head = f"{object_id} blob {size}\n".encode()
        answer = self._exactly(len(head) + size + 1, deadline)
        if not answer.startswith(head):
            raise _broken()
        return answer[len(head) : -1]

    def close(self) -> None:
        end(self._process)

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
    output = _run(space, ["ls-tree", "-r", "-z", "--full-tree", commit], check)
    rows = output.split(b"\0")[:-1]
    if len(rows) > ENTRIES_MOST:
        raise _too_many()
    files: dict[str, str] = {}
    links, submodules, unreadable = set(), set(), 0
    for row in rows:
        head, _, name = row.partition(b"\t")
        mode, _, object_id = head.decode().split(" ", 2)
        path = _path(name)
        if path is None:
            unreadable += 1
        elif mode == _LINK:
            links.add(path)
        elif mode == _SUBMODULE:
            submodules.add(path)
        else:
            files[path] = object_id
    return Listing(files, frozenset(links), frozenset(submodules), unreadable)


def _path(name: bytes) -> str | None:
    try:
        path = name.decode()
    except UnicodeDecodeError:
        return None
    parts = path.split("/")
    if len(path) > PATH_MOST or not shows_all(path) or "\\" in path or any(part in ("", ".", "..") for part in parts):
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
