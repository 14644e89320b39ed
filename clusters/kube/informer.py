"""All objects of one kind of one cluster, over one reflector or, where the credentials allow no more, one a namespace.

A kind that the cluster does not serve, or that may not be read, is blind with the reason. Nothing of it is kept then,
so that no old fact is taken for a fresh one, and nothing else suffers from it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from clusters.domain.objects import GroupKind
from clusters.domain.observed import ObservedObject, WarningEvent
from clusters.domain.projection import NoIdentity, project, unreadable, warning_event
from clusters.domain.reading import mapping
from clusters.kube.errors import ApiForbidden, ApiNotFound, UnknownKind
from clusters.kube.listing import Listing
from clusters.kube.noticing import Noticing
from clusters.kube.pacing import Retries
from clusters.kube.versions import served_version
from clusters.kube.watch import Reflector
from clusters.kube.watched_kinds import EVENT, METADATA_ONLY, UNLABELLED, KindOf
from kubeorch.base.errors import KubeOrchError

if TYPE_CHECKING:
    from clusters.kube.informers import Informers

log = logging.getLogger(__name__)

LOGGED_MOST = 100
_logged: set[tuple[GroupKind, type[Exception]]] = set()


class Informer:
    """One kind, in the version that the cluster prefers; the version given is what a built-in kind begins with."""

    def __init__(self, owner: Informers, kind: KindOf, *, selector: str, is_built_in: bool) -> None:
        self.group_kind = kind.group_kind
        self.kind = kind
        self.is_built_in = is_built_in
        self._owner = owner
        self._selector = "" if self.group_kind in UNLABELLED else selector
        self._asks_for_version = not is_built_in
        self._reflectors: dict[str, tuple[Reflector[Any], threading.Thread]] = {}
        self._lock = threading.Lock()
        self._reporting = threading.RLock()
        """Held while a change is passed on: what is dropped meanwhile must not come back."""
        self._is_stopped = False
        self._broken_since: dict[str, tuple[float, KubeOrchError]] = {}
        self._blind_in: dict[str, KubeOrchError] = {}
        """Namespaces that may not be read, with the reason."""
        self._narrow = False
        """The credentials do not allow watching the whole cluster."""
        self.blind: KubeOrchError | None = None
        """Why this kind cannot be watched at all."""
        self._looks = Retries(owner.timing.look, owner.timing.look_reset_s)
        self.look_at = float("-inf")
        """When (monotonic) to look for it again while it is blind."""

    def start(self) -> None:
        """Watch the whole cluster. What cannot be watched is blind, and may be started again."""
        self._follow("")

    def stop(self) -> None:
        """Ask its threads to end, and start no more."""
        with self._lock:
            self._is_stopped = True
        for reflector in self.reflectors:
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
        with self._lock:
            threads = [thread for _, thread in self._reflectors.values()]
            return not self._is_stopped and not all(thread.is_alive() for thread in threads)

    @property
    def is_synced(self) -> bool:
        """Whether everything that can be listed was listed."""
        rows = list(self._reflectors.items())
        is_listed = all(namespace in self._blind_in or one.synced.is_set() for namespace, (one, _) in rows)
        return self.blind is not None or (is_listed and (bool(rows) or self._narrow))

    @property
    def broken_since(self) -> tuple[float, KubeOrchError] | None:
        """Since when (monotonic) what is stored may be out of date, and why; None while it is current."""
        return min(list(self._broken_since.values()), key=lambda row: row[0], default=None)

    def has_listed(self, namespace: str) -> bool:
        """Whether what is not seen of that namespace is not there."""
        found = self._reflectors.get(namespace) or self._reflectors.get("")
        return found is not None and found[0].synced.is_set()

    def why_blind(self, namespace: str) -> str | None:
        """Why an object in that namespace cannot be seen; None when it would be seen if it existed."""
        if self.blind is not None:
            return self.blind.detail
        error = self._blind_in.get(namespace)
        if error is not None:
            return error.detail
        if not self._narrow:
            return None
        return None if namespace in self._reflectors else f"the credentials do not allow reading {self.kind.kind}"

    @property
    def is_by_namespace(self) -> bool:
        return self._narrow

    def follow_namespaces(self, namespaces: Iterable[str]) -> None:
        """Watch these namespaces and no others ("" is all of them)."""
        wanted = set(namespaces)
        for namespace in wanted - set(self._reflectors):
            self._follow(namespace)
        for namespace in set(self._reflectors) - wanted:
            self._drop(namespace)

    def forget(self) -> None:
        """Stop, and report everything that is known as gone."""
        self.stop()
        for namespace in list(self._reflectors):
            self._drop(namespace)

    def _follow(self, namespace: str) -> None:
        client = self._owner.client
        try:
            if self._asks_for_version:
                self.kind = KindOf(served_version(client, self.kind), self.kind.kind)
            resource = client.resource(*self.kind)
        except KubeOrchError as error:
            self._blind(error)
            return
        if namespace and not resource.namespaced:
            return
        is_event = self.kind == EVENT
        listing = Listing(
            path=resource.path(namespace or None),
            label_selector=self._selector,
            field_selector="type=Warning" if is_event else "",
            metadata_only=self.group_kind in METADATA_ONLY,
        )
        noticing = Noticing(decoder_of(self.kind), self._owner.noticed)
        reflector: Reflector[Any] = Reflector(
            client,
            listing,
            noticing,
            changed=partial(self._report, namespace),
            settled=self._owner.settled,
            fresh=partial(self._fresh, namespace),
            broken=partial(self._broken, namespace),
            timing=self._owner.timing,
            stores=not is_event,
        )
        noticing.reflector = reflector
        name = f"watch-{resource.plural}{'-' + namespace if namespace else ''}"
        thread = threading.Thread(target=reflector.run, name=name, daemon=True)
        with self._lock:
            if self._is_stopped or namespace in self._reflectors:
                return
            self._reflectors[namespace] = (reflector, thread)
            thread.start()
        self.blind = None

    def _report(self, namespace: str, old: Any, new: Any) -> None:
        """From a reflector's thread. What it still had in hand when its watch was ended is not known any more."""
        with self._reporting:
            if namespace in self._reflectors:
                self._owner.report(self.kind, old, new)

    def _fresh(self, namespace: str) -> None:
        self._broken_since.pop(namespace, None)
        self._blind_in.pop(namespace, None)
        self._owner.state_changed()

    def _broken(self, namespace: str, since: float, error: KubeOrchError) -> None:
        if isinstance(error, ApiNotFound):
            self._gone()
        elif isinstance(error, ApiForbidden) and namespace == "":
            self._watch_by_namespace()
        elif isinstance(error, ApiForbidden):
            self._blind_in[namespace] = error
            self._broken_since.pop(namespace, None)
            found = self._reflectors.get(namespace)
            if found is not None:
                self._report_gone(found[0])
        else:
            self._broken_since.setdefault(namespace, (since, error))
        self._owner.state_changed()

    def _gone(self) -> None:
        """The cluster does not serve the kind in this version (any more). `start` looks for it anew."""
        self._owner.client.forget_resource(*self.kind)
        self._asks_for_version = True
        self._blind(UnknownKind(*self.kind))  # first, or what is dropped would pass for deleted
        for namespace in list(self._reflectors):
            self._drop(namespace)

    def _blind(self, error: KubeOrchError) -> None:
        if self.blind is None or self.blind.detail != error.detail:
            log.info("%s cannot be watched: %s", self.kind.kind, error)
        self.blind = error
        self.look_at = time.monotonic() + self._looks.next_delay_s()
        self._owner.state_changed()

    def _watch_by_namespace(self) -> None:
        """The credentials do not allow watching the whole cluster: one watch a namespace instead."""
        log.info("%s may not be watched in the whole cluster; watching by namespace", self.kind.kind)
        self._narrow = True
        self._drop("")
        self.follow_namespaces(self._owner.namespaces())

    def _drop(self, namespace: str) -> None:
        """End the watch of a namespace; what it knew is not known any more."""
        with self._lock, self._reporting:
            found = self._reflectors.pop(namespace, None)
        if found is None:
            return
        found[0].stop()
        self._broken_since.pop(namespace, None)
        self._blind_in.pop(namespace, None)
        self._report_gone(found[0])

    def _report_gone(self, reflector: Reflector[Any]) -> None:
        for old in reflector.store.now():
            self._owner.report(self.kind, old, None, is_lost=True)
        reflector.store.clear()


