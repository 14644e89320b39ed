"""A BuildKit that is reached by TCP with client certificates, as somebody would run one beside KubeOrch."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.client_certificates import Authority
from tests.support.ports import free_port
from tests.support.registry import Registry
from tests.support.wait import until

HOST = "127.0.0.1"


@dataclass(frozen=True)
class BuildKitService:
    port: int
    authority: Authority
    process: subprocess.Popen[bytes]

    def given(self, **changed: Any) -> dict[str, Any]:
        """A body that adds it."""
        client = self.authority.sign("kubeorch")
        return {
            "address": f"{HOST}:{self.port}",
            "ca": self.authority.pem,
            "certificate": client.certificate,
            "key": client.key,
            **changed,
        }


@contextmanager
def a_buildkit_service(
    folder: Path, registry: Registry | None = None, *, asks: bool = True, runtime: str = ""
) -> Iterator[BuildKitService]:
    """`asks`: for client certificates; `runtime`: another program that runs steps."""
    from builds.engines.local.programs import PROGRAMS
    from kubeorch.programs.finding import find

    programs, _ = find(PROGRAMS)
    authority, port = Authority(), free_port()
    pair = authority.sign("buildkit", HOST, "localhost")
    for name, text in (("ca.pem", authority.pem), ("cert.pem", pair.certificate), ("key.pem", pair.key)):
        (folder / name).write_text(text)
    lines = [
        f"root = {json.dumps(str(folder / 'root'))}",
        "[worker.oci]",
        "  enabled = true",
        f"  binary = {json.dumps(runtime or shutil.which('runc') or '')}",
        "[worker.containerd]",
        "  enabled = false",
    ]
    if registry is not None:
        (folder / "registry.crt").write_text(registry.ca)
        lines += [f'[registry."{registry.host}"]', "  http = false", f'  ca = ["{folder / "registry.crt"}"]']
    (folder / "buildkitd.toml").write_text("\n".join([*lines, ""]))
    address = f"tcp://{HOST}:{port}"
    command = [
        *("unshare", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"),
        *(str(programs["buildkitd"]), "--config", str(folder / "buildkitd.toml"), "--addr", address),
        *("--tlscert", str(folder / "cert.pem"), "--tlskey", str(folder / "key.pem")),
        *(("--tlscacert", str(folder / "ca.pem")) if asks else ()),
    ]
    log = (folder / "log").open("wb")
    environ = {**os.environ, "XDG_RUNTIME_DIR": str(folder)}
    process = subprocess.Popen(command, stdout=log, stderr=log, env=environ, start_new_session=True)
    try:
        until(lambda: _answers(folder / "log", process), timeout_s=30, what="BuildKit serves")
        yield BuildKitService(port, authority, process)
    finally:
        process.kill()
        process.wait()
        log.close()


def _answers(log: Path, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, log.read_text()[-2000:]
    return "running server on" in log.read_text()
