"""Compose files to objects, beside kompose: in process and command against command; 1,000 services; 2,000 objects.

kompose is built once from its Go module; without Go its rows are not there, and that is said.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from imports.command import Folder
from imports.domain.compose.load import load
from imports.domain.convert.conversion import convert
from imports.domain.manifests.read import read
from imports.domain.sources import Files, SourceFile
from kubeorch.base.yaml_writing import dump_all
from kubeorch.processes.garbage import spare_what_is_loaded
from tests.oracles.kompose.program import find_program
from tests.perf._rows import report
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.kinds.catalog import Catalog, make_catalog
from workflows.domain.kinds.folder import TemplateFolder
from workflows.domain.rendering.render import render_graph
from workflows.kept_catalog import TEMPLATES

ROOT = Path(__file__).resolve().parents[2]
SIZES = (1, 3, 6, 20, 200)
FILES = 40
"""Of each size but the largest, of which there are a tenth."""
COMMANDS = 15
LARGEST = 1_000
OBJECTS = 2_000
ROUNDS = 5


def project(services: int, number: int) -> str:
    """A Compose file as people write it: web servers, programs, databases with volumes, one after the other."""
    rows = ["services:"]
    for index in range(services):
        name = f"s{number}-{index}"
        image = ("nginx:1.27", "ghcr.io/example/api:2.1", "postgres:16")[index % 3]
        rows += [f"  {name}:", f"    image: {image}", "    restart: unless-stopped"]
        rows += [
            "    environment:",
            f"      NAME: {name}",
            f"      LIMIT: '{number}'",
            "      PASSWORD: ${PASSWORD:-pw-123}",
        ]
        rows += [f'    ports: ["{8000 + index % 1000}:{(80, 8080, 5432)[index % 3]}"]']
        rows += ["    healthcheck: {test: [CMD, ok], interval: 10s, retries: 3}"]
        rows += ["    deploy: {resources: {limits: {cpus: '0.5', memory: 256M}}}"]
        if index % 3 == 2:
            rows += [f"    volumes: [data{index}:/var/lib/postgresql/data]"]
        if index:
            rows += [f"    depends_on: [s{number}-{index - 1}]"]
    volumes = [f"  data{index}:" for index in range(2, services, 3)]
    return "\n".join([*rows, *(["volumes:", *volumes] if volumes else [])]) + "\n"


def manifests(objects: int) -> bytes:
    """A stream of Deployments, each with its Service, ConfigMap and Ingress."""
    made: list[dict[str, object]] = []
    for index in range(objects // 4):
        name, labels = f"web-{index}", {"app": f"web-{index}"}
        container = {"name": "web", "image": "nginx:1.27", "envFrom": [{"configMapRef": {"name": name}}]}
        template = {
            "metadata": {"labels": labels},
            "spec": {"containers": [{**container, "ports": [{"containerPort": 80}]}]},
        }
        backend = {"service": {"name": name, "port": {"number": 80}}}
        paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
        made += [
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "spec": {"selector": {"matchLabels": labels}, "template": template},
            },
            {"apiVersion": "v1", "kind": "Service", "spec": {"selector": labels, "ports": [{"port": 80}]}},
            {"apiVersion": "v1", "kind": "ConfigMap", "data": {"A": "1"}},
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "spec": {"rules": [{"host": f"{name}.example.com", "http": {"paths": paths}}]},
            },
        ]
        for one in made[-4:]:
            one["metadata"] = {"name": name}
    return "---\n".join(json.dumps(one) + "\n" for one in made).encode()


def main() -> None:
    catalog = make_catalog(TemplateFolder(TEMPLATES))
    spare_what_is_loaded()
    with tempfile.TemporaryDirectory(prefix="kubeorch-conversion-") as made:
        folder = Path(made)
        files = []
        for size in SIZES:
            for number in range(FILES // 10 if size == max(SIZES) else FILES):
                path = folder / f"{size}-{number}" / "compose.yaml"
                path.parent.mkdir()
                path.write_text(project(size, number))
                files.append(path)
        program = find_program()
        if program is None:
            print("NOT MEASURED: kompose, which is built with Go", file=sys.stderr)
        else:
            beside_kompose(files, program, catalog)
            command_beside_kompose(files[FILES], program)
    text = project(LARGEST, 0).encode()
    tree = Files({"compose.yaml": text})
    report("convert_1000_services", best(lambda: whole(tree, catalog)), unit="s", must=2)
    stream = [SourceFile("app.yaml", manifests(OBJECTS))]
    report("manifests_2000_objects_to_graph", best(lambda: read(stream, catalog)), unit="s", must=2)


def converted(path: Path, catalog: Catalog) -> str:
    """A file to the YAML of its objects, as kompose prints it."""
    folder = Folder(path.parent)
    conversion = convert(load(folder, [path.name], folder_name=path.parent.name), folder, {})
    graph = parse_graph(conversion.graph(catalog), catalog)
    return dump_all([one.manifest for one in render_graph(graph, catalog, namespace="shop", variables={})])


def whole(tree: Files, catalog: Catalog) -> None:
    """A project to a graph that has been checked for its form."""
    parse_graph(convert(load(tree, ["compose.yaml"], folder_name="big"), tree, {}).graph(catalog), catalog)


def beside_kompose(files: list[Path], program: Path, catalog: Catalog) -> None:
    """In pairs, one file after the other, so that what else the machine does falls on both."""
    converted(files[0], catalog)  # templates are compiled once
    pairs = [
        (seconds(partial(converted, file, catalog)), seconds(partial(run_kompose, file, program))) for file in files
    ]
    mine, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    report("convert_file_p50", mine, theirs, unit="s", must=0.3, aim=0.1, files=len(files))


def command_beside_kompose(file: Path, program: Path) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "convert", str(file), "--manifests"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(Path.home())}
    pairs = []
    for _ in range(COMMANDS):
        ours = seconds(lambda: subprocess.run(command, env=environment, capture_output=True, check=True))
        pairs.append((ours, seconds(lambda: run_kompose(file, program))))
    mine, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    report("convert_command", mine, theirs, unit="s", must=4, aim=1.5)


def run_kompose(file: Path, program: Path) -> None:
    command = [str(program), "-f", file.name, "convert", "--stdout"]
    subprocess.run(command, cwd=file.parent, capture_output=True, check=True)


def best(work: Callable[[], object]) -> float:
    return statistics.median(seconds(work) for _ in range(ROUNDS))


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
