"""The filters and tests that expressions of templates, rules and relations may use. All are pure."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from clusters.domain.quantity import parse_quantity
from kubeorch.base.names import is_dns_label, label_from
from workflows.domain.kinds.absent import ABSENT
from workflows.domain.kinds.printed import as_wished, printed

_USE = re.compile(r"\$(?:\$|\(([-._a-zA-Z0-9]{1,253})\))")
_OF_SERVICE = re.compile(r"_(?:SERVICE_HOST|SERVICE_PORT|PORT)(?:_[A-Z0-9_]+)?\Z")
"""Source: Kubernetes docs, "Service", section "Environment variables"."""


def _duplicates(values: Iterable[Any]) -> list[Any]:
    """The values that occur more than once, each once, in order."""
    seen: set[Any] = set()
    twice: dict[Any, None] = {}
    for value in values:
        if value is ABSENT:
            continue
        if value in seen:
            twice[value] = None
        seen.add(value)
    return list(twice)


def _pluck(items: Iterable[Mapping[str, Any]], *keys: str) -> list[Any]:
    """The values of one key (or the tuples of several), where present."""
    if len(keys) == 1:
        return [item[keys[0]] for item in items if keys[0] in item]
    return [tuple(item.get(key) for key in keys) for item in items]


def _names_without(items: Iterable[Mapping[str, Any]], key: str) -> list[Any]:
    """The names of the items that lack a key."""
    return [item["name"] for item in items if key not in item and "name" in item]


def _image_for(images: Iterable[Mapping[str, Any]], container: str, own: Any) -> Any:
    """What connected sources give the container, else its own image."""
    return next((one["image"] for one in images if one["container"] == container), own)


def _over_limit(resources: Any) -> list[str]:
    """The resources whose request is above their limit."""
    requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
    return [key for key, one in requests.items() if key in limits and parse_quantity(one) > parse_quantity(limits[key])]


def _not_base64(values: Mapping[str, str]) -> list[str]:
    """The keys whose value is not base64."""
    wrong = []
    for key, text in values.items():
        try:
            base64.b64decode(text, validate=True)
        except ValueError:
            wrong.append(key)
    return wrong


def _tcp_ports(ports: Iterable[Mapping[str, Any]]) -> list[int]:
    return [port["port"] for port in ports if port.get("protocol", "TCP") == "TCP"]


def _without(values: Iterable[Any], others: Iterable[Any]) -> list[Any]:
    known = set(others)
    return [value for value in values if value not in known]


def _mounted_at(claims: Iterable[Mapping[str, Any]]) -> list[str]:
    """The paths at which the volumes of a StatefulSet's replicas are mounted."""
    return [claim.get("mount_path") or f"/data/{claim['name']}" for claim in claims]


def _with_default(items: Iterable[Mapping[str, Any]], key: str, value: Any) -> list[Any]:
    """The items, each with a value for the key where it has none."""
    return [item if key in item or value is ABSENT else {**item, key: value} for item in items]


def _pluck_at(items: Iterable[Sequence[Any]], index: int) -> list[Any]:
    return [item[index] for item in items]


def _drop(value: Any, *keys: str) -> Any:
    """A mapping without some keys."""
    return value if value is ABSENT else {key: item for key, item in value.items() if key not in keys}


def _allows_all(rules: Iterable[Mapping[str, Any]]) -> bool:
    return any(not rule.get("from") and not rule.get("to") and not rule.get("ports") for rule in rules)


def _one_of(value: Any, fallback: Any) -> Any:
    return fallback if value is ABSENT else value


def _string(value: Any) -> Any:
    return value if value is ABSENT else str(value)


def _join(values: Iterable[Any], separator: str = ", ") -> str:
    return separator.join(str(value) for value in values)


def _concat(*lists: Iterable[Any]) -> list[Any]:
    return [item for one in lists for item in one]


def _uses(text: Any) -> list[str]:
    """The variables that a value names as `$(NAME)`; `$$(NAME)` is text. Source: Kubernetes API docs, EnvVar."""
    if not isinstance(text, str) or "$(" not in text:
        return []
    return [found[1] for found in _USE.finditer(text) if found[1] is not None]


