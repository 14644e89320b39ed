"""Python: package managers, web frameworks and how each of them is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from builds.domain.detection.findings import Notes
from builds.domain.detection.languages.common import (
    Said,
    Sketch,
    choose,
    existing,
    tool_versions,
    version_file,
)
from builds.domain.detection.languages.python_frameworks import started
from builds.domain.detection.languages.python_needs import (
    REQUIREMENTS,
    SYSTEM,
    is_self_contained,
    needs_of,
    poetry_of,
)
from builds.domain.detection.plan import Plan
from builds.domain.detection.tree import Tree, join, mapping, text
from builds.domain.detection.versions import PYTHON

MARKS = frozenset({"requirements.txt", "pyproject.toml", "Pipfile", "uv.lock", "poetry.lock", "manage.py", "setup.py"})


def look(tree: Tree, folder: str, notes: Notes) -> Sketch | None:
    """What can be built of the Python in a folder. None where nothing tells what to start, and for a library."""
    names = tree.names(folder)
    if not names & MARKS:
        return None
    needs = needs_of(tree, folder)
    project = tree.toml(join(folder, "pyproject.toml")) if "pyproject.toml" in names else {}
    manager, file = _manager(names, project)
    plan = Plan(language="python", version="3", manager=manager)
    begins = started(tree, folder, needs, notes)
    if begins is None:
        return None
    notes.because(
        f"{'pip' if manager == 'project' else manager} installs what is needed", join(folder, file) if file else ""
    )
    plan = replace(plan, version=_version(tree, folder, project, notes), **begins)
    files, install = _installing(tree, folder, manager, file, project, notes)
    extra = [SYSTEM[name] for name in sorted(needs) if name in SYSTEM]
    plan = replace(
        plan,
        files=files,
        install=install,
        build_packages=tuple(sorted({one for build, _ in extra for one in build})),
        packages=tuple(sorted({one for _, run in extra for one in run})),
    )
    name = text(mapping(project.get("project")).get("name")) or text(poetry_of(project).get("name"))
    return Sketch(plan, folder, name)


def _manager(names: set[str], project: Mapping[str, object]) -> tuple[str, str]:
    """The package manager, and the file that tells."""
    if "uv.lock" in names:
        return "uv", "uv.lock"
    if "poetry.lock" in names or (poetry_of(dict(project)) and "requirements.txt" not in names):
        return "poetry", "poetry.lock" if "poetry.lock" in names else "pyproject.toml"
    if "Pipfile" in names:
        return "pipenv", "Pipfile"
    if "requirements.txt" in names:
        return "pip", "requirements.txt"
    if "pyproject.toml" in names or "setup.py" in names:
        return "project", "pyproject.toml" if "pyproject.toml" in names else "setup.py"
    return "pip", ""


def _version(tree: Tree, folder: str, project: Mapping[str, object], notes: Notes) -> str:
    path = join(folder, "pyproject.toml")
    pipfile = join(folder, "Pipfile")
    required = mapping(tree.toml(pipfile).get("requires")) if tree.has(pipfile) else {}
    poetry = text(mapping(poetry_of(dict(project)).get("dependencies")).get("python"))
    return choose(
        PYTHON,
        (
            version_file(tree, (folder, ""), ".python-version"),
            version_file(tree, (folder,), "runtime.txt"),
            tool_versions(tree, dict.fromkeys((folder, "")), "python"),
            Said(
                text(required.get("python_full_version")) or text(required.get("python_version")),
                pipfile,
                tree.line_of(pipfile, "python_"),
            ),
            Said(
                text(mapping(project.get("project")).get("requires-python")),
                path,
                tree.line_of(path, "requires-python"),
                True,
            ),
            Said(poetry, path, tree.line_of(path, "python ="), True),
        ),
        notes,
    )


def _installing(
    tree: Tree, folder: str, manager: str, file: str, project: Mapping[str, object], notes: Notes
) -> tuple[tuple[str, ...], str]:
    """Files that an install reads, and its command where it is not the usual one."""
    if manager == "pip":
        found = existing(tree, folder, REQUIREMENTS)
        if not found:
            notes.warn("no file lists what to install; only Python itself is there")
            return (), "true"
        install = "" if found[0] == REQUIREMENTS[0] else f"pip install --requirement {found[0]}"
        return (found[:1] if is_self_contained(tree, folder, found[0]) else ()), install
    if manager == "pipenv":
        locked = tree.has(join(folder, "Pipfile.lock"))
        return existing(tree, folder, ("Pipfile", "Pipfile.lock")), "" if locked else _unlocked(
            notes, "Pipfile.lock", "pipenv install --skip-lock"
        )
    if manager == "poetry":
        if not tree.has(join(folder, "poetry.lock")):
            _unlocked(notes, "poetry.lock", "")
        return existing(tree, folder, ("pyproject.toml", "poetry.lock")), ""
    if manager == "uv":
        is_package = "build-system" in project
        return (() if is_package else existing(tree, folder, ("pyproject.toml", "uv.lock"))), (
            "uv sync --locked --no-dev --no-editable" if is_package else ""
        )
    return (), ""


def _unlocked(notes: Notes, file: str, command: str) -> str:
    notes.warn(f"there is no {file}, so that another build may install other versions; commit one")
    return command
