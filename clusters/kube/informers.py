"""All watches of one cluster: one reflector a kind, or one a namespace where the credentials allow no more.

Only objects that carry an environment's label are watched (pods, ReplicaSets and EndpointSlices inherit it), and
the cluster's Warning events. So the number of watches is the number of kinds, however many nodes are drawn.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, cast

from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.observed import ObservedObject, WarningEvent
from clusters.domain.projection import project, unreadable, warning_event
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound, UnknownKind
from clusters.kube.pacing import USUAL, Timing
from clusters.kube.watch import Listing, Reflector
from kubeorch.base.errors import KubeOrchError

log = logging.getLogger(__name__)


class KindOf(NamedTuple):
    api_version: str
    kind: str


EVENT = KindOf("v1", "Event")
STORAGE_CLASS = KindOf("storage.k8s.io/v1", "StorageClass")
METADATA_ONLY = frozenset(
    {
        KindOf("v1", "ConfigMap"),
        KindOf("v1", "Secret"),
        KindOf("v1", "ServiceAccount"),
        KindOf("networking.k8s.io/v1", "NetworkPolicy"),
        KindOf("rbac.authorization.k8s.io/v1", "Role"),
        KindOf("rbac.authorization.k8s.io/v1", "RoleBinding"),
    }
)
"""Their content is not looked at, so it is not requested; the values of Secrets never reach this process."""
BUILT_IN: tuple[KindOf, ...] = (
    KindOf("apps/v1", "Deployment"),
    KindOf("apps/v1", "ReplicaSet"),
    KindOf("apps/v1", "StatefulSet"),
    KindOf("apps/v1", "DaemonSet"),
    KindOf("batch/v1", "Job"),
    KindOf("batch/v1", "CronJob"),
    KindOf("v1", "Pod"),
    KindOf("v1", "Service"),
    KindOf("discovery.k8s.io/v1", "EndpointSlice"),
    KindOf("networking.k8s.io/v1", "Ingress"),
    KindOf("v1", "ConfigMap"),
    KindOf("v1", "Secret"),
    KindOf("v1", "PersistentVolumeClaim"),
    KindOf("autoscaling/v2", "HorizontalPodAutoscaler"),
    KindOf("networking.k8s.io/v1", "NetworkPolicy"),
    KindOf("v1", "ServiceAccount"),
    STORAGE_CLASS,
    EVENT,
)
OPTIONAL = frozenset({EVENT, STORAGE_CLASS, KindOf("discovery.k8s.io/v1", "EndpointSlice")})
"""Without them statuses say less, but nothing wrong: credentials that may not read them are good enough."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an object, or one Warning event: `old` None is a new object, `new` None a deleted one."""

    kind: KindOf
    old: Any
    new: Any


