"""client-go's own informers, as a program to be measured beside ours: built once from its Go module into the cache."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

VERSION = "v0.36.3"
SOURCE = Path(__file__).resolve().parents[1] / "programs" / "informer" / "main.go"
_BUILD_S = 1800


def find_program() -> Path | None:
    """In the cache, or built, which takes minutes, once; None where there is no Go. Raises CalledProcessError where
    its module cannot be had."""
    digest = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cached = cache / "kubeorch" / "oracles" / f"informer-{VERSION}-{digest}" / "informer"
    if not cached.exists() and shutil.which("go"):
        _build(cached)
    return cached if cached.exists() else None


class GoInformer:
    """Holds the five kinds of its cluster from the start on."""

    def __init__(self, program: Path, kubeconfig: Path) -> None:
        self._process = subprocess.Popen(
            [program, kubeconfig], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.first = self._read()

    def ask(self) -> dict[str, Any]:
        """How many objects it holds, and its memory after it has given back what it can."""
        assert self._process.stdin is not None
        self._process.stdin.write("?\n")
        self._process.stdin.flush()
        return self._read()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found


def _build(path: Path) -> None:
    """In a module of its own, so that nothing of this repository is touched."""
    path.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod"}
    with tempfile.TemporaryDirectory(prefix="informer-") as made:
        shutil.copy(SOURCE, made)
        for arguments in (
            ["mod", "init", "informer.local/informer"],
            ["get", f"k8s.io/client-go@{VERSION}", f"k8s.io/api@{VERSION}", f"k8s.io/apimachinery@{VERSION}"],
            ["build", "-o", "informer", "."],
        ):
            subprocess.run(["go", *arguments], cwd=made, env=environment, check=True, timeout=_BUILD_S)
        shutil.copy(Path(made, "informer"), path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)
