"""All watches of one cluster: one a kind, however many nodes are drawn.

Only objects that carry an environment's label are watched, and the cluster's Warning events. Pods without that label,
as those of workloads given as YAML and of operators, are watched in the namespaces where something of ours makes some.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import GroupKind
from clusters.kube.client import KubeClient
from clusters.kube.informer import Informer
from clusters.kube.noticing import Noticed
from clusters.kube.pacing import USUAL, Timing
from clusters.kube.watched_kinds import BUILT_IN, EVENT, KindOf
from kubeorch.base.errors import KubeOrchError

__all__ = ["BUILT_IN", "EVENT", "Change", "Informer", "Informers", "KindOf"]
log = logging.getLogger(__name__)

WIDE_NAMESPACES = 5
"""In so many namespaces pods without our label are watched one by one; for more, one watch sees the whole cluster."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an object, or one Warning event: `old` None is a new object, `new` None one that is gone."""

    kind: KindOf
    old: Any
    new: Any
    is_lost: bool = False
    """It is not seen any more, which is not to say that it was deleted."""


class Informers:
    """The informers of one cluster. Callbacks come from their threads."""

    def __init__(
        self,
        client: KubeClient,
        *,
        changed: Callable[[Change], None],
        settled: Callable[[], None],
        state_changed: Callable[[], None],
        namespaces: Callable[[], Iterable[str]],
        noticed: Callable[[Noticed], None] = lambda one: None,
        timing: Timing = USUAL,
        selector: str = ENVIRONMENT_LABEL,
    ) -> None:
        self.client = client
        self.settled = settled
        self.state_changed = state_changed
        self.namespaces = namespaces
        self.noticed = noticed
        self.timing = timing
        self._changed = changed
        self._selector = selector
        self._by_kind: dict[GroupKind, Informer] = {}
        self._wide: dict[GroupKind, Informer] = {}

    def report(self, kind: KindOf, old: Any, new: Any, *, is_lost: bool = False) -> None:
        self._changed(Change(kind, old, new, is_lost))

    def follow(self, kinds: Iterable[KindOf]) -> None:
        """Watch exactly the built-in kinds and these; may be called again at any time.

        A kind that cannot be watched is blind with the reason, and tried again by a call at its `look_at` or later.
        """
        wanted = {kind.group_kind: kind for kind in (*kinds, *BUILT_IN)}
        for group_kind in wanted.keys() - self._by_kind.keys():
            kind = wanted[group_kind]
            informer = Informer(self, kind, selector=self._selector, is_built_in=kind in BUILT_IN)
            informer.start()
            self._by_kind[group_kind] = informer
        for group_kind in self._by_kind.keys() - wanted.keys():
            self._by_kind.pop(group_kind).forget()
        for informer in list(self._by_kind.values()):
            if informer.blind is not None and time.monotonic() >= informer.look_at:
                informer.start()  # its definition may have been created meanwhile
        by_namespace = [informer for informer in self._by_kind.values() if informer.is_by_namespace]
        if by_namespace:
            namespaces = set(self.namespaces())
            for informer in by_namespace:
                informer.follow_namespaces(namespaces)

    def follow_unlabelled(self, kinds: Iterable[KindOf], namespaces: frozenset[str]) -> None:
        """Watch objects of these kinds that lack our label, in these namespaces alone."""
        wanted = namespaces if len(namespaces) <= WIDE_NAMESPACES or self._is_narrow else frozenset({""})
        for kind in kinds:
            informer = self._wide.get(kind.group_kind)
            if informer is None:
                if not wanted:
                    continue
                informer = Informer(self, kind, selector=f"!{self._selector}", is_built_in=True)
                self._wide[kind.group_kind] = informer
            informer.follow_namespaces(wanted)

    def stop(self) -> None:
        for informer in self.all:
            informer.stop()

    def join(self, timeout_s: float = 5.0) -> None:
        deadline = time.monotonic() + timeout_s
        for informer in self.all:
            informer.join(max(0.0, deadline - time.monotonic()))

    def informer(self, kind: tuple[str, str]) -> Informer | None:
        """The informer of a kind, given in any version."""
        return self._by_kind.get(KindOf(*kind).group_kind)

    def unlabelled(self, kind: KindOf) -> Informer | None:
        """The informer of the objects of a built-in kind that lack our label, where these are watched."""
        return self._wide.get(kind.group_kind)

    @property
    def all(self) -> list[Informer]:
        return [*self._by_kind.values(), *self._wide.values()]

    def died(self) -> KindOf | None:
        """A kind of which a thread ended without being asked to."""
        return next((informer.kind for informer in self.all if informer.has_died), None)

    @property
    def is_synced(self) -> bool:
        return bool(self._by_kind) and all(informer.is_synced for informer in list(self._by_kind.values()))

    @property
    def blind(self) -> frozenset[GroupKind]:
        """Kinds that cannot be watched at all."""
        return frozenset(one.group_kind for one in list(self._by_kind.values()) if one.blind is not None)

    @property
    def sees_all(self) -> bool:
        """Whether what is not seen does not exist: every kind is watched, in every namespace."""
        return not any(one.blind is not None or one.is_by_namespace for one in list(self._by_kind.values()))

    @property
    def look_at(self) -> float:
        """When (monotonic) `follow` would look again for a kind that is blind; infinity where none is."""
        rows = [one.look_at for one in list(self._by_kind.values()) if one.blind is not None]
        return min(rows, default=float("inf"))

    @property
    def broken_since(self) -> tuple[float, KubeOrchError] | None:
        """Since when a watch of a built-in kind is broken, and why: then nothing of the cluster is certain."""
        rows = [row for one in self.all if one.is_built_in and (row := one.broken_since) is not None]
        return min(rows, key=lambda row: row[0], default=None)

    def doubtful(self, grace_s: float) -> dict[GroupKind, str]:
        """Kinds beside the built-in ones whose watch is broken for longer than `grace_s`, with the reason."""
        at = time.monotonic()
        rows = [(one.group_kind, one.broken_since) for one in list(self._by_kind.values()) if not one.is_built_in]
        return {kind: row[1].detail for kind, row in rows if row is not None and at - row[0] >= grace_s}

    @property
    def _is_narrow(self) -> bool:
        return any(informer.is_by_namespace for informer in list(self._by_kind.values()))
