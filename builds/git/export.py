"""The files of a commit below a folder, written out for a build: no link leads out of them, nothing runs.

git never makes a working copy: each file is read from the object database and written by us.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from builds.domain.lfs import FIELD, POINTER_MOST, LfsRefused, Pointer, pointer_of
from builds.git.errors import GitRefused, GitTooLarge
from builds.git.fetching import Snapshot
from builds.git.tree import PART_MOST, PARTS_MOST

FILE_MOST = 200_000_000
"""Of one file, in bytes."""
CONTEXT_MOST = 1_000_000_000
"""Of all files together, in bytes."""
FOLDERS_MOST = 100_000
LINK_MOST = 4096
NAMED = 5


@dataclass(frozen=True, slots=True)
class Exported:
    files: int
    bytes: int
    """With those that are still to come in the place of pointers."""
    pointers: Mapping[str, Pointer] = field(default_factory=dict)
    """Of Git LFS, by path below the folder, written as they are."""


def export(
    snapshot: Snapshot,
    root: str,
    folder: Path,
    check: Callable[[], None],
    *,
    with_submodules: bool = False,
    with_lfs: bool = False,
    bytes_before: int = 0,
) -> Exported:
    """Write what is below `root` ("" for everything) into the empty `folder`; places of submodules stay free.

    Raises GitRefused for links that lead out of it, names that no file can have, and submodules, LfsRefused for
    pointers, unless somebody writes these then; GitTooLarge, also with the `bytes_before` that were written already.
    """
    listing, prefix = snapshot.listing, f"{root}/" if root else ""
    if unreadable := sum(name.startswith(prefix.encode()) for name in listing.unreadable):
        raise GitRefused(
            f"{unreadable:,} files have paths that are not UTF-8, or that no file can have ({PARTS_MOST} parts of "
            f"{PART_MOST} bytes at most); rename them",
            field="root",
        )
    below = {path.removeprefix(prefix): path for path in listing.files if path.startswith(prefix)}
    submodules = [path for path in sorted(listing.submodules) if path.startswith(prefix)]
    if submodules and not with_submodules:
        raise GitRefused(
            f"{_named(submodules)}: submodules are not fetched; switch that on in the source, or build the part "
            "without them",
            field="root",
        )
    total = sum(snapshot.objects.sizes.get(listing.files[path], 0) for path in below.values())
    _bound(bytes_before + total)
    links = [path for path in listing.links if path.startswith(prefix)]
    folders = _folders((*below.values(), *links, *submodules), check)
    ends = listing.files.keys() | listing.links.keys() | listing.submodules.keys()
    twice = (
        folders & ends | (listing.files.keys() & set(links)) | (set(submodules) & (listing.files.keys() | set(links)))
    )
    if twice:
        raise GitRefused(
            f"{_named(sorted(twice))}: different things have the same path; the commit is damaged", field="root"
        )
    pointers: dict[str, Pointer] = {}
    for path in below:
        check()
        if (pointer := _write(snapshot, below[path], folder / path)) is not None:
            pointers[path] = pointer
    for path in links:
        check()
        _link(snapshot, path, prefix, folder)
    return Exported(len(below), _with_files(total, pointers, bytes_before, with_lfs=with_lfs), pointers)


def _with_files(total: int, pointers: Mapping[str, Pointer], before: int, *, with_lfs: bool) -> int:
    """How many bytes there are once the files have come that pointers stand for. Raises LfsRefused, GitTooLarge."""
    if pointers and not with_lfs:
        raise LfsRefused(
            f"{_named(sorted(pointers))}: kept in Git LFS, so that only pointers would be built; switch that on in the "
            "source, or build the part without them"
        )
    for path, pointer in pointers.items():
        if pointer.size > FILE_MOST:
            raise _too_large(path, FIELD)
    total += sum(pointer.size for pointer in pointers.values())
    _bound(before + total)
    return total


def _bound(count: int) -> None:
    if count > CONTEXT_MOST:
        raise GitTooLarge(
            f"the files to build have more than {CONTEXT_MOST / 1e9:.0f} GB; build a part of it", field="root"
        )


def _too_large(path: str, where: str) -> GitTooLarge:
    return GitTooLarge(f"{path} has more than {FILE_MOST // 1_000_000} MB; leave it out", field=where)


def _write(snapshot: Snapshot, path: str, target: Path) -> Pointer | None:
    """The pointer that it is."""
    target.parent.mkdir(parents=True, exist_ok=True)
    mode, object_id = 0o755 if path in snapshot.listing.executables else 0o644, snapshot.listing.files[path]
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode), "wb") as file:
        content = snapshot.objects.read(object_id, most=POINTER_MOST)
        if content is not None:
            file.write(content)
            return pointer_of(content)
        if not snapshot.objects.copy(object_id, file, most=FILE_MOST):
            raise _too_large(path, "root")
    return None


def _link(snapshot: Snapshot, path: str, prefix: str, folder: Path) -> None:
    """A link is written after all files, so none of these is written through one."""
    content = snapshot.objects.read(snapshot.listing.links[path], most=LINK_MOST)
    own = path.removeprefix(prefix)
    target = content.decode(errors="replace") if content is not None else ""
    if not target or "\x00" in target or not _stays(PurePosixPath(own), target):
        raise GitRefused(f"{path} is a link that leads out of what is built; remove it", field="root")
    place = folder / own
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)


def _stays(path: PurePosixPath, target: str) -> bool:
    """Whether a link at `path` with this text leads to a place below the top.

    It may go up at its beginning alone: `x/..` is somewhere else where x is a link.
    """
    if target.startswith("/"):
        return False
    parts = [part for part in target.split("/") if part not in ("", ".")]
    ups = next((number for number, part in enumerate(parts) if part != ".."), len(parts))
    return ups < len(path.parts) and ".." not in parts[ups:]


def _folders(paths: Iterable[str], check: Callable[[], None]) -> set[str]:
    """All folders that these are in, each looked at once. Raises GitTooLarge."""
    found: set[str] = set()
    for path in paths:
        check()
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
        if len(found) > FOLDERS_MOST:
            raise GitTooLarge(f"there are more than {FOLDERS_MOST:,} folders; build a part of it", field="root")
    return found


def _named(paths: list[str]) -> str:
    return ", ".join(paths[:NAMED]) + (f" and {len(paths) - NAMED} more" if len(paths) > NAMED else "")
