"""Where in its object a parameter ends up, read off the template of its kind.

`replicas` is `spec.replicas`, `fs_group` of a Deployment `spec.template.spec.securityContext.fsGroup`: people look a
field up by the name that the Kubernetes API gives it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import takewhile
from typing import Any

Bound = Mapping[str, str | None]
"""What a name in an expression is: the dotted path of a parameter, "" for all of them, None for anything else."""

_CONDITION = re.compile(r"\bif\b(?:(?!\belse\b).)*(?:\belse\b)?")
"""`x if y else z` has the values x and z."""
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
_REFERENCE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_AS_CONTAINERS = ("init_containers.", "sidecars.")
"""What they hold is called as in the main container."""


def api_paths(documents: Any, shared: Any, parameters: Iterable[str]) -> dict[str, str]:
    """API paths by the dotted path of the parameter, without the indexes of lists.

    A parameter that is used twice has its first path; an object has the path that all its fields begin with.
    """
    found: dict[str, str] = {}
    names = {name: name for name in parameters} | {"params": ""}
    for document in documents:
        _walk(document, "", names, shared, found)
    own = {name: path for name, path in found.items() if not name.startswith(_AS_CONTAINERS)}
    for name, path in list(own.items()):
        while "." in name:
            name = name.rpartition(".")[0]
            if name not in found:
                own[name] = _common(own[name], path) if name in own else path.rpartition(".")[0]
    return own


def _common(one: str, other: str) -> str:
    steps = zip(one.split("."), other.split("."), strict=False)
    return ".".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], steps))


def _walk(value: object, path: str, names: Bound, shared: Callable[[str], Any], found: dict[str, str]) -> None:
    if isinstance(value, str):
        if value.startswith("=") and not value.startswith("=="):
            for parameter in _parameters_in(value[1:], names):
                found.setdefault(parameter, path)
    elif isinstance(value, list):
        for one in value:
            looped = isinstance(one, dict) and "$each" in one
            if looped:
                for parameter in _parameters_in(str(one["$each"]).removeprefix("="), names):
                    found.setdefault(parameter, path)
            _walk(one, f"{path}[]", names, shared, found)
    elif isinstance(value, dict):
        _walk_mapping(value, path, names, shared, found)


def _walk_mapping(
    value: Mapping[str, object], path: str, names: Bound, shared: Callable[[str], Any], found: dict[str, str]
) -> None:
    inner = dict(names)
    if "$each" in value:
        bound = next(iter(_parameters_in(str(value["$each"]).removeprefix("="), names)), None)
        loop = value.get("$as")
        for name in loop if isinstance(loop, list) else [loop]:
            inner[str(name)] = bound
    given = value.get("$with")
    if isinstance(given, dict):
        for name, expression in given.items():
            inner[name] = next(iter(_parameters_in(str(expression), names, whole=True)), None)
    if "$include" in value:
        _walk(shared(str(value["$include"])), path, inner, shared, found)
    for key, one in value.items():
        if key in ("$do", "$else"):
            _walk(one, path, inner, shared, found)
        elif key == "$merge" and isinstance(one, list):
            for part in one:
                _walk(part, path, inner, shared, found)
        elif not str(key).startswith("$"):
            _walk(one, f"{path}.{key}" if path else str(key), inner, shared, found)


def _parameters_in(expression: str, names: Bound, *, whole: bool = False) -> list[str]:
    """The parameters whose value the expression may have; with `whole` also "", which stands for all of them."""
    values = _TEXT.sub(" ", _CONDITION.sub(" ", _TEXT.sub(lambda text: " " * len(text.group()), expression)))
    found = []
    for reference in _REFERENCE.findall(values.split("|")[0]):
        root, _, rest = reference.partition(".")
        base = names.get(root)
        if base is None:
            continue
        path = ".".join(part for part in (base, rest) if part)
        if path or whole:
            found.append(path)
    return found
