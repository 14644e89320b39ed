"""Units and texts of Compose as Kubernetes and KubeOrch read them."""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation
from typing import Any

_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w)")
_SECONDS = {
    "ns": Decimal("1e-9"),
    "us": Decimal("1e-6"),
    "µs": Decimal("1e-6"),
    "μs": Decimal("1e-6"),
    "ms": Decimal("1e-3"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
    "d": Decimal(86_400),
    "w": Decimal(604_800),
}
_BYTES = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,18})?)\s*([kmgtp]?)i?b?\Z", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_WHOLE = re.compile(r"[0-9]{1,18}\Z")
_BINARY = (("Gi", 2**30), ("Mi", 2**20), ("Ki", 2**10))
_BEFORE_SPECIAL = re.compile(r"\$(?=[$(])")


def seconds(duration: Any) -> Decimal:
    """Seconds of a duration such as `1m30s`; a number without a unit counts nanoseconds, as Go writes durations."""
    text = str(duration).strip()
    if (number := whole_number(text)) is not None:
        return Decimal(number) * _SECONDS["ns"]
    return sum((Decimal(number) * _SECONDS[unit] for number, unit in _DURATION.findall(text)), Decimal(0))


def whole_seconds(duration: Any, *, least: int = 0) -> int:
    """Seconds rounded up, since Kubernetes counts whole ones."""
    return max(least, math.ceil(seconds(duration)))


def size_bytes(size: Any) -> int:
    """Bytes of a size: a number, or text as `512m`, where m is 2^20. Source: Compose Specification, 11-extension.md."""
    if isinstance(size, int):
        return size
    found = _BYTES.match(str(size).strip())
    return 0 if found is None else int(Decimal(found[1]) * 1024 ** _POWERS[found[2].lower()])


def quantity(number_of_bytes: int) -> str:
    """Bytes as Kubernetes writes them, in the largest binary unit that is exact."""
    for unit, size in _BINARY:
        if number_of_bytes and number_of_bytes % size == 0:
            return f"{number_of_bytes // size}{unit}"
    return str(number_of_bytes)


def cpus(value: Any) -> str:
    """Cores as Kubernetes writes them: `2`, or millicores rounded up, its smallest unit."""
    try:
        millicores = math.ceil(Decimal(str(value)) * 1000)
    except (InvalidOperation, OverflowError, ValueError):  # no number, or one without an end
        return ""
    if millicores >= 10**18:
        return ""
    return str(millicores // 1000) if millicores % 1000 == 0 else f"{millicores}m"


def whole_number(text: str) -> int | None:
    """The number that a text of digits says; None for any other text, and for more digits than any field takes."""
    return int(text) if _WHOLE.match(text) else None


def text_of(value: Any) -> str:
    """A scalar of the model as the text that a container sees."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def verbatim(text: str) -> str:
    """Text in a parameter that is to stay as it is: `${` begins a variable of the environment there."""
    return text.replace("${", "$${")


def unexpanded(text: str) -> str:
    """As `verbatim`, for commands and variables, in which Kubernetes also replaces `$(NAME)` and `$$`.

    Source: Kubernetes API reference, Container: "Double $$ are reduced to a single $".
    """
    return verbatim(_BEFORE_SPECIAL.sub("$$", text))


def words_of(value: Any) -> list[str]:
    """The arguments of a command; the model has split what was written as one line."""
    if isinstance(value, str):
        return [value] if value else []
    return [text_of(word) for word in value or ()]
