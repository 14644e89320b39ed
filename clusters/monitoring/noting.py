"""What a look at a cluster found, stored: its state, its history, and its log where it began or ceased to answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clusters import store
from clusters.monitoring import history_store


def note_look(cluster: store.Cluster, found: Mapping[str, Any], *, by: str = "") -> store.Cluster:
    """Store what was found, for everybody; `by` is the person who asked. The cluster afterwards."""
    ok = found["state"] == "ready"
    error = found["error"]
    detail = error["detail"] if error else ""
    latency_ms = found.get("latency_ms")
    history_store.add_check(
        cluster["_id"], found["last_checked_at"], latency_ms=(latency_ms or 0) if ok else None, error=detail
    )
    if by:
        history_store.note(cluster["_id"], "tested", by=by, ok=ok, detail=detail)
    if cluster["state"] in ("ready", "failed") and cluster["state"] != found["state"]:
        history_store.note(cluster["_id"], "answers" if ok else "fails", ok=ok, detail=detail)
    keep = store.change if by else store.note_checked
    return keep(cluster["_id"], found) or cluster
