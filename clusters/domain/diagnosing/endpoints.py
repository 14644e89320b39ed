"""Why a Service with a sound selector, or without any, has no endpoints."""

from __future__ import annotations

from collections.abc import Iterator

from clusters.domain.diagnosing.finding import Finding, Proof
from clusters.domain.diagnosing.pods import is_ready
from clusters.domain.diagnosing.surroundings import Surroundings, condition, ref_of, status_of
from clusters.domain.objects import Manifest, Ref
from clusters.domain.reading import mapping, mappings, moment, text

_LISTED_S = 60.0
"""How long a cluster may take to list the addresses of ready pods before that is called an error."""


def not_listed(one: Manifest, pods: list[Manifest], seen: Surroundings) -> Iterator[Finding]:
    """Pods are ready, and still no EndpointSlice leads to one of them."""
    ref = ref_of("Service", one)
    since = max((text(condition(pod, "Ready").get("lastTransitionTime")) for pod in pods), default="")
    ready_at = moment(since)
    if not all(is_ready(pod) for pod in pods) or not seen.knows("EndpointSlice"):
        return
    if _leads_somewhere(ref, seen) or (ready_at is not None and (seen.now - ready_at).total_seconds() < _LISTED_S):
        return
    pod = pods[0]
    if text(status_of(pod).get("podIP")):
        code, why = "service.not_listed", "its pods are ready, and no EndpointSlice lists their addresses"
        cure = "See whether kube-controller-manager runs: it writes the EndpointSlices of Services."
        proof = Proof(ref, "no ready address in its EndpointSlices", field="endpoints")
    else:
        code, why = "service.pods_without_address", "its pods are ready, and have no address of their own"
        cure = "See the network of their node: a pod in the network of its node has the InternalIP of that."
        proof = Proof(ref_of("Pod", pod), "no podIP", field="status.podIP")
    yield Finding(code=code, ref=ref, sentence=f"Nothing reaches it: {why}", cure=cure, proofs=(proof,), since=since)


def _leads_somewhere(ref: Ref, seen: Surroundings) -> bool:
    """Whether a slice has an address that gets traffic; one that does not say whether it is ready counts as ready."""
    slices = seen.selected("EndpointSlice", ref.namespace, {"kubernetes.io/service-name": ref.name})
    found = [row for one in slices for row in mappings(one.get("endpoints")) if row.get("addresses")]
    return any(mapping(row.get("conditions")).get("ready") is not False for row in found)


def by_hand(one: Manifest, seen: Surroundings) -> Iterator[Finding]:
    """Without a selector somebody else has to write its endpoints."""
    ref = ref_of("Service", one)
    if not seen.knows("EndpointSlice"):
        return
    slices = seen.selected("EndpointSlice", ref.namespace, {"kubernetes.io/service-name": ref.name})
    if any(mappings(row.get("endpoints")) for row in slices):
        return
    if mapping(one.get("metadata")).get("name") == "kubernetes" and ref.namespace == "default":
        return
    yield Finding(
        code="service.no_selector",
        ref=ref,
        sentence="The Service has no selector, and nobody has given it endpoints",
        cure="Set a selector, or write an EndpointSlice for it.",
        proofs=(Proof(ref, "no selector", field="spec.selector"),),
        field="spec.selector",
    )
