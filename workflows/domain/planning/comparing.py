"""What one plan says otherwise than another one, object by object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Planned = Mapping[str, Any]
"""`PlannedObject.as_json`."""
_SAID = ("effect", "proof", "error", "fields", "conflicts", "impact")


def compared(old: Sequence[Planned], new: Sequence[Planned]) -> dict[str, Any]:
    """`{same, objects: [{ref, change, from, to}]}`: what only one says (`added`, `removed`), and what both say
    otherwise (`changed`), in the order of the new plan; `same` counts the others. Linear in the size of both.
    """
    before = {_key(one): one for one in old}
    rows: list[dict[str, Any]] = []
    same = 0
    for one in new:
        other = before.pop(_key(one), None)
        if other is None:
            rows.append({"ref": one["ref"], "change": "added", "from": None, "to": one})
        elif any(other[name] != one[name] for name in _SAID):
            rows.append({"ref": one["ref"], "change": "changed", "from": other, "to": one})
        else:
            same += 1
    rows += [{"ref": one["ref"], "change": "removed", "from": one, "to": None} for one in before.values()]
    return {"same": same, "objects": rows}


def _key(one: Planned) -> tuple[str, ...]:
    ref = one["ref"]
    return (ref["api_version"], ref["kind"], ref["namespace"] or "", ref["name"])
