"""A database that ended or hangs, below the real web process: each request is told soon, and all goes on by itself."""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from kubeorch.management.commands.web import IMPATIENT
from kubeorch.mongo import server
from tests.support.ports import free_port
from tests.support.wait import PATIENCE_S, until
from tests.support.workflows import a_node

ROOT = Path(__file__).resolve().parents[2]


class Web:
    """`manage.py web` on a mongod of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "mongod"
        self.mongod = server.start(self.folder)
        self.port = free_port()
        environ = os.environ | {
            "MONGODB_URI": self.mongod.uri,
            "MONGODB_DB": "kubeorch",
            "KUBEORCH_SECRET_KEY": base64.b64encode(b"d" * 32).decode(),
            "DATA_DIR": str(folder),
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "tests.support.patient_database_settings",
        }
        manage = [sys.executable, str(ROOT / "manage.py")]
        subprocess.run([*manage, "setup", "--verbosity=0"], cwd=ROOT, env=environ, check=True)
        self.process = subprocess.Popen([*manage, "web"], cwd=ROOT, env=environ)
        until(lambda: self.ask("GET", "/health/ready")[0] == 200, what="the web process is ready")

    def ask(self, method: str, path: str, body: Any = None, token: str = "") -> tuple[int, str, dict[str, Any]]:
        """Status, content type and document; status 0 while nobody listens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            raw = None if body is None else json.dumps(body)
            headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
            connection.request(method, path, raw, headers)
            answer = connection.getresponse()
            document = json.loads(answer.read())
        except ConnectionRefusedError:
            return 0, "", {}
        finally:
            connection.close()
        return answer.status, answer.headers["Content-Type"], document

    def check_refusal(self) -> None:
        for path in ("/api/v1/auth/session", "/health/ready"):
            status, content_type, document = self.ask("GET", path)
            assert (status, content_type) == (503, "application/problem+json"), document
            assert document["code"] == "database.unavailable"

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE_S)
        self.mongod.process.send_signal(signal.SIGCONT)
        self.mongod.stop()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    running = Web(tmp_path)
    yield running
    running.end()


def test_without_a_database_requests_are_refused_soon_and_served_again_once_it_is_back(web: Web) -> None:
    def is_served() -> bool:
        return web.ask("GET", "/api/v1/auth/session")[0] == 200

    assert IMPATIENT["serverSelectionTimeoutMS"] < 2000, "the driver's own patience is thirty seconds"
    assert is_served()
    web.mongod.process.kill()
    web.mongod.process.wait()
    web.check_refusal()

    web.mongod = server.spawn_mongod(web.folder, web.mongod.port)
    until(is_served, what="the database is back")

    web.mongod.process.send_signal(signal.SIGSTOP)
    web.check_refusal()
    web.mongod.process.send_signal(signal.SIGCONT)
    until(is_served, what="the database goes on")


def test_every_save_that_was_answered_is_there_after_the_database_was_killed_in_the_middle_of_one(web: Web) -> None:
    person = {"email": "kill@example.test", "password": "a long walk by the river", "name": "Kill"}
    token = web.ask("POST", "/api/v1/auth/register", person)[2]["token"]
    made = web.ask("POST", "/api/v1/workflows", {"name": "Saved", "graph": _graph(1)}, token)[2]["id"]
    path = f"/api/v1/workflows/{made}/graph"
    answered = [1]

    def save_until_refused() -> None:
        while True:
            rev = answered[-1]
            status, _, document = web.ask("PUT", path, {"rev": rev, **_graph(rev + 1)}, token)
            if status != 200:
                return
            answered.append(document["rev"])

    for _ in range(3):
        before = len(answered)
        with ThreadPoolExecutor(1) as pool:
            saving = pool.submit(save_until_refused)
            until(lambda before=before: len(answered) > before + 20, what="twenty saves were answered")
            web.mongod.process.kill()
            web.mongod.process.wait()
            saving.result(PATIENCE_S)
        web.mongod = server.spawn_mongod(web.folder, web.mongod.port)
        until(lambda: web.ask("GET", "/health/ready")[0] == 200, what="the database is back")

        stored = web.ask("GET", path, token=token)[2]
        assert stored["rev"] in (answered[-1], answered[-1] + 1), "the one that was not answered may be stored as well"
        assert stored["nodes"] == _graph(stored["rev"])["nodes"]
        answered.append(stored["rev"])


def _graph(rev: int) -> dict[str, Any]:
    """Fifty nodes, of which one is different in each revision."""
    nodes = [a_node(f"n{number}", replicas=rev if number == rev % 50 else 1) for number in range(50)]
    return {"nodes": nodes, "edges": []}
