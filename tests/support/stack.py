"""The whole product as a person starts it: `manage.py up` with a data folder and a port of its own."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from kubeorch.mongo import embedded_access
from tests.support.ports import free_port
from tests.support.wait import PATIENCE_S, until

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "a long walk by the river"
START_S = 4 * PATIENCE_S

_starts = itertools.count(1)


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
    log: Path
    token: str | None = None

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
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
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

    def wait_until_ready(self) -> Stack:
        def ready() -> bool:
            assert self.process.poll() is None, f"`up` ended with {self.process.returncode}: {self.output[-2000:]}"
            return self.is_ready()

        until(ready, timeout_s=START_S, every_s=0.05, what=f"/health/ready; see {self.log}")
        return self

    def pids(self) -> dict[str, int]:
        """Every process it remembers, by its name: web, worker, watcher, mongod, sandbox, etcd, …"""
        found: dict[str, int] = {}
        for path in (self.data_dir / "processes.json", self.data_dir / "sandbox" / "processes.json"):
            if path.exists():
                found |= {row["name"]: int(row["pid"]) for row in json.loads(path.read_text())}
        return found

    def pid_of(self, name: str) -> int:
        return self.pids()[name]

    def database(self) -> MongoClient[dict[str, Any]]:
        """A client of its database, which is called `kubeorch`."""
        port = json.loads((self.data_dir / "ports.json").read_text())["mongodb"]
        return MongoClient(embedded_access.uri_of(self.data_dir / "mongodb", port))

    def sandbox(self) -> dict[str, Any]:
        rows = self.api("GET", "/api/v1/clusters").body["results"]
        return next((row for row in rows if row["is_sandbox"]), {})

    def wait_for_sandbox(self) -> dict[str, Any]:
        return until(
            lambda: (row := self.sandbox()).get("state") == "ready" and row,
            timeout_s=START_S,
            every_s=0.2,
            what=f"sandbox ready; see {self.log}",
        )

    def stop(self) -> int:
        """Ctrl-C, and wait for the end; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode


def launch(
    data_dir: Path, *, port: int | None = None, sandbox: bool = True, environ: Mapping[str, str] | None = None
) -> Stack:
    """Start a copy on `data_dir`, which it creates when it is missing; do not wait for anything.

    `environ` is added to what it finds around it.
    """
    port = port or free_port()
    log = data_dir.parent / f"{data_dir.name}.up-{next(_starts)}.log"
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("MONGODB_", "KUBEORCH_SECRET", "DJANGO_"))
    }
    environment |= {"PORT": str(port), "DATA_DIR": str(data_dir), "KUBEORCH_SANDBOX": "1" if sandbox else "0"}
    environment |= environ or {}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "up"], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    return Stack(data_dir=data_dir, port=port, process=process, log=log)


def start(
    data_dir: Path, *, port: int | None = None, sandbox: bool = True, environ: Mapping[str, str] | None = None
) -> Stack:
    """Start a copy and wait until /health/ready answers 200."""
    stack = launch(data_dir, port=port, sandbox=sandbox, environ=environ)
    try:
        return stack.wait_until_ready()
    except BaseException:
        stack.stop()
        raise


def _answer(status: int, headers: dict[str, str], raw: bytes) -> Answer:
    kind = headers.get("Content-Type", "")
    return Answer(status, headers, json.loads(raw) if raw and "json" in kind else raw.decode(errors="replace"))
