"""NetworkPolicies that let nothing reach the pods of a Service, or nothing from outside their namespace.

Source: Kubernetes docs, "Network Policies", section "The two sorts of pod isolation": pods that a policy selects take
only what one of these policies allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from clusters.domain.diagnosing.finding import Finding, Proof, Severity
from clusters.domain.diagnosing.surroundings import Surroundings, labels_of, matches, ports_of, ref_of, spec_of
from clusters.domain.objects import Manifest
from clusters.domain.reading import integer, mapping, mappings, text


def of_pods_behind(
    kind: str, one: Manifest, service: Manifest, pods: Sequence[Manifest], seen: Surroundings
) -> list[Finding]:
    """Of a Service that nothing may reach, or (`kind` Ingress) nothing that comes from another namespace."""
    if not pods or not seen.knows("NetworkPolicy"):
        return []
    ref, outside = ref_of(kind, one), kind == "Ingress"
    namespace = ref_of("Service", service).namespace
    isolating = [row for row in seen.all("NetworkPolicy", namespace) if _isolates(row, labels_of(pods[0]))]
    names = {name: number for name, number, _ in ports_of(pods[0])}
    if not isolating:
        return []
    found = []
    for row in mappings(spec_of(service).get("ports")):
        target = row.get("targetPort", row.get("port"))
        port = target if isinstance(target, int) else names.get(text(target), integer(row.get("port")))
        if any(_lets_in(policy, port, names, outside=outside) for policy in isolating):
            continue
        policies = ", ".join(ref_of("NetworkPolicy", policy).name for policy in isolating[:3])
        whom = "nothing from outside the namespace" if outside else "nothing"
        found.append(
            Finding(
                code="policy.cuts",
                ref=ref,
                sentence=f"NetworkPolicy {policies} lets {whom} reach port {port} of the pods behind "
                f"Service {ref_of('Service', service).name}",
                cure="Allow it in one of the policies: a rule with whom it comes from and this port.",
                severity=Severity.WARNING,
                proofs=tuple(
                    Proof(
                        ref_of("NetworkPolicy", policy), "selects the pods, and no rule allows it", field="spec.ingress"
                    )
                    for policy in isolating[:3]
                ),
            )
        )
    return found[:1]


def _isolates(policy: Manifest, labels: Mapping[str, Any]) -> bool:
    types = spec_of(policy).get("policyTypes")
    return (not isinstance(types, list) or "Ingress" in types) and matches(
        labels, mapping(spec_of(policy).get("podSelector"))
    )


def _lets_in(policy: Manifest, port: int, names: Mapping[str, int], *, outside: bool) -> bool:
    return any(
        _names_somebody(rule, outside=outside) and _names_port(mappings(rule.get("ports")), port, names)
        for rule in mappings(spec_of(policy).get("ingress"))
    )


def _names_somebody(rule: Mapping[str, Any], *, outside: bool) -> bool:
    peers = mappings(rule.get("from"))
    return not peers or not outside or any("ipBlock" in peer or "namespaceSelector" in peer for peer in peers)


def _names_port(rows: Sequence[Mapping[str, Any]], port: int, names: Mapping[str, int]) -> bool:
    if not rows:
        return True
    for row in rows:
        wanted, last = row.get("port"), row.get("endPort")
        number = wanted if isinstance(wanted, int) else names.get(text(wanted))
        if wanted is None or (number is not None and number <= port <= (last if isinstance(last, int) else number)):
            return True
    return False
