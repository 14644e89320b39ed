"""A suite counts only when pytest itself has ended it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.ending import is_whole

SUITE = "import os\n\ndef test_one():\n    pass\n\ndef test_two():\n    {}\n\ndef test_three():\n    pass\n"


@pytest.mark.parametrize(("step", "whole"), [("pass", True), ("os._exit(0)", False)])
def test_a_suite_whose_process_ends_in_a_test_is_not_whole_though_it_ends_well(
    tmp_path: Path, step: str, whole: bool
) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE.format(step))
    plugins = [f"-pno:{plugin}" for plugin in ("schemathesis", "cacheprovider", "django")]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugins, str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, is_whole(ran.stdout)) == (0, whole), ran.stdout + ran.stderr


def test_a_summary_with_skips_and_minutes_is_one() -> None:
    assert is_whole("...\n97 passed, 1 skipped, 21 warnings in 795.76s (0:13:15)\n")
    assert is_whole("2 skipped in 0.10s\n")
    assert not is_whole("......  [ 30%]\n.....\n")
