"""Whether whoever takes a finalizer away runs: said where it is sure, and else that it is not known, and why.

Whoever believes that nobody is left takes the finalizer off by hand, and what it stands for (a disk, a load balancer)
stays behind: so nothing is called dead that only has another name, or runs where the cluster does not show it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from clusters.domain.objects import Manifest
from clusters.domain.reading import integer, mapping, mappings, moment, text

LEASE_LATE = timedelta(seconds=60)
"""A component that leads renews its lease every few seconds; kube-controller-manager every 2."""
_NAMELESS = frozenset(
    {
        *("manager", "unknown", "before-first-apply", "controller", "controllers", "operator", "main", "app", "server"),
        *(
            "go-http-client",
            "openapi-generator",
            "okhttp",
            "python-requests",
            "python-urllib",
            "python-httpx",
            "python",
        ),
        *("fabric8-kubernetes-client", "kubernetes-client", "javascript-kubernetes-client", "node", "node-fetch"),
        *("java", "kube-rs", "kr8s", "lightkube", "axios", "curl", "wget", "mozilla", "ruby", "rest-client", "dotnet"),
    }
)
"""Field managers that name no controller: usual names of programs, and what libraries call themselves. In small
letters. Source: kubernetes/kubernetes, "managerOrUserAgent": what comes before the first "/" of the User-Agent."""
_BY_HAND = ("kubectl", "helm", "k9s", "lens", "oc")
_NOT_IN_LEASES = re.compile("[^a-zA-Z0-9-]")


class Known(NamedTuple):
    alive: bool | None
    """None where that cannot be told."""
    evidence: str


def is_nameless(manager: str) -> bool:
    return manager.lower() in _NAMELESS or manager.lower().startswith(_BY_HAND)


def by_lease(component: str, lease: Manifest, now: datetime) -> Known:
    """`now` by the clock of the cluster."""
    renewed = moment(text(mapping(lease.get("spec")).get("renewTime")))
    if renewed is None:
        return Known(None, f"the lease of {component} says no time")
    age_s = max(0, round((now - renewed).total_seconds()))
    return Known(now - renewed <= LEASE_LATE, f"{component} renewed its lease {age_s} s ago")


def by_workloads(manager: str, workloads: Mapping[str, Sequence[Manifest]], *, whole: bool) -> Known:
    """By those that are called exactly as the manager is, or run under its service account. `workloads` by kind."""
    called = [
        (kind, one)
        for kind, rows in workloads.items()
        for one in rows
        if manager in (_name(one), text(_pod(one).get("serviceAccountName")))
    ]
    found = _told(called, whole=whole)
    if found is not None:
        return found
    alike = [(kind, one) for kind, rows in workloads.items() for one in rows if manager in _programs(one)]
    running = [(kind, one) for kind, one in alike if _ready(one)]
    if running:
        return Known(True, _words(*running[0]))
    if not whole:
        return Known(None, "not all workloads of this cluster could be looked at")
    if alike:
        return Known(None, f"{_words(*alike[0])}; whether that is all of {manager} is not known")
    return Known(
        None,
        f"no workload here is called {manager}; it may have another name, or run outside of the cluster, so whether "
        "it runs is not known",
    )


def of_cloud(component: str, lease: Known | None, workloads: Mapping[str, Sequence[Manifest]], *, whole: bool) -> Known:
    """Of what a cloud runs, mostly where the cluster does not show it. `lease` where it has one in kube-system."""
    if lease is not None and lease.alive:
        return lease
    called = [(kind, one) for kind, rows in workloads.items() for one in rows if _name(one) == component]
    return _told(called, whole=whole) or Known(
        None, "the cloud's controllers mostly run outside of the cluster, so whether they run is not known"
    )


def lease_of_driver(driver: str) -> str:
    """What the external-provisioner of a CSI driver calls the lease by which it leads.

    Source: kubernetes-csi/external-provisioner, "csi-provisioner.go"; kubernetes-csi/csi-lib-utils, "leaderelection".
    """
    name = _NOT_IN_LEASES.sub("-", driver)
    return f"{name}X" if name.endswith("-") else name


def of_provisioner(
    driver: str, leases: Iterable[Manifest], workloads: Mapping[str, Sequence[Manifest]], now: datetime
) -> Known:
    """By the leases of that driver's name, in whatever namespace. A late one proves nothing while a workload with a
    provisioner beside it runs, or where none can be seen."""
    late: Known | None = None
    for lease in leases:
        where = text(mapping(lease.get("metadata")).get("namespace"))
        known = by_lease(f"the provisioner of {driver} in {where}", lease, now)
        if known.alive:
            return known
        makers = [(kind, one) for kind, rows in workloads.items() for one in rows if _provisions(one, where)]
        if makers and not any(_ready(one) for _, one in makers) and known.alive is False:
            late = Known(False, f"{known.evidence}, and {_words(*makers[0])}")
    return late or Known(
        None,
        f"nothing in the cluster tells whether the provisioner of {driver or 'the CSI driver'} runs; clouds run it "
        "outside of the cluster, too",
    )


def _told(found: Sequence[tuple[str, Manifest]], *, whole: bool) -> Known | None:
    """True by any that is ready; False where all are known and none is; None for none."""
    running = [(kind, one) for kind, one in found if _ready(one)]
    if running:
        return Known(True, _words(*running[0]))
    if found and whole:
        return Known(False, _words(*found[0]))
    return None


def _provisions(one: Manifest, namespace: str) -> bool:
    if text(mapping(one.get("metadata")).get("namespace")) != namespace:
        return False
    return not _programs(one).isdisjoint({"csi-provisioner", "external-provisioner"})


def _programs(one: Manifest) -> set[str]:
    """Names of its containers, of their images and commands: what a program is called that gives itself no name."""
    found = set()
    for row in mappings(_pod(one).get("containers")):
        image = text(row.get("image")).rpartition("/")[2].partition("@")[0].partition(":")[0]
        command = row.get("command")
        first = text(command[0]) if isinstance(command, list) and command else ""
        found |= {text(row.get("name")), image, first.rpartition("/")[2]}
    return found - {""}


def _pod(one: Manifest) -> Mapping[str, object]:
    return mapping(mapping(mapping(one.get("spec")).get("template")).get("spec"))


def _name(one: Manifest) -> str:
    return text(mapping(one.get("metadata")).get("name"))


def _ready(one: Manifest) -> int:
    status = mapping(one.get("status"))
    return integer(status.get("readyReplicas")) or integer(status.get("numberReady"))


def _words(kind: str, one: Manifest) -> str:
    ready = _ready(one)
    where = f"{kind} {_name(one)} in {text(mapping(one.get('metadata')).get('namespace'))}"
    return f"{where} has {ready or 'no'} ready pod{'' if ready == 1 else 's'}"
