"""What an environment owns, as plans see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from clusters.domain.objects import Ref, ref_from_json
from workflows.domain.rendering import plan
from workflows.domain.rendering.data import TAKEN_OVER, Hold, hold_of, hold_of_row
from workflows.domain.rendering.needs import needs_of
from workflows.domain.rendering.plan import Owned, RenderedObject


def owned_of(row: Mapping[str, Any]) -> Owned:
    """A row of the inventory."""
    ref = ref_from_json(row["ref"])
    needs = tuple(ref_from_json(one) for one in row.get("needs", ()))
    made_by = ref_from_json(row["made_by"]) if row.get("made_by") else None
    return Owned(ref, row["node_id"], row["uid"], row["wave"], hold_in(row), needs, made_by, was_taken_over(row))


def was_taken_over(row: Mapping[str, Any]) -> bool:
    """Whether the object of an inventory row was there before a run took it over."""
    taken = row.get("taken_over")
    return taken is not None and row["uid"] in (None, taken["uid"])


def hold_in(row: Mapping[str, Any]) -> Hold | None:
    """Why the object of an inventory row stays once it is not drawn any more."""
    if was_taken_over(row):
        return replace(TAKEN_OVER, loses_data=row["holds_data"])
    if "hold" not in row:
        return hold_of_row(ref_from_json(row["ref"]), holds_data=row["holds_data"])
    hold = row["hold"]
    return Hold(hold["reason"], row["holds_data"], hold["on_destroy"]) if hold else None


def owned_after(
    rendered: Sequence[RenderedObject], taken_over: Callable[[Ref], bool] = lambda ref: False
) -> list[Owned]:
    """What is owned of a drawing once it is applied."""
    needs = needs_of(rendered, taken_over)
    return [
        Owned(item.ref, item.node_id, None, item.wave, hold_of(item.manifest), needs.get(item.ref, ()))
        for item in rendered
    ]


def kept_on_destroy(rows: Iterable[Mapping[str, Any]]) -> dict[Ref, tuple[plan.Action, str]]:
    """What a destroy run of one environment keeps unless volumes go too, with the reason."""
    return plan.kept_on_destroy([owned_of(row) for row in rows])
