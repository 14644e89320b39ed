"""`manage.py detect FOLDER`: what would be built from a folder, and how. Nothing is built."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from builds.domain.detection.detect import detect
from builds.domain.detection.findings import Findings, Proposal
from builds.domain.detection.printed import printed
from builds.domain.detection.seeds import seed
from builds.domain.detection.tree import FILE_MOST_BYTES, PATHS_MOST
from builds.domain.detection.written import written


class Command(BaseCommand):
    help = "Say what would be built from a folder, and why. Nothing is built and nothing is written."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", help="the checked-out repository")
        shown = parser.add_mutually_exclusive_group()
        shown.add_argument(
            "--dockerfile", metavar="NAME", help="print the Dockerfile that is written for this proposal"
        )
        shown.add_argument("--dockerignore", metavar="NAME", help="print what is kept out of its context")
        shown.add_argument("--graph", metavar="NAME", help="print the drawing that this proposal begins with, as JSON")

    def handle(self, *_: Any, **options: Any) -> None:
        top = Path(options["folder"])
        if not top.is_dir():
            raise CommandError(f"{top} is not a folder")
        findings = detect(listing_of(top), lambda path: text_of(top / path), called=top.resolve().name)
        if name := options["graph"]:
            graph = seed(_named(findings, name), name)
            self.stdout.write(json.dumps(graph, indent=2))
        elif name := options["dockerfile"] or options["dockerignore"]:
            plan = _named(findings, name).plan
            if plan is None:
                raise CommandError(f"{name} is built by a Dockerfile of the repository, or not at all")
            text = written(plan)
            self.stdout.write(text.dockerfile if options["dockerfile"] else text.dockerignore, ending="")
        else:
            self.stdout.write(printed(findings), ending="")


def _named(findings: Findings, name: str) -> Proposal:
    found = next((one for one in findings.proposals if one.name == name), None)
    if found is None:
        names = ", ".join(one.name for one in findings.proposals) or "none"
        raise CommandError(f"there is no proposal {name}; there are: {names}")
    return found


def listing_of(top: Path) -> dict[str, int]:
    """Sizes of the files by their paths. Links are not followed, and what git keeps for itself is left out."""
    found: dict[str, int] = {}
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if name not in (".git", "node_modules"))
        for name in sorted(names):
            path = Path(folder) / name
            if not path.is_symlink() and path.is_file():
                found[path.relative_to(top).as_posix()] = path.stat().st_size
            if len(found) > PATHS_MOST:
                return found
    return found


def text_of(path: Path) -> str | None:
    """The text of a file of the listing; None for what is no UTF-8."""
    if path.is_symlink():
        return None
    with path.open("rb") as file:
        content = file.read(FILE_MOST_BYTES + 1)
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None
