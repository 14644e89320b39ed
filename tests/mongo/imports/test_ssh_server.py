"""The SSH server that tests fetch from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.ports import free_port
from tests.support.ssh_server import a_key, an_ssh_server

SIZE = 8_000_000
"""Four times what a client takes before it says that it has read some of it."""
LATE = """#!{python}
import shutil, subprocess, sys, time

ssh = subprocess.Popen(["ssh", *{options}, *sys.argv[1:]], stdout=subprocess.PIPE, bufsize=0)
passed = 0
while passed < 100_000 and (some := ssh.stdout.read(10_000)):
    sys.stdout.buffer.write(some)
    sys.stdout.buffer.flush()
    passed += len(some)
while subprocess.run(["pgrep", "-f", "upload-pack {repository}$"], stdout=subprocess.DEVNULL).returncode == 0:
    time.sleep(0.05)
time.sleep(0.3)
shutil.copyfileobj(ssh.stdout, sys.stdout.buffer)
sys.stdout.buffer.flush()
sys.exit(ssh.wait())
"""
"""Reads little until the server has nothing more to read itself."""


def test_a_client_that_reads_late_gets_all_of_it(tmp_path: Path) -> None:
    repository, copy = tmp_path / "large.git", tmp_path / "copy"
    work = tmp_path / "work"
    git("init", "-q", "-b", "main", str(work))
    (work / "noise").write_bytes(os.urandom(SIZE))
    git("-C", str(work), "add", ".")
    git("-C", str(work), "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "-m", "noise")
    git("clone", "-q", "--bare", str(work), str(repository))
    (tmp_path / "authorized").write_text(a_key(tmp_path / "client"))
    a_key(tmp_path / "server")
    settings = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR")
    options = ["-i", str(tmp_path / "client"), *(f"-o{one}" for one in settings)]
    late = tmp_path / "late-ssh"
    late.write_text(LATE.format(python=sys.executable, options=options, repository=repository))
    late.chmod(0o755)
    port = free_port()
    with an_ssh_server(tmp_path, tmp_path / "server", tmp_path / "authorized", port=port):
        git("clone", "-q", f"ssh://git@127.0.0.1:{port}/large.git", str(copy), GIT_SSH=str(late), GIT_SSH_VARIANT="ssh")
    assert (copy / "noise").stat().st_size == SIZE


def git(*arguments: str, **environ: str) -> None:
    done = subprocess.run(["git", *arguments], env=os.environ | environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
