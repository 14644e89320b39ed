"""What tells to whom an object of a cluster belongs: itself, and what it was made for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bson import ObjectId

from clusters.domain.kind_names import KindName
from clusters.domain.objects import GroupKind, Manifest, Ref
from clusters.domain.reading import mapping, mappings, text
from clusters.kube.allowance import Allowance
from clusters.kube.client import METADATA_ONE, KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound, UnknownKind
from clusters.kube.kinds import ServedKind
from clusters.questions.kinds import kind_of
from clusters.uses import Belonging, BelongingOf, Trace
from kubeorch.accounts.principal import Principal

LEVELS_MOST = 5
"""Of controllers above an object: a pod, its Job, a CronJob, and what an operator puts above that."""
OWNERS_MOST = 8
"""Owners of one object that are looked at."""
VOLUME = GroupKind("", "PersistentVolume")
CLAIM = ("v1", "PersistentVolumeClaim")
DEFINITION = GroupKind("apiextensions.k8s.io", "CustomResourceDefinition")


@dataclass(frozen=True, slots=True)
class Asked:
    """Where what is above an object is read."""

    cluster_id: ObjectId
    client: KubeClient
    allowance: Allowance


def environment_of(
    principal: Principal, ref: Ref, live: Manifest, asked: Asked, belonging_of: BelongingOf
) -> Belonging | None:
    """The environment to which the object belongs, or of which something would go with it. Raises what the cluster
    says of what is above it."""
    found = belonging_of(principal, asked.cluster_id, traces_of(ref, live, asked))
    if found is not None:
        found["made_by"] = _maker(live) or found.get("made_by", "")
    return found


def traces_of(ref: Ref, live: Manifest, asked: Asked) -> Iterator[Trace]:
    """The object itself, what owns it, and so on upwards along its controllers; above a volume is its claim.

    What is above is read as it is asked for; where that is gone or may not be read, what the object says of it counts.
    """
    yield Trace(
        ref,
        text(mapping(live.get("metadata")).get("uid")),
        _labels(live),
        defined_by(GroupKind(ref.group, ref.kind), live),
    )
    for _ in range(LEVELS_MOST):
        above = _above(ref, live)
        if not above:
            return
        (ref, uid), *others = ((_placed(asked, owner), uid) for owner, uid in above)
        found = _read(asked, ref, uid)
        yield Trace(ref, uid, _labels(found) if found else None)
        yield from (Trace(owner, its_uid, None) for owner, its_uid in others)
        if found is None:
            return
        live = found


def _above(ref: Ref, live: Manifest) -> list[tuple[Ref, str]]:
    """Refs and uids of what it was made for, its controller first."""
    claim = mapping(mapping(live.get("spec")).get("claimRef")) if (ref.group, ref.kind) == VOLUME else {}
    if claim:
        return [(Ref(*CLAIM, text(claim.get("namespace")), text(claim.get("name"))), text(claim.get("uid")))]
    rows = sorted(_owners(live), key=lambda row: row.get("controller") is not True)
    return [
        (Ref(text(row.get("apiVersion")), text(row.get("kind")), ref.namespace, text(row.get("name"))), _uid(row))
        for row in rows[:OWNERS_MOST]
    ]


def _placed(asked: Asked, owner: Ref) -> Ref:
    """Without its namespace, where its kind has none."""
    kind = _kind(asked, owner)
    return replace(owner, namespace="") if kind is not None and not kind.namespaced else owner


def _read(asked: Asked, ref: Ref, uid: str) -> Manifest | None:
    """The metadata of that very object; None where it is gone, or may not be read."""
    kind = _kind(asked, ref)
    if kind is None or kind.namespaced != bool(ref.namespace) or not ref.name:
        return None  # what has no namespace has no owner in one
    try:
        path = kind.resource.path(ref.namespace or None, ref.name)
        headers = {"Accept": METADATA_ONE}
        found = asked.client.request("GET", path, headers=headers, allowance=asked.allowance)[1]
    except (ApiForbidden, ApiNotFound):
        return None
    return found if _uid(mapping(found.get("metadata"))) == uid else None


def _kind(asked: Asked, ref: Ref) -> ServedKind | None:
    try:
        return kind_of(asked.client, asked.cluster_id, KindName(ref.group, ref.kind), asked.allowance)
    except UnknownKind:
        return None


def _uid(row: Mapping[str, object]) -> str:
    return text(row.get("uid"))


def _owners(live: Manifest) -> list[Mapping[str, object]]:
    return list(mappings(mapping(live.get("metadata")).get("ownerReferences")))


def _labels(live: Manifest) -> dict[str, str]:
    return {key: text(value) for key, value in mapping(mapping(live.get("metadata")).get("labels")).items()}


def defined_by(kind: GroupKind, live: Manifest) -> GroupKind | None:
    """The kind that a CustomResourceDefinition defines."""
    if kind != DEFINITION:
        return None
    spec = mapping(live.get("spec"))
    return GroupKind(text(spec.get("group")), text(mapping(spec.get("names")).get("kind")))


def _maker(live: Manifest) -> str:
    rows = (
        f"{text(row.get('kind'))} {text(row.get('name'))}" for row in _owners(live) if row.get("controller") is True
    )
    return next(rows, "")[:320].strip()
