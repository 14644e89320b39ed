"""`manage.py up` as a person meets it: starts, answers, refuses in sentences, and leaves nothing behind."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient

from kubeorch.processes.ports import is_free
from tests.support.ports import free_port
from tests.support.wait import until

ROOT = Path(__file__).resolve().parents[2]


class Up:
    """One `manage.py up` of a test, with its output in a file."""

    def __init__(self, data_dir: Path, *, port: int | None = None, sandbox: bool = False, **environ: str) -> None:
        self.data_dir = data_dir
        self.port = port or free_port()
        self._out = data_dir.parent / f"{data_dir.name}.out"
        own = {"DATA_DIR": str(data_dir), "PORT": str(self.port), "KUBEORCH_SANDBOX": "1" if sandbox else "0"}
        inherited = {name: value for name, value in os.environ.items() if name not in ("MONGODB_URI", "MONGODB_DB")}
        with self._out.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "up"],
                cwd=ROOT,
                env={**inherited, **own, **environ},
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        return self._out.read_text()

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.output
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def wait_ready(self) -> Up:
        until(self.is_ready, timeout_s=90, every_s=0.1, what=f"up is ready; it said:\n{self.output}")
        return self

    def pids(self) -> dict[str, int]:
        """Every process it remembers, the sandbox's too."""
        found: dict[str, int] = {}
        for path in (self.data_dir / "processes.json", self.data_dir / "sandbox" / "processes.json"):
            if path.exists():
                found |= {row["name"]: int(row["pid"]) for row in json.loads(path.read_text())}
        return found

    def database(self) -> MongoClient[dict[str, object]]:
        port = json.loads((self.data_dir / "ports.json").read_text())["mongodb"]
        return MongoClient(f"mongodb://127.0.0.1:{port}/?directConnection=true", serverSelectionTimeoutMS=5000)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def none_runs(pids: dict[str, int]) -> bool:
    return not [name for name, pid in pids.items() if is_running(pid)]


@pytest.fixture
def started() -> Iterator[list[Up]]:
    """Put every Up in here: it is ended however the test ends."""
    running: list[Up] = []
    yield running
    for up in running:
        if up.process.poll() is None:
            up.process.kill()
            up.process.wait()


def test_it_starts_stops_and_finds_its_data_again(tmp_path: Path, started: list[Up]) -> None:
    first = Up(tmp_path / "data")
    started.append(first)
    first.wait_ready()
    until(lambda: "watcher" in first.pids(), timeout_s=30, what="all roles run")
    pids = first.pids()
    assert {"web", "worker", "watcher", "mongod"} <= pids.keys()
    with first.database() as client:
        client["kubeorch"]["kept"].insert_one({"_id": "mine"})
    assert first.stop() == 0
    assert none_runs(pids)
    assert is_free(first.port)
    assert "stopped" in first.output

    second = Up(tmp_path / "data", port=first.port)
    started.append(second)
    second.wait_ready()
    assert "preparing" not in second.output, "an unchanged database is not prepared again"
    with second.database() as client:
        assert client["kubeorch"]["kept"].find_one({"_id": "mine"})
    assert second.stop() == 0


def test_a_second_copy_on_the_same_data_is_refused_and_told_whose_it_is(tmp_path: Path, started: list[Up]) -> None:
    first = Up(tmp_path / "data")
    started.append(first)
    until(lambda: "starts at" in first.output, timeout_s=20)
    second = Up(tmp_path / "data")
    started.append(second)
    assert second.process.wait(20) == 1
    assert f"already runs on {tmp_path / 'data'} (process {first.process.pid})" in second.output
    assert "Traceback" not in second.output
    first.stop()


def test_two_copies_with_their_own_port_and_data_run_side_by_side(tmp_path: Path, started: list[Up]) -> None:
    copies = [Up(tmp_path / "one"), Up(tmp_path / "two")]
    started.extend(copies)
    for copy in copies:
        copy.wait_ready()
    assert not set(copies[0].pids().values()) & set(copies[1].pids().values())
    assert copies[0].stop() == 0
    assert copies[1].is_ready()
    assert copies[1].stop() == 0


def test_a_port_in_use_is_one_sentence(tmp_path: Path, started: list[Up]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        up = Up(tmp_path / "data", port=other.getsockname()[1])
        started.append(up)
        assert up.process.wait(20) == 1
    [line] = up.output.splitlines()
    assert "is in use; stop what listens there or take another" in line


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    answer = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "up"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(blocker / "data"), "PORT": str(free_port())},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert answer.returncode == 1
    [line] = answer.stderr.splitlines()
    assert "cannot be written" in line
    assert "choose another" in line


def test_kill_9_leaves_no_process_and_the_next_start_works(tmp_path: Path, started: list[Up]) -> None:
    first = Up(tmp_path / "data", sandbox=True)
    started.append(first)
    first.wait_ready()
    roles = {"web", "worker", "watcher", "sandbox", "mongod"}
    parts = {"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"}
    until(lambda: roles | parts <= first.pids().keys(), timeout_s=90, what="everything runs")
    pids = first.pids()
    first.process.kill()
    first.process.wait()
    until(lambda: none_runs(pids), timeout_s=15, what="every process is gone")

    second = Up(tmp_path / "data", sandbox=True)
    started.append(second)
    second.wait_ready()
    kubeconfig = tmp_path / "data" / "sandbox" / "kubeconfig"
    until(lambda: "sandbox: ready" in second.output, timeout_s=90, what="the sandbox is ready")
    assert kubeconfig.stat().st_mode & 0o777 == 0o600

    def row() -> dict[str, object] | None:
        with second.database() as client:
            return client["kubeorch"]["clusters"].find_one({"is_sandbox": True, "state": "ready"})

    found = until(row, timeout_s=30, every_s=0.5, what="the cluster `sandbox` is registered as ready")
    assert found["name"] == "sandbox"
    assert second.stop() == 0
