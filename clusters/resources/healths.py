"""The health of objects that were just read: by the object alone, or by what is read beside it as well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from clusters.domain.diagnosing.healths import (
    BESIDE,
    WORKLOADS,
    health_among,
    health_by_pods,
    is_in_doubt,
    service_among,
    services_before,
)
from clusters.domain.diagnosing.surroundings import KIND_VERSIONS, Surroundings, spec_of
from clusters.domain.health import RULES, Health, State, health_of
from clusters.domain.judgement import ObjectContext
from clusters.domain.objects import GroupKind, Manifest, group_of, is_cluster_scoped
from clusters.domain.projection import NoIdentity, project, unreadable
from clusters.domain.reading import mapping, text
from clusters.domain.rules import others
from clusters.kube.errors import ClusterUnavailable
from clusters.kube.gathering import Gathered, Want, gather
from clusters.kube.kinds import ServedKind
from clusters.questions.asking import Question
from kubeorch.base.clock import now

NAMED_MOST = 2_000
"""Characters of a selector that names Services one by one; of more, the slices of the whole place are read."""
CLOSER_MOST = 20
"""Services whose pods are asked for one by one; of more, the pods of their namespaces are read."""
READING_S = 3.0


def is_judged(group: str, kind: str) -> bool:
    """Whether objects of the kind say by their own status how they are. What merely exists is not judged: kinds of
    Kubernetes that have no status (`RULES`). Of any other kind a status may come, and is judged as on the canvas."""
    return RULES.get(GroupKind(group, kind)) is not others.exists


def beside(kind: ServedKind) -> tuple[str, ...]:
    """The kinds that have to be looked at as well, as `KIND_VERSIONS` calls them."""
    is_it = kind.kind in BESIDE and group_of(KIND_VERSIONS[kind.kind]) == kind.group
    return BESIDE[kind.kind] if is_it else ()


def is_by_pods(kind: ServedKind, health: Health | None) -> bool:
    """Whether its pods may say more than the object itself: it is a workload on its way."""
    is_workload = kind.kind in WORKLOADS and group_of(KIND_VERSIONS[kind.kind]) == kind.group
    return is_workload and health is not None and health.state is State.PROGRESSING


def judged(kind: ServedKind, manifest: Manifest) -> Health | None:
    """By the object alone, which is no answer for a kind with something `beside` it. None for what has no identity."""
    try:
        seen = project(kind.api_version, kind.kind, manifest)
    except NoIdentity:
        return None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return health_of(unreadable(kind.api_version, kind.kind, manifest, str(error)))
    return health_of(seen, ObjectContext(now=now()))


def judged_all(question: Question, kind: ServedKind, manifests: Sequence[Manifest], place: str) -> list[Health | None]:
    """Of objects of one kind, in the namespace `place`, or "" for any. What cannot be read beside them is no error: the
    health that rests on it is unknown, with the reason."""
    found = [judged(kind, one) for one in manifests]
    needed = [
        one for one in beside(kind) if question.namespaces is None or not is_cluster_scoped(KIND_VERSIONS[one], one)
    ]
    if not needed or not manifests:
        return _by_pods(question, kind, manifests, found)
    around = _gathered(
        question, [_want(one, place, _named(manifests) if kind.kind == "Service" else "") for one in needed]
    )
    seen = _surroundings(question, around)
    services = _services_of(kind.kind, manifests, seen)
    doubted = _looked_into([one for one in services if is_in_doubt(one, seen)])
    closer, looked_into = seen, {id(one) for one in doubted}
    if doubted:
        _merge(around, _gathered(question, list(_closer(doubted))))
        closer = _surroundings(question, around)

    def seen_of(one: Manifest) -> Surroundings:
        return closer if id(one) in looked_into else seen

    def service_health(one: Manifest) -> Health:
        return service_among(one, seen_of(one), around.unread)

    return [
        own and health_among(kind.kind, one, own, seen_of(one), around.unread, service_health)
        for one, own in zip(manifests, found, strict=True)
    ]


def _services_of(kind: str, manifests: Sequence[Manifest], seen: Surroundings) -> list[Manifest]:
    """Those that are judged, each once: the ones of the list, or those that its Ingresses route to."""
    if kind == "Service":
        return list(manifests)
    found = [service for one in manifests for service in services_before(one, seen)] if kind == "Ingress" else []
    return list({id(one): one for one in found}.values())


def _by_pods(
    question: Question, kind: ServedKind, manifests: Sequence[Manifest], found: list[Health | None]
) -> list[Health | None]:
    """Of workloads on their way, in the first namespaces, what keeps their pods; the rest is what it says of itself."""
    doubted = [
        one
        for one, own in zip(manifests, found, strict=True)
        if is_by_pods(kind, own) and not mapping(one.get("metadata")).get("deletionTimestamp")
    ]
    if not doubted:
        return found
    looked_into = {id(one) for one in _looked_into(doubted)}
    around = _gathered(question, list(_around_pods(kind.kind, [one for one in doubted if id(one) in looked_into])))
    around.objects[kind.kind] = list(
        {_uid(one): one for one in (*around.objects.get(kind.kind, ()), *doubted)}.values()
    )
    seen = _surroundings(question, around)
    return [
        health_by_pods(kind.kind, one, own, seen) if own is not None and id(one) in looked_into else own
        for one, own in zip(manifests, found, strict=True)
    ]


def _around_pods(kind: str, workloads: Sequence[Manifest]) -> Iterable[Want]:
    """Their pods, what is between, and what the namespaces say of them."""
    places = sorted({_place_of(one) for one in workloads})
    made = ("Pod", "ReplicaSet") if kind == "Deployment" else ("Pod",)
    if len(workloads) > CLOSER_MOST:
        yield from (_want(about, place) for place in places for about in made)
    else:
        for one in workloads:
            pairs = mapping(mapping(spec_of(one).get("selector")).get("matchLabels")).items()
            labels = ",".join(f"{key}={value}" for key, value in pairs)
            yield from (_want(about, _place_of(one), labels) for about in made)
    for place in places:
        yield _want("PersistentVolumeClaim", place)
        yield Want("v1", "Event", place, fields="type=Warning")


def _uid(one: Manifest) -> str:
    return text(mapping(one.get("metadata")).get("uid"))


def _gathered(question: Question, wants: Sequence[Want]) -> Gathered:
    try:
        return gather(question.client_in, wants, within_s=min(READING_S, question.allowance.left_s() / 2))
    except ClusterUnavailable as error:
        return Gathered(unread={want.kind: error.detail for want in wants})


def _merge(around: Gathered, more: Gathered) -> None:
    """Pods that two Services select were read twice."""
    for kind, rows in more.objects.items():
        around.objects[kind] = list({_uid(one): one for one in rows}.values())
    around.unread |= more.unread
    around.partial |= more.partial


def _surroundings(question: Question, around: Gathered) -> Surroundings:
    return Surroundings(around.objects, now=question.client.clock.now(), partial=around.partial)


def _named(services: Iterable[Manifest]) -> str:
    """The selector of their slices."""
    names = ",".join(sorted({text(mapping(one.get("metadata")).get("name")) for one in services}))
    return f"kubernetes.io/service-name in ({names})" if len(names) <= NAMED_MOST else ""


def _looked_into(services: Sequence[Manifest]) -> list[Manifest]:
    """Those of the first namespaces: of the rest no pods are read, which is not to say that there are none."""
    places = sorted({_place_of(one) for one in services})[:CLOSER_MOST]
    return [one for one in services if _place_of(one) in places]


def _closer(services: Sequence[Manifest]) -> Iterable[Want]:
    """The pods that they select, and what makes pods beside them. These say nothing of other Services."""
    for place in sorted({_place_of(one) for one in services}):
        yield from (_want(kind, place) for kind in ("Deployment", "StatefulSet", "DaemonSet"))
        if len(services) > CLOSER_MOST:
            yield _want("Pod", place)
    if len(services) <= CLOSER_MOST:
        for one in services:
            pairs = mapping(spec_of(one).get("selector")).items()
            yield _want("Pod", _place_of(one), ",".join(f"{key}={value}" for key, value in pairs))


def _place_of(one: Manifest) -> str:
    return text(mapping(one.get("metadata")).get("namespace"))


def _want(kind: str, place: str, labels: str = "") -> Want:
    return Want(
        KIND_VERSIONS[kind], kind, None if is_cluster_scoped(KIND_VERSIONS[kind], kind) else place or None, labels
    )
