"""Whether a change goes on with the one before it, so that one row stands for both."""

from __future__ import annotations

from datetime import timedelta

from clusters.changes.store import ChangeRow
from clusters.domain.ownership.known import Sort

SAME_CHANGE = {True: timedelta(minutes=10), False: timedelta(minutes=1)}
"""Within which a writer that changes the same fields again makes no row of its own; longer where it works by itself."""
WORKS_BY_ITSELF = frozenset({Sort.AUTOSCALER, Sort.CONTROLLER, Sort.INJECTOR, Sort.GITOPS})


def goes_on(before: ChangeRow, new: ChangeRow, *, by_itself: bool) -> bool:
    """Whether it is the same writer at the same fields again, a moment later."""
    if not new["manager"] or _who(before) != _who(new) or before["is_unknown"] or new["is_unknown"]:
        return False
    is_soon = abs(new["at"] - before["at"]) <= SAME_CHANGE[by_itself]
    same_fields = [field["path"] for field in before["fields"]] == [field["path"] for field in new["fields"]]
    return is_soon and same_fields and (before["left_out"], before["among"]) == (new["left_out"], new["among"])


def _who(row: ChangeRow) -> tuple[str, str, str]:
    return row["manager"], row["operation"], row["subresource"]
