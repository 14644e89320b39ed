"""Runs a program over files of others: an empty home, no settings of ours, bounds on time, memory and output.

The program sees a folder of its own, which goes when it has ended. Where the kernel lets us, it has no network either;
elsewhere the caller must give it nothing that makes it ask for one.
"""

from __future__ import annotations

import errno
import functools
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from imports.domain.problems import ImportInvalid
from imports.domain.sources import Place, SourceFile
from kubeorch.processes.bounded import Bounds, Overdue, TooTalkative, run_bounded
from kubeorch.processes.scratch import scratch_folder

USUAL = Bounds(
    wall_s=60.0, cpu_s=30, memory_bytes=1_000_000_000, file_bytes=1_000_000, output_bytes=12_000_000, reserves=True
)

Check = Callable[[], None]
"""Called again and again while a program runs; what it raises ends the program."""


_NOBODY = "http://127.0.0.1:1"
"""Nobody listens there: a program that asks the network in spite of all reaches nothing but this machine."""
_BEGIN_BYTES = 16_000
"""Of what a program says beside what it prints; of more the end is kept as well."""


class JailBroken(Exception):
    """A bound was reached; the text says which, as the end of a sentence that begins with the program."""


@dataclass(frozen=True, slots=True)
class Printed:
    """What a program printed, and whether it was content."""

    ok: bool
    out: bytes = field(repr=False)
    err: str


class Jail:
    """A folder with an empty home beside it."""

    def __init__(self, root: Path, bounds: Bounds) -> None:
        self.folder = root / "files"
        self._root = root
        self._bounds = bounds
        for name in ("files", "home", "tmp", "bin"):
            (root / name).mkdir()

    def write(self, files: Sequence[SourceFile], *, below: str = "") -> None:
        """Put files into the folder. Their paths are clean: relative, without `..`, no two of them the same.

        Raises ImportInvalid for one that no folder can have beside the others.
        """
        for file in files:
            path = self.folder / below / file.path
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(file.content)
            except (IsADirectoryError, NotADirectoryError, FileExistsError) as error:
                raise ImportInvalid("it is a file and a folder at once", Place(file.path, 0, 0)) from error
            except OSError as error:
                if error.errno != errno.ENAMETOOLONG:
                    raise
                raise ImportInvalid("a part of its path is longer than 255 bytes", Place(file.path, 0, 0)) from error

    def run(self, program: Path, arguments: Sequence[str], *, check: Check = lambda: None) -> Printed:
        """What it prints. The calling thread must stay alive meanwhile (see kubeorch.processes.spawn).

        Raises JailBroken, and what `check` raises.
        """
        most, begin = self._bounds, bytearray()
        command = [*_no_network(), str(program), *arguments]
        try:
            ended = run_bounded(
                command,
                most,
                env=self._environment(),
                cwd=self.folder,
                check=check,
                heard=lambda chunk: begin.extend(chunk[: _BEGIN_BYTES - len(begin)]),
            )
        except Overdue:
            raise JailBroken(f"takes longer than {most.wall_s:.0f} s") from None
        except TooTalkative:
            raise JailBroken(f"prints more than {most.output_bytes:,} bytes") from None
        said = begin.decode("utf-8", "replace")
        if len(begin) == _BEGIN_BYTES:
            said += f"\n…\n{ended.error}"
        if any(words in said for words in _OUT_OF_MEMORY):
            raise JailBroken(f"needs more than {most.memory_bytes // 1_000_000:,} MB of memory")
        if ended.code < 0:
            why = f"was ended by the system (signal {-ended.code}); it may take {most.cpu_s} s of CPU"
            raise JailBroken(why)
        return Printed(ended.code == 0, ended.output, said)

    def _environment(self) -> dict[str, str]:
        home = str(self._root / "home")
        return {
            "HOME": home,
            "TMPDIR": str(self._root / "tmp"),
            "PATH": str(self._root / "bin"),
            "LANG": "C.UTF-8",
            "GOMEMLIMIT": str(self._bounds.memory_bytes // 2),
            "GOTRACEBACK": "none",
            "KUBECONFIG": f"{home}/none",
            **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), _NOBODY),
            **{f"XDG_{one}_HOME": f"{home}/{one.lower()}" for one in ("CONFIG", "CACHE", "DATA", "STATE")},
        }


_OUT_OF_MEMORY = ("runtime: out of memory", "cannot allocate memory", "fatal error: out of memory")
"""What Go says when it gets no more. Source: Go, `runtime/malloc.go`, `runtime/mem_linux.go`."""


@contextmanager
def jail(bounds: Bounds = USUAL) -> Iterator[Jail]:
    """A jail; its folder is removed at the end."""
    with scratch_folder("jail") as root:
        yield Jail(root, bounds)


@functools.cache
def _no_network() -> tuple[str, ...]:
    """The words before a command that leave it without a network; none where the kernel does not let us."""
    program = shutil.which("unshare")
    if program is None:
        return ()
    words = (program, "--user", "--map-root-user", "--net", "--")
    tried = subprocess.run([*words, "/bin/sh", "-c", ":"], capture_output=True, timeout=10, check=False)
    return words if tried.returncode == 0 else ()
