"""A file held by one process, and the ends of logs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kubeorch.processes import lock, logs

HOLDER = """
import sys, threading
from pathlib import Path
from kubeorch.processes import lock
with lock.hold(Path(sys.argv[1])):
    print("held", flush=True)
    threading.Event().wait()
"""


def test_a_second_process_learns_who_holds_the_file_and_gets_it_when_that_one_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    root = str(Path(lock.__file__).parents[2])
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": root}
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(lock.AlreadyHeld) as caught, lock.hold(path):
            pass
        assert caught.value.holder == str(holder.pid)
    finally:
        holder.kill()
        holder.wait()
    with lock.hold(path):
        assert path.read_text() == f"{os.getpid()}\n"


def test_a_lock_is_free_after_its_block(tmp_path: Path) -> None:
    for _ in range(2):
        with lock.hold(tmp_path / "lock"):
            pass


def test_a_log_is_put_aside_once_it_is_large(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    logs.rotate(log, most_bytes=3)
    log.write_text("one")
    logs.rotate(log, most_bytes=3)
    assert log.exists()
    log.write_text("four")
    logs.rotate(log, most_bytes=3)
    assert not log.exists()
    assert (tmp_path / "web.log.1").read_text() == "four"


@pytest.mark.parametrize(("text", "line"), [("", ""), ("a\n\n", "a"), ("a\n  b \n \n", "b"), ("x" * 500, "x" * 400)])
def test_the_last_line_that_says_something(text: str, line: str) -> None:
    assert logs.last_line(text) == line


def test_last_words_of_a_log_say_where_the_rest_is(tmp_path: Path) -> None:
    log = tmp_path / "etcd.log"
    assert logs.last_words(log) == f"it wrote no log at {log}"
    log.write_text("")
    assert logs.last_words(log) == f"its log is empty (log: {log})"
    log.write_bytes(b"x" * 50_000 + b"\nno space left\n")
    assert logs.last_words(log) == f"no space left (log: {log})"


def test_of_a_log_of_json_the_message_and_its_error_are_told(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(
        '{"s":"E","msg":"Failed to start up WiredTiger","attr":{"error":"no space left","at":"' + "x" * 900 + '"}}\n'
    )
    assert logs.last_words(log) == f"Failed to start up WiredTiger: no space left (log: {log})"
    for line in ('{"msg": 3}', "[1]", '{"a":'):
        log.write_text(line)
        assert logs.last_words(log) == f"{line} (log: {log})"
