"""The sandbox's own life: started again, killed, crashed, two beside each other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clusters.sandbox.control_plane import run
from clusters.sandbox.errors import SandboxError
from kubeorch.programs.progress import Phase
from tests.cluster.test_sandbox_workloads import a_deployment
from tests.support.control_plane import ControlPlane, start_or_skip
from tests.support.processes import is_running
from tests.support.wait import PATIENCE_S, until

ROOT = Path(__file__).resolve().parents[2]
COMPONENTS = {"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"}

KEEPER = """
import json, sys, threading
from clusters.sandbox.control_plane import run
sandbox = run(sys.argv[1])
print(json.dumps(sandbox.pids), flush=True)
threading.Event().wait()
"""


def a_config(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"}}


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A second sandbox, which the tests of this module may treat badly."""
    running = start_or_skip(tmp_path_factory.mktemp("other"))
    try:
        yield running
    finally:
        running.stop()


def test_two_sandboxes_run_side_by_side(control_plane: ControlPlane, other: ControlPlane) -> None:
    assert control_plane.server != other.server
    other.apply(a_config("mine"))
    assert other.get("v1", "ConfigMap", "mine", "default")
    assert control_plane.get("v1", "ConfigMap", "mine", "default") is None
    status, _ = control_plane.call("GET", "/readyz")
    assert status == 200


def test_a_second_sandbox_in_the_same_folder_is_refused(other: ControlPlane) -> None:
    with pytest.raises(SandboxError, match="another sandbox runs in this folder"):
        run(other.data_dir)
    assert other.call("GET", "/readyz")[0] == 200


@pytest.mark.parametrize("name", ["kube-scheduler", "kube-apiserver", "etcd", "kwok"])
def test_a_component_that_dies_is_restarted_and_reported(other: ControlPlane, name: str) -> None:
    before = len(other.reports)
    victim = other.sandbox.pids[name]
    os.kill(victim, signal.SIGKILL)
    until(
        lambda: [p for p in other.reports[before:] if f"{name} ended" in p.message],
        what="a report of the death",
    )
    until(lambda: other.reports[-1].phase is Phase.READY, timeout_s=2 * PATIENCE_S, what="the sandbox is ready again")
    assert other.sandbox.pids[name] != victim
    namespace = other.namespace()
    other.apply(a_deployment("web", namespace, "nginx"))

    def available() -> int:
        found = other.get("apps/v1", "Deployment", "web", namespace) or {}
        return int(found.get("status", {}).get("availableReplicas", 0))

    until(lambda: available() == 1, timeout_s=2 * PATIENCE_S, what="a Deployment rolls out again")


def test_the_kubeconfig_is_private_and_opens_the_api(other: ControlPlane) -> None:
    assert other.kubeconfig_path.stat().st_mode & 0o777 == 0o600
    from clusters.sandbox.versions import KUBECTL
    from kubeorch.programs.finding import find

    found, _ = find([KUBECTL])
    if not found:
        assert os.environ.get("CI") != "true", "no kubectl: run `python -m clusters.sandbox prepare --kubectl` first"
        pytest.skip("no kubectl on this machine")
    answer = subprocess.run(
        [str(found["kubectl"]), "--kubeconfig", str(other.kubeconfig_path), "get", "nodes", "-o", "name"],
        capture_output=True,
        text=True,
    )
    assert answer.stdout.split() == ["node/sandbox-1", "node/sandbox-2", "node/sandbox-3"], answer.stderr


def test_a_second_start_finds_its_objects_and_its_address_again(other: ControlPlane) -> None:
    other.apply(a_config("kept"))
    kubeconfig = other.kubeconfig
    pids = other.sandbox.pids
    other.stop()
    assert not [name for name, pid in pids.items() if is_running(pid)]

    again = ControlPlane(other.data_dir)
    try:
        assert again.kubeconfig == kubeconfig
        assert again.get("v1", "ConfigMap", "kept", "default")
        assert [p.phase for p in again.reports][-1] is Phase.READY
    finally:
        again.stop()


def test_kill_9_of_the_parent_leaves_no_process(tmp_path: Path, control_plane: ControlPlane) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", KEEPER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert parent.stdout
        pids: dict[str, int] = json.loads(parent.stdout.readline())
        assert pids.keys() == COMPONENTS
        assert all(is_running(pid) for pid in pids.values())
        parent.kill()
        parent.wait()
        until(lambda: not [name for name, pid in pids.items() if is_running(pid)], what="all are gone")
    finally:
        parent.kill()
        parent.wait()
    after = ControlPlane(tmp_path)
    try:
        assert after.call("GET", "/readyz")[0] == 200
    finally:
        after.stop()


def test_processes_left_by_a_killed_sandbox_are_ended(tmp_path: Path) -> None:
    from kubeorch.processes import marks

    stray = subprocess.Popen(["sleep", "300"])
    innocent = subprocess.Popen(["sleep", "300"])
    try:
        mark = marks.mark_of(stray.pid, "etcd")
        assert mark
        reused = marks.Mark(innocent.pid, "1", "kwok")
        marks.write_marks(tmp_path / "processes.json", [mark, reused])
        assert marks.sweep(tmp_path / "processes.json") == ["etcd"]
        assert stray.wait(PATIENCE_S) == -signal.SIGKILL
        assert innocent.poll() is None, "a process that only has the old one's number was killed"
    finally:
        for process in (stray, innocent):
            process.kill()
            process.wait()


def test_a_taken_port_is_replaced_by_another(other: ControlPlane) -> None:
    import socket

    other.stop()
    old = int(other.server.rpartition(":")[2])
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", old))
        squatter.listen()
        again = ControlPlane(other.data_dir)
        try:
            assert again.server != other.server
            assert again.server in again.kubeconfig
        finally:
            again.stop()
