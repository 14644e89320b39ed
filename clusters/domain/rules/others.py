"""Network, storage, scaling, and what defines further kinds."""

from __future__ import annotations

from dataclasses import replace

from clusters.domain.judgement import (
    FIRST_STATUS_S,
    SEVERITY,
    Behind,
    Conditions,
    Health,
    ObjectContext,
    State,
    in_grace,
    is_true,
    part_of,
    plural,
    words_of,
)
from clusters.domain.observed import (
    ClaimStatus,
    IngressStatus,
    OtherStatus,
    ScalerStatus,
    ServiceStatus,
    Status,
)

NODE_STARTS_S = 120
"""How long a new node may take for its runtime and its network plugin."""
_PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")
_NO_POD = "no ready pod matches its selector"
_NO_SLICE = "it has no EndpointSlice, so whether it reaches pods is not known"
_NOT_SIGNED = "approved; its signer has not issued the certificate yet"
_BY_HAND = "it has no selector, and no EndpointSlice of it is seen"


def exists(status: Status, conditions: Conditions, context: ObjectContext) -> Health:
    """A kind that has no status: to be there is all that it can do."""
    return Health(State.HEALTHY, "present")


def service(status: ServiceStatus, conditions: Conditions, context: ObjectContext) -> Health:
    """A LoadBalancer needs an address (Argo CD); and every Service needs endpoints that were seen, our own rule.

    Unless nobody wants any: what its selector matches is scaled to 0, or it is a name for another address.
    """
    if status.type == "ExternalName":
        return Health(State.HEALTHY, f"a name for {status.address}" if status.address else "a name for another address")
    if status.type == "LoadBalancer" and not status.address:
        return Health(State.PROGRESSING, "waiting for the load balancer's address")
    ready, total = context.endpoints or (0, 0)
    wanted, standing = context.backends or (None, 0)
    if ready:
        return Health(State.HEALTHY, f"{part_of(ready, total)} endpoints ready")
    if wanted == 0:
        return Health(State.SUSPENDED, "its pods are scaled to 0")
    if total:
        return Health(State.PROGRESSING, f"none of its {plural(total, 'endpoint')} is ready")
    if not status.cluster_ip and not status.address and context.endpoints is None:
        return Health(State.PROGRESSING, "waiting for its cluster IP")
    if not status.has_selector:
        return Health(State.PRESENT, _BY_HAND)
    if context.unlisted:
        return Health(State.PRESENT, f"its EndpointSlices cannot be seen: {context.unlisted}")
    if standing:
        trouble = Health(State.DEGRADED, f"the cluster lists no address of its {plural(standing, 'ready pod')}")
    elif context.endpoints is not None:
        trouble = Health(State.DEGRADED, _NO_POD)
    else:  # the controller makes one for each Service with a selector, be it empty
        trouble = Health(State.PRESENT, _NO_SLICE)
    found = in_grace(status.created_at, context.now, trouble)
    return replace(found, reason="waiting for its endpoints") if found.state is State.PROGRESSING else found


def ingress(status: IngressStatus, conditions: Conditions, context: ObjectContext) -> Health:
    """An address is not enough, our own rule: what it routes to has to lead somewhere as well."""
    own = Health(State.HEALTHY, f"at {status.address}")
    if not status.address:
        own = Health(State.PROGRESSING, "waiting for an address; the cluster needs an ingress controller for its class")
    for one in context.behind:
        found = _behind(one, status, context)
        if SEVERITY[found.state] > SEVERITY[own.state]:
            own = found
    return own


def _behind(one: Behind, status: IngressStatus, context: ObjectContext) -> Health:
    """How the Ingress is by one of its backends alone."""
    name, service = one.backend.service, one.service
    if service is None:
        is_gone = one.health.state is State.DEGRADED
        return in_grace(status.created_at, context.now, one.health) if is_gone else one.health
    if one.backend.port not in (*map(str, service.ports), *service.port_names):
        listed = ", ".join(map(str, service.ports)) or "none"
        wrong = Health(State.DEGRADED, f"The Service {name} has no port {one.backend.port}; it has {listed}")
        return in_grace(status.created_at, context.now, wrong)
    match one.health.state:
        case State.HEALTHY:
            return one.health
        case State.PROGRESSING:
            return replace(one.health, reason=f"waiting for its Service {name}: {one.health.reason}")
        case State.DEGRADED | State.FAILED | State.MISSING:
            return Health(State.DEGRADED, f"its Service {name} leads nowhere: {one.health.reason}")
        case _:
            return replace(one.health, reason=f"its Service {name}: {one.health.reason}")


def no_service(name: str) -> Health:
    return Health(State.DEGRADED, f"The Service {name} that the Ingress routes to does not exist")


