"""The whole product as a person starts it: `manage.py up` with a data folder and a port of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.ports import free_port
from tests.support.wait import until

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "a long walk by the river"


@dataclass(slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: Any


@dataclass(slots=True)
class Stack:
    """A running copy. `api` speaks as whoever `token` belongs to."""

    data_dir: Path
    port: int
    process: subprocess.Popen[bytes]
    token: str | None = None
    log: Path = field(default_factory=Path)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def api(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> Answer:
        """One request; JSON in and out. An HTTP error is an answer, not an exception.

        Raises OSError when there is no answer, or only half of one.
        """
        request = urllib.request.Request(
            f"{self.url}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        bearer = token or self.token
        if bearer:
            request.add_header("Authorization", f"Bearer {bearer}")
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return _answer(response.status, dict(response.headers), response.read())
        except urllib.error.HTTPError as error:
            return _answer(error.code, dict(error.headers), error.read())
        except http.client.HTTPException as error:
            raise ConnectionError(f"half an answer: {error!r}") from error

    def register(self, email: str, *, name: str = "Ada", invite_code: str | None = None) -> str:
        """Register a person and give their token; the first one becomes `token`."""
        answer = self.api(
            "POST",
            "/api/v1/auth/register",
            {
                "email": email,
                "password": PASSWORD,
                "name": name,
                **({"invite_code": invite_code} if invite_code else {}),
            },
        )
        assert answer.status == 201, answer
        self.token = self.token or answer.body["token"]
        return str(answer.body["token"])

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self.log.read_text()

    def create_workflow(self, name: str, **more: Any) -> dict[str, Any]:
        answer = self.api("POST", "/api/v1/workflows", {"name": name, **more})
        assert answer.status == 201, answer
        return dict(answer.body)

    def is_ready(self) -> bool:
        try:
            return self.api("GET", "/health/ready").status == 200
        except OSError:
            return False

    def pid_of(self, name: str) -> int:
        """The process of a part: web, worker, watcher, mongod, …"""
        rows = json.loads((self.data_dir / "processes.json").read_text())
        return next(int(row["pid"]) for row in rows if row["name"] == name)

    def sandbox(self) -> dict[str, Any]:
        rows = self.api("GET", "/api/v1/clusters").body["results"]
        return next((row for row in rows if row["is_sandbox"]), {})

    def wait_for_sandbox(self, timeout_s: float = 60.0) -> dict[str, Any]:
        return until(
            lambda: (row := self.sandbox()).get("state") == "ready" and row,
            timeout_s=timeout_s,
            every_s=0.2,
            what=f"sandbox ready; see {self.log}",
        )

    def stop(self, timeout_s: float = 30.0) -> int:
        """Ctrl-C, and wait for the end."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode


def start(data_dir: Path, *, port: int | None = None, sandbox: bool = True, ready_timeout_s: float = 60.0) -> Stack:
    """Start a copy and wait until /health/ready answers 200."""
    data_dir.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    log = data_dir / "up.log"
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("MONGODB_", "KUBEORCH_SECRET", "DJANGO_")) and key not in ("PORT", "DATA_DIR")
    }
    environment |= {"PORT": str(port), "DATA_DIR": str(data_dir), "KUBEORCH_SANDBOX": "1" if sandbox else "0"}
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "up"], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    stack = Stack(data_dir=data_dir, port=port, process=process, log=log)

    def ready() -> bool:
        assert process.poll() is None, f"`up` ended with {process.returncode}: {log.read_text()[-2000:]}"
        return stack.is_ready()

    try:
        until(ready, timeout_s=ready_timeout_s, every_s=0.05, what=f"/health/ready; see {log}")
    except BaseException:
        stack.stop()
        raise
    return stack


def descendants(pid: int) -> set[int]:
    """Every process below `pid`, by /proc (Linux)."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        for child in children.get(waiting.pop(), []):
            found.add(child)
            waiting.append(child)
    return found


def alive(pid: int) -> bool:
    """Whether the process still runs; a zombie does not."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def rss_bytes(pid: int) -> int:
    for line in (Path("/proc") / str(pid) / "status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def _answer(status: int, headers: dict[str, str], raw: bytes) -> Answer:
    kind = headers.get("Content-Type", "")
    return Answer(status, headers, json.loads(raw) if raw and "json" in kind else raw.decode(errors="replace"))
