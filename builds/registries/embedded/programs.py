"""The registry program: Distribution's, as Debian or its project give it."""

from __future__ import annotations

from kubeorch.programs.downloading import asset_digest
from kubeorch.programs.program import Kit, NoDownload, Program, Release

VERSION = "3.1.2"
BUILDS = Kit("builds", ("KUBEORCH_BUILDS_BIN",))
_REPOSITORY = "distribution/distribution"


def _release(program: Program, system: str, architecture: str) -> Release:
    if system not in ("linux", "darwin"):
        raise NoDownload(f"there is no official registry for {system}")
    archive = f"registry_{program.version}_{system}_{architecture}.tar.gz"
    return Release(
        f"https://github.com/{_REPOSITORY}/releases/download/v{program.version}/{archive}",
        f"https://api.github.com/repos/{_REPOSITORY}/releases/tags/v{program.version}",
        lambda text: asset_digest(text, archive),
        "registry",
    )


REGISTRY = Program(
    BUILDS,
    "registry",
    VERSION,
    "distribution",
    f"github.com/{_REPOSITORY}/v3/cmd/registry",
    _release,
    oldest=(2, 8),
    linked=((f"github.com/{_REPOSITORY}/v3/version.version", f"v{VERSION}"),),
    also=("docker-registry",),
    says="/distribution",
)
