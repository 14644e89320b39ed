"""What is wrong with nodes, and with what guards the API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from clusters.domain.diagnosing.finding import Finding, Proof, Severity
from clusters.domain.diagnosing.surroundings import Surroundings, condition, ref_of, spec_of
from clusters.domain.objects import Manifest
from clusters.domain.readers.parts import is_ready_endpoint
from clusters.domain.reading import mapping, mappings, text

PRESSURE = {
    "MemoryPressure": ("node.memory", "memory", "Free memory on the node: it evicts pods."),
    "DiskPressure": ("node.disk", "disk", "Free disk on the node, mostly images and logs: it evicts pods."),
    "PIDPressure": ("node.pids", "process ids", "See which pod starts so many processes."),
    "NetworkUnavailable": ("node.network", "network", "See why the network plugin of the node does not run."),
}
SILENT = "NodeStatusUnknown"
WEBHOOKS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")


def of_node(one: Manifest, seen: Surroundings) -> list[Finding]:
    """Source: Kubernetes docs, "Node Status", section "Conditions"."""
    ref = ref_of("Node", one)
    found = []
    ready = condition(one, "Ready")
    if ready and ready.get("status") != "True":
        silent = ready.get("status") == "Unknown" or ready.get("reason") == SILENT
        since, said = text(ready.get("lastTransitionTime")), text(ready.get("message"))
        found.append(
            Finding(
                code="node.silent" if silent else "node.not_ready",
                ref=ref,
                sentence="The node has stopped reporting" if silent else f"The node is not ready: {said}",
                cure="Check the machine, its network and its kubelet."
                if silent
                else "See what its kubelet says, mostly about the runtime or the network plugin.",
                proofs=(Proof(ref, said, field="status.conditions[Ready]", at=since),),
                since=since,
            )
        )
    for kind, (code, what, cure) in PRESSURE.items():
        row = condition(one, kind)
        if row.get("status") == "True":
            since = text(row.get("lastTransitionTime"))
            words = "has no network" if kind == "NetworkUnavailable" else f"runs short of {what}"
            proof = Proof(ref, text(row.get("message")), field=f"status.conditions[{kind}]", at=since)
            found.append(Finding(code, ref, f"The node {words}", cure, (proof,), since=since))
    if spec_of(one).get("unschedulable") is True:
        taints = mappings(spec_of(one).get("taints"))
        at = next((text(row.get("timeAdded")) for row in taints if "unschedulable" in text(row.get("key"))), "")
        found.append(
            Finding(
                code="node.cordoned",
                ref=ref,
                sentence="The node is cordoned: no new pods come to it",
                cure="Uncordon it once its maintenance is over.",
                severity=Severity.WARNING,
                proofs=(Proof(ref, "unschedulable: true", field="spec.unschedulable", at=at),),
                since=at,
            )
        )
    return found


def of_webhooks(kind: str, one: Manifest, seen: Surroundings) -> list[Finding]:
    """Webhooks that nothing answers, and what cannot be made or changed because of that."""
    return list(_unanswered(kind, one, seen))


def _unanswered(kind: str, one: Manifest, seen: Surroundings) -> Iterator[Finding]:
    ref = ref_of(kind, one)
    if not seen.knows("Service") or not seen.knows("EndpointSlice"):
        return
    for row in mappings(one.get("webhooks")):
        service = mapping(mapping(row.get("clientConfig")).get("service"))
        name, namespace = text(service.get("name")), text(service.get("namespace"))
        if not name or row.get("failurePolicy") == "Ignore":
            continue
        called = text(row.get("name"))
        gone = seen.lacks("Service", namespace, name)
        slices = seen.selected("EndpointSlice", namespace, {"kubernetes.io/service-name": name})
        ready = any(is_ready_endpoint(end) for one_slice in slices for end in mappings(one_slice.get("endpoints")))
        if ready:
            continue
        blocked = sorted({_said(rule) for rule in mappings(row.get("rules"))})
        words = "does not exist" if gone else "has no ready pod"
        yield Finding(
            code="webhook.down",
            ref=ref,
            sentence=f"Nothing answers the webhook {called}: Service {namespace}/{name} {words}",
            cure="Start what serves it, set failurePolicy to Ignore, or remove the configuration.",
            proofs=(Proof(ref, f"{namespace}/{name}", field=f"webhooks[{called}].clientConfig.service"),),
            details=tuple(f"blocks {words}" for words in blocked[:10]),
        )


def _said(rule: Mapping[str, Any]) -> str:
    """`create|update pods`."""
    verbs, resources = rule.get("operations"), rule.get("resources")
    what = "|".join(map(str, resources)) if isinstance(resources, list) else ""
    return f"{'|'.join(str(verb).lower() for verb in verbs) if isinstance(verbs, list) else ''} {what}"
