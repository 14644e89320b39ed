"""BuildKit and a registry on loopback, as bare as they come: what is built here is judged, not the engine.

The registry keeps its images in the cache of the machine; docker.io is that registry, and nothing is fetched from
anywhere else: a name that is not there is an error at once.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tests.support.ports import free_port
from tests.support.wait import until

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kubeorch"
IMAGES = CACHE / "images"
BUILD_S = 900


def program(name: str) -> Path | None:
    """On PATH, or in the cache, where the local engine has its own."""
    found = shutil.which(name)
    cached = sorted((CACHE / "builds" / "bin").glob(f"*/{name}"))
    return Path(found) if found else cached[-1] if cached else None


def lacking() -> list[str]:
    """What these builds need and the machine does not have."""
    found = [name for name in ("buildkitd", "buildctl", "runc", "docker-registry", "nsenter") if program(name) is None]
    return found if os.geteuid() == 0 else [*found, "root"]


class BuildFailed(Exception):
    """With what BuildKit printed."""


@dataclass(frozen=True, slots=True)
class PlainEngine:
    folder: Path
    registry: str
    """host:port"""

    @property
    def address(self) -> str:
        return f"unix://{self.folder}/buildkitd.sock"

    def build(
        self,
        context: Path,
        dockerfile: str,
        output: str,
        *,
        ignored: str = "",
        args: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Build a text as the Dockerfile of a folder; what BuildKit says of the result. Raises BuildFailed."""
        place = self.folder / f"b{len(list(self.folder.glob('b*')))}"
        place.mkdir()
        (place / "Dockerfile").write_text(dockerfile)
        if ignored:
            (place / "Dockerfile.dockerignore").write_text(ignored)
        command = [str(program("buildctl")), "--addr", self.address, "build", "--frontend", "dockerfile.v0"]
        command += ["--local", f"context={context}", "--local", f"dockerfile={place}", "--progress", "plain"]
        command += ["--output", output, "--metadata-file", str(place / "result.json")]
        for name, value in (args or {}).items():
            command += ["--opt", f"build-arg:{name}={value}"]
        for name, value in (secrets or {}).items():
            (place / f"secret-{name}").write_text(value)
            command += ["--secret", f"id={name},src={place / f'secret-{name}'}"]
        run = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_S, check=False)
        if run.returncode:
            raise BuildFailed(run.stderr[-6000:])
        result: dict[str, Any] = orjson.loads((place / "result.json").read_bytes())
        return {**result, "log": run.stderr}


@contextmanager
def a_plain_engine(folder: Path) -> Iterator[PlainEngine]:
    """Both run until the end; what is in the registry stays."""
    port = free_port()
    registry = f"127.0.0.1:{port}"
    IMAGES.mkdir(parents=True, exist_ok=True)
    (folder / "registry.yml").write_text(
        "version: 0.1\nlog: {level: error}\n"
        f"storage: {{filesystem: {{rootdirectory: {IMAGES / 'registry'}}}}}\n"
        f"http: {{addr: '{registry}'}}\n"
    )
    (folder / "buildkitd.toml").write_text(
        f'root = "{folder}/root"\n[grpc]\n  address = ["unix://{folder}/buildkitd.sock"]\n'
        "[worker.oci]\n  enabled = true\n  gc = false\n  max-parallelism = 2\n[worker.containerd]\n  enabled = false\n"
        f'[registry."{registry}"]\n  http = true\n[registry."docker.io"]\n  mirrors = ["{registry}/docker.io"]\n'
    )
    engine = PlainEngine(folder, registry)
    with (
        _running(folder, ["docker-registry", "serve", str(folder / "registry.yml")]),
        _running(folder, [str(program("buildkitd")), "--config", str(folder / "buildkitd.toml")]),
    ):
        until(lambda: _answers(engine) and _listens(port), timeout_s=60, what="buildkitd and the registry")
        yield engine


def _answers(engine: PlainEngine) -> bool:
    command = [str(program("buildctl")), "--addr", engine.address, "debug", "workers"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def _running(folder: Path, command: list[str]) -> Iterator[None]:
    with (folder / f"{Path(command[0]).name}.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
