"""The ports that a service declares, as it wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imports.domain.convert.units import text_of, whole_number
from imports.domain.convert.work import Workload
from kubeorch.base.records import record


@record
class Port:
    """A port of a container and, where it is published, that outside. `at` is its path in the service."""

    target: int
    protocol: str
    at: tuple[str | int, ...]
    published: int | None = None
    name: str = ""
    app_protocol: str = ""
    host_ip: str = ""


def declared_ports(workload: Workload) -> list[Port]:
    """`ports` and `expose`, in their order."""
    found = []
    for index, row in enumerate(workload.spec.get("ports") or ()):
        published = text_of(row.get("published")).partition("-")[0]
        found.append(
            Port(
                int(row["target"]),
                text_of(row.get("protocol") or "tcp").upper(),
                ("ports", index),
                whole_number(published) or None,
                text_of(row.get("name")).lower(),
                text_of(row.get("app_protocol")),
                text_of(row.get("host_ip")),
            )
        )
    for index, text in enumerate(workload.spec.get("expose") or ()):
        span, _, protocol = text_of(text).partition("/")
        first, _, last = span.partition("-")
        begin, end = whole_number(first), whole_number(last or first)
        if begin is not None and end is not None:
            for number in range(begin, min(end, begin + 1000) + 1):
                found.append(Port(number, (protocol or "tcp").upper(), ("expose", index)))
    return [one for one in found if 0 < one.target < 65_536]


def labels_of(workload: Workload) -> Mapping[str, Any]:
    found = workload.spec.get("labels")
    return found if isinstance(found, Mapping) else {}


def field_of(port: Port, workload: Workload) -> str:
    """The parameter that has a port of the container: the main one is called http, so that others are in the list."""
    return "port" if (port.target, port.protocol) == (workload.parameters.get("port"), "TCP") else "ports"
