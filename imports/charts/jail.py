"""Runs a program over files of others: an empty home, no settings of ours, bounds on time, memory and output.

The program sees a folder of its own, which goes when it has ended. Where the kernel lets us, it has no network either;
elsewhere the caller must give it nothing that makes it ask for one.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imports.domain.sources import SourceFile
from kubeorch.processes.spawn import kill, spawn

_LOOK_EVERY_S = 0.05
SAID_MAX = 64 * 1024
_SHELL = "/bin/sh"
_BLOCK = 512
"""Bytes, in which a shell counts the size of files. Source: POSIX, `ulimit`."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a program may take."""

    wall_s: float = 60.0
    cpu_s: int = 30
    memory_bytes: int = 1_000_000_000
    output_bytes: int = 12_000_000


USUAL = Bounds()


class JailBroken(Exception):
    """A bound was reached; the text says which, as the end of a sentence that begins with the program."""


class JailCanceled(Exception):
    """Nobody waits for it any more."""


@dataclass(frozen=True, slots=True)
class Printed:
    """What a program printed, and whether it was content."""

    ok: bool
    out: bytes
    err: str


class Jail:
    """A folder with an empty home beside it."""

    def __init__(self, root: Path, bounds: Bounds) -> None:
        self.folder = root / "files"
        self._root = root
        self._bounds = bounds
        for name in ("files", "home", "tmp", "bin"):
            (root / name).mkdir()

    def write(self, files: Sequence[SourceFile]) -> None:
        """Put files into the folder. Their paths are clean: relative, without `..`, no two of them the same."""
        for file in files:
            path = self.folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)

    def run(self, program: Path, arguments: Sequence[str], *, canceled: Callable[[], bool] = lambda: False) -> Printed:
        """What it prints. The calling thread must stay alive meanwhile (see kubeorch.processes.spawn).

        Raises JailBroken or JailCanceled.
        """
        out, err, most = self._root / "out", self._root / "err", self._bounds
        limits = (
            f"ulimit -c 0; ulimit -t {most.cpu_s}; ulimit -f {most.output_bytes // _BLOCK + 1}; "
            f"ulimit -d {most.memory_bytes // 1024}"
        )
        command = [_SHELL, "-c", f'{limits} || exit 125; exec "$@"', "jail", *_no_network(), str(program), *arguments]
        with out.open("w") as output:
            process = spawn(command, log=err, stdout=output, env=self._environment(), cwd=self.folder)
        try:
            _wait(process, most.wall_s, canceled)
        finally:
            kill(process)
        said = _ends(err.read_bytes().decode("utf-8", "replace"))
        if out.stat().st_size > most.output_bytes:
            raise JailBroken(f"prints more than {most.output_bytes:,} bytes")
        if _ran_out_of_memory(said):
            raise JailBroken(f"needs more than {most.memory_bytes // 1_000_000:,} MB of memory")
        if process.returncode < 0:
            raise JailBroken(
                f"was ended by the system (signal {-process.returncode}); it may take {most.cpu_s} s of CPU"
            )
        return Printed(process.returncode == 0, out.read_bytes(), said)

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
            **{f"XDG_{one}_HOME": f"{home}/{one.lower()}" for one in ("CONFIG", "CACHE", "DATA", "STATE")},
        }


@contextmanager
def jail(bounds: Bounds = USUAL) -> Iterator[Jail]:
    """A jail; its folder is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="kubeorch-jail-") as root:
        yield Jail(Path(root).resolve(), bounds)


def _wait(process: subprocess.Popen[bytes], most_s: float, canceled: Callable[[], bool]) -> None:
    deadline = time.monotonic() + most_s
    while True:
        try:
            process.wait(_LOOK_EVERY_S)
        except subprocess.TimeoutExpired:
            if canceled():
                raise JailCanceled from None
            if time.monotonic() > deadline:
                raise JailBroken(f"takes longer than {most_s:.0f} s") from None
        else:
            return


@functools.cache
def _no_network() -> tuple[str, ...]:
    """The words before a command that leave it without a network; none where the kernel does not let us."""
    program = shutil.which("unshare")
    if program is None:
        return ()
    words = (program, "--user", "--map-root-user", "--net", "--")
    tried = subprocess.run([*words, _SHELL, "-c", ":"], capture_output=True, timeout=10, check=False)
    return words if tried.returncode == 0 else ()


def _ends(text: str) -> str:
    """A long text without its middle."""
    return text if len(text) <= SAID_MAX else f"{text[: SAID_MAX // 2]}\n…\n{text[-SAID_MAX // 2 :]}"


def _ran_out_of_memory(said: str) -> bool:
    """What Go says when it gets no more memory. Source: Go, `runtime/malloc.go`, `runtime/mem_linux.go`."""
    return any(
        words in said for words in ("runtime: out of memory", "cannot allocate memory", "fatal error: out of memory")
    )
