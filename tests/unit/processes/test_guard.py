"""A program that is guarded ends with its parent, on systems with and without the kernel's help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kubeorch.processes.marks import mark_of, sweep
from kubeorch.processes.spawn import GUARD, spawn, stop
from tests.support.wait import until

GUARDED = "import guard; guard.main()"
WATCHED = "import guard, sys; guard.watch(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])"

PARENT = """
import os, subprocess, sys, threading
code, log = sys.argv[1:]
program = "import os, threading; print(os.getpid(), flush=True); threading.Event().wait()"
subprocess.Popen(
    [sys.executable, "-c", code, str(os.getpid()), "9", sys.executable, "-c", program],
    stdout=open(log, "w"), start_new_session=True, env={**os.environ, "PYTHONPATH": os.environ["GUARD"]},
)
threading.Event().wait()
"""


@pytest.mark.parametrize("code", [pytest.param(WATCHED, id="any system"), pytest.param(GUARDED, id="this system")])
def test_a_program_ends_with_its_killed_parent(tmp_path: Path, code: str) -> None:
    log = tmp_path / "pid"
    folder = str(GUARD.parent)
    parent = subprocess.Popen([sys.executable, "-c", PARENT, code, str(log)], env={"GUARD": folder, "PATH": ""})
    try:
        pid = int(until(lambda: log.read_text() if log.exists() else "", what="the program runs"))
        assert mark_of(pid, "program")
        parent.kill()
        parent.wait()
        until(lambda: mark_of(pid, "program") is None, what="the program is gone")
    finally:
        parent.kill()
        parent.wait()


def test_a_program_ends_when_asked_and_its_output_is_kept(tmp_path: Path) -> None:
    code = "import threading; print('here', flush=True); threading.Event().wait()"
    process = spawn([sys.executable, "-c", code], log=tmp_path / "log")
    until(lambda: "here" in (tmp_path / "log").read_text())
    stop([process], grace_s=5)
    assert process.returncode is not None


def test_a_program_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    code = "import signal, threading; signal.signal(15, signal.SIG_IGN); print('here', flush=True); signal.pause()"
    process = spawn([sys.executable, "-c", code], log=tmp_path / "log")
    until(lambda: "here" in (tmp_path / "log").read_text())
    stop([process], grace_s=0.3)
    assert process.returncode == -9


def test_a_damaged_list_of_processes_ends_no_process(tmp_path: Path) -> None:
    (tmp_path / "processes.json").write_text('[{"pid": 1}]')
    assert sweep(tmp_path / "processes.json") == []


def test_a_program_that_is_not_ours_is_started_without_our_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("KUBEORCH_SECRET_KEY", "MONGODB_URI", "KUBEORCH_NEW_SETTING"):
        monkeypatch.setenv(name, "kept to ourselves")
    monkeypatch.setenv("LC_NAME", "passed on")
    log = tmp_path / "log"
    started = spawn([sys.executable, "-c", "import os; print(dict(os.environ))"], log=log)
    assert started.wait(60) == 0
    assert "kept to ourselves" not in log.read_text()
    assert "passed on" in log.read_text()
