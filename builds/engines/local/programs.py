"""What the local engine is made of: BuildKit's two programs, and what they need of the system."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from kubeorch.programs.downloading import asset_digest
from kubeorch.programs.program import Kit, NoDownload, Program, Release

BUILDKIT = "0.34.2"
BUILDS = Kit("builds", ("KUBEORCH_BUILDS_BIN",))
RUNTIMES = ("runc", "crun")
_REPOSITORY = "moby/buildkit"


def _release(program: Program, system: str, architecture: str) -> Release:
    if system != "linux":
        raise NoDownload(f"there is no official {program.name} for {system}")
    archive = f"buildkit-v{program.version}.{system}-{architecture}.tar.gz"
    return Release(
        f"https://github.com/{_REPOSITORY}/releases/download/v{program.version}/{archive}",
        f"https://api.github.com/repos/{_REPOSITORY}/releases/tags/v{program.version}",
        lambda text: asset_digest(text, archive),
        f"bin/{program.name}",
    )


def _program(name: str) -> Program:
    package = f"github.com/{_REPOSITORY}/cmd/{name}"
    linked = ((f"github.com/{_REPOSITORY}/version.Version", f"v{BUILDKIT}"),)
    return Program(BUILDS, name, BUILDKIT, "buildkit", package, _release, oldest=(0, 20), linked=linked)


BUILDKITD = _program("buildkitd")
BUILDCTL = _program("buildctl")
PROGRAMS = (BUILDKITD, BUILDCTL)


@dataclass(frozen=True, slots=True)
class NetworkTools:
    """Programs that give steps a network of their own, by their paths."""

    unshare: Path
    nsenter: Path
    ip: Path
    nft: Path
    slirp4netns: Path


PACKAGES = {"unshare": "util-linux", "nsenter": "util-linux", "ip": "iproute2", "nft": "nftables"}
"""Debian's, where a program is not called like its package."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What of the system BuildKit runs on."""

    runtime: Path
    unshare: Path | None
    """With it all that a build runs ends with the daemon."""
    network: NetworkTools | None = None
    lacking: tuple[str, ...] = ()
    """Packages without which steps have the network of the machine."""


def surroundings(environ: Mapping[str, str] = os.environ) -> tuple[Surroundings | None, list[str]]:
    """What is there, and what is missing, each a phrase with its cure; either is empty."""
    if sys.platform != "linux":
        return None, ["Linux: images are built where containers run; connect a cluster that builds"]

    def found(name: str) -> Path | None:
        path = shutil.which(name, path=f"{environ.get('PATH', '')}:/usr/sbin:/sbin")
        return Path(path) if path else None

    missing = []
    runtime = next((path for name in RUNTIMES if (path := found(name))), None)
    if runtime is None:
        missing.append("runc, which runs the steps of a Dockerfile (apt-get install runc)")
    if os.geteuid() != 0:
        missing.append("root: without it one build could read what another is given (run KubeOrch as root)")
    if missing or runtime is None:
        return None, missing
    tools = {one.name: found(one.name) for one in fields(NetworkTools)}
    lacking = tuple(dict.fromkeys(PACKAGES.get(name, name) for name, path in tools.items() if path is None))
    network = None if lacking else NetworkTools(**{name: path for name, path in tools.items() if path is not None})
    return Surroundings(runtime, found("unshare"), network, lacking), []


def why_shared(around: Surroundings) -> str:
    """Why steps have the network of the machine, as far as its programs tell; "" where nothing is lacking."""
    return f"one of their own needs {' and '.join(around.lacking)} (apt-get install)" if around.lacking else ""
