"""Live status of nodes: what the cluster shows joined with what the inventory says should be there.

The watcher hands in each batch of judged nodes. A status is stored (`node_statuses`) and published only when
something a person can see changed. `rev` counts up with every write and is checked by it: a watcher that lost its
cluster while it slept cannot overwrite what the next one wrote.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import DeleteOne, UpdateOne
from pymongo.errors import BulkWriteError

from clusters.domain.diagnosis import ObservedNode
from clusters.domain.health import Health, State, worst
from clusters.domain.objects import Ref
from clusters.kube.informers import KindOf
from clusters.watching.contract import NodeChange, NodeKey, WatchView
from kubeorch.base import clock
from kubeorch.mongo.client import Document
from kubeorch.realtime import events
from kubeorch.realtime.events import Event
from workflows.statuses.inventory_feed import ExpectedObjects, feed
from workflows.statuses.settler import Settler
from workflows.statuses.store import Written, digest_of, mark_stale, statuses, topic_of
from workflows.statuses.watched import WatchedEnvironments

log = logging.getLogger(__name__)

NOT_SEEN_YET_S = 3.0
"""How long an applied object may take to show in the watch before it counts as missing."""
OBJECTS_SHOWN = 20


class NodeStatuses:
    """The watcher's listener: records the statuses of all nodes on one cluster."""

    def __init__(self, cluster_id: ObjectId, settle: Callable[[ObjectId], object]) -> None:
        self.cluster_id = cluster_id
        self._view: WatchView | None = None
        self._environments = WatchedEnvironments(cluster_id)
        self._expected = ExpectedObjects(cluster_id, self._inventory_changed)
        self._written: dict[NodeKey, Written] = {}
        self._settler = Settler(f"settle-{cluster_id}", settle)

    def begin(self, view: WatchView) -> None:
        self._view = view
        for row in statuses().find({"cluster_id": self.cluster_id}):
            self._written[_key_of(row)] = Written(row["rev"], digest_of(row["status"]))
        feed.add(self._expected)
        self._settler.start()

    def end(self) -> None:
        feed.remove(self._expected)
        self._settler.stop()

    def namespaces(self) -> Iterable[str]:
        return self._environments.namespaces()

    def namespace_of(self, environment_id: str) -> str | None:
        location = self._environments.find(environment_id)
        return location.namespace if location is not None else None

    def kinds(self) -> Iterable[KindOf]:
        return self._expected.kinds()

    def nodes(self) -> Iterable[NodeKey]:
        return {*self._expected.nodes(), *self._written}

    def record(self, changes: Sequence[NodeChange], stale_since: datetime | None) -> None:
        moment = clock.now()
        writes: list[UpdateOne | DeleteOne] = []
        published: list[tuple[NodeKey, Event, Written | None]] = []
        for change in changes:
            key = change.key
            location = self._environments.find(key.environment_id)
            if location is None:
                continue  # removed since it was judged
            known = self._written.get(key)
            status = self._status(key, change.observed, moment, stale_since)
            digest = digest_of(status) if status is not None else b""
            if (known is not None and known.digest == digest) or (known is None and status is None):
                continue
            rev = known.rev + 1 if known else _first_rev(moment)
            document_id = "/".join(key)
            if status is None:
                writes.append(DeleteOne({"_id": document_id}))
                published.append((key, Event(topic_of(key.environment_id), f"node:{key.node_id}", None, rev), None))
                continue
            status["rev"] = rev
            fields = {
                "environment_id": ObjectId(key.environment_id),
                "cluster_id": self.cluster_id,
                "team_id": location.team_id,
                "node_id": key.node_id,
                "status": status,
                "rev": rev,
            }
            condition: Document = {"_id": document_id}
            if known is not None:
                condition["rev"] = known.rev
            writes.append(UpdateOne(condition, {"$set": fields}, upsert=True))
            published.append(
                (key, Event(topic_of(key.environment_id), f"node:{key.node_id}", status, rev), Written(rev, digest))
            )
        if writes and self._write(writes):
            events.publish_many(event for _, event, _ in published)
            for key, _, written in published:
                if written is None:
                    self._written.pop(key, None)
                else:
                    self._written[key] = written

    def written(self, changes: Sequence[NodeChange]) -> None:
        """Runs are judged by `live_objects`."""
        self._settler.ask(ObjectId(change.key.environment_id) for change in changes)

    def mark_stale(self, since: datetime | None) -> None:
        """Mark every status of the cluster and publish it; each changes, so each counts up."""
        condition: Document = {"cluster_id": self.cluster_id}
        condition["status.stale_since"] = None if since is not None else {"$ne": None}
        self._written.update(mark_stale(condition, since))

    def _inventory_changed(self, key: NodeKey, state: str | None) -> None:
        self._mark(key, in_s=NOT_SEEN_YET_S + 0.1 if state == "applied" else 0.0)

    def _mark(self, key: NodeKey, *, in_s: float = 0.0) -> None:
        if self._view is not None:
            self._view.mark(key, in_s=in_s)

    # Making a status

    def _status(
        self, key: NodeKey, observed: ObservedNode, moment: datetime, stale_since: datetime | None
    ) -> dict[str, Any] | None:
        """The NodeStatus; None when nothing is there and nothing should be."""
        objects: list[tuple[Ref, Health, str | None, str | None]] = [
            (seen.ref, health, seen.uid, seen.resource_version) for seen, health in observed.objects
        ]
        objects += [(ref, health, None, None) for ref, health in self._absent(key, {row[0] for row in objects}, moment)]
        if not objects:
            return None
        health = worst(row[1] for row in objects)
        evidence = [row.as_json() for row in observed.evidence]
        if observed.outside_edit is not None and observed.objects:
            words = f"changed by {observed.outside_edit.manager} after our last apply"
            first = observed.objects[0][0].ref
            evidence.append(
                {
                    "ref": first.as_json(),
                    "reason": "ChangedOutside",
                    "message": words,
                    "count": 1,
                    "at": observed.outside_edit.at,
                }
            )
        return {
            "node_id": key.node_id,
            "health": str(health.state),
            "reason": health.reason,
            "facts": dict(observed.facts),
            "objects": [
                {
                    "ref": ref.as_json(),
                    "health": str(own.state),
                    "reason": own.reason,
                    "uid": uid,
                    "resource_version": version,
                }
                for ref, own, uid, version in objects[:OBJECTS_SHOWN]
            ],
            "evidence": evidence,
            "resource_version": next((version for _, _, _, version in objects if version), None),
            "observed_at": clock.iso(moment),
            "stale_since": clock.iso(stale_since),
            "drifted": observed.outside_edit is not None,
        }

    def _absent(self, key: NodeKey, present: set[Ref], moment: datetime) -> list[tuple[Ref, Health]]:
        """Applied objects that are not there, each with what that means."""
        view = self._view
        if view is None:
            return []
        found = []
        for row in self._expected.of_node(key):
            if row.state != "applied" or row.ref in present:
                continue
            reason = view.why_unobservable(row.ref)
            if reason is not None:
                found.append((row.ref, Health(State.UNKNOWN, f"cannot be observed: {reason}")))
                continue
            age_s = (moment - row.applied_at).total_seconds() if row.applied_at else NOT_SEEN_YET_S
            if view.was_deleted(row.ref) or age_s >= NOT_SEEN_YET_S:
                words = f"{row.ref.kind} {row.ref.name} is not in the cluster any more"
                found.append((row.ref, Health(State.MISSING, words)))
            else:
                view.mark(key, in_s=NOT_SEEN_YET_S - age_s + 0.1)
                found.append((row.ref, Health(State.PROGRESSING, "applied, not seen in the cluster yet")))
        return found

    def _write(self, writes: list[UpdateOne | DeleteOne]) -> bool:
        """Whether all went in; a status that somebody else wrote meanwhile is read again and judged anew."""
        try:
            statuses().bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            if any(row.get("code") != 11000 for row in error.details.get("writeErrors", ())):
                raise
            log.warning("statuses of cluster %s were written by another watcher", self.cluster_id)
            if self._view is not None and self._view.may_write():
                self._written.clear()
                for row in statuses().find({"cluster_id": self.cluster_id}):
                    self._written[_key_of(row)] = Written(row["rev"], b"")
                for key in list(self._written):
                    self._mark(key)
            return False
        return True


def _key_of(row: Document) -> NodeKey:
    return NodeKey(str(row["environment_id"]), row["node_id"])


def _first_rev(moment: datetime) -> int:
    """Above any revision an earlier status of that node had: those count up from their own first moment."""
    return int(moment.timestamp() * 1000)
