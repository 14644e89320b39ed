"""How large a graph may be, so that reading and checking it takes bounded work whoever sends it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kubeorch.base.errors import Problem
from kubeorch.base.records import draft
from workflows.domain.kinds.field_problems import MAX_PROBLEMS
from workflows.domain.kinds.kind import Kind
from workflows.domain.kinds.parameter_fill import yaml_weight

MAX_NODES = 5_000
MAX_EDGES = 20_000
MAX_VALUES = 300_000
"""Values in the parameters of all nodes and edges."""
MAX_YAML_CHARACTERS = 4_000_000
"""Of all YAML texts of a graph together: manifests and patches."""
MAX_YAML_VALUES = 250_000
"""Values that all YAML texts may have together; reading one takes about a microsecond."""


@draft
class Size:
    """What has been read of a graph so far."""

    values: int = 0
    yaml_characters: int = 0
    yaml_values: int = 0

    def add(self, value: Any, written: bytes | None) -> None:
        """Count the values in `value`; `written` is its JSON when the caller has that at hand."""
        if self.values <= MAX_VALUES:
            self.values += _count(value, MAX_VALUES) if written is None else _at_most(written)

    def add_yaml(self, text: str) -> None:
        self.yaml_characters += len(text)
        if self.yaml_characters <= MAX_YAML_CHARACTERS:
            self.yaml_values += yaml_weight(text)

    def is_within(self) -> bool:
        return (
            self.values <= MAX_VALUES
            and self.yaml_characters <= MAX_YAML_CHARACTERS
            and self.yaml_values <= MAX_YAML_VALUES
        )

    def problems(self) -> Iterator[Problem]:
        """Why the graph is too large; nothing of it may be parsed then."""
        for unit, found, most in (
            ("values", self.values, MAX_VALUES),
            ("characters of YAML", self.yaml_characters, MAX_YAML_CHARACTERS),
            ("values in YAML", self.yaml_values, MAX_YAML_VALUES),
        ):
            if found > most:
                detail = f"the graph has more than {most:,} {unit}; split it into several workflows"
                yield Problem("graph.too_large", detail, "nodes")


def yaml_texts(kind: Kind, parameters: dict[str, Any], patch: str | None) -> Iterator[str]:
    """Every text of a node that is read as YAML; undeclared parameters are searched for Secrets."""
    for name, value in parameters.items():
        if isinstance(value, str) and (name in kind.yaml_parameters or name not in kind.parameter_names):
            yield value
    if patch:
        yield patch


def bounded(problems: Iterable[Problem]) -> list[Problem]:
    """The first MAX_PROBLEMS problems, errors before warnings, and one more that says so when there are others: an
    error only where errors are among those."""
    found = list(problems)
    if len(found) <= MAX_PROBLEMS:
        return found
    found.sort(key=lambda one: one.severity != "error")
    detail = f"these are the first {MAX_PROBLEMS} problems; correct them to see the others"
    return [*found[:MAX_PROBLEMS], Problem("graph.many_problems", detail, severity=found[MAX_PROBLEMS].severity)]


def _at_most(written: bytes) -> int:
    """A bound of the number of values in JSON: each follows one of these, or is the first."""
    return sum(map(written.count, (b",", b":", b"[", b"{"))) + 1


def _count(value: Any, most: int) -> int:
    """The number of values in `value`, or any number above `most`."""
    found = 0
    level = [value]
    while level and found <= most:
        found += len(level)
        level = [
            item
            for one in level
            if isinstance(one, (dict, list))
            for item in (one.values() if isinstance(one, dict) else one)
        ]
    return found
