"""Packages that a Python project needs, by whichever file names them, and what Debian has to add."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from builds.domain.detection.tree import Tree, join, mapping, text

REQUIREMENTS = ("requirements.txt", "requirements/production.txt", "requirements/prod.txt", "requirements/base.txt")
NEEDS_MOST = 500
"""Of one file."""
_NAME = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,99})[ \t]*(\[[^\]\n]{0,200}\])?")
SYSTEM: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "psycopg2": (("gcc", "libc6-dev", "libpq-dev"), ("libpq5",)),
    "psycopg": ((), ("libpq5",)),
    "mysqlclient": (("default-libmysqlclient-dev", "gcc", "libc6-dev", "pkg-config"), ("libmariadb3",)),
    "python-ldap": (("gcc", "libc6-dev", "libldap2-dev", "libsasl2-dev"), ("libldap-2.5-0",)),
    "uwsgi": (("gcc", "libc6-dev"), ()),
    "xmlsec": (("gcc", "libc6-dev", "libxmlsec1-dev", "pkg-config"), ("libxmlsec1-openssl",)),
    "pycairo": (("gcc", "libc6-dev", "libcairo2-dev", "pkg-config"), ("libcairo2",)),
    "python-magic": ((), ("libmagic1",)),
    "weasyprint": ((), ("libpango-1.0-0", "libpangoft2-1.0-0")),
}
"""Debian packages to build a package of Python, and to run it."""


def needs_of(tree: Tree, folder: str) -> dict[str, tuple[str, int]]:
    """File and line of each package, by its name in lower case with dashes; extras are in brackets beside it."""
    found: dict[str, tuple[str, int]] = {}
    for name, path, line in (*_in_requirements(tree, folder), *_in_project(tree, folder), *_in_pipfile(tree, folder)):
        found.setdefault(name, (path, line))
    return found


def is_self_contained(tree: Tree, folder: str, file: str) -> bool:
    """Whether requirements name no other file and no folder."""
    lines = tree.text(join(folder, file)).split("\n")
    return not any(
        line.strip().startswith(("-r", "-c", "-e", "--requirement", "--constraint", "--editable", ".", "/", "file:"))
        for line in lines
    )


def _in_requirements(tree: Tree, folder: str) -> Iterator[tuple[str, str, int]]:
    for file in REQUIREMENTS:
        path = join(folder, file)
        for number, line in enumerate(tree.text(path).split("\n")[:NEEDS_MOST], 1):
            yield from ((name, path, number) for name in _names(line.strip()))


def _in_project(tree: Tree, folder: str) -> Iterator[tuple[str, str, int]]:
    path = join(folder, "pyproject.toml")
    if not tree.has(path):
        return
    table = tree.toml(path)
    listed = mapping(table.get("project")).get("dependencies")
    for one in listed[:NEEDS_MOST] if isinstance(listed, list) else ():
        yield from ((name, path, tree.line_of(path, one)) for name in _names(text(one)))
    for name in islice(mapping(poetry_of(table).get("dependencies")), NEEDS_MOST):
        if name != "python":
            yield _normal(name), path, tree.line_of(path, name)


def _in_pipfile(tree: Tree, folder: str) -> Iterator[tuple[str, str, int]]:
    path = join(folder, "Pipfile")
    if tree.has(path):
        for name in islice(mapping(tree.toml(path).get("packages")), NEEDS_MOST):
            yield _normal(name), path, tree.line_of(path, name)


def poetry_of(table: dict[str, Any]) -> dict[str, Any]:
    return mapping(mapping(table.get("tool")).get("poetry"))


def _names(line: str) -> Iterator[str]:
    match = _NAME.match(line)
    if match:
        yield _normal(match[1])
        if match[2]:
            yield f"{_normal(match[1])}{match[2]}".replace(" ", "")


def _normal(name: str) -> str:
    """Source: PyPA specifications, "Names and normalization"."""
    return re.sub(r"[-_.]+", "-", name[:100]).lower()
