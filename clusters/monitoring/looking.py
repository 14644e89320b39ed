"""What a look at a cluster finds: whether it answers and how soon, and now and then its size and what expires."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from clusters import store
from clusters.connecting.rights import may_impersonate
from clusters.connections import client_for, credentials_of
from clusters.domain.credentials import Credentials
from clusters.domain.objects import Manifest
from clusters.domain.quantity import parse_quantity
from clusters.domain.reading import mapping, mappings, number, text
from clusters.kube.allowance import Allowance
from clusters.kube.client import KubeClient
from clusters.kube.probing import address_of, certificate_in, handshake, open_tcp
from clusters.oidc.provider import claims_of
from clusters.reaching import allowed_addresses
from clusters.rows import Architecture, Expiry, Size
from kubeorch.base.clock import now
from kubeorch.base.errors import InvalidInput, KubeOrchError, Unavailable

log = logging.getLogger(__name__)
SIZE_EVERY = timedelta(minutes=10)
"""How often nodes, rights and what expires are looked at again."""
ARCHITECTURES_MOST = 10
NAME_MAX = 30
MEASURING_S = 12.0
"""For all that is looked at beside the version, which ends by itself."""


class LookTookTooLong(Unavailable):
    code = "cluster.look_timeout"

    def __init__(self) -> None:
        super().__init__(f"the cluster did not answer everything within {MEASURING_S:.0f} s")


def looked_at(cluster: store.Cluster) -> dict[str, Any]:
    """Ask the API server, and find its size when that is due; the outcome, to be stored, whatever it says."""
    moment = now()
    try:
        client = client_for(cluster["_id"])
        began = time.monotonic()
        version = client.version(timeout_s=client.limits.question_s)
        latency_ms = round((time.monotonic() - began) * 1000)
    except KubeOrchError as error:
        return {
            "state": "failed",
            "error": store.error(error.code, error.detail),
            "last_checked_at": moment,
            "latency_ms": None,
        }
    found: dict[str, Any] = {
        "state": "ready",
        "error": None,
        "version": version[: store.VERSION_MAX],
        "last_checked_at": moment,
        "last_seen_at": moment,
        "latency_ms": latency_ms,
    }
    sized_at = cluster.get("sized_at")
    if sized_at is None or moment - sized_at >= SIZE_EVERY:
        found.update(measured(client, credentials_of(cluster["_id"]), is_sandbox=cluster["is_sandbox"]))
    return found


def measured(client: KubeClient, credentials: Credentials, *, is_sandbox: bool = False) -> dict[str, Any]:
    """Nodes and capacity, what expires, and whether the credentials can hold others to their shares; a size that cannot
    be asked is None, and what shares rest on stays as it was known."""
    end = time.monotonic() + MEASURING_S

    def check() -> None:
        if time.monotonic() > end:
            raise LookTookTooLong

    client = client.while_alive(check)
    found: dict[str, Any] = {"expires": _expiries(credentials, is_sandbox=is_sandbox), "sized_at": now()}
    try:
        found["impersonates"] = may_impersonate(client)
    except Unavailable as error:
        log.info("whether the credentials may impersonate was not said: %s", error)
    except KubeOrchError:
        found["impersonates"] = False
    try:
        nodes, _ = client.list("v1", "Node", timeout_s=client.limits.question_s)
    except KubeOrchError:
        return {**found, "size": None}  # the credentials may not, or the cluster did not say
    return {**found, "size": _size(nodes), "architectures": _architectures(nodes)}


def _architectures(nodes: Iterable[Manifest]) -> list[Architecture]:
    """Of the nodes that run Linux, ARCHITECTURES_MOST at most."""
    counted: Counter[str] = Counter()
    for node in nodes:
        info = mapping(mapping(node.get("status")).get("nodeInfo"))
        if text(info.get("operatingSystem")) in ("linux", ""):
            counted[text(info.get("architecture"))[:NAME_MAX]] += 1
    return [{"name": name, "nodes": count} for name, count in counted.most_common(ARCHITECTURES_MOST)]


def _size(nodes: Sequence[Manifest]) -> Size:
    ready = cpu = memory = pods = 0
    for node in nodes:
        status = mapping(node.get("status"))
        conditions = mappings(status.get("conditions"))
        ready += any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)
        capacity = mapping(status.get("capacity"))
        cpu += _amount(capacity.get("cpu"), 1000)
        memory += _amount(capacity.get("memory"), 1)
        pods += _amount(capacity.get("pods"), 1)
    return {"nodes": len(nodes), "ready": ready, "cpu_millicores": cpu, "memory_bytes": memory, "pods": pods}


def _amount(value: Any, times: int) -> int:
    try:
        return int(parse_quantity(text(value)) * times)
    except InvalidInput:
        return 0


def _expiries(credentials: Credentials, *, is_sandbox: bool) -> list[Expiry]:
    """When the server's certificate ends, and our client certificate or token; tokens that renew themselves do not."""
    found: list[Expiry] = []
    if credentials.server.startswith("https://"):
        host, port = address_of(credentials.server)
        try:
            allowance = Allowance(5.0, 0)
            addresses = allowed_addresses(host, port, allowance, is_sandbox=is_sandbox)
            certificate = handshake(open_tcp(addresses, port, allowance, most_s=5.0), credentials, allowance)
        except KubeOrchError:
            certificate = None  # the next look, or the state of the cluster, tells
        if certificate is not None:
            found.append({"what": "server_certificate", "at": certificate.not_after})
    if credentials.client_cert_data and (own := certificate_in(credentials.client_cert_data)):
        found.append({"what": "client_certificate", "at": own.not_after})
    if credentials.token and (ends := number(claims_of(credentials.token).get("exp"))) and 0 < ends < 2**35:
        found.append({"what": "token", "at": datetime.fromtimestamp(ends, UTC)})
    return found
