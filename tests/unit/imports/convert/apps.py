"""The applications of these tests: `apps/<name>.yaml`, with the files that they mount in `apps/<name>/`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from imports.domain.compose.load import Project, load
from imports.domain.convert.conversion import Conversion, convert
from imports.domain.convert.decisions import Answers
from imports.domain.sources import Files
from tests.unit.kinds.samples import the_catalog
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.read_graph import parse_graph

APPS = Path(__file__).parent / "apps"
NAMES = sorted(file.stem for file in APPS.glob("*.yaml"))
GIVEN = {"ADMIN_PASSWORD": "open sesame", "KC_DB_PASSWORD": "kc-pass-1"}
"""Variables that whoever imports these applications gives."""


@cache
def the_files() -> Files:
    found = (file for file in APPS.rglob("*") if file.is_file())
    return Files({file.relative_to(APPS).as_posix(): file.read_bytes() for file in found})


def the_project(name: str, **options: object) -> Project:
    return load(the_files(), [f"{name}.yaml"], folder_name=name, environment=GIVEN, **options)  # type: ignore[arg-type]


def converted(name: str, answers: Answers | None = None) -> Conversion:
    """An application, by default with every default."""
    return convert(the_project(name), the_files(), answers or {})


def graph_of(conversion: Conversion) -> Graph:
    return parse_graph(conversion.graph(the_catalog()), the_catalog())


def of_text(text: str, answers: Answers | None = None, **files: bytes) -> Conversion:
    """A Compose file written in a test, with further files by their path."""
    tree = Files({"compose.yaml": text.encode(), **files})
    return convert(load(tree, ["compose.yaml"], folder_name="test"), tree, answers or {})
