"""Records the live status of nodes: what the cluster shows joined with what the inventory says should be there.

A status is written once, into `node_statuses`, and only when something changed that a person can see or that a run
is judged by; only what a person can see is published. `rev` counts up with every write and is checked by it: a
watcher that lost its cluster while it slept cannot overwrite what the next one wrote.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from bson import ObjectId

from clusters.domain.ending import Ended
from clusters.domain.health import Health, State
from clusters.domain.objects import Identity, Ref, Refs, ref_from_json
from clusters.domain.reading import moment
from clusters.kube.informers import KindOf
from clusters.watching.contract import NodeChange, NodeKey, WatchView
from kubeorch.base import clock
from workflows.environments import inventory_store
from workflows.environments.inventory_store import EndedObject
from workflows.statuses import store
from workflows.statuses.following import Follower, SeenNode, SeenObject
from workflows.statuses.health_news import HealthNews
from workflows.statuses.inventory_feed import Expected, ExpectedObjects, feed
from workflows.statuses.node_status import AbsentObject, Composed, Staleness, compose, shows_apply
from workflows.statuses.settler import Settler
from workflows.statuses.store import Change, Written
from workflows.statuses.watched import WatchedEnvironments

log = logging.getLogger(__name__)

NOT_SEEN_YET_S = 3.0
"""How long an applied object may take to show in the watch before it counts as missing."""
RECHECK_SLACK_S = 0.1
NEWS_EVERY_S = 1.0
"""How often teams are told how an environment does while much of it changes."""


class NodeStatuses:
    """The watcher's listener: records the statuses of all nodes on one cluster."""

    def __init__(
        self,
        cluster_id: ObjectId,
        settle: Callable[[ObjectId], object],
        news: HealthNews | None = None,
        followers: Sequence[Follower] = (),
    ) -> None:
        """`settle` is called for environments whose objects were observed; `news` tells teams what changed;
        `followers` are told how the objects of nodes stand that may have changed."""
        self.cluster_id = cluster_id
        self._followers = followers
        self._view: WatchView | None = None
        self._environments = WatchedEnvironments(cluster_id)
        self._expected = ExpectedObjects(cluster_id, self._inventory_changed)
        self._written: dict[NodeKey, Written] = {}
        self._settler = Settler(f"settle-{cluster_id}", settle)
        self._teller: Settler | None = None
        if news is not None:
            self._teller = Settler(f"news-{cluster_id}", lambda one: news.tell([one]), every_s=NEWS_EVERY_S)

    def begin(self, view: WatchView) -> None:
        self._view = view
        self._written = store.written_on(self.cluster_id)
        feed.add(self._expected)
        self._settler.start()
        if self._teller is not None:
            self._teller.start()
            self._tell(self._written)
        for follower in self._followers:
            follower.begin(view)

    def end(self) -> None:
        for follower in self._followers:
            follower.end()
        feed.remove(self._expected)
        self._settler.stop()
        if self._teller is not None:
            self._teller.stop()

    # What to watch

    def namespaces(self) -> Iterable[str]:
        return {*self._environments.namespaces(), *self._expected.namespaces()}

    def namespace_of(self, environment_id: str) -> str | None:
        location = self._environments.find(environment_id)
        return location.namespace if location is not None else None

    def owned_by(self, key: NodeKey) -> Iterable[Ref]:
        return [row.ref for row in self._expected.of_node(key)]

    def left_claims(self) -> Mapping[Identity, NodeKey]:
        return self._expected.left_claims()

    def kinds(self) -> Iterable[KindOf]:
        return self._expected.kinds()

    def nodes(self) -> Iterable[NodeKey]:
        self._compare_with_database()
        return {*self._expected.nodes(), *self._written}

    # What was observed

    def record(self, changes: Sequence[NodeChange], stale_since: datetime | None, stale_reason: str = "") -> None:
        at = clock.now()
        stale = Staleness(stale_since, stale_reason) if stale_since is not None else None
        for observed in changes:
            if observed.ended:
                self._note_ended(observed, at)
        found = [self._change(change, at, stale) for change in changes]
        writes = [change for change in found if change is not None]
        if not store.write(self.cluster_id, writes):
            self._write_again({change.key for change in writes})
            return
        for change in writes:
            if change.after is None:
                self._written.pop(change.key, None)
            else:
                self._written[change.key] = change.after
        self._tell(change.key for change in writes)
        # Also without a write: the watcher before this one may have ended between its write and the settling.
        self._settler.ask(ObjectId(change.key.environment_id) for change in changes)
        self._tell_followers(changes)

    def came_or_went(self, ref: Ref) -> None:
        for follower in self._followers:
            follower.came_or_went(ref)

    def mark_stale(self, since: datetime | None, reason: str = "") -> None:
        marked = store.mark_stale(self.cluster_id, since, reason)
        self._written.update(marked)
        self._tell(marked)

    def out_of_date(self) -> tuple[float, str] | None:
        return feed.out_of_date()

    def _tell_followers(self, changes: Sequence[NodeChange]) -> None:
        view = self._view
        if view is None or not self._followers:
            return
        seen = []
        for change in changes:
            if change.observed.trouble:
                continue  # what is there is not known
            rows = self._expected.of_node(change.key)
            owned = Refs(row.ref for row in rows)
            there = {owned.find(found.ref): found for found, _ in change.observed.objects if found.owner is None}
            objects = [
                SeenObject(row, there.get(row.ref), row.ref in there or view.why_unobservable(row.ref) is None)
                for row in rows
            ]
            seen.append(SeenNode(change.key, tuple(objects)))
        for follower in self._followers:
            follower.see(seen)

    def _tell(self, keys: Iterable[NodeKey]) -> None:
        """The health of these nodes' environments may be another."""
        if self._teller is not None:
            self._teller.ask({ObjectId(key.environment_id) for key in keys})

    def _change(self, change: NodeChange, at: datetime, stale: Staleness | None) -> Change | None:
        """The write that the node needs; None when it needs none."""
        key, observed = change.key, change.observed
        location = self._environments.find(key.environment_id)
        if location is None or location.is_withdrawn:
            return None  # removed since it was observed, or not for its team to see any more
        before = self._written.get(key)
        rev = store.next_rev(before, at)
        expected = self._expected.of_node(key)
        owned = Refs(row.ref for row in expected)
        if observed.trouble:
            trouble = Health(State.UNKNOWN, observed.trouble)
            absent = [AbsentObject(row.ref, trouble) for row in expected if row.state == "applied"]
        else:
            absent = self._absent(change, expected, {owned.find(seen.ref) for seen, _ in observed.objects}, at)
        status = compose(key.node_id, observed, absent, owned, at=at, stale=stale, rev=rev)
        after = Written.of(*status, rev) if status is not None else None
        if not _is_news(before, after, status, expected):
            return None
        return Change(key, location.team_id, before, status, after, rev)

    def _absent(
        self, change: NodeChange, expected: Sequence[Expected], present: set[Ref | None], at: datetime
    ) -> list[AbsentObject]:
        """Applied objects that are not observed, each with what that means."""
        view = self._view
        if view is None:
            return []
        found = []
        for row in expected:
            if row.state != "applied" or row.ref in present:
                continue
            reason = view.why_unobservable(row.ref)
            age_s = (at - row.applied_at).total_seconds() if row.applied_at else NOT_SEEN_YET_S
            end = _end_of(row, change.ended)
            if end is not None:
                health = end
            elif reason is not None:
                health = Health(State.UNKNOWN, f"cannot be observed: {reason}")
            elif view.holder_of(row.ref) is not None:
                health = Health(State.UNKNOWN, f"{row.ref.kind} {row.ref.name} carries the labels of another node")
            elif view.was_deleted(row.ref) or age_s >= NOT_SEEN_YET_S:
                health = Health(State.MISSING, f"{row.ref.kind} {row.ref.name} is not in the cluster any more")
            else:
                view.mark(change.key, in_s=NOT_SEEN_YET_S - age_s + RECHECK_SLACK_S)
                health = Health(State.PROGRESSING, "applied, not seen in the cluster yet")
            found.append(AbsentObject(row.ref, health))
        return found

    def _note_ended(self, change: NodeChange, at: datetime) -> None:
        """Remember in the inventory how objects ended that their time to live removes."""
        rows = {row.ref.identity: row for row in self._expected.of_node(change.key)}
        for end in change.ended:
            row = rows.get(end.ref.identity)
            if row is None or row.uid != end.uid:
                continue  # another object of that name, or one whose apply is not recorded yet
            is_known = row.ended is not None and row.ended["uid"] == end.uid
            if is_known and (row.is_completed or not end.succeeded):
                continue
            noted: EndedObject = {
                "uid": end.uid,
                "at": moment(end.at) or at,
                "succeeded": end.succeeded,
                "reason": end.reason,
            }
            inventory_store.note_ended(ObjectId(change.key.environment_id), row.ref, noted)

    def _compare_with_database(self) -> None:
        """Take over what others wrote: a web process that found the lease ended, or whoever removed an environment."""
        revs = store.revs_on(self.cluster_id)
        self._written = {key: row for key, row in self._written.items() if revs.get(key) == row.rev}
        others = set(revs) - set(self._written)
        if others:
            self._written.update(store.written_on(self.cluster_id, others))

    def _write_again(self, keys: set[NodeKey]) -> None:
        """Somebody else wrote meanwhile: record these nodes once more, and publish them whatever changed."""
        log.warning("statuses of cluster %s were written or removed by somebody else", self.cluster_id)
        if self._view is None or not self._view.may_write():
            return
        self._environments.forget()
        self._compare_with_database()
        for key in keys:
            if key in self._written:
                self._written[key] = self._written[key]._replace(shown=b"")
            self._view.mark(key)

    # What the inventory says (the thread of the feed)

    def _inventory_changed(self, key: NodeKey, state: str | None) -> None:
        if self._view is None:
            return
        self._view.mark(key)
        if state == "applied":
            self._view.mark(key, in_s=NOT_SEEN_YET_S + RECHECK_SLACK_S)


