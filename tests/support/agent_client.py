"""A program for images of one shell that asks the SSH agent of its step: ssh-add, with the libraries that it is linked
with."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest


def agent_client() -> dict[str, bytes]:
    """Its files, by their path below a root folder. Leaves the test out, aloud, without it."""
    program = shutil.which("ssh-add")
    if program is None:
        pytest.skip("not installed: ssh-add (Debian: openssh-client)")
    linked = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    paths = {program, *re.findall(r"(/\S+) \(0x", linked)}
    return {one.lstrip("/"): Path(one).read_bytes() for one in sorted(paths)}
