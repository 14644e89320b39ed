"""What every refusal of the API says."""

from __future__ import annotations

from tests.support.people import Answer

WHOLE = frozenset({"input.json", "input.encoding", "input.number", "input.depth"})
"""Said of a body that cannot be read: there is no field to name."""


def problems_of(answer: Answer, *, is_unreadable: bool = False) -> list[str]:
    """What is wrong with a refusal of what was sent; nothing for other answers."""
    if answer.status != 400:
        return []
    document = answer.body
    rows = document["errors"]
    found = [] if rows else ["no errors"]
    for row in rows:
        if not row["field"] and not (is_unreadable and row["code"] in WHOLE):
            found.append(f"no field for {row['code']}")
        if len(row["detail"]) < 8 or row["detail"][-1] == ":":
            found.append(f"no sentence for {row['code']}: {row['detail']!r}")
    return found