def _end_of(row: Expected, observed: Sequence[Ended]) -> Health | None:
    """The health of an object that is not there since its time to live has removed it."""
    for end in observed:
        if end.uid == row.uid and end.ref.identity == row.ref.identity:
            return _ended_health(end.succeeded, clock.iso(moment(end.at)) or "", end.reason)
    noted = row.ended
    if noted is not None and noted["uid"] == row.uid:
        return _ended_health(noted["succeeded"], clock.iso(noted["at"]) or "", noted["reason"])
    return None


def _ended_health(succeeded: bool, at: str, reason: str) -> Health:
    if succeeded:
        return Health(State.HEALTHY, f"completed{f' at {at}' if at else ''}; its time to live has removed it")
    return Health(State.FAILED, f"{reason}; its time to live has removed it")


def _is_news(
    before: Written | None, after: Written | None, status: Composed | None, expected: Sequence[Expected]
) -> bool:
    """Whether anything changed that a person can see or that a run is judged by.

    A resourceVersion alone is neither, but for one that shows our last apply in the place of one that did not.
    """
    if before is None or after is None or status is None:
        return before is not after
    if before.shown != after.shown or before.not_shown != after.not_shown:
        return True
    applied = {row.ref: row for row in expected if row.resource_version}
    for row, old, new in zip(status.objects, before.versions, after.versions, strict=True):
        if old == new:
            continue
        expect = applied.get(ref_from_json(row["ref"]))
        if expect is None:
            continue
        version = expect.resource_version
        if shows_apply(row["uid"], new, expect.uid, version) and not shows_apply(row["uid"], old, expect.uid, version):
            return True
    return False
