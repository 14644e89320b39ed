"""Folders and files of a repository, as somebody looks at them who chooses one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, get_args

from kubeorch.base.names import shows_all

EntryKind = Literal["folder", "file", "link", "submodule"]
KINDS: tuple[EntryKind, ...] = get_args(EntryKind)
ENTRIES_MOST = 1_000
"""Of one folder."""
FILE_MOST_BYTES = 256_000
"""Of a file that is shown."""
_NAME_MOST = 255


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    kind: EntryKind
    size_bytes: int | None = None
    """None where nobody says."""


@dataclass(frozen=True, slots=True)
class Folder:
    entries: tuple[Entry, ...]
    """Folders first, each by name."""
    is_cut: bool = False
    """There are more."""


@dataclass(frozen=True, slots=True)
class File:
    size_bytes: int | None
    content: bytes | None = field(repr=False)
    """None for what is larger than FILE_MOST_BYTES, or kept elsewhere."""

    @property
    def text(self) -> str | None:
        """None for what is not text, or not here."""
        if self.content is None or b"\0" in self.content:
            return None
        try:
            return self.content.decode()
        except UnicodeDecodeError:
            return None


def entry(name: object, kind: EntryKind, size_bytes: object = None) -> Entry | None:
    """One of a server's answer; None for what no path can name."""
    if not isinstance(name, str) or not name or len(name.encode(errors="replace")) > _NAME_MOST:
        return None
    if "/" in name or "\\" in name or name in (".", "..") or not shows_all(name):
        return None
    is_size = isinstance(size_bytes, int) and not isinstance(size_bytes, bool) and 0 <= size_bytes < 2**53
    return Entry(name, kind, size_bytes if is_size and kind == "file" else None)  # type: ignore[arg-type]


def folder(found: Iterable[Entry | None], *, is_cut: bool = False) -> Folder:
    rows = sorted({one.name: one for one in found if one is not None}.values(), key=lambda one: one.name)
    ordered = [*(one for one in rows if one.kind == "folder"), *(one for one in rows if one.kind != "folder")]
    return Folder(tuple(ordered[:ENTRIES_MOST]), is_cut or len(ordered) > ENTRIES_MOST)


def below(paths: Iterable[tuple[str, EntryKind]], path: str) -> Folder | None:
    """The folder at a path of a tree that was read whole; None where there is none. Folders count as paths, too."""
    above = f"{path}/" if path else ""
    found = [(one[len(above) :], kind) for one, kind in paths if one.startswith(above)]
    if path and not found:
        return None
    return folder(entry(name, kind) for name, kind in found if "/" not in name)
