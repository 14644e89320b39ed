"""Objects from which an export takes what it says: what is left over is what it cannot say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_REFERENCE = re.compile(r"\$(?:\$|\(([A-Za-z_.-][A-Za-z0-9_.-]*)\))")


class Rest:
    """A copy of an object that gets smaller."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = _copied(content)

    def take(self, *keys: str) -> Any:
        """The value at a path, which is said from now on; None where there is none."""
        around: list[tuple[dict[str, Any], str]] = []
        at: Any = self._content
        for key in keys:
            if not isinstance(at, dict) or key not in at:
                return None
            around.append((at, key))
            at = at[key]
        for holder, key in reversed(around):
            if holder is around[-1][0] or holder[key] in ({}, []):
                del holder[key]
        return at

    def take_if(self, value: Any, *keys: str) -> bool:
        """Take what has just this value; whether it has."""
        at: Any = self._content
        for key in keys:
            at = at.get(key) if isinstance(at, dict) else None
        if at != value or at is None:
            return False
        self.take(*keys)
        return True

    def put(self, key: str, value: Any) -> None:
        """Give back what could not be said."""
        self._content[key] = value

    def left(self, *prefix: str) -> Iterator[str]:
        """The paths of what nobody took, as short as possible."""
        yield from _paths(self._content, ".".join(prefix))


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(one) for key, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list | tuple) else value


def _paths(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, one in value.items():
            yield from _paths(one, f"{path}.{key}".lstrip("."))
    elif value not in (None, {}, []):
        yield path


def literal(text: str) -> str:
    """A text that Compose does not interpolate. Source: Compose Specification, 12-interpolation.md."""
    return text.replace("$", "$$")


def expanded(text: str, values: Mapping[str, str]) -> str:
    """A command or variable as Compose writes it. `values` are what variables of the container are in Compose's words.

    Source: Kubernetes API reference, Container: `$(NAME)` is a variable, `$$` one dollar, all else stays.
    """
    out, end = "", 0
    for found in _REFERENCE.finditer(text):
        out += literal(text[end : found.start()])
        out += values.get(found[1], literal(found[0])) if found[1] else "$$"
        end = found.end()
    return out + literal(text[end:])
