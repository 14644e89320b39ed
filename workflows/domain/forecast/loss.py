"""What is lost with an object that goes, for good or to be made again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clusters.domain.objects import GroupKind
from workflows.domain.forecast.changes import at
from workflows.domain.forecast.impact import Impact, Level, Neighbours, pods_do
from workflows.domain.forecast.pods import pods_of
from workflows.domain.forecast.rules import FIELDS
from workflows.domain.rendering.data import hold_of

_HAVE_PODS = frozenset(
    {
        *(GroupKind("apps", kind) for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")),
        GroupKind("", "ReplicationController"),
    }
)
_RUN_ONCE = frozenset({GroupKind("batch", "Job"), GroupKind("", "Pod")})
_SERVE = {
    GroupKind("", "Service"): "its address goes",
    GroupKind("networking.k8s.io", "Ingress"): "its hosts are not served",
}
_CLAIM, _VOLUME = GroupKind("", "PersistentVolumeClaim"), GroupKind("", "PersistentVolume")


def loss_of(key: GroupKind, live: Mapping[str, Any], around: Neighbours, *, again: bool) -> Impact:
    """What it costs to delete the object; with `again` it is made anew right after."""
    if key == _CLAIM:
        return _claim(live, around, again)
    if key == _VOLUME:
        return _volume(live)
    hold = hold_of(live)
    if hold is not None and hold.loses_data and hold.on_destroy:
        return Impact(Level.DATA, pods_of(live) if key in _HAVE_PODS else None, hold.reason)
    if key in _HAVE_PODS:
        pods = pods_of(live)
        what = f"its {pods_do(pods, 'end')}"
        if not pods:
            return Impact(Level.RECREATE if again else Level.IN_PLACE, 0, "it has no pods")
        return Impact(Level.DOWNTIME, pods, f"{what}, and new ones start only then" if again else what)
    if key in _RUN_ONCE:
        pods = pods_of(live)
        running = f"; {pods_do(pods, 'end', 'running pod')}" if pods else ""
        return Impact(
            Level.RECREATE if again else Level.IN_PLACE, pods, f"{'it runs again' if again else 'it goes'}{running}"
        )
    if key in _SERVE:
        return Impact(Level.DOWNTIME, None, _SERVE[key] + (" and comes back as another one" if again else ""))
    if key not in FIELDS:
        return Impact(
            Level.RECREATE if again else Level.UNKNOWN,
            None,
            f"what goes with an object of kind {key.kind} is not known",
        )
    if again:
        return Impact(Level.RECREATE, None, "for a moment it is not there")
    return Impact(Level.IN_PLACE, None, "it goes; no pod restarts for it, and what needs it later does not find it")


def _claim(live: Mapping[str, Any], around: Neighbours, again: bool) -> Impact:
    name = at(live, "spec", "volumeName")
    if not name:
        return Impact(Level.RECREATE if again else Level.IN_PLACE, None, "it has no volume yet, so no data is lost")
    volume = around.volumes.get(str(name))
    policy = at(volume, "spec", "persistentVolumeReclaimPolicy") if volume is not None else None
    if policy is None:
        storage = around.classes.get(str(at(live, "spec", "storageClassName")))
        policy = storage.get("reclaimPolicy", "Delete") if storage is not None else None
    if policy == "Retain":
        return Impact(Level.DATA, None, f"its volume {name} stays with the data, but no new claim gets it by itself")
    known = "reclaim policy Delete" if policy else "unless its reclaim policy is Retain"
    return Impact(Level.DATA, None, f"its volume {name} and the data in it are deleted ({known})")


def _volume(live: Mapping[str, Any]) -> Impact:
    if at(live, "spec", "persistentVolumeReclaimPolicy") == "Delete":
        return Impact(Level.DATA, None, "the storage behind it may be deleted with it (reclaim policy Delete)")
    return Impact(Level.DATA, None, "the storage behind it stays, but nothing in the cluster leads to it")
