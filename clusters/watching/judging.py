"""From what is indexed of a cluster to what a node is like: looked up for one node at a time, judged by `diagnosis`."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bson import ObjectId
from pymongo.errors import PyMongoError

from clusters.domain.diagnosis import NodeContext, ObservedNode, diagnose
from clusters.domain.health import Health, State
from clusters.domain.objects import GroupKind, Identity, group_of
from clusters.domain.observed import ClaimStatus, ObservedObject
from clusters.kube.informers import Informers
from clusters.kube.skew import NO_SKEW
from clusters.kube.watched_kinds import ENDPOINT_SLICE, SERVICE, STORAGE_CLASS
from clusters.watching.contract import NodeChange, NodeKey, StatusListener
from clusters.watching.left_claims import LeftClaims
from clusters.watching.object_index import ObjectIndex
from kubeorch.base import clock

log = logging.getLogger(__name__)

RECHECK_SLACK_S = 0.05
"""A grace period is looked at again this long after its end."""
LISTED_S = 1.0
"""How soon it is looked whether Services that nobody watched before are listed."""
RECHECK_MOST_S = 600.0
"""What may be otherwise in days (a CronJob that would be late then) is looked at in between, too."""
ERROR_WORDS = 300


class Judge:
    """Judges the nodes of one cluster; `mark_later(key, in_s)` is called for what has to be looked at again."""

    def __init__(
        self,
        cluster_id: ObjectId,
        index: ObjectIndex,
        informers: Informers,
        listener: StatusListener,
        left: LeftClaims,
        mark_later: Callable[[NodeKey, float], None],
    ) -> None:
        self._cluster_id = cluster_id
        self._index = index
        self._informers = informers
        self._listener = listener
        self._left = left
        self._mark_later = mark_later
        self.skew = NO_SKEW
        """What to add to our time for the cluster's."""
        self.doubtful: dict[GroupKind, str] = {}
        """Kinds that cannot be observed at the moment, while the rest of the cluster can, with the reason."""

    def judge(self, key: NodeKey) -> NodeChange | None:
        """The node as the cluster shows it; None where there is no such environment."""
        try:
            return self._observe(key)
        except PyMongoError:
            raise
        except Exception as error:
            log.exception("node %s of cluster %s cannot be judged", key, self._cluster_id)
            return set_aside(key, f"its objects cannot be judged: {words_of(error)}")

    def _observe(self, key: NodeKey) -> NodeChange | None:
        namespace = self._listener.namespace_of(key.environment_id)
        if namespace is None:
            return None
        index = self._index
        owned = {ref.identity for ref in self._listener.owned_by(key)}
        elsewhere = {one.namespace for one in owned} - {"", namespace}
        objects = index.objects_of(key, namespace, *elsewhere)
        if elsewhere:
            objects = [seen for seen in objects if seen.namespace not in elsewhere or _counts(seen, owned)]
        objects += self._left.of_node(key)
        context = NodeContext(
            clock.now() + self.skew,
            index.endpoints_of,
            index.storage.waits_for_consumer,
            index.warnings_about,
            unlisted=self._why_unlisted,
            backends=index.backends_of,
            why_no_volume=self._why_no_volume,
            provisioner=index.storage.provisioner,
            claim=index.claim,
            service=self._service,
            changed_at=index.changed_at,
            doubt=self._doubt,
        )
        observed = diagnose(objects, context)
        rechecks = [health.recheck_s for _, health in observed.objects if health.recheck_s is not None]
        if rechecks:
            self._mark_later(key, min(*rechecks, RECHECK_MOST_S) + RECHECK_SLACK_S)
        return NodeChange(key, observed, index.ended_of(key))

    def _why_no_volume(self, claim: ClaimStatus) -> str:
        classes = self._informers.informer(STORAGE_CLASS)
        is_known = classes is not None and classes.blind is None and classes.is_synced
        return self._index.storage.why_no_volume(claim) if is_known else ""

    def _why_unlisted(self, service: ObservedObject) -> str:
        slices = self._informers.informer(ENDPOINT_SLICE)
        return (slices.why_blind(service.namespace) if slices is not None else None) or ""

    def _service(self, namespace: str, name: str) -> ObservedObject | Health | None:
        found = self._index.service(namespace, name)
        if found is not None:
            return found
        ours, others = self._informers.informer(SERVICE), self._informers.unlabelled(SERVICE)
        for informer in (ours, others):
            why = informer.why_blind(namespace) if informer is not None else None
            if why is not None:
                return Health(State.PRESENT, f"whether its Service {name} exists is not known: {why}")
            if informer is None or not informer.has_listed(namespace):
                return Health(State.PROGRESSING, "the Services that it routes to are being read", recheck_s=LISTED_S)
        return None

    def _doubt(self, seen: ObservedObject) -> str | None:
        """Why the object may be another by now."""
        return self.doubtful.get(GroupKind(group_of(seen.api_version), seen.kind)) if self.doubtful else None


def _counts(seen: ObservedObject, owned: set[Identity]) -> bool:
    """A label is anybody's to write: outside the namespace of the environment, only what it owns counts."""
    return seen.owner is not None or seen.ref.identity in owned


def set_aside(key: NodeKey, trouble: str) -> NodeChange:
    return NodeChange(key, ObservedNode(Health(State.UNKNOWN, trouble), trouble=trouble))


def words_of(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:ERROR_WORDS]
