"""`manage.py convert`: what is brought in, converted in a shell, without Django and a database.

It reads the folder of the first file and nothing outside of it, and of its own environment the variables that were
named.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from imports.domain.compose.load import Project, load
from imports.domain.compose.scope import NOT_THERE
from imports.domain.compose.variables import Variable
from imports.domain.convert.build_values import stand_in
from imports.domain.convert.conversion import Conversion, convert
from imports.domain.convert.decisions import chosen_profiles
from imports.domain.problems import ImportInvalid
from imports.printed import Help, lacking
from imports.sniffing import COMPOSE_NAMES, compose_files_of
from kubeorch.base.errors import InvalidInput
from kubeorch.base.yaml_writing import dump_all
from workflows.domain.graphs.file import workflow_file
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.reading import read_graph
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.rendering.render import render_graph

MAX_BYTES = 2_000_000
_NAMED = 30
"""Of what there is, where something else was asked for."""


_LED_OUT = "is a link out of the folder; only what is in it is read, so put a copy there"


class Folder:
    """A FileTree on the disk. Links that lead out of it lead nowhere, and folders that are links
    are not entered, since one may lead to itself."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.led_out: list[str] = []
        """Paths that are there and lead out of it."""

    def _found(self, path: str) -> Path | None:
        found = (self.root / path).resolve()
        if found.is_relative_to(self.root):
            return found
        if (self.root / path).exists():
            self.led_out.append(path)
        return None

    def read(self, path: str) -> bytes | None:
        found = self._found(path)
        if found is None or not found.is_file():
            return None
        with found.open("rb") as file:
            return file.read(MAX_BYTES)

    def list(self, path: str) -> list[str]:
        found = self._found(path)
        if found is None or not found.is_dir():
            return []
        return sorted(entry.name for entry in found.iterdir() if not (entry.is_symlink() and entry.is_dir()))


def main(argv: Sequence[str], catalog_of: Callable[[], Catalog]) -> int:
    """The exit code: 0, 1 where the files are refused, 2 where the command is not understood, 3 for `--strict`."""
    options = _parser().parse_args(argv)
    tree: Folder | None = None
    try:
        options.files = list(_named(options.files))
        tree = _folder(options)
        project = _project(options, tree)
        _check_profiles(options.profile, project)
    except InvalidInput as error:
        is_link = tree is not None and any(f" {path} {NOT_THERE}" in error.detail for path in tree.led_out)
        print(error.detail.replace(NOT_THERE, _LED_OUT if is_link else "does not exist"), file=sys.stderr)
        return 1
    for place, text in project.warnings:
        print(f"{place}: {text}", file=sys.stderr)
    if options.model or options.variables:
        shown = as_printed(project.model) if options.model else [_told(variable) for variable in project.variables]
        print(json.dumps(shown, indent=2, ensure_ascii=False))
        return 0
    return _convert(options, project, catalog_of)


def _convert(options: argparse.Namespace, project: Project, catalog_of: Callable[[], Catalog]) -> int:
    """Print what the project becomes. 3: something of it was dropped, and `--strict` was asked for."""
    try:
        answers = _answers(options)
        conversion = convert(project, _folder(options), answers)
        _check_answers(answers, conversion)
    except InvalidInput as error:
        print(error.detail, file=sys.stderr)
        return 1
    if options.report:
        print(json.dumps(conversion.as_json(), indent=2, ensure_ascii=False))
    else:
        catalog = catalog_of()
        graph = read_graph(conversion.graph(catalog), catalog)
        if options.workflow:
            print(workflow_file(graph, {"name": project.name}), end="")
        else:
            images = {one.node_id: stand_in(one.name) for one in conversion.sources}
            rendered = render_graph(graph, catalog, namespace=options.namespace, variables={}, images=images)
            print(dump_all([one.manifest for one in rendered]), end="")
            for line in _missing(conversion, graph, catalog):
                print(line, file=sys.stderr)
    dropped = conversion.ledger.dropped()
    for entry in dropped:
        print(f"{entry.place}: {'.'.join(map(str, entry.path))} is dropped: {entry.why}", file=sys.stderr)
    return 3 if options.strict and dropped else 0


def _missing(conversion: Conversion, graph: Graph, catalog: Catalog) -> Iterator[str]:
    """What the printed objects lack, and a run of the workflow would have."""
    yield from lacking(graph, catalog)
    for decision in conversion.decisions:
        if decision.id.endswith("/image") and decision.answer == decision.default:
            yield f"the image {decision.answer} has to be built and pushed; {decision.id} answers with another one"
    for source in conversion.sources:
        yield f"the image of {source.name} has to be built of {source.place.repository}; KubeOrch does, in a workflow"
    for service in conversion.services:
        if service.node_id is None:
            yield f"{service.name} is left out: {service.why}"


def _check_profiles(chosen: Sequence[str], project: Project) -> None:
    """Raises InvalidInput for a profile that no service has."""
    services = [*(project.model.get("services") or {}).values(), *project.inactive.values()]
    known = {str(profile) for service in services for profile in service.get("profiles") or ()}
    for profile in chosen:
        if profile not in known and profile != "*":
            raise InvalidInput(f"no service has the profile {profile}; there are: {_listed(sorted(known))}")


