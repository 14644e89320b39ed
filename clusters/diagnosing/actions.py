"""What is wrong with an object, or with a cluster, now: read, judged and told. Nothing is stored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bson import ObjectId

from clusters import store
from clusters.checks import evenly
from clusters.connections import asking, client_for
from clusters.diagnosing.reading import around_namespaces, around_object, surroundings
from clusters.domain.diagnosing.examining import FINDINGS_MOST, RULES, examine, examine_all, in_order
from clusters.domain.diagnosing.finding import Finding, Proof
from clusters.domain.diagnosing.surroundings import KIND_VERSIONS, Surroundings, ref_of, spec_of
from clusters.domain.objects import Manifest, Ref, group_of, is_cluster_scoped
from clusters.domain.reading import mapping, mappings, text
from clusters.kube.certificates import expiries
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiNotFound, ClusterUnavailable
from clusters.kube.gathering import Gathered, last_words, preferred_version
from clusters.scope import namespaces_of, require_on
from kubeorch.accounts.principal import Principal

LOGS_MOST = 3
LOG_LINES = 12
LOG_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Log:
    """The last words of a container."""

    container: str
    pod: str
    previous: bool
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A diagnosis."""

    looked_at: datetime
    findings: Sequence[Finding]
    left_out: int
    """Findings beyond FINDINGS_MOST."""
    unread: Sequence[tuple[str, str]]
    """Kinds that could not be read, with the reason."""
    partial: Sequence[str]
    """Kinds of which only a part was read."""
    logs: dict[str, Log] = field(default_factory=dict)
    """By the key of the finding."""


def diagnose_object(principal: Principal, cluster_id: object, group: str, kind: str, namespace: str, name: str) -> Told:
    """What is wrong with one object. Raises NoSuchCluster, ApiNotFound, what `require_on` raises, and API errors."""
    cluster = store.find(cluster_id, principal)
    access = require_on(principal, "cluster.read", cluster, namespace)
    client = client_for(cluster["_id"], access.acting if namespace else None)
    with asking(cluster["_id"], access.team_id), evenly(client):
        ref = _ref(client, group, kind, namespace, name)
        one = client.get(ref)
        if one is None:
            raise ApiNotFound(f"there is no {kind} {name}; it may have been deleted meanwhile")
        known = kind if group_of(KIND_VERSIONS.get(kind, "?")) == group else ""
        found = around_object(client, known, one, with_nodes=access.namespaces is None) if known else Gathered()
        seen = surroundings(found, expiries(client, certificates_of([one])) if known == "Ingress" else None)
        return told(client, examine(kind, one, seen), found, seen)


def diagnose_cluster(principal: Principal, cluster_id: object, wanted: Collection[str] | None) -> Told:
    """What is wrong in a cluster, or in these namespaces of it, as far as the person may see.

    Raises NoSuchCluster, what `require_on` raises, and API errors.
    """
    cluster = store.find(cluster_id, principal)
    team_id = require_on(principal, "cluster.read", cluster).team_id
    visible = namespaces_of(principal, cluster)
    for namespace in wanted or ():
        require_on(principal, "cluster.read", cluster, namespace)
    chosen = frozenset(wanted) if wanted else visible
    client = client_for(cluster["_id"])
    with asking(cluster["_id"], team_id), evenly(client):
        found = around_namespaces(client, chosen, with_nodes=visible is None)
        seen = surroundings(found)
        kinds = [kind for kind in RULES if not wanted or not is_cluster_scoped(KIND_VERSIONS[kind], kind)]
        return told(client, examine_all(seen, kinds), found, seen, logs=0)


def diagnose_refs(principal: Principal, cluster_id: ObjectId, team_id: ObjectId, refs: Collection[Ref]) -> Told:
    """What is wrong with these objects of a team, and which of them are gone. The caller has asked whether it may.

    Raises NoSuchCluster, NotConnected, ClusterBusy and API errors. Kinds without rules are left to their cards.
    """
    cluster = store.find(cluster_id)
    whole = namespaces_of(principal, cluster) is None
    namespaces = {ref.namespace for ref in refs if ref.namespace}
    client = client_for(cluster_id)
    with asking(cluster_id, team_id), evenly(client):
        found = around_namespaces(client, namespaces, with_nodes=whole)
        ingresses = [
            one
            for ref in refs
            if ref.kind == "Ingress"
            if (one := _seen(found, ref)) is not None and spec_of(one).get("tls")
        ]
        seen = surroundings(found, expiries(client, certificates_of(ingresses)))
        findings = in_order(finding for ref in refs for finding in _of_ref(ref, seen))
        return told(client, findings, found, seen)


def _seen(found: Gathered, ref: Ref) -> Manifest | None:
    rows = found.objects.get(ref.kind, ())
    return next((row for row in rows if ref_of(ref.kind, row).identity == ref.identity), None)


def _of_ref(ref: Ref, seen: Surroundings) -> list[Finding]:
    if ref.kind not in RULES or group_of(KIND_VERSIONS[ref.kind]) != ref.group:
        return []
    one = seen.find(ref.kind, ref.namespace, ref.name)
    if one is not None:
        return examine(ref.kind, one, seen)
    if not seen.lacks(ref.kind, ref.namespace, ref.name):
        return []
    return [
        Finding(
            code="object.gone",
            ref=ref,
            sentence=f"{ref.kind} {ref.name}, which was applied, is not there",
            cure="Somebody has deleted it. Run the workflow again to have it back.",
            proofs=(Proof(ref, "not found", field="metadata.name"),),
        )
    ]


def told(
    client: KubeClient, findings: Sequence[Finding], found: Gathered, seen: Surroundings, *, logs: int = LOGS_MOST
) -> Told:
    shown = findings[:FINDINGS_MOST]
    return Told(
        looked_at=seen.now,
        findings=shown,
        left_out=len(findings) - len(shown),
        unread=sorted(found.unread.items()),
        partial=sorted(found.partial - set(found.unread)),
        logs=_logs(client, shown, logs),
    )


def certificates_of(ingresses: Sequence[Manifest]) -> list[tuple[str, str]]:
    """(namespace, name) of the Secrets that hold their certificates."""
    return [
        (text(mapping(one.get("metadata")).get("namespace")), text(row.get("secretName")))
        for one in ingresses
        for row in mappings(spec_of(one).get("tls"))
        if row.get("secretName")
    ]


def _logs(client: KubeClient, findings: Sequence[Finding], most: int) -> dict[str, Log]:
    found = {}
    for finding, wanted in [(one, one.log) for one in findings if one.log is not None][:most]:
        try:
            lines = last_words(
                client,
                finding.ref.namespace,
                wanted.pod,
                wanted.container,
                previous=wanted.previous,
                lines=LOG_LINES,
                most_bytes=LOG_BYTES,
                timeout_s=client.limits.question_s / 2,
            )
        except ClusterUnavailable:
            continue  # the node does not answer; the cause is told without them
        found[finding.key] = Log(wanted.container, wanted.pod, wanted.previous, tuple(lines))
    return found


def _ref(client: KubeClient, group: str, kind: str, namespace: str, name: str) -> Ref:
    version = KIND_VERSIONS.get(kind, "")
    if not version or group_of(version) != group:
        version = preferred_version(client, group, timeout_s=client.limits.question_s)
    scoped = "" if is_cluster_scoped(version, kind) else namespace
    return Ref(version, kind, scoped, name)
