"""The architecture is held by contracts; this runs them all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOP_LEVEL = {
    *("manage.py", "pyproject.toml", "kubeorch", "workflows", "clusters", "builds", "imports"),
    *("k8s_templates", "frontend", "tests", "deploy"),
    *("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "Makefile", "LICENSE"),
    *("SECURITY.md", "CHANGELOG.md"),
    *("requirements.lock", "requirements-dev.lock", "requirements-toolchain.lock"),
}


def test_imports_keep_their_contracts() -> None:
    run = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_top_level_holds_only_known_folders() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = {line.split("/")[0] for line in tracked.splitlines()}
    assert {name for name in found if not name.startswith(".")} <= TOP_LEVEL


def test_lock_files_name_no_download_address() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        assert "://" not in lock.read_text(), lock
    assert '"resolved"' not in (ROOT / "frontend" / "package-lock.json").read_text()


BANNED = (
    *("shell=True", "os.system(", "os.popen(", "pickle.load", "yaml.load(", "yaml.unsafe_load"),
    *("load_kube_config", "mark_safe(", "**request."),
)


def test_nothing_opens_a_shell_or_loads_what_can_run() -> None:
    for path in [found for room in ("kubeorch", "clusters", "workflows") for found in (ROOT / room).rglob("*.py")]:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            code = line.partition("#")[0]
            assert not any(word in code for word in BANNED), f"{path}:{number}: {line.strip()}"
