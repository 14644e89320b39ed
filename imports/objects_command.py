"""`manage.py convert` of Kubernetes objects, without Django and a database."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from imports.domain.layout import layout
from imports.domain.manifests.read import Reading, read
from imports.domain.problems import ImportInvalid
from imports.domain.sources import SourceFile
from imports.sniffing import files_in
from kubeorch.base.errors import InvalidInput
from kubeorch.base.yaml_writing import dump_all
from workflows.domain.graphs.file import workflow_file
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.kinds.catalog import Catalog, load_catalog
from workflows.domain.rendering.render import render_graph

KINDS = Path(__file__).resolve().parent.parent / "k8s_templates"
MAX_BYTES = 12_000_000


def main(argv: Sequence[str]) -> int:
    """The exit code: 0, 1 where the files are refused, 2 where the command is not understood, 3 for `--strict`."""
    options = _parser().parse_args(argv)
    catalog = load_catalog(KINDS)
    try:
        reading = read(_files(options.files), catalog, namespace=options.namespace)
        graph = parse_graph(raw_graph(reading), catalog)
        shown = _shown(options, reading, graph, catalog)
    except InvalidInput as error:
        print(error.detail, file=sys.stderr)
        return 1
    print(shown, end="")
    for left in reading.left_out:
        print(
            f"{left.written.place}: {left.written.ref.kind} {left.written.ref.name} is left out: {left.why}",
            file=sys.stderr,
        )
    return 3 if options.strict and reading.left_out else 0


def raw_graph(reading: Reading) -> dict[str, Any]:
    """The graph of a reading with its nodes in their places."""
    edges = [(edge.source, edge.target) for edge in reading.draft.edges]
    return reading.draft.graph(layout(list(reading.api_kinds.items()), edges))


def _shown(options: argparse.Namespace, reading: Reading, graph: Graph, catalog: Catalog) -> str:
    namespace = reading.namespace or "default"
    if options.report:
        report = {
            "namespace": reading.namespace,
            "entries": [entry.as_json() for entry in reading.ledger().entries],
            "secrets": {node_id: sorted(values) for node_id, values in reading.secrets.items()},
        }
        return json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    if options.manifests:
        return dump_all([one.manifest for one in render_graph(graph, catalog, namespace=namespace)])
    name = Path(options.files[0]).resolve().stem
    return workflow_file(graph, {"name": name, "environment": {"name": "imported", "namespace": namespace}})


def _files(names: Sequence[str]) -> list[SourceFile]:
    """The files that are named, and those of folders that are. Raises ImportInvalid."""
    found: list[SourceFile] = []
    left = MAX_BYTES
    for name in names:
        path = Path(name)
        if not path.exists():
            raise ImportInvalid(f"there is no file {name}")
        for file in files_in(path) if path.is_dir() else [path]:
            with file.open("rb") as opened:
                content = opened.read(left + 1)
            left -= len(content)
            if left < 0:
                raise ImportInvalid(f"the files have more than {MAX_BYTES:,} bytes together; bring them in parts")
            found.append(SourceFile(file.as_posix(), content))
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="manage.py convert", description="Convert Kubernetes objects.")
    parser.add_argument("files", nargs="+", metavar="FILE", help="YAML or JSON, or folders of them")
    parser.add_argument("--namespace", metavar="NAME", help="that of the environment; without it, the usual one")
    parser.add_argument("--strict", action="store_true", help="end with exit code 3 where an object is left out")
    printed = parser.add_mutually_exclusive_group(required=True)
    printed.add_argument("--workflow", action="store_true", help="print the workflow file")
    printed.add_argument("--manifests", action="store_true", help="print the objects that the workflow renders")
    printed.add_argument("--report", action="store_true", help="print as JSON what became of every field")
    return parser
