"""The live topic `clusters`: each person sees the clusters of their teams, and those shared with everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clusters import store
from clusters.representations import as_seen, cluster_json
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.store import names_of_teams
from kubeorch.realtime.topics import Topic

CLUSTERS_MAX = 2000


def authorize(principal: Principal, rest: str) -> None:
    """Everybody signed in may listen; `is_visible` decides what they see."""


def snapshot(rest: str, principal: Principal) -> dict[str, Any]:
    """`cluster:<id>` → Cluster."""
    rows = list(store.collection().find(store.visible_to(principal)).limit(CLUSTERS_MAX))
    names = names_of_teams(row.get("team_id") for row in rows)
    return {f"cluster:{row['_id']}": cluster_json(row, names) for row in rows}


def audience(principal: Principal) -> str:
    """What is shared with a person is theirs alone, so each person is an audience."""
    return ",".join([principal.user_id, *sorted(principal.roles)])


def is_visible(audience: str, key: str, value: Any) -> bool:
    """Whether that audience may see the cluster; a deletion carries nothing and may be sent to all."""
    if not isinstance(value, Mapping):
        return True
    seen_by = {(value.get("team") or {}).get("id"), *(value.get("shared_with") or ())}
    return bool(value.get("shared")) or not seen_by.isdisjoint(audience.split(","))


def shown(audience: str, key: str, value: Any) -> Any:
    """The cluster as that audience sees it."""
    return as_seen(value, audience.split(","))


TOPICS: Mapping[str, Topic] = {
    "clusters": Topic(authorize, snapshot, audience=audience, is_visible=is_visible, shown=shown, has_id=False)
}
