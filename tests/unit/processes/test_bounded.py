"""A bounded program has its limits before it begins, and ends with whoever started it, by either guard."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kubeorch.processes import bounded
from kubeorch.processes.bounded import Bounds, run_bounded
from kubeorch.processes.marks import mark_of
from tests.support.wait import until

BOUNDS = Bounds(
    wall_s=20, cpu_s=7, memory_bytes=300_000_000, file_bytes=1_000_000, output_bytes=10_000, error_bytes=10_000
)
TOLD = ("ulimit -t", "ulimit -v", "ulimit -f", "ulimit -n", "ulimit -c")
PARENT = """
import os, pathlib, sys, threading
from kubeorch.processes import bounded
if sys.argv[1] == "large":
    bounded._setpriv = lambda: ""
bounds = bounded.Bounds(wall_s=0, cpu_s=5, memory_bytes=10**9, file_bytes=1000, output_bytes=0)
process = bounded.start_bounded(["/bin/sleep", "600"], bounds, env={}, cwd=pathlib.Path("/"))
print(process.pid, flush=True)
threading.Event().wait()
"""


@pytest.fixture(params=["small", "large"])
def guard(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With setpriv and a shell, and without."""
    if request.param == "large":
        monkeypatch.setattr(bounded, "_setpriv", lambda: "")
    elif not bounded._setpriv():
        pytest.skip("there is no setpriv here that ties a program to its parent")
    return str(request.param)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process cannot limit another one")
def test_limits_hold_from_the_first_moment(guard: str, tmp_path: Path) -> None:
    said = run_bounded(["/bin/sh", "-c", "; ".join(TOLD)], BOUNDS, env={}, cwd=tmp_path)
    assert said.code == 0
    cpu, memory, file, handles, core = said.output.decode().split()
    assert (cpu, handles, core) == ("7", "256", "0")
    assert memory == str(300_000_000 // 1024 + (guard == "small"))
    assert file == str(1_000_000 // 512 + (guard == "small"))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process cannot limit another one")
def test_a_program_is_told_of_a_file_that_is_too_large_and_not_killed_for_it(guard: str, tmp_path: Path) -> None:
    """Git then says what is wrong in its own words, which are read."""
    command = ["/bin/dd", "if=/dev/zero", f"of={tmp_path / 'large'}", "bs=100k", "count=100"]
    said = run_bounded(command, BOUNDS, env={"LC_ALL": "C"}, cwd=tmp_path)
    assert said.code == 1
    assert "File too large" in said.error


def test_a_program_gets_its_environment_its_place_and_its_words(guard: str, tmp_path: Path) -> None:
    code = "import os, sys; print(os.environ['A'], os.getcwd(), sys.argv[1:], sys.stdin.read())"
    command = [sys.executable, "-I", "-c", code, "two words", "$HOME", "'"]
    said = run_bounded(command, BOUNDS, env={"A": "b c"}, cwd=tmp_path, stdin=b"in")
    assert said.output.decode().strip() == f"b c {tmp_path} ['two words', '$HOME', \"'\"] in", said.error


def test_a_bounded_program_ends_with_its_killed_parent(guard: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    parent = subprocess.Popen([sys.executable, "-c", PARENT, guard], stdout=subprocess.PIPE, env=environment)
    try:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert mark_of(pid, "program")
        parent.kill()
        parent.wait()
        until(lambda: mark_of(pid, "program") is None, what="the program is gone")
    finally:
        parent.kill()
        parent.wait()
