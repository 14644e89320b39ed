"""From the code of a compiled structure to the function that evaluates it. Needs nothing of what compiled it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import CodeType, SimpleNamespace
from typing import Any

from workflows.domain.kinds.absent import ABSENT
from workflows.domain.kinds.template_filters import FILTERS, TESTS

Function = Callable[[Mapping[str, Any]], Any]
"""A compiled expression: variables in, its value out, or ABSENT."""


def function_of(code: CodeType) -> Function:
    """The function that code of `compiling` defines."""
    namespace = dict(_NAMES)
    exec(code, namespace)  # noqa: S102 - our own data, by our own generator
    function: Function = namespace["evaluate"]
    return function


def _lookup(container: Any, key: Any) -> Any:
    if isinstance(container, Mapping):
        return container.get(key, ABSENT)
    if container is ABSENT:
        return ABSENT
    try:
        return container[key]
    except (LookupError, TypeError):
        return ABSENT


def _joined(parts: Iterable[Any]) -> str:
    return "".join(map(str, parts))


_NAMES: Mapping[str, Any] = {
    "environment": SimpleNamespace(filters=FILTERS, tests=TESTS),
    "absent": ABSENT,
    "lookup": _lookup,
    "str_join": _joined,
}
"""What the code may name: where the template engine looks filters up, and what `template_code` writes."""
