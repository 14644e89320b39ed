"""The rows that a bench prints: one JSON object a line, {"bar", "ours", "theirs", "ratio", "unit", "must", "aim"}.

`theirs` is what was measured in the same run, beside ours, for the same work; `ratio` is ours divided by it. A bound,
or a figure of another day, is `must` (missing it is a failure) or `aim`. Less is better, in every row. Where there is
`theirs`, `must` and `aim` are for the ratio, else for `ours`.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from typing import Any


def report(
    bar: str,
    ours: float,
    theirs: float | None = None,
    *,
    unit: str,
    must: float | None = None,
    aim: float | None = None,
    **more: Any,
) -> None:
    row: dict[str, Any] = {"bar": bar, "ours": _short(ours)}
    if theirs is not None:
        row |= {"theirs": _short(theirs), "ratio": _short(ours / theirs)}
    row["unit"] = unit
    row |= {name: limit for name, limit in (("must", must), ("aim", aim)) if limit is not None}
    print(json.dumps(row | more), flush=True)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of them lies: 0.5 the median, 0.99 nearly the worst."""
    return statistics.median(values) if share == 0.5 else sorted(values)[int(len(values) * share)]


def _short(value: float) -> float:
    return float(f"{value:.4g}")
