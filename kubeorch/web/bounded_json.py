"""JSON from outside, with bounds: the one way a request body becomes values. Needs no Django.

Refused: bad UTF-8, duplicate keys, NaN and Infinity, numbers BSON cannot hold, NUL characters, lone
surrogates, keys that MongoDB would read as operators, nesting beyond `MAX_DEPTH`.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from kubeorch.base.errors import InvalidInput

MAX_DEPTH = 40
MAX_INTEGER = 2**63 - 1
MAX_KEY_LENGTH = 1024


class BadJSON(InvalidInput):
    """The body is no JSON that we accept."""

    code = "input.json"


def parse(body: bytes) -> Any:
    """The value in `body`. Raises BadJSON with a stable code and, where there is one, the path."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadJSON(f"the body is not UTF-8 (byte {error.start})", code="input.encoding") from error
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_float, parse_int=_int
        )
    except RecursionError as error:
        raise _too_deep("") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise BadJSON(f"the body is not JSON: {error.msg.lower()} at {where}", code="input.json") from error
    suspicious = "\\u" in text or "\x00" in text or "\x7f" in text
    _walk(value, suspicious)
    return value


def _walk(root: Any, strings: bool) -> None:
    """Check depth, and when the text holds escapes, every string. Iterative: depth must not cost stack."""
    stack: list[tuple[Any, int, tuple[str | int, ...]]] = [(root, 1, ())]
    while stack:
        value, depth, path = stack.pop()
        if isinstance(value, dict):
            if depth > MAX_DEPTH:
                raise _too_deep(_dotted(path[:4]))
            for key, item in value.items():
                if strings:
                    _check_text(key, (*path, key))
                if isinstance(item, (dict, list)) or (strings and isinstance(item, str)):
                    stack.append((item, depth + 1, (*path, key)))
        elif isinstance(value, list):
            if depth > MAX_DEPTH:
                raise _too_deep(_dotted(path[:4]))
            for index, item in enumerate(value):
                if isinstance(item, (dict, list)) or (strings and isinstance(item, str)):
                    stack.append((item, depth + 1, (*path, index)))
        elif isinstance(value, str):
            _check_text(value, path)


def _check_text(text: str, path: tuple[str | int, ...]) -> None:
    if "\x00" in text:
        raise BadJSON("a text holds a NUL character", code="input.nul", field=_dotted(path))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise BadJSON("a text holds half a surrogate pair", code="input.surrogate", field=_dotted(path)) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise BadJSON(f"the key {key[:80]!r} stands twice in one object", code="input.duplicate_key")
            seen.add(key)
    for key in found:
        if key[:1] == "$":
            raise BadJSON(
                f"the key {key[:80]!r} starts with a dollar sign, which is not accepted", code="input.operator_key"
            )
        if len(key) > MAX_KEY_LENGTH:
            raise BadJSON(f"a key is longer than {MAX_KEY_LENGTH} characters", code="input.key_length")
    return found


def _no_constant(text: str) -> NoReturn:
    raise BadJSON(f"{text} is not a number here", code="input.number")


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise BadJSON(f"the number {text[:40]} is out of range", code="input.number")
    return value


def _int(text: str) -> int:
    if len(text) > 20 or abs(value := int(text)) > MAX_INTEGER:
        raise BadJSON(f"the number {text[:40]} is out of range", code="input.number")
    return value


def _too_deep(path: str) -> BadJSON:
    return BadJSON(f"the body is nested more than {MAX_DEPTH} deep", code="input.depth", field=path or None)


def _dotted(path: tuple[str | int, ...]) -> str:
    return ".".join(str(part).encode("utf-8", "replace").decode().replace("\x00", "") for part in path)[:400]
