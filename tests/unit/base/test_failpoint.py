"""An armed point ends the process at the pass it names; nothing arms one by itself."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PASSES_TWICE = """
import sys
from kubeorch.base.failpoint import arm, hit
arm(sys.argv[1])
hit("here")
print("once", flush=True)
hit("here")
"""


def passing(armed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", PASSES_TWICE, armed], cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize(("point", "printed"), [("here", ""), ("here:2", "once\n")])
def test_an_armed_point_kills_at_the_given_pass(point: str, printed: str) -> None:
    done = passing(point)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, printed)


@pytest.mark.parametrize("point", ["", "there", "here:3"])
def test_a_point_that_is_not_reached_ends_nothing(point: str) -> None:
    assert passing(point).returncode == 0
