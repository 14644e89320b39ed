"""`manage.py convert` of Kubernetes objects, without Django and a database."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from imports.charts.command import built_kustomization, is_chart, is_kustomized, rendered_chart
from imports.charts.program import ProgramMissing
from imports.domain.exporting.compose import compose_file
from imports.domain.exporting.folders import Files, kustomize, one_file_each
from imports.domain.exporting.helm import helm_chart
from imports.domain.layout import layout
from imports.domain.manifests.read import Reading, read
from imports.domain.problems import ImportInvalid
from imports.domain.sources import SourceFile
from imports.printed import Help, lacking
from imports.sniffing import files_in, is_workflow
from kubeorch.base.errors import InvalidInput
from kubeorch.base.yaml_writing import dump_all
from workflows.domain.graphs.file import parse_workflow_file, workflow_file
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.graphs.variables import parse_variables, values_of
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.rendering.render import render_graph

MAX_BYTES = 12_000_000


def main(argv: Sequence[str], catalog_of: Callable[[], Catalog]) -> int:
    """The exit code: 0, 1 where the files are refused, 2 where the command is not understood, 3 for `--strict`."""
    options = _parser().parse_args(argv)
    catalog = catalog_of()
    try:
        files = _files(options)
        if is_workflow(files[0].content):
            print(_exported(options, files[0], catalog), end="")
            return 0
        has_chart = any(is_chart(Path(name)) for name in options.files)
        reading = read(files, catalog, namespace=options.namespace, by_prefix=has_chart)
        graph = parse_graph(raw_graph(reading), catalog)
        shown = _shown(options, reading, graph, catalog)
        if options.manifests:
            _say(lacking(graph, catalog))
    except (InvalidInput, ProgramMissing) as error:
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


def _exported(options: argparse.Namespace, file: SourceFile, catalog: Catalog) -> str:
    """A workflow file as manifests, or as files in the folder that is asked for; what is printed of it."""
    meta, raw = parse_workflow_file(file.content, catalog)
    graph = parse_graph(raw, catalog)
    environment = meta.get("environment") or {}
    variables = values_of(parse_variables(environment.get("variables") or {}))
    namespace = options.namespace or str(environment.get("namespace") or "default")
    rendered = render_graph(graph, catalog, namespace=namespace, variables=variables)
    own = str(environment.get("name") or "default")
    if not options.compose:
        _say(lacking(graph, catalog))
    if options.helm:
        return _written(options.helm, helm_chart(graph, catalog, str(meta["name"]), {own: variables}))
    if options.kustomize:
        return _written(options.kustomize, kustomize({own: rendered}))
    if options.compose:
        written = compose_file(graph, catalog, str(meta["name"]), variables)
        _say(f"not said: {note}" for note in written.notes)
        target = Path(options.compose)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(written.text, encoding="utf-8")
        return f"{options.compose}\n"
    if options.folder:
        return _written(options.folder, one_file_each(rendered))
    return dump_all([one.manifest for one in rendered])


def _say(sentences: Iterable[str]) -> None:
    for one in sentences:
        print(one, file=sys.stderr)


def _written(folder: str, files: Files) -> str:
    for path, text in files.items():
        target = Path(folder) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return "".join(f"{path}\n" for path in files)


def _files(options: argparse.Namespace) -> list[SourceFile]:
    """The files that are named, those of folders that are, and what charts render. Raises ImportInvalid."""
    found: list[SourceFile] = []
    left = MAX_BYTES
    for name in options.files:
        path = Path(name)
        if not path.exists():
            raise ImportInvalid(f"{name} does not exist")
        if is_chart(path):
            found += rendered_chart(
                path, values=options.values, release=options.release, namespace=options.namespace or ""
            )
            continue
        if is_kustomized(path):
            found += built_kustomization(path, options.kustomization)
            continue
        for file in files_in(path) if path.is_dir() else [path]:
            with file.open("rb") as opened:
                content = opened.read(left + 1)
            left -= len(content)
            if left < 0:
                raise ImportInvalid(f"the files have more than {MAX_BYTES:,} bytes together; bring them in parts")
            found.append(SourceFile(file.as_posix(), content))
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="manage.py convert", description="Convert objects, or a workflow file.", formatter_class=Help
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="YAML, JSON, folders of them, charts, kustomizations")
    parser.add_argument("--namespace", metavar="NAME", help="that of the environment; without it, the usual one")
    parser.add_argument("--values", metavar="FILE", action="append", default=[], help="of a chart; the last wins")
    parser.add_argument("--release", metavar="NAME", default="", help="of a chart; without it, the name of the chart")
    parser.add_argument("--kustomization", metavar="DIR", help="which one of a folder; without it, the only top one")
    parser.add_argument("--strict", action="store_true", help="end with exit code 3 where an object is left out")
    printed = parser.add_mutually_exclusive_group(required=True)
    printed.add_argument("--workflow", action="store_true", help="print the workflow file")
    printed.add_argument("--manifests", action="store_true", help="print the objects that the workflow renders")
    printed.add_argument("--folder", metavar="DIR", help="of a workflow file: write one file for each object")
    printed.add_argument("--kustomize", metavar="DIR", help="of a workflow file: write a kustomize base and overlay")
    printed.add_argument("--helm", metavar="DIR", help="of a workflow file: write a Helm chart")
    printed.add_argument("--compose", metavar="FILE", help="of a workflow file: write a Compose file")
    printed.add_argument("--report", action="store_true", help="print as JSON what became of every field")
    return parser