class Informer:
    """One kind of one cluster, over one reflector or, without cluster-wide rights, one a namespace."""

    def __init__(self, owner: Informers, kind: KindOf) -> None:
        self.kind = kind
        self._owner = owner
        self._reflectors: dict[str, tuple[Reflector[Any], threading.Thread]] = {}
        self._lock = threading.Lock()
        self._is_stopped = False
        self._broken_since: dict[str, tuple[float, KubeOrchError]] = {}
        self.blind: KubeOrchError | None = None
        """Why this kind cannot be watched at all."""

    def start(self) -> None:
        self._follow("")

    def stop(self) -> None:
        """Ask its threads to end, and start no more."""
        with self._lock:
            self._is_stopped = True
            running = list(self._reflectors.values())
        for reflector, _ in running:
            reflector.stop()

    def join(self, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        for _, thread in list(self._reflectors.values()):
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))

    @property
    def reflectors(self) -> list[Reflector[Any]]:
        return [reflector for reflector, _ in list(self._reflectors.values())]

    @property
    def has_died(self) -> bool:
        """Whether one of its threads ended without being asked to."""
        threads = [thread for _, thread in list(self._reflectors.values())]
        return not self._is_stopped and not all(thread.is_alive() for thread in threads)

    @property
    def is_synced(self) -> bool:
        reflectors = self.reflectors
        return self.blind is not None or (bool(reflectors) and all(one.synced.is_set() for one in reflectors))

    @property
    def broken_since(self) -> tuple[float, KubeOrchError] | None:
        """Since when (monotonic) what is stored may be out of date, and why; None while it is current."""
        return min(list(self._broken_since.values()), key=lambda row: row[0], default=None)

    @property
    def is_by_namespace(self) -> bool:
        return "" not in self._reflectors and (bool(self._reflectors) or self.blind is not None)

    def follow_namespaces(self, namespaces: Iterable[str]) -> None:
        """Watch these namespaces and no others. Only for a kind that is watched by namespace."""
        wanted = set(namespaces)
        for namespace in wanted - set(self._reflectors):
            self._follow(namespace)
        for namespace in set(self._reflectors) - wanted:
            reflector, _ = self._reflectors.pop(namespace)
            reflector.stop()
            self._broken_since.pop(namespace, None)

    def _follow(self, namespace: str) -> None:
        try:
            resource = self._owner.client.resource(*self.kind)
        except UnknownKind as error:
            self.blind = error
            return
        if namespace and not resource.namespaced:
            return
        is_event = self.kind == EVENT
        listing = Listing(
            path=resource.path(namespace or None),
            label_selector="" if is_event or self.kind == STORAGE_CLASS else self._owner.selector,
            field_selector="type=Warning" if is_event else "",
            metadata_only=self.kind in METADATA_ONLY,
        )
        decode: Callable[[dict[str, Any]], Any] = partial(_decode, self.kind)
        reflector: Reflector[Any] = Reflector(
            self._owner.client,
            listing,
            _decode_event if is_event else decode,
            changed=partial(self._changed, self.kind),
            settled=self._settled,
            fresh=partial(self._fresh, namespace),
            broken=partial(self._broken, namespace),
            timing=self._owner.timing,
            stores=not is_event,
        )
        name = f"watch-{resource.plural}{'-' + namespace if namespace else ''}"
        thread = threading.Thread(target=reflector.run, name=name, daemon=True)
        with self._lock:
            if self._is_stopped:
                return
            self._reflectors[namespace] = (reflector, thread)
            thread.start()
        self.blind = None

    def _changed(self, kind: KindOf, old: Any, new: Any) -> None:
        self._owner.changed(Change(kind, old, new))

    def _settled(self) -> None:
        self._owner.settled()

    def _fresh(self, namespace: str) -> None:
        self._broken_since.pop(namespace, None)
        self._owner.state_changed()

    def _broken(self, namespace: str, since: float, error: KubeOrchError) -> None:
        if isinstance(error, (ApiForbidden, ApiNotFound)):
            if namespace == "" and isinstance(error, ApiForbidden):
                self._watch_by_namespace(error)
            elif self.kind not in OPTIONAL:
                self.blind = error
            if self.kind in OPTIONAL:
                for reflector in self.reflectors:
                    reflector.synced.set()
                return
            if namespace == "" and isinstance(error, ApiForbidden):
                self._owner.state_changed()  # its place is taken by the watches of the namespaces
                return
        self._broken_since.setdefault(namespace, (since, error))
        self._owner.state_changed()

    def _watch_by_namespace(self, error: ApiForbidden) -> None:
        """The credentials do not allow watching the whole cluster: one watch a namespace instead."""
        log.info("%s may not be watched in the whole cluster; watching by namespace", self.kind.kind)
        with self._lock:
            found = self._reflectors.pop("", None)
        if found is not None:
            found[0].stop()
        self._broken_since.pop("", None)
        self.blind = error
        self.follow_namespaces(self._owner.namespaces())


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
        timing: Timing = USUAL,
        selector: str = ENVIRONMENT_LABEL,
    ) -> None:
        self.client = client
        self.changed = changed
        self.settled = settled
        self.state_changed = state_changed
        self.namespaces = namespaces
        self.timing = timing
        self.selector = selector
        self._by_kind: dict[KindOf, Informer] = {}

    def follow(self, kinds: Iterable[KindOf]) -> None:
        """Watch exactly the built-in kinds and these; may be called again at any time.

        Raises ClusterUnavailable and its like when the API server cannot be asked about a kind that is new.
        """
        wanted = {*BUILT_IN, *kinds}
        for kind in wanted - set(self._by_kind):
            informer = Informer(self, kind)
            informer.start()
            self._by_kind[kind] = informer
        for kind in set(self._by_kind) - wanted:
            self._by_kind.pop(kind).stop()
        for informer in self.all:
            if isinstance(informer.blind, UnknownKind):
                informer.start()  # its definition may have been created meanwhile
        by_namespace = [informer for informer in self.all if informer.is_by_namespace]
        if by_namespace:
            namespaces = set(self.namespaces())
            for informer in by_namespace:
                informer.follow_namespaces(namespaces)

    def stop(self) -> None:
        for informer in self.all:
            informer.stop()

    def join(self, timeout_s: float = 5.0) -> None:
        deadline = time.monotonic() + timeout_s
        for informer in self.all:
            informer.join(max(0.0, deadline - time.monotonic()))

    def informer(self, kind: KindOf) -> Informer | None:
        return self._by_kind.get(kind)

    def died(self) -> KindOf | None:
        """A kind of which a thread ended without being asked to."""
        return next((informer.kind for informer in self.all if informer.has_died), None)

    @property
    def all(self) -> list[Informer]:
        return list(self._by_kind.values())

    @property
    def is_synced(self) -> bool:
        return bool(self._by_kind) and all(informer.is_synced for informer in self.all)

    @property
    def broken_since(self) -> tuple[float, KubeOrchError] | None:
        rows = [row for informer in self.all if (row := informer.broken_since) is not None]
        return min(rows, key=lambda row: row[0], default=None)


def _decode(kind: KindOf, manifest: dict[str, Any]) -> ObservedObject:
    try:
        return project(kind.api_version, kind.kind, manifest)
    except Exception as error:
        log.exception("a %s cannot be read", kind.kind)
        return unreadable(kind.api_version, kind.kind, manifest, f"{type(error).__name__}: {error}")


class DecodedEvent(NamedTuple):
    """A Warning event with what a reflector needs of any object."""

    uid: str
    resource_version: str
    warning: WarningEvent


def _decode_event(manifest: dict[str, Any]) -> DecodedEvent:
    found = warning_event(manifest)
    if found is None:
        raise ValueError("an event that names no object")
    metadata = cast("dict[str, Any]", manifest["metadata"])
    return DecodedEvent(str(metadata.get("uid") or ""), str(metadata.get("resourceVersion") or ""), found)
