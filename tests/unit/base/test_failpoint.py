"""Fail points are armed from outside only where a process says twice that it is meant to die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PASSES_TWICE = "from kubeorch.base.failpoint import hit; hit('here'); print('once', flush=True); hit('here')"


def passing(**environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KUBEORCH_FAILPOINT")}
    return subprocess.run(
        [sys.executable, "-c", PASSES_TWICE], cwd=ROOT, env={**clean, **environment}, capture_output=True, text=True
    )


@pytest.mark.parametrize(("point", "said"), [("here", ""), ("here:2", "once\n")])
def test_an_armed_point_kills_at_the_pass_named(point: str, said: str) -> None:
    done = passing(KUBEORCH_FAILPOINTS="1", KUBEORCH_FAILPOINT=point)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, said)


@pytest.mark.parametrize("environment", [{"KUBEORCH_FAILPOINT": "here"}, {"KUBEORCH_FAILPOINTS": "1"}])
def test_half_a_word_arms_nothing(environment: dict[str, str]) -> None:
    assert passing(**environment).returncode == 0
