"""What the environment says is checked when a role starts: the error names the variable and what it takes.

Each start is a process of its own, since settings are read once.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEY = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="


def start(**environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import kubeorch.settings"],
        cwd=ROOT,
        env={"PATH": "", "KUBEORCH_SECRET_KEY": KEY, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "text", "takes"),
    [
        ("KUBEORCH_HTTPS", "flase", "1 or 0"),
        ("KUBEORCH_SANDBOX", "2", "1 or 0"),
        ("KUBEORCH_AUDIT_DAYS", "0", "a whole number from 1 to 3650"),
        ("KUBEORCH_AUDIT_DAYS", "9" * 400, "a whole number"),
        ("PORT", "http", "a whole number"),
        ("KUBEORCH_TRUSTED_PROXIES", "10.0.0.1, proxy.local", "addresses and networks"),
        ("KUBEORCH_CLUSTER_NETWORKS", "10.0.0.0/99", "addresses and networks"),
        ("KUBEORCH_LOG_LEVEL", "LOUD", "one of DEBUG"),
    ],
)
def test_a_value_that_means_nothing_is_refused_by_name(name: str, text: str, takes: str) -> None:
    said = start(**{name: text}).stderr.splitlines()[-1]
    assert "ImproperlyConfigured" in said
    assert name in said
    assert takes in said


def test_empty_values_mean_the_defaults() -> None:
    names = ("KUBEORCH_HTTPS", "KUBEORCH_AUDIT_DAYS", "PORT", "KUBEORCH_TRUSTED_PROXIES", "KUBEORCH_LOG_LEVEL")
    assert start(**dict.fromkeys(names, "")).returncode == 0


def test_the_readme_lists_every_variable_and_none_that_is_not_read() -> None:
    rooms = ("kubeorch", "clusters", "workflows")
    sources = [path.read_text() for room in rooms for path in (ROOT / room).rglob("*.py")]
    read = set(re.findall(r"[\"'](KUBEORCH_[A-Z_]+)[\"']", "\n".join(sources)))
    table = "\n".join(line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("| `"))
    listed = set(re.findall(r"`(KUBEORCH_[A-Z_]+)`", table))
    assert read - listed <= OURS_ALONE
    assert listed <= read


OURS_ALONE = {"KUBEORCH_PULSE", "KUBEORCH_FAILPOINTS"}
"""Set by `up` for its roles, and by tests."""
