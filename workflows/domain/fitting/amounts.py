"""What objects ask for, held against the ResourceQuotas and LimitRanges of a namespace.

Source: Kubernetes documentation, "Resource Quotas" and "Limit Ranges".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from clusters.domain.objects import Manifest, Ref
from clusters.domain.quantity import is_quantity, parse_quantity
from clusters.domain.reading import mapping, mappings
from workflows.domain.fitting.problems import Misfit
from workflows.domain.forecast.readers import pod_of

_COUNTED = {
    ("", "Service"): "services",
    ("", "ConfigMap"): "configmaps",
    ("", "Secret"): "secrets",
    ("", "PersistentVolumeClaim"): "persistentvolumeclaims",
    ("", "ReplicationController"): "replicationcontrollers",
}
"""What a quota counts by a name of its own, beside `count/<resource>.<group>`."""
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_ONE_EACH = ("DaemonSet", "CronJob")


@dataclass(frozen=True, slots=True)
class Asked:
    """What one object asks for."""

    node_id: str
    ref: Ref
    manifest: Manifest
    resource: str
    """As it is served, such as `deployments`."""
    is_new: bool
    """It is not there yet; one that is there is counted as used already."""


def amounts_of(asked: Asked, defaults: Mapping[str, Mapping[str, str]]) -> dict[str, Decimal]:
    """What the object uses of a quota, by the name that quotas call it; `defaults` are those of a LimitRange."""
    ref, manifest = asked.ref, asked.manifest
    found: dict[str, Decimal] = {}

    def add(name: str, amount: Decimal) -> None:
        found[name] = found.get(name, Decimal(0)) + amount

    counted = f"count/{asked.resource}" + (f".{ref.group}" if ref.group else "")
    add(counted, Decimal(1))
    if name := _COUNTED.get((ref.group, ref.kind)):
        add(name, Decimal(1))
    if ref.kind == "PersistentVolumeClaim":
        storage = mapping(mapping(mapping(manifest.get("spec")).get("resources")).get("requests")).get("storage")
        add("requests.storage", _amount(storage) or Decimal(0))
    pod = pod_of(manifest)
    if pod is None:
        return found
    replicas = _replicas(manifest)
    add("pods", replicas)
    add("count/pods", replicas)
    for container in mappings(pod.get("containers")):
        resources = mapping(container.get("resources"))
        for what in ("requests", "limits"):
            for name in _COMPUTE:
                amount = _asked(resources, defaults, what, name)
                if amount is not None:
                    add(f"{what}.{name}", amount * replicas)
                    if what == "requests":
                        add(name, amount * replicas)
    return found


def over_quota(objects: Sequence[Asked], quotas: Iterable[Manifest], limits: Iterable[Manifest]) -> Iterator[Misfit]:
    """Where the new objects together would go beyond a quota."""
    defaults = defaults_of(limits)
    total: dict[str, Decimal] = {}
    for one in objects:
        if one.is_new:
            for name, amount in amounts_of(one, defaults).items():
                total[name] = total.get(name, Decimal(0)) + amount
    for quota in quotas:
        if mapping(quota.get("spec")).get("scopes") or mapping(quota.get("spec")).get("scopeSelector"):
            continue  # which pods such a quota is about is not told by the objects alone
        hard = mapping(mapping(quota.get("status")).get("hard")) or mapping(mapping(quota.get("spec")).get("hard"))
        used = mapping(mapping(quota.get("status")).get("used"))
        for name, limit in hard.items():
            wanted, most = total.get(name), _amount(limit)
            taken = _amount(used.get(name)) or Decimal(0)
            if wanted and most is not None and taken + wanted > most:
                yield Misfit(
                    "quota.exceeded",
                    f"ResourceQuota {mapping(quota.get('metadata')).get('name')} allows {limit} of {name}; "
                    f"{used.get(name, 0)} are used, and these objects ask for {_plain(wanted)}",
                )


def misses_quota(asked: Asked, quotas: Iterable[Manifest], limits: Iterable[Manifest], where: str) -> Iterator[Misfit]:
    """Containers that say nothing of what a quota limits: their pods are refused."""
    pod, defaults = pod_of(asked.manifest), defaults_of(limits)
    if pod is None:
        return
    required = {
        name
        for quota in quotas
        if not mapping(quota.get("spec")).get("scopes") and not mapping(quota.get("spec")).get("scopeSelector")
        for name in mapping(mapping(quota.get("spec")).get("hard"))
    }
    for index, container in enumerate(mappings(pod.get("containers"))):
        resources = mapping(container.get("resources"))
        for what in ("requests", "limits"):
            for name in ("cpu", "memory"):
                is_limited = f"{what}.{name}" in required or (what == "requests" and name in required)
                if is_limited and _asked(resources, defaults, what, name) is None:
                    path = f"{where}.containers[{index}].resources.{what}.{name}"
                    yield Misfit(
                        "quota.not_said", f"a ResourceQuota limits {what}.{name}, so every container says it", path
                    )


def out_of_limits(asked: Asked, limits: Iterable[Manifest], where: str) -> Iterator[Misfit]:
    """Containers, and claims, beyond what a LimitRange allows."""
    pod = pod_of(asked.manifest)
    for limit_range in limits:
        for limit in mappings(mapping(limit_range.get("spec")).get("limits")):
            name = str(mapping(limit_range.get("metadata")).get("name"))
            if limit.get("type") == "Container" and pod is not None:
                for index, container in enumerate(mappings(pod.get("containers"))):
                    path = f"{where}.containers[{index}].resources"
                    yield from _beyond(mapping(container.get("resources")), limit, name, path)
            elif limit.get("type") == "PersistentVolumeClaim" and asked.ref.kind == "PersistentVolumeClaim":
                resources = mapping(mapping(asked.manifest.get("spec")).get("resources"))
                yield from _beyond(resources, limit, name, "spec.resources")


def _beyond(resources: Mapping[str, Any], limit: Mapping[str, Any], name: str, path: str) -> Iterator[Misfit]:
    for what in ("requests", "limits"):
        for resource, value in mapping(resources.get(what)).items():
            amount = _amount(value)
            least, most = (
                _amount(mapping(limit.get("min")).get(resource)),
                _amount(mapping(limit.get("max")).get(resource)),
            )
            if amount is None:
                continue
            if least is not None and amount < least and what == "requests":
                detail = f"LimitRange {name} asks for at least {mapping(limit.get('min'))[resource]}"
                yield Misfit("limits.too_little", detail, f"{path}.{what}.{resource}")
            if most is not None and amount > most:
                detail = f"LimitRange {name} allows {mapping(limit.get('max'))[resource]} at most"
                yield Misfit("limits.too_much", detail, f"{path}.{what}.{resource}")


def defaults_of(limits: Iterable[Manifest]) -> dict[str, dict[str, str]]:
    """The requests and limits that a container gets that says nothing."""
    found: dict[str, dict[str, str]] = {"requests": {}, "limits": {}}
    for limit_range in limits:
        for limit in mappings(mapping(limit_range.get("spec")).get("limits")):
            if limit.get("type") == "Container":
                found["requests"] |= {**mapping(limit.get("default")), **mapping(limit.get("defaultRequest"))}
                found["limits"] |= mapping(limit.get("default"))
    return found


def _asked(
    resources: Mapping[str, Any], defaults: Mapping[str, Mapping[str, str]], what: str, name: str
) -> Decimal | None:
    """What a container asks for; a limit without a request is the request."""
    value = mapping(resources.get(what)).get(name)
    if value is None and what == "requests":
        value = mapping(resources.get("limits")).get(name)
    return _amount(defaults[what].get(name) if value is None else value)


def _replicas(manifest: Manifest) -> Decimal:
    spec = mapping(manifest.get("spec"))
    if manifest.get("kind") in _ONE_EACH:
        return Decimal(1)
    number = spec.get("parallelism") if manifest.get("kind") == "Job" else spec.get("replicas")
    return Decimal(number) if isinstance(number, int) and not isinstance(number, bool) else Decimal(1)


def _amount(value: Any) -> Decimal | None:
    return parse_quantity(str(value)) if value is not None and is_quantity(str(value)) else None


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