def claim(status: ClaimStatus, conditions: Conditions, context: ObjectContext) -> Health:
    """Lost means failed (Argo CD). A class that waits for the first consumer must not hold up that consumer."""
    if status.phase == "Bound":
        return Health(State.HEALTHY, f"bound, {status.capacity}" if status.capacity else "bound")
    if status.phase == "Lost":
        return Health(State.FAILED, "the volume is lost")
    if context.waits_for_consumer:
        return Health(State.SUSPENDED, "waiting for its first consumer")
    if context.no_volume:
        return in_grace(status.created_at, context.now, Health(State.DEGRADED, context.no_volume))
    return Health(State.PROGRESSING, "waiting for a volume")


def volume(status: OtherStatus, conditions: Conditions, context: ObjectContext) -> Health:
    """A PersistentVolume; one that was released holds data that nobody uses any more."""
    match status.phase.lower():
        case "available" | "bound":
            return Health(State.HEALTHY, status.phase.lower())
        case "released":
            return Health(State.DEGRADED, "its claim is gone; it keeps its data until somebody frees or deletes it")
        case "failed":
            return Health(State.FAILED, status.error or "its automatic reclamation failed")
    return Health(State.PROGRESSING, "waiting to become available")


def node(status: OtherStatus, conditions: Conditions, context: ObjectContext) -> Health:
    """Ready is Unknown where nothing is heard of its kubelet. Source: Kubernetes docs, "Node Status", "Conditions"."""
    ready = conditions.get("Ready")
    if ready is None:
        return Health(State.PROGRESSING, "its kubelet has not reported yet")
    if ready.status == "False":
        trouble = Health(State.DEGRADED, f"not ready: {words_of(ready, 'its kubelet does not say why')}")
        return in_grace(status.created_at, context.now, trouble, NODE_STARTS_S)
    if ready.status != "True":
        return Health(State.DEGRADED, "it has stopped reporting")
    wrong = next((conditions[name] for name in _PRESSURES if is_true(conditions, name)), None)
    if wrong is not None:
        return Health(State.DEGRADED, words_of(wrong, wrong.type))
    return Health(State.HEALTHY, "ready")


def scaler(status: ScalerStatus, conditions: Conditions, context: ObjectContext) -> Health:
    """Every condition is checked for failures first (Argo CD stops at the first that matches, and takes AbleToScale,
    which says nothing of metrics, for enough). ScalingLimited is kept while nothing is measured.

    Source: Kubernetes docs, "HorizontalPodAutoscaler Walkthrough", section "Appendix: Horizontal Pod Autoscaler Status
    Conditions".
    """
    able, active = conditions.get("AbleToScale"), conditions.get("ScalingActive")
    for row in (able, active):
        if row is not None and row.status == "False" and row.reason == "ScalingDisabled":
            return Health(State.SUSPENDED, "scaling is off while the target has 0 replicas")
        if row is not None and row.status == "False" and row.reason.startswith(("Failed", "Invalid", "Ambiguous")):
            return Health(State.DEGRADED, f"cannot scale: {words_of(row, row.reason)}")
    if is_true(conditions, "ScalingActive"):
        return Health(State.HEALTHY, f"{plural(status.current, 'replica')}, {status.least} to {status.most}")
    return Health(State.PROGRESSING, words_of(active, "no metrics yet") if active is not None else "no metrics yet")


def budget(status: OtherStatus, conditions: Conditions, context: ObjectContext) -> Health:
    """A PodDisruptionBudget does its work also while it allows no disruption, but each drain waits then.

    Source: Kubernetes docs, "Specifying a Disruption Budget for your Application"."""
    row = conditions.get("DisruptionAllowed")
    if row is not None and row.reason == "SyncFailed":
        return Health(State.DEGRADED, words_of(row, "its pods cannot be counted"))
    if row is None:
        unseen = Health(State.PRESENT, "its pods have not been counted yet")
        return in_grace(status.created_at, context.now, unseen, FIRST_STATUS_S)
    if row.status == "True":
        return Health(State.HEALTHY, "disruptions allowed")
    return Health(State.PRESENT, "no disruption allowed now, so a drain of a node of its pods waits")


def definition(status: OtherStatus, conditions: Conditions, context: ObjectContext) -> Health:
    """A CustomResourceDefinition."""
    named, established = conditions.get("NamesAccepted"), conditions.get("Established")
    if named is not None and named.status == "False":
        return Health(State.FAILED, words_of(named, "its names are already in use"))
    if established is not None and established.status == "True":
        return Health(State.HEALTHY, "established")
    if established is not None and established.status == "False" and established.reason != "Installing":
        return Health(State.FAILED, words_of(established, "not established"))
    return Health(State.PROGRESSING, "being installed")


def signing_request(status: OtherStatus, conditions: Conditions, context: ObjectContext) -> Health:
    for kind in ("Denied", "Failed"):
        if is_true(conditions, kind):
            return Health(State.FAILED, words_of(conditions[kind], kind.lower()))
    if is_true(conditions, "Approved"):
        has_certificate = bool(status.flag)
        return Health(State.HEALTHY, "issued") if has_certificate else Health(State.PROGRESSING, _NOT_SIGNED)
    return Health(State.PROGRESSING, "waiting for approval")
