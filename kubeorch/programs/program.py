"""What a program is: its version, its source, its official release, and where people may put their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


class NoDownload(Exception):
    """The program cannot be downloaded as an official release; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Release:
    """Where an official program is published, and its checksum.

    `checksum_in` finds the hexadecimal SHA-256 in the published text, "" when it is not there.
    `member` is the path of the program in the archive, "" when the file is the program.
    """

    url: str
    checksum_url: str
    checksum_in: Callable[[str], str]
    member: str = ""


@dataclass(frozen=True, slots=True)
class Kit:
    """Programs that belong together."""

    name: str
    """Of its folder below deploy/, where its Go modules are pinned, and of that in the cache."""
    folders: tuple[str, ...]
    """Variables that may name a folder with programs of one's own; the first is told to people."""
    modules: Path | None = None
    """Where its folder with Go modules is, if not below deploy/."""


@dataclass(frozen=True, slots=True)
class Program:
    """One executable.

    `module` is the folder below that of its kit whose go.mod pins it, `package` what `go build` is asked for.
    `version_args` make the program print its version and exit.
    """

    kit: Kit
    name: str
    version: str
    module: str
    package: str
    release: Callable[[Program, str, str], Release]
    """By system and architecture in Go's words. Raises NoDownload when its project publishes none for this platform."""
    version_args: tuple[str, ...] = ("--version",)
    oldest: tuple[int, int] | None = None
    """Major and minor from which any version that is found will do; without it, only its own minor version does."""
    linked: tuple[tuple[str, str], ...] = ()
    """Variables of packages that the linker sets, as its project's own build does."""
    tags: tuple[str, ...] = ()
    """Build tags."""
    needs_c: bool = False
    """Parts of it are C: building takes a C compiler."""
    reads: tuple[str, ...] = ()
    """Folders of its module that a program that was built here reads as it runs; they are kept beside it. `package` is
    the module then."""
    also: tuple[str, ...] = ()
    """Other names under which systems have it on PATH."""
    says: str = ""
    """What is in the words with which it tells its version: a common name is that of other programs, too."""

    @property
    def minor(self) -> tuple[int, int]:
        """Major and minor number: programs of one minor version work together."""
        major, minor, *_ = self.version.split(".")
        return int(major), int(minor)
