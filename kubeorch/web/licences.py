"""Third-party software in this product: the packages that the server runs on, and those built into the page."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import TypedDict, cast

LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
LICENCE_FILE = re.compile(r"(licen[cs]e|copying|notice)[^/]*$", re.IGNORECASE)
LONGEST_NAME = 60
"""Some packages put the whole text where the licence's name belongs."""


class Package(TypedDict):
    name: str
    version: str
    licence: str
    """As the package says, SPDX where it can; empty where only `text` says it."""
    url: str | None
    text: str
    """The package's own licence and notice files, one after another."""


@cache
def installed(lock: Path) -> tuple[Package, ...]:
    """Of every package in the lock file that is installed here. Read once: a process's packages do not change."""
    names = dict.fromkeys(LOCKED.findall(lock.read_text()))
    return tuple(package for name in names if (package := _package(name)) is not None)


def built_in(dist: Path) -> list[Package]:
    """As the page's build wrote them (`frontend/scripts/licences.ts`); none while the page has not been built."""
    try:
        return cast("list[Package]", json.loads((dist / "licences.json").read_text()))
    except FileNotFoundError:
        return []


def _package(name: str) -> Package | None:
    """None for a package that this platform does not need."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return None
    return {
        "name": name,
        "version": found.version,
        "licence": _licence_name(found),
        "url": _address(found),
        "text": "\n\n".join(
            found.locate_file(file).read_text().strip()
            for file in sorted(found.files or ())
            if ".dist-info/" in str(file) and LICENCE_FILE.search(str(file))
        ),
    }


def _licence_name(found: Distribution) -> str:
    about = found.metadata
    for field in ("License-Expression", "License"):
        said = "".join(about.get_all(field) or ()).strip()
        if said and said != "UNKNOWN" and "\n" not in said and len(said) <= LONGEST_NAME:
            return said
    classified = [
        row.rpartition(" :: ")[2] for row in about.get_all("Classifier") or () if row.startswith("License ::")
    ]
    return ", ".join(classified)


ADDRESSES = ("homepage", "home", "source", "source code", "repository", "code", "github", "documentation", "docs")
"""Labels of a package's addresses, the best first."""


def _address(found: Distribution) -> str | None:
    pairs = [row.partition(",") for row in found.metadata.get_all("Project-URL") or ()]
    named = {label.strip().lower(): address.strip() for label, _, address in pairs}
    home = "".join(found.metadata.get_all("Home-page") or ())
    return home or next((named[label] for label in ADDRESSES if label in named), None)


PROGRAMS: tuple[Package, ...] = (
    {
        "name": "MongoDB Community Server",
        "version": "",
        "licence": "SSPL-1.0",
        "url": "https://www.mongodb.com",
        "text": "",
    },
    {"name": "etcd", "version": "", "licence": "Apache-2.0", "url": "https://etcd.io", "text": ""},
    {"name": "Kubernetes", "version": "", "licence": "Apache-2.0", "url": "https://kubernetes.io", "text": ""},
    {"name": "KWOK", "version": "", "licence": "Apache-2.0", "url": "https://kwok.sigs.k8s.io", "text": ""},
)
"""What a server without a database or cluster of its own obtains and runs beside itself."""
