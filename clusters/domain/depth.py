"""How deep an object is nested: what reads, compares, writes and shows objects goes down level by level."""

from __future__ import annotations

from typing import Any

LEVELS_MOST = 60
"""Kubernetes' own kinds have some twenty; YAML that is given to us is read to 64."""
CUT = f"(nested deeper than {LEVELS_MOST} levels)"


def cut_off(value: dict[str, Any]) -> bool:
    """Put CUT in the place of what is nested deeper than LEVELS_MOST, and say whether anything is."""
    is_cut = False
    waiting: list[tuple[dict[Any, Any] | list[Any], int]] = [(value, 1)]
    while waiting:
        at, level = waiting.pop()
        for key, child in at.items() if isinstance(at, dict) else enumerate(at):
            if not isinstance(child, dict | list):
                continue
            if level < LEVELS_MOST:
                waiting.append((child, level + 1))
            else:
                at[key] = CUT
                is_cut = True
    return is_cut
