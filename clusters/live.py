"""The live topic `clusters`: each person gets the clusters they may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clusters import store
from kubeorch.accounts.principal import Principal


def authorize(principal: Principal, rest: str) -> None:
    """Everybody signed in may listen; `admits` decides what they hear."""


def snapshot(rest: str, principal: Principal) -> dict[str, Any]:
    """`cluster:<id>` → Cluster."""
    rows = list(store.collection().find(store.visible_to(principal)).limit(2000))
    names = store.team_names(rows)
    return {f"cluster:{row['_id']}": store.as_json(row, names) for row in rows}


def view(principal: Principal) -> str:
    """People in the same teams see the same clusters."""
    return ",".join(sorted(principal.roles))


def admits(of: str, key: str, value: Any) -> bool:
    """Whether people of that view may see the cluster; a deletion carries nothing and may be told to all."""
    if not isinstance(value, Mapping):
        return True
    team = value.get("team") or {}
    return bool(value.get("shared")) or team.get("id") in of.split(",")
