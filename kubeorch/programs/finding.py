"""Finds programs on this machine: in a given folder, on PATH, in our cache."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from kubeorch.programs.program import Program

VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")

_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def target() -> tuple[str, str]:
    """System and architecture of this machine in Go's words, as ("linux", "amd64")."""
    machine = platform.machine().lower()
    return sys.platform, _ARCHITECTURES.get(machine, machine)


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where we keep programs between starts, shared by every copy of one user."""
    given = environ.get("KUBEORCH_CACHE")
    if given:
        return Path(given).absolute()
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kubeorch"


def cached_path(program: Program, cache: Path) -> Path:
    """Its path in the cache. The folder is named after version and platform, so a program in it needs no check."""
    system, architecture = target()
    return (
        cache / program.kit.name / "bin" / f"{program.module}-v{program.version}-{system}-{architecture}" / program.name
    )


def find(programs: Sequence[Program], environ: Mapping[str, str] = os.environ) -> tuple[dict[str, Path], list[Program]]:
    """The programs already on this machine by name, and those that are missing."""
    found: dict[str, Path] = {}
    missing: list[Program] = []
    for program in programs:
        path = _given(program, environ) or _on_path(program, environ) or _cached(program, cache_folder(environ))
        if path:
            found[program.name] = path
        else:
            missing.append(program)
    return found, missing


def _given(program: Program, environ: Mapping[str, str]) -> Path | None:
    for variable in program.kit.folders:
        folder = environ.get(variable)
        if folder:
            path = Path(folder) / program.name
            # Programs in a given folder may be built by hand, without a version inside.
            if _is_program(path) and has_wanted_version(path, program, unstamped_is_fine=True):
                return path.absolute()
    return None


def _on_path(program: Program, environ: Mapping[str, str]) -> Path | None:
    named = (shutil.which(name, path=environ.get("PATH", "")) for name in (program.name, *program.also))
    return next((Path(found) for found in named if found and has_wanted_version(Path(found), program)), None)


def _cached(program: Program, cache: Path) -> Path | None:
    path = cached_path(program, cache)
    return path if _is_program(path) else None


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def has_wanted_version(path: Path, program: Program, *, unstamped_is_fine: bool = False) -> bool:
    """Whether the program runs here and is of the wanted minor version, or new enough where newer ones do as well.

    A control plane of mixed minors may refuse to work together.
    Source: Kubernetes docs, "Version Skew Policy".
    """
    try:
        answer = subprocess.run(
            [str(path), *program.version_args],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return False
    match = VERSION.search(answer.stdout)
    if answer.returncode != 0 or not match or program.says not in answer.stdout:
        return False
    major, minor = int(match[1]), int(match[2])
    if (major, minor) == (0, 0):
        return unstamped_is_fine
    return (major, minor) >= program.oldest if program.oldest else (major, minor) == program.minor
