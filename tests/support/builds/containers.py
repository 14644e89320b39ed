"""Runs what was built: runc on the root file system of the image, with its user, environment and command.

In a network of its own, so that two may use one port; asked from inside of it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.builds.plain_engine import PlainEngine
from tests.support.wait import until

_GET = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=5).read().decode())"


class Container:
    def __init__(self, name: str, state: Path, log: Path) -> None:
        self._name = name
        self._state = state
        self._log = log

    def get(self, url: str) -> str:
        """What it answers, as soon as it does."""
        return until(lambda: self._get(url), timeout_s=60, every_s=0.2, what=f"{url}; it said: {self.said()}")

    def said(self) -> str:
        return self._log.read_text(errors="replace")[-3000:]

    def uids(self) -> set[str]:
        """Of everything that runs in it."""
        command = ["runc", "--root", str(self._state), "ps", "--format", "json", self._name]
        found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        statuses = [Path(f"/proc/{pid}/status").read_text() for pid in found]
        return {line.split()[1] for status in statuses for line in status.splitlines() if line.startswith("Uid:")}

    def _get(self, url: str) -> str:
        command = ["runc", "--root", str(self._state), "state", self._name]
        state = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        assert state["status"] == "running", self.said()
        asked = ["nsenter", "--target", str(state["pid"]), "--net", sys.executable, "-c", _GET, url]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


@contextmanager
def running(
    engine: PlainEngine, root: Path, config: dict[str, Any], env: dict[str, str] | None = None
) -> Iterator[Container]:
    """The image whose files lie in `root`, with `config` as its registry has it."""
    bundle = root.parent
    name = f"written-{bundle.name}"
    (bundle / "config.json").write_text(json.dumps(_specification(root, config, env or {})))
    log = bundle / "log"
    state = engine.folder / "runc"
    command = ["runc", "--root", str(state), "run", "--bundle", str(bundle), name]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
        try:
            until(lambda: (state / name / "state.json").exists() or process.poll() is not None, timeout_s=60, what=name)
            yield Container(name, state, log)
        finally:
            subprocess.run(["runc", "--root", str(state), "delete", "--force", name], capture_output=True, check=False)
            process.wait(30)


def unpack(layers: Sequence[Path], root: Path) -> None:
    """Layers, plain archives, one over the other. Source: OCI Image Layer Filesystem Changeset, "Whiteouts"."""
    root.mkdir(parents=True)
    for layer in layers:
        with tarfile.open(layer) as archive:
            names = archive.getnames()
        marks = [name for name in names if name.rpartition("/")[2].startswith(".wh.")]
        for mark in marks:
            folder, _, name = mark.rpartition("/")
            gone = (
                [*(root / folder).iterdir()] if name == ".wh..wh..opq" else [root / folder / name.removeprefix(".wh.")]
            )
            for path in gone:
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
        left_out = [f"--exclude={mark}" for mark in marks]
        subprocess.run(["tar", "-xpf", str(layer), "--numeric-owner", *left_out, "-C", str(root)], check=True)


def _specification(root: Path, config: dict[str, Any], env: dict[str, str]) -> dict[str, Any]:
    """Source: OCI Runtime Specification, "Configuration"."""
    user, _, group = config["User"].partition(":")
    mounts = [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=65536k"]},
        {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev", "mode=1777"]},
    ]
    return {
        "ociVersion": "1.0.2",
        "process": {
            "user": {"uid": int(user), "gid": int(group or user)},
            "args": [*(config.get("Entrypoint") or []), *(config.get("Cmd") or [])],
            "env": [*config.get("Env", []), *(f"{key}={value}" for key, value in env.items())],
            "cwd": config.get("WorkingDir") or "/",
            "noNewPrivileges": True,
            "capabilities": {name: [] for name in ("bounding", "effective", "permitted", "inheritable", "ambient")},
        },
        "root": {"path": str(root), "readonly": False},
        "mounts": mounts,
        "linux": {"namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount", "network")]},
    }
