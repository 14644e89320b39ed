"""What is installed to run the product, and what it imports."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.rooms import ROOMS, ROOT


def imported() -> Iterator[tuple[str, Path]]:
    """Top-level names of other packages that the product imports, and where."""
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names = [node.module]
                for name in names:
                    top = name.partition(".")[0]
                    if top not in sys.stdlib_module_names and top not in ROOMS:
                        yield top, path


def locked(name: str) -> set[str]:
    text = (ROOT / name).read_text()
    return {_plain(found) for found in re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_all_that_the_product_imports_is_installed_to_run_it() -> None:
    distributions = packages_distributions()
    found = locked("requirements.lock")
    lacking = {
        (top, path.relative_to(ROOT).as_posix())
        for top, path in imported()
        if not {_plain(name) for name in distributions.get(top, [])} & found
    }
    assert lacking == set()


def test_what_developing_needs_includes_what_running_needs() -> None:
    assert locked("requirements.lock") <= locked("requirements-dev.lock")


def test_packages_that_the_product_does_not_import_are_not_installed_to_run_it() -> None:
    assert {"kubernetes", "django-allauth", "aiohttp", "requests"} & locked("requirements.lock") == set()
