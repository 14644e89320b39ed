"""`manage.py render FILE`: a workflow file as Kubernetes manifests on stdout. No database, no cluster."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kubeorch.base.errors import InvalidInput, Problem
from kubeorch.base.yaml_writing import dump_all
from workflows.catalog import catalog
from workflows.domain.graphs.check import check_fields
from workflows.domain.graphs.file import parse_workflow_file
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.graphs.variables import Value, parse_variables, values_of
from workflows.domain.rendering.render import render_graph


class Command(BaseCommand):
    help = "Write the manifests of a workflow file to stdout; Secrets come without values."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="workflow file (YAML), or - for standard input")
        parser.add_argument("--namespace", help="instead of the one in the file's environment (else: default)")
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a variable, over the file's own; keeps the type it has there",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            meta, raw = parse_workflow_file(_read(options["file"]), catalog())
            environment = meta.get("environment") or {}
            variables = values_of(parse_variables(environment.get("variables") or {}))
            variables |= dict(_given(one, variables) for one in options["set"])
            graph = parse_graph(raw, catalog())
            problems = check_fields(graph, catalog(), variables=variables)
            for problem in problems:
                self.stderr.write(_line(problem))
            if any(problem.severity == "error" for problem in problems):
                raise CommandError("nothing was rendered; fix the errors above")
            namespace = options["namespace"] or environment.get("namespace") or "default"
            rendered = render_graph(graph, catalog(), namespace=namespace, variables=variables)
        except InvalidInput as error:
            for problem in error.problems:
                self.stderr.write(_line(problem))
            raise CommandError(error.detail) from error
        self.stdout.write(dump_all([one.manifest for one in rendered]), ending="")


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"cannot read {name}: {error.strerror}") from error


def _given(assignment: str, known: dict[str, Value]) -> tuple[str, Value]:
    name, sign, text = assignment.partition("=")
    if not sign:
        raise CommandError(f"{assignment!r} is not an assignment; write --set NAME=VALUE")
    type_ = type(known.get(name, ""))
    if type_ is bool:
        return name, text.lower() in ("1", "true", "yes")
    try:
        return name, type_(text)
    except ValueError as error:
        raise CommandError(f"{name} is a whole number in the file, {text!r} is not; enter a whole number") from error


def _line(problem: Problem) -> str:
    return f"{problem.severity}: {problem.field or ''}: {problem.detail} [{problem.code}]"
