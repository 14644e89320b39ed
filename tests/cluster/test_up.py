"""`manage.py up` as a person meets it: starts, answers, refuses in sentences, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kubeorch.processes.ports import is_free
from kubeorch.processes.pulse import SILENCE_S
from tests.support.ports import free_port
from tests.support.processes import is_running
from tests.support.stack import START_S, Stack, launch
from tests.support.wait import PATIENCE_S, until

ROOT = Path(__file__).resolve().parents[2]


def none_runs(pids: dict[str, int]) -> bool:
    return not [name for name, pid in pids.items() if is_running(pid)]


@pytest.fixture
def up() -> Iterator[Callable[..., Stack]]:
    """Launches copies without the sandbox; whatever still runs is killed after the test."""
    running: list[Stack] = []

    def begin(data_dir: Path, *, port: int | None = None, sandbox: bool = False) -> Stack:
        running.append(launch(data_dir, port=port, sandbox=sandbox))
        return running[-1]

    yield begin
    for stack in running:
        stack.process.kill()
        stack.process.wait()


@pytest.fixture(scope="module", autouse=True)
def halted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, dict[str, int]]]:
    """A copy whose processes were halted, and their ids. Begun first: silence lasts while the other tests run."""
    stack = launch(tmp_path_factory.mktemp("halted") / "data", sandbox=False)
    try:
        stack.wait_until_ready()
        until(lambda: "watcher" in stack.pids(), what="all roles run")
        before = {name: stack.pid_of(name) for name in ("web", "worker", "watcher", "mongod")}
        pulses = [stack.data_dir / "pulses" / f"{name}.pulse" for name in ("web", "worker", "watcher")]
        until(lambda: all(path.exists() for path in pulses), what="the first sign of each")
        until(lambda: "ready" in stack.output, what="the supervisor has seen the page")
        for pid in before.values():
            os.kill(pid, signal.SIGSTOP)
        yield stack, before
    finally:
        stack.process.kill()
        stack.process.wait()


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A copy that runs, for tests that leave it so; the last of them stops it."""
    stack = launch(tmp_path_factory.mktemp("standing") / "data", sandbox=False)
    try:
        yield stack.wait_until_ready()
    finally:
        stack.process.kill()
        stack.process.wait()


def test_up_starts_stops_and_finds_its_data_again(tmp_path: Path, up: Callable[..., Stack]) -> None:
    first = up(tmp_path / "data")
    first.wait_until_ready()
    until(lambda: "watcher" in first.pids(), what="all roles run")
    pids = first.pids()
    assert {"web", "worker", "watcher", "mongod"} <= pids.keys()
    with first.database() as client:
        client["kubeorch"]["kept"].insert_one({"_id": "mine"})
    assert first.stop() == 0
    assert none_runs(pids)
    assert is_free(first.port)
    assert "stopped" in first.output

    second = up(tmp_path / "data", port=first.port)
    second.wait_until_ready()
    assert "preparing" not in second.output, "an unchanged database is not prepared again"
    with second.database() as client:
        assert client["kubeorch"]["kept"].find_one({"_id": "mine"})
    assert second.stop() == 0


def test_who_forgot_the_password_gets_a_code_in_a_shell(standing: Stack) -> None:
    stack = standing
    person = {"email": "ada@example.test", "password": "correct horse battery staple"}
    assert stack.api("POST", "/api/v1/auth/register", {**person, "name": "Ada"}).status == 201

    def reset(email: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "manage.py"), "reset_password", email]
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("KUBEORCH", "MONGODB"))}
        environ["DATA_DIR"] = str(stack.data_dir)
        return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)

    assert "there is no account" in reset("nobody@example.test").stderr
    made = reset(person["email"])
    assert made.returncode == 0, made.stderr
    code = made.stdout.split()[1]
    changed = {"code": code, "new_password": "a long sentence here"}
    assert stack.api("POST", "/api/v1/auth/reset", changed).status == 204
    login = {"email": person["email"], "password": changed["new_password"]}
    assert stack.api("POST", "/api/v1/auth/login", login).status == 200


def test_a_second_copy_on_the_same_data_is_refused_and_names_the_first(
    standing: Stack, up: Callable[..., Stack]
) -> None:
    second = up(standing.data_dir)
    assert second.process.wait(PATIENCE_S) == 1
    assert f"already runs on {standing.data_dir} (process {standing.process.pid})" in second.output
    assert "Traceback" not in second.output
    assert standing.is_ready()


def test_two_copies_with_their_own_port_and_data_run_side_by_side(
    tmp_path: Path, standing: Stack, up: Callable[..., Stack]
) -> None:
    other = up(tmp_path / "other").wait_until_ready()
    assert not set(standing.pids().values()) & set(other.pids().values())
    assert other.stop() == 0
    assert standing.is_ready()
    assert standing.stop() == 0


def test_a_port_in_use_is_reported_in_one_sentence(tmp_path: Path, up: Callable[..., Stack]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused = up(tmp_path / "data", port=other.getsockname()[1])
        assert refused.process.wait(PATIENCE_S) == 1
    [line] = refused.output.splitlines()
    assert "is in use; stop what listens there or take another" in line


def test_a_folder_that_cannot_be_written_is_reported_in_one_sentence(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    answer = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "up"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(blocker / "data"), "PORT": str(free_port())},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert answer.returncode == 1
    [line] = answer.stderr.splitlines()
    assert "cannot be written" in line
    assert "choose another" in line


def test_kill_9_leaves_no_process_and_the_next_start_works(tmp_path: Path, up: Callable[..., Stack]) -> None:
    first = up(tmp_path / "data", sandbox=True)
    first.wait_until_ready()
    roles = {"web", "worker", "watcher", "sandbox", "mongod"}
    parts = {"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"}
    until(lambda: roles | parts <= first.pids().keys(), timeout_s=START_S, what="everything runs")
    pids = first.pids()
    first.process.kill()
    first.process.wait()
    until(lambda: none_runs(pids), what="every process is gone")

    second = up(tmp_path / "data", sandbox=True)
    second.wait_until_ready()
    kubeconfig = tmp_path / "data" / "sandbox" / "kubeconfig"
    until(lambda: "sandbox: ready" in second.output, timeout_s=START_S, what="the sandbox is ready")
    assert kubeconfig.stat().st_mode & 0o777 == 0o600

    def row() -> dict[str, object] | None:
        with second.database() as client:
            return client["kubeorch"]["clusters"].find_one({"is_sandbox": True, "state": "ready"})

    found = until(row, every_s=0.5, what="the cluster `sandbox` is registered as ready")
    assert found["name"] == "sandbox"
    assert second.stop() == 0


def test_what_is_halted_is_started_again(halted: tuple[Stack, dict[str, int]]) -> None:
    """It has not ended, so that nobody would notice: each role gives signs of life, and the database is asked."""
    stack, before = halted

    def are_new() -> bool:
        return all(stack.pids().get(name, pid) != pid for name, pid in before.items())

    until(are_new, timeout_s=4 * SILENCE_S, what="each runs as a new process")
    stack.wait_until_ready()
    assert stack.stop() == 0
