"""The architecture is held by contracts; this runs them all."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.rooms import ROOMS, ROOT

TOP_LEVEL = {
    *("manage.py", "pyproject.toml", "kubeorch", "workflows", "clusters", "builds", "imports"),
    *("k8s_templates", "frontend", "tests", "deploy"),
    *("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "Makefile", "LICENSE"),
    *("SECURITY.md", "CHANGELOG.md"),
    *("requirements.lock", "requirements-dev.lock", "requirements-toolchain.lock"),
}


def test_imports_keep_their_contracts() -> None:
    run = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_room_is_under_the_contracts() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert set(ROOMS) == set(contracts["root_packages"])
    sources = {
        contract["name"]: {module.partition(".")[0] for module in contract["source_modules"]}
        for contract in contracts["contracts"]
        if contract["type"] == "forbidden"
    }
    apps = set(ROOMS) - {"kubeorch"}
    assert sources["Only clusters.kube speaks to a cluster"] == set(ROOMS)
    assert {room for name, rooms in sources.items() if name.startswith("An app") for room in rooms} == apps
    pure = {f"{room}.domain" for room in apps if (ROOT / room / "domain").is_dir()}
    named = next(one for one in contracts["contracts"] if one["name"].startswith("A domain is pure"))
    assert set(named["source_modules"]) == pure


def test_the_top_level_holds_only_the_rooms_of_the_house() -> None:
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
    for path in production():
        for number, line in enumerate(path.read_text().splitlines(), 1):
            code = line.partition("#")[0]
            assert not any(word in code for word in BANNED), f"{path}:{number}: {line.strip()}"


OWNERS: dict[str, tuple[str, ...]] = {
    "workflows": (
        *("workflows", "graph_revs", "namespaces", "versions", "environments", "inventory", "removed_environments"),
        *("secret_values", "earlier_secret_values"),
        *("runs", "run_steps", "run_logs", "run_secrets", "node_statuses", "counters"),
        *("plans", "plan_objects", "decisions", "drift", "drift_history", "yields"),
        *("releases", "release_manifests", "triggers", "trigger_calls", "watch_pauses"),
    ),
    "imports": ("imports",),
    "builds": (
        *("detections", "git_hosts", "git_connections", "registries", "build_engines"),
        *("sources", "source_numbers", "builds", "build_logs", "push_addresses", "push_calls", "build_pauses"),
    ),
    "clusters": (
        "clusters",
        "cluster_history",
        "cluster_log",
        "cluster_sign_ins",
        "drains",
        "namespace_sets",
        "object_changes",
        "object_looks",
        "resource_marks",
        "shells",
        "usage",
        "usage_long",
        "usage_looks",
    ),
    "kubeorch/accounts": (
        *("users", "teams", "memberships", "api_tokens", "invites", "instance_settings"),
        *("sessions", "login_attempts", "password_resets"),
    ),
    "kubeorch/jobs": ("jobs",),
    "kubeorch/realtime": ("events",),
    "kubeorch/mongo": ("leases",),
    "kubeorch/web": ("audit",),
}
"""Whose store reads and writes a collection. Others ask that store."""


def test_what_serves_a_folder_of_tests_ends_with_it() -> None:
    """Without an `__init__.py` its scope is the whole run: it goes on, and writes into the database of later tests."""
    folders = [path.parent for path in (ROOT / "tests").rglob("conftest.py") if 'scope="package"' in path.read_text()]
    assert folders
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_a_collection_is_used_by_the_store_of_its_own_app_alone() -> None:
    owner_of = {name: room for room, names in OWNERS.items() for name in names}
    strangers = []
    for path, tree in parsed("db("):
        where = path.relative_to(ROOT).as_posix()
        for name, line in collections_named(tree):
            if name == BY_VARIABLE:
                if not path.stem.endswith("store") and path.parent.name not in ("mongo", "accounts"):
                    strangers.append(f"{where}:{line}: only a store may choose a collection by a variable")
                continue
            assert name in owner_of, f"{where}:{line}: name the owner of the collection {name} in this test"
            room = owner_of[name]
            is_store = path.stem.endswith("store") or room.startswith("kubeorch/")
            if not where.startswith(f"{room}/") or not is_store:
                strangers.append(f"{where}:{line}: {name} belongs to the stores of {room}")
    assert not strangers, "\n".join(strangers)


def collections_named(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """The collections that a module reaches for: `db().runs`, `db()["runs"]`, or through a name given to `db()`."""
    databases = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and is_database(node.value, set())
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_database(node.value, databases):
            if node.attr not in METHODS:
                yield node.attr, node.lineno
        elif isinstance(node, ast.Subscript) and is_database(node.value, databases):
            yield (str(node.slice.value) if isinstance(node.slice, ast.Constant) else BY_VARIABLE), node.lineno


BY_VARIABLE = "?"
METHODS = {"command", "client", "list_collection_names", "with_options", "name"}


def is_database(node: ast.AST, names: set[str]) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in ("db", "aio_db")
    return isinstance(node, ast.Name) and node.id in names


def test_an_app_reaches_the_database_through_its_stores_alone() -> None:
    strangers = []
    for path, tree in parsed("kubeorch.mongo"):
        where = path.relative_to(ROOT).as_posix()
        if where.startswith("kubeorch/") or path.stem.endswith("store"):
            continue
        for node in ast.walk(tree):
            taken = {alias.name for alias in node.names} if isinstance(node, ast.Import | ast.ImportFrom) else set()
            module = node.module if isinstance(node, ast.ImportFrom) else None
            if "kubeorch.mongo.client" in taken or (module == "kubeorch.mongo" and "client" in taken):
                strangers.append(f"{where}: only a store may import the database's client")
            elif module == "kubeorch.mongo.client" and taken != {"Document"}:
                strangers.append(f"{where}: only a store may import {sorted(taken)}")
    assert not strangers, "\n".join(strangers)


def parsed(words: str) -> Iterator[tuple[Path, ast.Module]]:
    """The modules in which these words stand."""
    for path in production():
        if words in (source := path.read_text()):
            yield path, ast.parse(source)


def production() -> Iterator[Path]:
    for room in ROOMS:
        yield from (ROOT / room).rglob("*.py")
