"""Which kinds a watch of a cluster follows: those of the listener, and what its objects make."""

from __future__ import annotations

import time

from clusters.domain.objects import GroupKind
from clusters.kube.informers import Informers, KindOf
from clusters.kube.watched_kinds import ENDPOINT_SLICE, MADE_BY_CONTROLLERS, SERVICE
from clusters.watching.contract import StatusListener
from clusters.watching.groups import Maker
from clusters.watching.left_claims import CLAIM, LeftClaims
from clusters.watching.node_queue import NodeQueue
from clusters.watching.object_index import ObjectIndex

FOLLOW_EVERY_S = 30.0
MAKERS_EVERY_S = 10.0


class WantedKinds:
    """What is wanted now, and what the informers follow."""

    def __init__(
        self, informers: Informers, listener: StatusListener, index: ObjectIndex, left: LeftClaims, queue: NodeQueue
    ) -> None:
        self._informers = informers
        self._listener = listener
        self._index = index
        self._left = left
        self._queue = queue
        self._follow_at = self._makers_at = float("-inf")
        self._followed: set[KindOf] = set()
        self._blind: frozenset[GroupKind] = frozenset()
        self._makers: frozenset[Maker] = frozenset()
        self._strays: frozenset[Maker] = frozenset()

    def look(self) -> bool:
        """Watch the kinds that are wanted by now; whether everything is to be judged anew, since one of them cannot be
        watched any more, or can again."""
        moment = time.monotonic()
        kinds = set(self._listener.kinds())
        if moment >= min(self._follow_at, self._informers.look_at) or kinds != self._followed:
            self._informers.follow(kinds)
            self._followed = kinds
            self._follow_at = moment + FOLLOW_EVERY_S
        was_blind, self._blind = self._blind, self._informers.blind
        if changed := self._left.own(self._listener.left_claims()):
            self._informers.follow_unlabelled((CLAIM,), self._left.namespaces)
            self._queue.mark(changed)
        makers, strays = self._index.makers(), self._index.strays()
        if makers != self._makers or strays != self._strays or moment >= self._makers_at:
            self._informers.follow_unlabelled(MADE_BY_CONTROLLERS, self._places_of(makers))
            self._informers.follow_unlabelled((SERVICE, ENDPOINT_SLICE), self._places_of(strays))
            self._makers, self._strays, self._makers_at = makers, strays, moment + MAKERS_EVERY_S
        return self._blind != was_blind

    def _places_of(self, makers: frozenset[Maker]) -> frozenset[str]:
        """Their namespaces, of environments that there are: a label is anybody's to write."""
        known = (one for one in makers if self._listener.namespace_of(one.environment_id) is not None)
        return frozenset(one.namespace for one in known)