def _by_use(variables: Any) -> Any:
    """Variables of a container, each after those that its value names; otherwise in the order given.

    Kubernetes expands `$(NAME)` only from variables before. Those in a circle keep their order.
    """
    if variables is ABSENT or not any("$(" in (one.get("value") or "") for one in variables):
        return variables
    at: dict[str, int] = {}
    for index, one in enumerate(variables):
        at.setdefault(one["name"], index)
    ordered: dict[int, None] = {}
    open_: set[int] = set()
    for start in range(len(variables)):
        stack = [(start, iter(_uses(variables[start].get("value"))))]
        while stack:
            index, names = stack[-1]
            open_.add(index)
            needed = next(
                (at[name] for name in names if at.get(name, index) != index and at[name] not in ordered), None
            )
            if needed is not None and needed not in open_:
                stack.append((needed, iter(_uses(variables[needed].get("value")))))
            elif needed is None:
                stack.pop()
                open_.discard(index)
                ordered.setdefault(index)
    return [variables[index] for index in ordered]


def _circular(variables: Mapping[str, Any]) -> list[str]:
    """The names of variables whose values name each other in a circle, or themselves."""
    needs = {name: {used for used in _uses(value) if used in variables} for name, value in variables.items()}
    needs = {name: used for name, used in needs.items() if used}
    sorter = TopologicalSorter(needs)
    try:
        sorter.prepare()
    except CycleError as error:
        return sorted(set(error.args[1]))[:10]
    return []


def _unset(variables: Mapping[str, Any], others: Iterable[str]) -> list[str]:
    """The names that values use and nobody sets; Kubernetes itself sets those of Services."""
    known = {*variables, *others}
    used = dict.fromkeys(name for value in variables.values() for name in _uses(value))
    return [name for name in used if name not in known and not _OF_SERVICE.search(name)][:10]


def _with_prefix(value: Any, prefix: str) -> bool:
    return isinstance(value, str) and value.startswith(prefix)


def _flatten(lists: Iterable[Iterable[Any]]) -> Iterator[Any]:
    for one in lists:
        yield from one


def _grouped(items: Iterable[Mapping[str, Any]], key: str) -> list[dict[str, Any]]:
    """Items by the value of a key, groups in the order they first appear."""
    groups: dict[Any, list[Any]] = {}
    for item in items:
        groups.setdefault(item.get(key, ABSENT), []).append(item)
    return [{"key": found, "items": rows} for found, rows in groups.items()]


def volume_name(prefix: str, name: str) -> str:
    """A name for the volume of an object, unique by prefix and name, never over 63 characters."""
    plain = f"{prefix}-{name}"
    if is_dns_label(plain):
        return plain
    digest = hashlib.sha256(name.encode()).hexdigest()[:10]
    cleaned = "".join(char if char.isalnum() and char.isascii() else "-" for char in plain.lower())
    return f"{cleaned[:52].strip('-')}-{digest}"


FILTERS: Mapping[str, Callable[..., Any]] = {
    "allows_all": _allows_all,
    "as_wished": as_wished,
    "by_use": _by_use,
    "circular": _circular,
    "concat": _concat,
    "default": _one_of,
    "dns_label": label_from,
    "drop": _drop,
    "duplicates": _duplicates,
    "ends": lambda text, suffix: isinstance(text, str) and text.endswith(suffix),
    "flatten": _flatten,
    "grouped": _grouped,
    "image_for": _image_for,
    "join": _join,
    "length": len,
    "list": list,
    "mounted_at": _mounted_at,
    "names_without": _names_without,
    "not_base64": _not_base64,
    "octal": lambda text: text if text is ABSENT else int(text, 8),
    "over_limit": _over_limit,
    "pluck": _pluck,
    "pluck_at": _pluck_at,
    "printed": printed,
    "starts": _with_prefix,
    "string": _string,
    "tcp_ports": _tcp_ports,
    "with_default": _with_default,
    "without": _without,
    "unset": _unset,
    "within": lambda part, whole: part.items() <= whole.items(),
    "volume_name": lambda name, prefix: volume_name(prefix, name),
}
TESTS: Mapping[str, Callable[..., bool]] = {
    "defined": lambda value: value is not ABSENT,
    "undefined": lambda value: value is ABSENT,
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "in": lambda value, values: value in values,
}
