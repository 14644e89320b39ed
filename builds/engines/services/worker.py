"""What BuildKit says of its worker, and whether a step runs there: for that an image of one tiny program is built, and
kept nowhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from builds.domain.engines import OLDEST, Nature, allows, nature_of
from builds.engines.services import probe
from builds.engines.services.steps import Report, step_of
from kubeorch.base.errors import Unavailable
from kubeorch.processes.bounded import Finished

PROBE_S = 25.0
WORDS_MOST = 500
WORKERS = ("debug", "workers", "--format", "{{json .}}")
Ask = Callable[..., Finished]
"""Runs buildctl with these words."""


class NotBuildKit(Unavailable):
    """What answers there is something else, or too old."""

    code = "engine.not_buildkit"


class NoProcesses(Unavailable):
    """Steps of a Dockerfile cannot run there."""

    code = "engine.no_processes"


def look_at_worker(report: Report, said: Finished, asked: Ask, folder: Path) -> None:
    """What BuildKit has `said` of its workers, and whether a step runs there. Raises Stop."""
    since = time.monotonic()
    nature = report.nature = step_of(
        report, "version", lambda: _nature(said.output), lambda one: f"BuildKit {one.version}"
    )
    own, others = nature.platform, nature.platforms[1:]
    more = f", and emulates {', '.join(others)}" if others else ""
    report.note("platforms", "ok", f"Builds for {own}{more}", since)
    program = probe.program_for(own)
    if program is None:
        report.note("processes", "warning", f"Not tried: there is no program of ours for {own}", since)
    else:
        command = probe.command(program, folder)
        ran = f"Steps of a Dockerfile run ({nature.executor or 'oci'}, {nature.snapshotter or 'unknown'} storage)"
        step_of(report, "processes", lambda: _ran(asked(*command, wall_s=PROBE_S)), lambda _: ran)
    warnings = allows(nature)
    words = "; ".join(warnings) or "Steps have a network and a process namespace of their own"
    report.note("place", "warning" if warnings else "ok", words[0].upper() + words[1:], since)


def words_of(finished: Finished) -> str:
    lines = [line.strip() for line in finished.error.splitlines() if line.strip() and not line.startswith("{")]
    return (lines[-1] if lines else f"exit code {finished.code}")[:WORDS_MOST]


def _nature(said: bytes) -> Nature:
    """Raises NotBuildKit."""
    found = nature_of(said)
    if found is None or not found.version or not found.platforms:
        raise NotBuildKit("what answers there says nothing of a BuildKit worker", field="address")
    if found.is_old:
        least = ".".join(map(str, OLDEST))
        raise NotBuildKit(f"it is BuildKit {found.version}; have it brought to {least} or newer", field="address")
    return found


def _ran(finished: Finished) -> None:
    """Raises NoProcesses."""
    if finished.code:
        raise NoProcesses(
            f"a step of a Dockerfile cannot run there: {words_of(finished)}. Rootless BuildKit needs user namespaces, "
            "and seccomp and AppArmor profiles that let it make them; else it has to be privileged"
        )
