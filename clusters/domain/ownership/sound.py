"""`managedFields` that can be read: what no API server writes in them is dropped, once, where an answer comes in."""

from __future__ import annotations

import re
from typing import Any

from clusters.domain.ownership.elements import is_item

DEPTH_MOST = 64
"""Levels of one tree. Kubernetes' own kinds have some twenty at most."""
_POSITION = re.compile(r"i:[0-9]{1,9}\Z", re.ASCII)


def make_sound(answer: dict[str, Any]) -> None:
    """Drop from an object, or from the items of a list, managers and fields that are not written as `fieldsV1` is."""
    items = answer.get("items")
    for one in items if isinstance(items, list) else (answer,):
        metadata = one.get("metadata") if isinstance(one, dict) else None
        if not isinstance(metadata, dict) or "managedFields" not in metadata:
            continue
        entries = metadata["managedFields"]
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            metadata["managedFields"] = entries = []
        for entry in entries:
            if "fieldsV1" in entry and not _is_sound(entry["fieldsV1"], 0):
                entry["fieldsV1"] = _sound(entry["fieldsV1"], 0)


def _is_sound(fields: Any, depth: int) -> bool:
    if type(fields) is not dict or depth > DEPTH_MOST:
        return False
    for element, below in fields.items():
        if element[:2] != "f:" and not _names_item(element):
            return False
        if below != {} and not _is_sound(below, depth + 1):
            return False
    return True


def _sound(fields: Any, depth: int) -> dict[str, Any]:
    if not isinstance(fields, dict) or depth > DEPTH_MOST:
        return {}
    return {
        element: _sound(below, depth + 1)
        for element, below in fields.items()
        if isinstance(below, dict) and (element[:2] == "f:" or _names_item(element))
    }


def _names_item(element: str) -> bool:
    """Whether it stands for the map or item itself, or for an item of a list by its key, value or position."""
    return element == "." or is_item(element) or _POSITION.match(element) is not None
