"""Gets every program, by whatever way works, and reports what is being done."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kubeorch.processes import lock
from kubeorch.programs import building, finding
from kubeorch.programs.downloading import download
from kubeorch.programs.errors import NoProgram
from kubeorch.programs.program import Kit, NoDownload, Program
from kubeorch.programs.progress import Phase, Progress, Report


def obtain(
    programs: Sequence[Program],
    *,
    report: Report = lambda progress: None,
    environ: Mapping[str, str] = os.environ,
    stopping: threading.Event | None = None,
) -> dict[str, Path]:
    """Path of each program by name, all of one kit: found, else downloaded, else built into our cache.

    May take minutes; the calling thread must stay alive meanwhile.
    Raises NoProgram, with what to do, when a program cannot be had in any of these ways.
    """
    stop = stopping or threading.Event()
    report(Progress(Phase.FINDING, 0, len(programs), "looking for the programs"))
    found, missing = finding.find(programs, environ)
    if not missing:
        return found
    cache = finding.cache_folder(environ)
    with _only_one(cache, programs[0].kit, report, len(found), len(programs), stop):
        found, missing = finding.find(programs, environ)  # who held the lock may have made them
        left, reason = _download_all(missing, cache, report, stop)
        _build_all(left, cache, reason, report, environ, stop)
    return found | {program.name: finding.cached_path(program, cache) for program in missing}


def _download_all(
    programs: Sequence[Program], cache: Path, report: Report, stop: threading.Event
) -> tuple[list[Program], str]:
    """Those that could not be downloaded, and why. The first "no internet" ends the attempts."""
    left: list[Program] = []
    reason = ""
    for number, program in enumerate(programs, 1):
        if not reason.startswith("no internet"):
            report(Progress(Phase.DOWNLOADING, number, len(programs), f"downloading {program.name} {program.version}"))
            try:
                download(program, finding.cached_path(program, cache), stopping=stop.is_set)
                continue
            except NoDownload as error:
                reason = str(error)
        left.append(program)
    return left, reason


def _build_all(
    programs: Sequence[Program],
    cache: Path,
    reason: str,
    report: Report,
    environ: Mapping[str, str],
    stop: threading.Event,
) -> None:
    if not programs or stop.is_set():
        return
    why = f"{reason}; building takes some minutes, once"
    go = building.find_go(cache, environ)
    if go is None:
        report(Progress(Phase.BUILDING, 0, len(programs), "installing Go", why))
        go = building.install_go(cache, programs[0].kit)
    for number, program in enumerate(programs, 1):
        report(Progress(Phase.BUILDING, number, len(programs), f"building {program.name} {program.version}", why))
        building.build(program, finding.cached_path(program, cache), go, cache, stop)
    building.forget_build_cache(cache)


@contextlib.contextmanager
def _only_one(cache: Path, kit: Kit, report: Report, have: int, total: int, stop: threading.Event) -> Iterator[None]:
    """Hold the cache for writing; a second process waits for the first, and reports that."""
    folder = cache / kit.name
    with contextlib.ExitStack() as stack:
        is_said = False
        while True:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                stack.enter_context(lock.hold(folder / "lock"))
                break
            except lock.AlreadyHeld:
                if not is_said:
                    report(
                        Progress(Phase.FINDING, have, total, "another process is getting the programs; waiting for it")
                    )
                    is_said = True
                if stop.wait(0.5):
                    raise NoProgram("stopped while waiting for the programs") from None
            except OSError as error:
                raise NoProgram(
                    f"cannot write to {folder}", f"{error.strerror}; set KUBEORCH_CACHE to another folder"
                ) from error
        yield