def decoder_of(kind: KindOf) -> Callable[[dict[str, Any]], Any]:
    """What makes the kept value of an object of that kind; None for one that tells nothing."""
    return _decode_event if kind == EVENT else partial(_decode, kind)


def _decode(kind: KindOf, manifest: dict[str, Any]) -> ObservedObject:
    try:
        return project(kind.api_version, kind.kind, manifest)
    except NoIdentity:
        raise  # nobody's node can show it: the watch leaves it out, and says so
    except Exception as error:  # noqa: BLE001  (whatever is wrong with one object is told on its node)
        _log_once(kind, error)
        return unreadable(kind.api_version, kind.kind, manifest, f"{type(error).__name__}: {error}")


def _log_once(kind: KindOf, error: Exception) -> None:
    """One line for what a whole collection may have; its nodes say the rest."""
    row = (kind.group_kind, type(error))
    if row not in _logged and len(_logged) < LOGGED_MOST:
        _logged.add(row)
        log.error("a %s cannot be read", kind.kind, exc_info=error)


class DecodedEvent(NamedTuple):
    """A Warning event with what a reflector needs of any object."""

    uid: str
    resource_version: str
    warning: WarningEvent


def _decode_event(manifest: dict[str, Any]) -> DecodedEvent | None:
    found = warning_event(manifest)
    if found is None:
        return None  # it names no object by its uid, as it need not
    metadata = mapping(manifest.get("metadata"))
    return DecodedEvent(str(metadata.get("uid") or ""), str(metadata.get("resourceVersion") or ""), found)