def _check_answers(answers: Mapping[str, str], conversion: Conversion) -> None:
    """Raises InvalidInput for an answer to what is not asked."""
    known = [decision.id for decision in conversion.decisions]
    for unknown in sorted(answers.keys() - known):
        raise InvalidInput(f"{unknown} is not a decision of this project; there are: {_listed(known)}")


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return (", ".join(names[:_NAMED]) or "none") + (f" and {more} more, which --report lists" if more > 0 else "")


def _environment(options: argparse.Namespace) -> dict[str, str]:
    """The variables that were given one by one: with their value, or by name from the shell. Raises InvalidInput."""
    found = {}
    for name in options.environment:
        if name not in os.environ:
            raise InvalidInput(f"--environment {name}: the shell has no variable {name}; export it, or use --env")
        found[name] = os.environ[name]
    for pair in options.env:
        name, separator, value = pair.partition("=")
        if not (name and separator):
            raise InvalidInput(f"--env {pair} has no value; write --env NAME=VALUE, or --environment {pair}")
        found[name] = value
    return found


def _answers(options: argparse.Namespace) -> dict[str, str]:
    """The answers in a file, as JSON. Raises InvalidInput."""
    if options.answers is None:
        return {}
    if not Path(options.answers).is_file():
        raise InvalidInput(f"{options.answers} does not exist")
    with open(options.answers, "rb") as file:
        content = file.read(MAX_BYTES)
    try:
        found = json.loads(content)
    except ValueError as error:
        raise InvalidInput(f"{options.answers} is not JSON: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise InvalidInput(f"{options.answers} must be an object: the id of a decision, and for each its answer")
    return found


def _told(variable: Variable) -> dict[str, Any]:
    """Where a variable comes from, and where it is used."""
    return {
        "name": variable.name,
        "value": variable.value,
        "origin": str(variable.origin) if variable.origin else None,
        "used": [str(place) for place in variable.used],
        "default_used": variable.default_used,
        "defaults": list(variable.defaults),
        "required": variable.required_message,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="manage.py convert",
        formatter_class=Help,
        description="Convert Compose files.",
        epilog="Variables of the shell are not read: give those that the files need with --env, --environment or "
        "--env-file.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="Compose files, merged in this order, or their folder")
    parser.add_argument("--env-file", action="append", default=[], metavar="FILE", help="variables, instead of .env")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="a variable; wins over files")
    parser.add_argument("--environment", action="append", default=[], metavar="NAME", help="a variable of the shell")
    parser.add_argument("--profile", action="append", default=[], metavar="NAME", help="a profile that is on")
    parser.add_argument("--project-name", metavar="NAME")
    parser.add_argument("--answers", metavar="FILE", help="answers to decisions: a JSON object, as --report lists them")
    parser.add_argument("--namespace", default="default", help="the namespace of --manifests")
    parser.add_argument("--strict", action="store_true", help="end with exit code 3 where something is dropped")
    printed = parser.add_mutually_exclusive_group(required=True)
    printed.add_argument("--model", action="store_true", help="print the resolved model as JSON")
    printed.add_argument("--variables", action="store_true", help="print where each variable comes from, as JSON")
    printed.add_argument("--workflow", action="store_true", help="print the workflow file")
    printed.add_argument("--manifests", action="store_true", help="print the Kubernetes objects")
    printed.add_argument("--report", action="store_true", help="print as JSON what became of every key")
    return parser


def _named(paths: Sequence[str]) -> Iterator[str]:
    """The files that are named, and of folders those that Compose takes by itself. Raises ImportInvalid."""
    for path in paths:
        if not Path(path).is_dir():
            yield path
        elif found := compose_files_of(Path(path)):
            yield from map(str, found)
        else:
            names = ", ".join(COMPOSE_NAMES)
            raise ImportInvalid(f"{path} is a folder without a Compose file ({names}); name its files, one by one")


def _folder(options: argparse.Namespace) -> Folder:
    return Folder(Path(options.files[0]).resolve().parent)


def _project(options: argparse.Namespace, tree: Folder) -> Project:
    folder = tree.root

    def within(path: str) -> str:
        found = Path(path).resolve()
        if not found.is_file():
            raise ImportInvalid(f"{path} is a folder; name a file" if found.is_dir() else f"{path} does not exist")
        if not found.is_relative_to(folder):
            raise ImportInvalid(f"{path} is outside of {folder}; only the folder of the first file is read")
        return found.relative_to(folder).as_posix()

    return load(
        tree,
        [within(path) for path in options.files],
        project_name=options.project_name,
        folder_name=folder.name,
        environment=_environment(options),
        env_files=[within(path) for path in options.env_file],
        profiles={*options.profile, *chosen_profiles(_answers(options))},
        root=folder.as_posix(),
    )


def as_printed(value: Any) -> Any:
    """A model with every dollar doubled, so that what is printed is a Compose file that says the same."""
    match value:
        case str():
            return value.replace("$", "$$")
        case dict():
            return {key.replace("$", "$$"): as_printed(item) for key, item in value.items()}
        case list():
            return [as_printed(item) for item in value]
        case _:
            return value
