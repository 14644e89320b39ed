"""A disk that runs full: reported, nothing is lost, and the product recovers by itself."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import stack as stacks
from tests.support.busy_people import Saver
from tests.support.ports import free_port
from tests.support.wait import PATIENCE_S, until


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for the database and little more."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=640m", "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(mounting, capture_output=True, check=False).returncode != 0:
        pytest.skip("A FULL DISK IS NOT TESTED HERE: it needs Linux and the right to mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_reported_and_saving_continues_when_there_is_room_again(small_disk: Path) -> None:
    stack = stacks.start(small_disk / "data", sandbox=False)
    try:
        stack.register("ada@example.test")
        kept = stack.create_workflow("kept")
        saver = Saver(stack, kept["id"], size=50_000)
        saver.start()
        saver.wait_for_more()
        ballast = small_disk / "ballast"
        fill(ballast)
        until(lambda: saver.refusals, every_s=0.1, what="the disk is too full to save")
        refused = until(
            lambda: (
                (answer := stack.api("PUT", saver.path, {"rev": 1, "nodes": [], "edges": []})).status == 503 and answer
            ),
            what="a save is refused",
        )
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.body["code"] == "database.disk_full"
        assert "free some space" in refused.body["detail"]
        assert stack.api("GET", "/health/ready").body["code"] == "database.disk_full"
        assert stack.api("GET", "/health").status == 200
        until(lambda: "database: stopped, because the disk" in stack.output)
        web = stack.pid_of("web")
        ballast.unlink()
        until(stack.is_ready, timeout_s=120, every_s=0.2, what="the database runs again")
        saver.wait_for_more()
        saver.stop()
        saver.check()
        assert stack.pid_of("web") == web, "the web role kept running"
        assert "Traceback" not in stack.output
    finally:
        assert stack.stop() == 0


def fill(path: Path) -> None:
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(b"\0" * 1_000_000):
            pass


def test_up_does_not_start_on_a_full_disk(small_disk: Path) -> None:
    fill(small_disk / "ballast")
    environment = {**os.environ, "DATA_DIR": str(small_disk / "data"), "PORT": str(free_port())}
    answer = subprocess.run(
        [sys.executable, str(stacks.ROOT / "manage.py"), "up"],
        cwd=stacks.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert answer.returncode == 1
    [line] = answer.stderr.splitlines()
    assert "full" in line or "No space left" in line
    assert "choose another" in line
