"""What a diagnosis looks at: whole objects by kind, found by name, owner and selector."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from clusters.domain.objects import GroupKind, Manifest, Ref
from clusters.domain.projection import warning_event
from clusters.domain.reading import integer, mapping, mappings, moment, text

KIND_VERSIONS: Mapping[str, str] = {
    **dict.fromkeys(("Pod", "Service", "ConfigMap", "Secret", "PersistentVolumeClaim", "PersistentVolume"), "v1"),
    **dict.fromkeys(("Event", "Node", "ResourceQuota", "LimitRange", "ServiceAccount", "Namespace"), "v1"),
    **dict.fromkeys(("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"), "apps/v1"),
    **dict.fromkeys(("Job", "CronJob"), "batch/v1"),
    **dict.fromkeys(("Ingress", "IngressClass", "NetworkPolicy"), "networking.k8s.io/v1"),
    "EndpointSlice": "discovery.k8s.io/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "PodDisruptionBudget": "policy/v1",
    "StorageClass": "storage.k8s.io/v1",
    "APIService": "apiregistration.k8s.io/v1",
    **dict.fromkeys(
        ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"), "admissionregistration.k8s.io/v1"
    ),
}
"""The kinds that diagnoses know, and the API version in which they read them."""
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicaSet")
"""What makes pods; ReplicaSets last, since most belong to a Deployment."""
GENERATIONS = 4
NEW_S = 300.0
"""Clouds take some minutes for a disk, a load balancer and its address."""


class Event(NamedTuple):
    """A Warning event."""

    reason: str
    message: str
    times: int
    first_at: str
    last_at: str


class Surroundings:
    """Objects of a cluster, as they were read at one moment. Nothing here trusts their shape."""

    def __init__(
        self,
        objects: Mapping[str, Iterable[Manifest]],
        *,
        now: datetime,
        partial: Iterable[str] = (),
        expiries: Mapping[tuple[str, str], datetime] | None = None,
    ) -> None:
        """`objects` by kind; a kind that is absent was not read, one of `partial` not wholly.

        `expiries` says when the certificates in Secrets of that (namespace, name) end.
        """
        self.now = now
        self.expiries = expiries or {}
        self._whole = frozenset(objects) - frozenset(partial)
        self._objects = {kind: [one for one in rows if _name(one)] for kind, rows in objects.items() if kind != "Event"}
        self._placed: dict[tuple[str, str], list[Manifest]] = defaultdict(list)
        self._labelled: dict[tuple[str, str, str, str], list[Manifest]] = defaultdict(list)
        for kind, rows in self._objects.items():
            for one in rows:
                self._placed[kind, _namespace(one)].append(one)
                for key, value in _texts(labels_of(one)):
                    self._labelled[kind, _namespace(one), key, value].append(one)
        self._named = {(kind, _namespace(one), _name(one)): one for kind, rows in self._objects.items() for one in rows}
        self._made: dict[str, list[tuple[str, Manifest]]] = defaultdict(list)
        for kind, rows in self._objects.items():
            for one in rows:
                if uid := controller_of(one):
                    self._made[uid].append((kind, one))
        self._events: dict[str, list[Event]] = defaultdict(list)
        for row in objects.get("Event", ()):
            warning = warning_event(row)
            if warning is not None:
                first = text(row.get("firstTimestamp")) or text(row.get("eventTime"))
                self._events[warning.uid].append(
                    Event(warning.reason, warning.message, warning.times, first, warning.at)
                )

    def all(self, kind: str, namespace: str | None = None) -> list[Manifest]:
        return self._objects.get(kind, []) if namespace is None else self._placed.get((kind, namespace), [])

    def find(self, kind: str, namespace: str, name: str) -> Manifest | None:
        return self._named.get((kind, namespace, name))

    def lacks(self, kind: str, namespace: str, name: str) -> bool:
        """Whether there is no such object: the kind was read wholly, and this was not among it."""
        return bool(name) and kind in self._whole and (kind, namespace, name) not in self._named

    def knows(self, kind: str) -> bool:
        """Whether all objects of that kind that matter were read."""
        return kind in self._whole

    def events(self, one: Manifest, *reasons: str) -> list[Event]:
        """Warning events about it, the latest first; of these reasons alone where any are given."""
        rows = self._events.get(text(mapping(one.get("metadata")).get("uid")), [])
        found = [row for row in rows if not reasons or row.reason in reasons]
        return sorted(found, key=lambda row: row.last_at, reverse=True)

    def is_fresh(self, event: Event, within_s: float = 600.0) -> bool:
        """Whether it says something about now; events without a time do."""
        at = moment(event.last_at)
        return at is None or (self.now - at).total_seconds() < within_s

    def is_new(self, one: Manifest, within_s: float = NEW_S) -> bool:
        """Whether it was made so lately that what others have to do for it may still be under way."""
        made = moment(self.since(one))
        return made is not None and (self.now - made).total_seconds() < within_s

    def made_by(self, one: Manifest) -> list[tuple[str, Manifest]]:
        """(kind, object) of all that controllers have made of it, and of that."""
        found: list[tuple[str, Manifest]] = []
        uids = [_uid(one)]
        for _ in range(GENERATIONS):
            made = [row for uid in uids for row in self._made.get(uid, ())]
            if not made:
                break
            found += made
            uids = [_uid(row) for _, row in made]
        return found

    def pods_of(self, one: Manifest) -> list[Manifest]:
        return [row for kind, row in self.made_by(one) if kind == "Pod"]

    def selected(self, kind: str, namespace: str, selector: Mapping[str, Any]) -> list[Manifest]:
        """Objects of the namespace that carry all these labels."""
        pairs = _texts(selector)
        if len(pairs) < len(selector) or not pairs:
            return []  # labels are texts
        fewest = min((self._labelled.get((kind, namespace, *pair), []) for pair in pairs), key=len)
        return [one for one in fewest if carries(labels_of(one), selector)]

    def workloads(self, namespace: str) -> Iterator[tuple[str, Manifest]]:
        """What makes pods in the namespace and was made by no controller."""
        for kind in WORKLOADS:
            for one in self.all(kind, namespace):
                if not controller_of(one):
                    yield kind, one

    def since(self, one: Manifest) -> str:
        return text(_metadata(one).get("creationTimestamp"))


def ref_of(kind: str, one: Manifest) -> Ref:
    version = KIND_VERSIONS.get(kind) or text(one.get("apiVersion"))
    return Ref(version, kind, _namespace(one), _name(one))


def group_kind(kind: str) -> GroupKind:
    version = KIND_VERSIONS[kind]
    return GroupKind(version.rpartition("/")[0], kind)


def controller_of(one: Manifest) -> str:
    """The uid of the controller that made it, "" for none."""
    rows = mappings(_metadata(one).get("ownerReferences"))
    return next((text(row.get("uid")) for row in rows if row.get("controller") is True), "")


def spec_of(one: Manifest) -> Mapping[str, Any]:
    return mapping(one.get("spec"))


def status_of(one: Manifest) -> Mapping[str, Any]:
    return mapping(one.get("status"))


def template_of(kind: str, one: Manifest) -> Mapping[str, Any]:
    """The pod that it makes, or is: `{metadata, spec}`."""
    if kind == "Pod":
        return one
    spec = spec_of(one)
    if kind == "CronJob":
        spec = mapping(mapping(spec.get("jobTemplate")).get("spec"))
    return mapping(spec.get("template"))


TEMPLATE_PATHS = {"Pod": "", "CronJob": "spec.jobTemplate.spec.template."}


def template_path(kind: str) -> str:
    """Where `template_of` is found, with a dot at the end."""
    return TEMPLATE_PATHS.get(kind, "spec.template.")


def containers_of(pod: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    spec = mapping(pod.get("spec"))
    return mappings(spec.get("containers"))


def ports_of(pod: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    """(name, number, protocol) of the ports that its containers declare."""
    return [
        (text(port.get("name")), integer(port.get("containerPort")), text(port.get("protocol")) or "TCP")
        for container in containers_of(pod)
        for port in mappings(container.get("ports"))
    ]


def condition(one: Manifest, kind: str) -> Mapping[str, Any]:
    """Its condition of that type, {} for none."""
    rows = mappings(status_of(one).get("conditions"))
    return next((row for row in rows if row.get("type") == kind), {})


def is_being_deleted(one: Manifest) -> bool:
    return bool(_metadata(one).get("deletionTimestamp"))


def carries(labels: Mapping[str, Any], selector: Mapping[str, Any]) -> bool:
    """Whether these labels hold all of the selector; an empty selector holds for none, as that of a Service does."""
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def matches(labels: Mapping[str, Any], selector: Mapping[str, Any]) -> bool:
    """A label selector with matchLabels and matchExpressions; an empty one matches everything.

    Source: Kubernetes docs, "Labels and Selectors", section "Resources that support set-based requirements".
    """
    if not all(labels.get(key) == value for key, value in mapping(selector.get("matchLabels")).items()):
        return False
    return all(_expresses(labels, row) for row in mappings(selector.get("matchExpressions")))


def _expresses(labels: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    key, values = text(row.get("key")), row.get("values")
    wanted: Sequence[Any] = values if isinstance(values, list) else ()
    match row.get("operator"):
        case "In":
            return labels.get(key) in wanted
        case "NotIn":
            return labels.get(key) not in wanted
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    return False


def named(kind: str, one: Manifest) -> str:
    return f"{kind} {_name(one)}"


def _metadata(one: Manifest) -> Mapping[str, Any]:
    return mapping(one.get("metadata"))


def labels_of(one: Mapping[str, Any]) -> Mapping[str, Any]:
    return mapping(mapping(one.get("metadata")).get("labels"))


def _texts(labels: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(key, value) for key, value in labels.items() if isinstance(key, str) and isinstance(value, str)]


def _name(one: Manifest) -> str:
    return text(_metadata(one).get("name"))


def _namespace(one: Manifest) -> str:
    return text(_metadata(one).get("namespace"))


def _uid(one: Manifest) -> str:
    return text(_metadata(one).get("uid"))
