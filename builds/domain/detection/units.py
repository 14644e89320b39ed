"""Amounts and durations as repositories write them, in Kubernetes' units.

Sources: Docker docs, "Runtime options with Memory, CPUs" (`512m` is mebibytes, `0.5` half a processor);
Kubernetes docs, "Resource Management for Pods and Containers".
"""

from __future__ import annotations

import re
from decimal import Decimal

_MEMORY = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\s?([bkmgt]?)(?:i?b)?", re.IGNORECASE | re.ASCII)
_KUBERNETES = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?(?:[KMGT]i|[kMGT])", re.ASCII)
_CPU = re.compile(r"(?:([0-9]{1,5})m|([0-9]{1,4}(?:\.[0-9]{1,6})?|\.[0-9]{1,6}))", re.ASCII)
_DURATION = re.compile(r"([0-9]{1,6})([smh])", re.ASCII)
_POWERS = {"": 0, "b": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_SUFFIXES = ("Ti", "Gi", "Mi", "Ki")
CPU_MOST_MILLICORES = 1_000_000
MEMORY_LEAST, MEMORY_MOST = 4 * 1024**2, 64 * 1024**4


def memory(text: str | int | float) -> str:
    """`512m`, `1.5g` and `512MB` as Docker counts them (512Mi, 1536Mi); `512Mi` as it is. Raises ValueError."""
    written = str(text).strip()
    if isinstance(text, bool):
        raise ValueError("write an amount of memory as 512Mi or 512m")
    if _KUBERNETES.fullmatch(written) and written[-1] in "iMG":
        return written
    found = _MEMORY.fullmatch(written)
    if found is None:
        raise ValueError(f"{written[:40]!r} is not an amount of memory; write 512Mi or 512m")
    size = int(Decimal(found[1]) * 1024 ** _POWERS[found[2].lower()])
    if not MEMORY_LEAST <= size <= MEMORY_MOST:
        raise ValueError(f"{written[:40]!r} is not between 4Mi and 64Ti; write 512Mi or 512m")
    for power, suffix in zip((4, 3, 2, 1), _SUFFIXES, strict=True):
        if size % 1024**power == 0:
            return f"{size // 1024**power}{suffix}"
    return str(size)


def cpu(text: str | int | float) -> str:
    """`0.5` and `500m` are 500m, `2` is 2. Raises ValueError."""
    written = str(text).strip()
    found = None if isinstance(text, bool) else _CPU.fullmatch(written)
    if found is None:
        raise ValueError(f"{written[:40]!r} is not an amount of CPU; write 500m or 0.5")
    millicores = (
        int(found[1]) if found[1] else int((Decimal(found[2]) * 1000).to_integral_value(rounding="ROUND_CEILING"))
    )
    if not 1 <= millicores <= CPU_MOST_MILLICORES:
        raise ValueError(f"{written[:40]!r} is not between 1m and 1000 processors; write 500m or 0.5")
    return f"{millicores // 1000}" if millicores % 1000 == 0 else f"{millicores}m"


def seconds(text: str | int) -> int:
    """`30s` and `2m` in seconds; a number is seconds. Raises ValueError."""
    written = f"{text}s" if type(text) is int else str(text).strip()
    found = _DURATION.fullmatch(written)
    if found is None or int(found[1]) < 1:
        raise ValueError(f"{str(text)[:40]!r} is not a duration; write 30s or 2m")
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2]]
