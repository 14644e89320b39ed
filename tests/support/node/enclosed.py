"""`python -m tests.support.node.enclosed COMMAND…`: run it in network, mount and process namespaces of its own.

Its links, nftables rules, mounts, sysctls of the network and processes are seen by nobody else and end with it, even
when it is killed. Only cgroups are the machine's: they are removed at the end, or by the next one that starts.
Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

CGROUP = "KUBEORCH_NODE_CGROUP"
"""The setting in which a command finds the name of its cgroup, so that it knows that it is enclosed."""
PREFIX = "kubeorch-node-"
CGROUPS = Path("/sys/fs/cgroup")
FRESH_FOLDERS = ("/run", "/var/lib/cni")
"""Where programs of a node write whatever they are told."""


def main() -> None:
    """Outside: become `unshare`, whose end ends all. Inside: run the command as its first process."""
    if CGROUP in os.environ and os.getpid() == 1:
        sys.exit(_inside(sys.argv[1:]))
    if CGROUP not in os.environ:  # else the ids of processes are those of an enclosure
        _remove_left_cgroups()
    os.environ[CGROUP] = f"{PREFIX}{os.getpid()}-{os.urandom(3).hex()}"
    own = ("--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private")
    os.execvp("unshare", ["unshare", *own, "--", sys.executable, "-m", "tests.support.node.enclosed", *sys.argv[1:]])


def _inside(command: list[str]) -> int:
    """Process 1: prepares the namespaces, passes signals on, waits for orphans, and gives the command's exit code."""
    for folder in FRESH_FOLDERS:
        Path(folder).mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", folder], check=True)
    subprocess.run(["mount", "--make-rshared", "/"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for top in _hierarchies():
        (top / os.environ[CGROUP]).mkdir(exist_ok=True)
    child = subprocess.Popen(command)

    def pass_on(number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, pass_on)
    code = _wait_for(child.pid)
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    _remove(os.environ[CGROUP])
    return code


def _wait_for(pid: int) -> int:
    while True:
        ended, status = os.wait()
        if ended == pid:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _remove_left_cgroups() -> None:
    """Those of nodes that were killed."""
    for name in {folder.name for folder in _folders(f"{PREFIX}*")}:
        if not Path("/proc", name.removeprefix(PREFIX).split("-")[0]).exists():
            _remove(name)


def _hierarchies() -> list[Path]:
    """With cgroups of version 1 there is one for each controller."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    return [Path(row[1]) for row in mounts if row[2] in ("cgroup", "cgroup2") and Path(row[1]).is_relative_to(CGROUPS)]


def _folders(name: str) -> Iterator[Path]:
    for top in _hierarchies():
        yield from top.glob(name)


def _remove(name: str) -> None:
    for top in _folders(name):
        for folder in sorted((path for path in (top, *top.rglob("*")) if path.is_dir()), reverse=True):
            with contextlib.suppress(OSError):  # a process of it is still ending: the next start removes it
                folder.rmdir()


if __name__ == "__main__":
    main()
