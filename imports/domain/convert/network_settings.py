"""What a container sees of the network and of the node: DNS, hosts, namespaces of processes, groups."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from typing import Any

from imports.domain.convert.units import text_of, whole_number
from imports.domain.convert.work import Workload
from kubeorch.base.names import is_dns_subdomain

_OWN_MODES = ("", "private", "shareable")


def _extra_hosts(workload: Workload, value: Any) -> None:
    """`extra_hosts` as hostAliases. Source: Kubernetes docs, "Adding entries to Pod /etc/hosts with HostAliases"."""
    workload.converted("extra_hosts", to=workload.pod_field("hostAliases"), whole=False)
    names: dict[str, list[str]] = {}
    for key, name, address in _hosts(value):
        if _is_address(address) and is_dns_subdomain(name.lower()):
            names.setdefault(address.strip("[]"), []).append(name.lower())
            workload.converted("extra_hosts", key, to=workload.pod_field("hostAliases"))
        else:
            why = "a pod does not know the machine that runs Compose" if address == "host-gateway" else "not an address"
            workload.dropped("extra_hosts", key, why=f"{name[:60]}: {why}")
    if names:
        workload.pod()["hostAliases"] = [{"ip": address, "hostnames": found} for address, found in names.items()]


def _hosts(value: Any) -> list[tuple[str | int, str, str]]:
    """(key or index, name, address), from a mapping or from texts `name=address`."""
    if isinstance(value, Mapping):
        return [
            (name, text_of(name), text_of(address))
            for name, given in value.items()
            for address in (given if isinstance(given, list) else [given])
        ]
    rows: list[tuple[str | int, str, str]] = []
    for index, text in enumerate(value or ()):
        name, separator, address = text_of(text).partition("=")
        if not separator:
            name, _, address = text_of(text).partition(":")
        rows.append((index, name, address))
    return rows


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def _dns(key: str, field: str) -> Callable[[Workload, Any], None]:
    def convert(workload: Workload, value: Any) -> None:
        given = [value] if isinstance(value, str) else [text_of(one) for one in value or ()]
        rows: list[Any] = list(given)
        if field == "options":
            pairs = [one.partition(":") for one in given]
            rows = [{"name": name, **({"value": number} if number else {})} for name, _, number in pairs]
        if rows:
            workload.pod("dnsConfig")[field] = rows
        why = "beside the DNS of the cluster, which is asked first"
        workload.approximated(key, to=workload.pod_field("dnsConfig", field), why=why)

    return convert


def _pid(workload: Workload, value: Any) -> None:
    if value == "host":
        workload.parameters["host_pid"] = True
        workload.converted("pid", to="host_pid")
    else:
        workload.dropped("pid", why="containers of two pods cannot see each other's processes")


def _ipc(workload: Workload, value: Any) -> None:
    if value == "host":
        workload.pod()["hostIPC"] = True
        workload.converted("ipc", to=workload.pod_field("hostIPC"))
    elif text_of(value) in _OWN_MODES:
        workload.converted("ipc", why="each pod has its own")
    else:
        workload.dropped("ipc", why="two pods cannot share memory")


def _group_add(workload: Workload, value: Any) -> None:
    workload.converted("group_add", to="supplemental_groups", whole=False)
    for index, group in enumerate(value or ()):
        name = text_of(group)
        if (number := whole_number(name)) is not None:
            workload.add("supplemental_groups", number)
            workload.converted("group_add", index, to="supplemental_groups")
        else:
            workload.dropped("group_add", index, why=f"Kubernetes needs the number of the group {name[:40]}")


CONVERTERS: Mapping[str, Callable[[Workload, Any], None]] = {
    "extra_hosts": _extra_hosts,
    "dns": _dns("dns", "nameservers"),
    "dns_search": _dns("dns_search", "searches"),
    "dns_opt": _dns("dns_opt", "options"),
    "pid": _pid,
    "ipc": _ipc,
    "group_add": _group_add,
}
