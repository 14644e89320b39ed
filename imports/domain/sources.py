"""What is brought in: files of one folder, and places in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from kubeorch.base.records import record


class Place(NamedTuple):
    """Where something stands: path in the folder, line and column from 1. Line 0 is the whole file."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path


@record
class SourceFile:
    """A file as it was brought in, byte for byte. `path` is relative to the folder, with "/", without ".."."""

    path: str
    content: bytes


class FileTree(Protocol):
    """The folder of what is brought in. Nothing outside of it can be named."""

    def read(self, path: str) -> bytes | None:
        """The bytes of the file; None where there is no such file."""

    def list(self, path: str) -> list[str]:
        """Names of files and folders in a folder, sorted; empty where there is none. "" is the folder itself."""


class Files:
    """A FileTree in memory."""

    def __init__(self, files: Iterable[SourceFile] | Mapping[str, bytes]) -> None:
        pairs = files.items() if isinstance(files, Mapping) else ((file.path, file.content) for file in files)
        self._files = dict(pairs)

    def read(self, path: str) -> bytes | None:
        return self._files.get(path)

    def list(self, path: str) -> list[str]:
        start = f"{path}/" if path else ""
        return sorted({name[len(start) :].split("/", 1)[0] for name in self._files if name.startswith(start)})
