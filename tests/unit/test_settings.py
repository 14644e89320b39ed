"""What the environment says is checked when a role starts: the error names the variable and what it takes.

Each start is a process of its own, since settings are read once.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.ports import free_port

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
        ("KUBEORCH_HOSTS", "https://kubeorch.example.com", "names without scheme"),
        ("KUBEORCH_HOSTS", "kubeorch.example.com:8000", "names without scheme"),
        ("KUBEORCH_HOSTS", "kubeorch.example.com/app", "names without scheme"),
        ("KUBEORCH_ORIGINS", "kubeorch.example.com", "addresses with their scheme"),
        ("KUBEORCH_ORIGINS", "https://kubeorch.example.com/", "addresses with their scheme"),
        ("KUBEORCH_ORIGINS", "null", "addresses with their scheme"),
        ("MONGODB_URI", "mongo.example.test:27017", "an address of MongoDB"),
        ("MONGODB_DB", "a b/c", "a name of letters"),
        ("KUBEORCH_MAX_WORKFLOWS", "many", "a whole number"),
        ("KUBEORCH_EMBEDDED_REGISTRY_ADDRESS", "registry.example.com", "a host with a port"),
        ("KUBEORCH_EMBEDDED_REGISTRY_ADDRESS", "registry:443", "take another"),
        ("PORT", "\uff18\uff10", "a whole number"),
    ],
)
def test_a_value_that_means_nothing_is_refused_by_name(name: str, text: str, takes: str) -> None:
    said = start(**{name: text}).stderr.splitlines()[-1]
    assert "ImproperlyConfigured" in said
    assert name in said
    assert takes in said


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("KUBEORCH_HOSTS", "kubeorch.example.com, 10.0.0.1,[fd00::1],.example.com"),
        (
            "KUBEORCH_ORIGINS",
            "https://kubeorch.example.com,http://localhost:5173,https://*.example.com,https://[fd00::1]",
        ),
        ("MONGODB_URI", "mongodb+srv://user:p%40ss@cluster0.example.test/?retryWrites=true"),
        ("MONGODB_URI", "mongodb://a.test:27017,b.test:27018/?replicaSet=rs0"),
        ("MONGODB_DB", "kube_orch-2"),
    ],
)
def test_a_value_that_means_something_is_accepted(name: str, text: str) -> None:
    assert start(**{name: text}).returncode == 0


def test_an_error_quotes_no_password() -> None:
    said = start(MONGODB_URI="mongo://user:canary@host/").stderr.splitlines()[-1]
    assert "MONGODB_URI" in said
    assert "canary" not in said


@pytest.mark.parametrize(
    ("name", "text"), [("KUBEORCH_HTTPS", "flase"), ("KUBEORCH_SECRET_KEY", "abc"), ("KUBEORCH_ORIGINS", "a.b")]
)
def test_up_ends_with_the_sentence_before_it_starts_anything(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "setup.stamp").write_text("of an earlier start")
    environ = {"PATH": "", "DATA_DIR": str(tmp_path), "PORT": str(free_port()), "KUBEORCH_SANDBOX": "0", name: text}
    up = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "up"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert up.returncode == 1
    assert up.stderr.startswith(f"KubeOrch cannot run: {name} ")
    assert "starting again" not in up.stdout + up.stderr
    assert not (tmp_path / "mongodb").exists()


def test_empty_values_mean_the_defaults() -> None:
    names = ("KUBEORCH_HTTPS", "KUBEORCH_AUDIT_DAYS", "PORT", "KUBEORCH_TRUSTED_PROXIES", "KUBEORCH_LOG_LEVEL")
    assert start(**dict.fromkeys(names, "")).returncode == 0


def test_the_readme_lists_every_variable_and_none_that_is_not_read() -> None:
    rooms = ("kubeorch", "clusters", "workflows", "builds", "imports")
    sources = [path.read_text() for room in rooms for path in (ROOT / room).rglob("*.py")]
    read = set(re.findall(r"[\"'](KUBEORCH_[A-Z_]+)[\"']", "\n".join(sources)))
    table = "\n".join(line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("| `"))
    listed = set(re.findall(r"`(KUBEORCH_[A-Z_]+)`", table))
    assert read - listed <= OURS_ALONE
    assert listed <= read


OURS_ALONE = {"KUBEORCH_PULSE", "KUBEORCH_FAILPOINTS"}
"""Set by `up` for its roles, and by tests."""
