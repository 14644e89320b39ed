"""Converts projects with kompose and with ours, and compares the objects.

`python -m tests.oracles.kompose.oracle` compares kompose's own fixtures and our projects, and fails on a difference
that no row of the table explains, and on a row that explains nothing; `--record` keeps kompose's answers for our
projects, which `make test` compares. CONTRIBUTING.md says how to build kompose.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from imports.command import Folder
from imports.domain.compose.load import load
from imports.domain.convert.conversion import Conversion, convert
from imports.domain.problems import ImportInvalid
from tests.oracles.kompose.cases import Case, fixtures, own
from tests.oracles.kompose.compare import Difference, differences, judge, table
from tests.oracles.kompose.program import FIXTURES, PROGRAM, find_fixtures, find_program
from tests.oracles.kompose.seen import Manifest, Seen, seen
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.kinds.catalog import Catalog, make_catalog
from workflows.domain.kinds.folder import TemplateFolder
from workflows.domain.rendering.render import render_graph
from workflows.kept_catalog import TEMPLATES

GOLDEN = Path(__file__).parent / "answers.json.gz"


@cache
def the_catalog() -> Catalog:
    return make_catalog(TemplateFolder(TEMPLATES))


def theirs(case: Case, program: Path) -> list[Manifest] | None:
    """The objects that kompose prints; None where it refuses."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made, case.folder.name)
        shutil.copytree(case.folder, folder, symlinks=True)
        command = [os.fspath(program), *(part for file in case.files for part in ("-f", file)), "convert", "--stdout"]
        done = subprocess.run(
            [*command, "--with-kompose-annotation=false"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": made, **case.environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    return None if done.returncode else [one for one in yaml.safe_load_all(done.stdout) if one]


def converted(case: Case) -> Conversion:
    """Our conversion with every default. Raises ImportInvalid."""
    folder = Folder(case.folder)
    project = load(
        folder, case.files, environment=case.environment, folder_name=case.folder.name, root=os.fspath(folder.root)
    )
    return convert(project, folder, {})


def objects(conversion: Conversion, namespace: str = "default") -> list[Manifest]:
    """The objects that a run would apply."""
    graph = parse_graph(conversion.graph(the_catalog()), the_catalog())
    return [one.manifest for one in render_graph(graph, the_catalog(), namespace=namespace, variables={})]


def our_seen(case: Case) -> Seen | None:
    try:
        conversion = converted(case)
    except ImportInvalid:
        return None
    nodes = conversion.draft.nodes
    sealed = {nodes[node_id].name: values for node_id, values in conversion.secret_values.items()}
    return seen(objects(conversion), sealed)


def compared(case: Case, manifests: list[Manifest] | None) -> Iterator[Difference]:
    """What differs between kompose's objects and ours."""
    return differences(case.name, None if manifests is None else seen(manifests, {}), our_seen(case))


def recorded() -> dict[str, Any]:
    """kompose's answers for our projects, by their names."""
    answers: dict[str, Any] = json.loads(gzip.decompress(GOLDEN.read_bytes()))
    return answers


def main() -> None:
    program, folder = find_program(), find_fixtures()
    if program is None or folder is None:
        sys.exit(f"install Go, or set {PROGRAM} to kompose and {FIXTURES} to its fixtures; see CONTRIBUTING.md")
    if "--record" in sys.argv:
        answers = {case.name: theirs(case, program) for case in own()}
        text = json.dumps(answers, separators=(",", ":"), sort_keys=True).encode()
        GOLDEN.write_bytes(gzip.compress(text, 9, mtime=0))
    cases = [*fixtures(folder), *own()]
    rows = table()
    judged = judge((one for case in cases for one in compared(case, theirs(case, program))), rows)
    for row in rows:
        print(f"{judged.counts[row.id]:5} {row.who:6} {row.id}")
    for one in judged.open:
        print(f"NOT EXPLAINED {one}")
    for row in judged.unused:
        print(f"EXPLAINS NOTHING {row.id}")
    print(f"{len(cases)} projects, {sum(judged.counts.values())} differences explained, {len(judged.open)} not")
    sys.exit(bool(judged.open or judged.unused))


if __name__ == "__main__":
    main()
