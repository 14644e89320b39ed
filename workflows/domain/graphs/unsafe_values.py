"""What no document may contain, whichever field it is in."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from kubeorch.base.values import MAX_INTEGER, MAX_NESTING
from workflows.domain.kinds.field_problems import FieldProblem
from workflows.domain.kinds.parameter_fill import MAX_TEXT


def unsafe_values(value: Any, path: str, *, depth: int = 0) -> Iterator[FieldProblem]:
    """Everything in a JSON value that must not be stored.

    Keys that begin with `$` (operators of the database), NUL characters, NaN and infinities, numbers
    beyond 64 bits, text over its limit, nesting deeper than MAX_NESTING.
    """
    if isinstance(value, str):
        if "\0" in value:
            yield FieldProblem("value.nul", path, "the text contains a NUL character; remove it")
        if len(value) > MAX_TEXT:
            detail = f"the text has {len(value):,} characters; the limit is {MAX_TEXT:,}"
            yield FieldProblem("value.too_long", path, detail)
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            yield FieldProblem("value.not_text", path, "the text contains half a surrogate pair; type it again")
    elif isinstance(value, dict):
        if depth > MAX_NESTING:
            yield _too_deep(path)
            return
        for key, item in value.items():
            if not isinstance(key, str) or key.startswith("$") or "\0" in key or not key:
                detail = f"{str(key)[:60]!r} cannot be a key; a key must not be empty or start with $"
                yield FieldProblem("value.key", path, detail)
                continue
            if isinstance(item, (str, dict, list, float, int)):
                yield from unsafe_values(item, f"{path}.{key[:60]}", depth=depth + 1)
    elif isinstance(value, list):
        if depth > MAX_NESTING:
            yield _too_deep(path)
            return
        for index, item in enumerate(value):
            if isinstance(item, (str, dict, list, float, int)):
                yield from unsafe_values(item, f"{path}.{index}", depth=depth + 1)
    elif isinstance(value, float):
        if not math.isfinite(value):
            yield FieldProblem("value.not_finite", path, "NaN and infinity are not allowed; enter a number")
    elif isinstance(value, int) and not -MAX_INTEGER <= value <= MAX_INTEGER:
        yield FieldProblem("value.too_large", path, "the number does not fit into 64 bits; enter a smaller one")


def _too_deep(path: str) -> FieldProblem:
    return FieldProblem("value.too_deep", path, f"the value is nested more than {MAX_NESTING} levels deep; flatten it")
