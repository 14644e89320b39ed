"""Where kompose and its fixtures are: given, or built once from its Go module into the cache."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

VERSION = "v1.38.0"
MODULE = "github.com/kubernetes/kompose"
PROGRAM = "KOMPOSE_ORACLE"
"""The variable that names the program."""
FIXTURES = "KOMPOSE_FIXTURES"
"""The variable that names kompose's `script/test/fixtures`."""
_BUILD_S = 1800


def find_program() -> Path | None:
    """kompose: given, in the cache, or built with Go, which takes minutes, once. None where there is no Go."""
    if given := os.environ.get(PROGRAM):
        return Path(given)
    cached = _cache() / "kompose"
    if not cached.exists() and shutil.which("go"):
        _build(cached)
    return cached if cached.exists() else None


def find_fixtures() -> Path | None:
    """kompose's own fixtures: given, or of its module. None without Go."""
    if given := os.environ.get(FIXTURES):
        return Path(given)
    if not shutil.which("go"):
        return None
    done = subprocess.run(
        ["go", "mod", "download", "-json", f"{MODULE}@{VERSION}"], capture_output=True, check=True, timeout=_BUILD_S
    )
    return Path(json.loads(done.stdout)["Dir"]) / "script" / "test" / "fixtures"


def main() -> None:
    """Prints where the fixtures are."""
    print(find_fixtures() or sys.exit(f"set {FIXTURES}, or install Go"))


def _cache() -> Path:
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return folder / "kubeorch" / "oracles" / f"kompose-{VERSION}"


def _build(path: Path) -> None:
    """A module of its own has kompose as a tool, so that nothing of this repository is touched."""
    path.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod"}
    with tempfile.TemporaryDirectory(prefix="kompose-") as made:
        for arguments in (
            ["mod", "init", "oracle.local/oracle"],
            ["get", "-tool", f"{MODULE}@{VERSION}"],
            ["build", "-o", "kompose", MODULE],
        ):
            subprocess.run(["go", *arguments], cwd=made, env=environment, check=True, timeout=_BUILD_S)
        shutil.copy(Path(made, "kompose"), path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


if __name__ == "__main__":
    main()
