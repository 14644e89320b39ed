"""What is wrong with an object, or with a cluster, now: read, judged and told. Nothing is stored."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bson import ObjectId

from clusters import store
from clusters.diagnosing.reading import around_namespaces, around_object, surroundings
from clusters.domain.diagnosing.examining import FINDINGS_MOST, NEEDS, RULES, examine, examine_all, in_order
from clusters.domain.diagnosing.finding import Finding, Proof
from clusters.domain.diagnosing.surroundings import KIND_VERSIONS, Surroundings, ref_of, spec_of
from clusters.domain.objects import Manifest, Ref, group_of, is_cluster_scoped
from clusters.domain.reading import mapping, mappings, text
from clusters.kube.certificates import expiries
from clusters.kube.errors import ApiAnswer
from clusters.kube.gathering import Gathered, last_words
from clusters.questions.asking import Place, Question, ask, ask_for_team, read_object, seen_by
from clusters.scope import require_on
from kubeorch.accounts.principal import Principal
from kubeorch.base.clock import now

LOGS_MOST = 3
_NO_LOG = "unable to retrieve container logs for "
LOG_LINES = 12
LOG_BYTES = 4096
EXAMINE_S = 3.0
"""Rules compare objects with others; what is not looked at by then is named."""


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


def diagnose_object(principal: Principal, cluster_id: object, place: Place) -> Told:
    """What is wrong with one object. Raises as `ask` and `read_object`, and API errors."""
    with ask(principal, cluster_id, "cluster.read", seen_by(place), looks_through=True) as question:
        kind, one = read_object(question, place)
        known = kind.kind if group_of(KIND_VERSIONS.get(kind.kind, "?")) == kind.group else ""
        found = around_object(question, known, one) if known else Gathered()
        ends = _expiries(question, [one]) if known == "Ingress" else None
        seen = surroundings(question, found, ends)
        if known not in NEEDS.get(known, ()):
            found.partial.discard(known)  # others of its kind are nobody's business here
        return told(question, examine(known or kind.kind, {**one, "apiVersion": kind.api_version}, seen), found, seen)


def diagnose_cluster(principal: Principal, cluster_id: object, wanted: Collection[str] | None) -> Told:
    """What is wrong in a cluster, or in these namespaces of it, as far as the person may see.

    Raises NoSuchCluster, what `require_on` raises, and API errors.
    """
    cluster = store.find(cluster_id, principal)
    for namespace in wanted or ():
        require_on(principal, "cluster.read", cluster, namespace)
    with ask(principal, cluster_id, "cluster.read", looks_through=True) as question:
        chosen = frozenset(wanted) if wanted else question.namespaces
        found = around_namespaces(question, chosen)
        seen = surroundings(question, found, _expiries(question, found.objects.get("Ingress", ())))
        kinds = [kind for kind in RULES if not wanted or not is_cluster_scoped(KIND_VERSIONS[kind], kind)]
        findings = examine_all(seen, kinds, unlooked=found.partial, goes_on=_until(EXAMINE_S))
        return told(question, findings, found, seen, logs=0)


def diagnose_refs(principal: Principal, cluster_id: ObjectId, team_id: ObjectId, refs: Collection[Ref]) -> Told:
    """What is wrong with these objects of a team, and which of them are gone. The caller has asked whether it may.

    Raises NoSuchCluster, NotConnected, ClusterBusy and API errors. Kinds without rules are left to their cards.
    """
    namespaces = {ref.namespace for ref in refs if ref.namespace}
    with ask_for_team(principal, cluster_id, team_id) as question:
        found = around_namespaces(question, namespaces)
        ingresses = [
            one
            for ref in refs
            if ref.kind == "Ingress"
            if (one := _seen(found, ref)) is not None and spec_of(one).get("tls")
        ]
        seen = surroundings(question, found, _expiries(question, ingresses))
        goes_on = _until(EXAMINE_S)
        findings: list[Finding] = []
        for ref in refs:
            if goes_on():
                findings += _of_ref(ref, seen)
            else:
                found.partial.add(ref.kind)
        return told(question, in_order(findings), found, seen)


def _until(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end


def _expiries(question: Question, ingresses: Sequence[Manifest]) -> dict[tuple[str, str], datetime]:
    return expiries(question.client_in, certificates_of(ingresses), question.allowance)


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
    question: Question, findings: Sequence[Finding], found: Gathered, seen: Surroundings, *, logs: int = LOGS_MOST
) -> Told:
    shown = findings[:FINDINGS_MOST]
    return Told(
        looked_at=now(),
        findings=shown,
        left_out=len(findings) - len(shown),
        unread=sorted(found.unread.items()),
        partial=sorted(found.partial - set(found.unread)),
        logs=_logs(question, shown, logs) if question.may("log.read") else {},
    )


def certificates_of(ingresses: Sequence[Manifest]) -> list[tuple[str, str]]:
    """(namespace, name) of the Secrets that hold their certificates."""
    return [
        (text(mapping(one.get("metadata")).get("namespace")), text(row.get("secretName")))
        for one in ingresses
        for row in mappings(spec_of(one).get("tls"))
        if row.get("secretName")
    ]


def _logs(question: Question, findings: Sequence[Finding], most: int) -> dict[str, Log]:
    """As many as can be read in the time that is left of the question."""
    found = {}
    for finding, wanted in [(one, one.log) for one in findings if one.log is not None][:most]:
        try:
            lines = last_words(
                question.client_in(finding.ref.namespace),
                finding.ref.namespace,
                wanted.pod,
                wanted.container,
                previous=wanted.previous,
                lines=LOG_LINES,
                most_bytes=LOG_BYTES,
                timeout_s=question.allowance.left_s(),
            )
        except ApiAnswer:
            continue  # the node does not answer; the cause is told without them
        if not any(line.startswith(_NO_LOG) for line in lines):  # the kubelet says so where the log should be
            found[finding.key] = Log(wanted.container, wanted.pod, wanted.previous, tuple(lines))
    return found
