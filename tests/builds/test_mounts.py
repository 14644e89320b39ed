"""The network of builds leaves the mounts of the machine alone, also where these are shared, as systemd shares them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from builds.engines.local.programs import surroundings

SHARED = "mount --make-rshared / && exec"
START = """
import sys, threading
from pathlib import Path
from builds.engines.local.network import Network
from builds.engines.local.place import Place
from builds.engines.local.programs import surroundings

def mounted():
    return sorted(line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines())

around, _ = surroundings()
before = mounted()
network = Network(Place(Path(sys.argv[1])), around.network, ())
network.start(threading.Event())
during = mounted()
network.stop()
print(*(f"{path} is gone" for path in before if path not in during), sep="\\n")
assert before == during == mounted(), (before, during, mounted())
"""


def test_nothing_that_is_mounted_is_gone_once_builds_have_a_network(tmp_path: Path) -> None:
    around, missing = surroundings()
    if around is None or around.network is None:
        pytest.skip(f"builds have no network of their own here: {missing or (around and around.lacking)}")
    own = ("unshare", "--mount", "--propagation", "private", "sh", "-c", f'{SHARED} "$@"', "sh")
    done = subprocess.run(
        [*own, sys.executable, "-c", START, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
