"""What is used as JSON: cores and bytes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from clusters.domain.usage import Used
from clusters.metrics.actions import ObjectUsage, Part
from clusters.metrics.collector import Measured
from kubeorch.base.clock import iso

RESOURCES = ("cpu", "memory")


def usage_json(found: ObjectUsage) -> dict[str, Any]:
    return {
        "at": iso(found.at),
        "source": found.source or None,
        "why": found.why or None,
        "resources": _rows(found.used, found.requested, found.limited, found.allocatable),
        "parts": [_part(one) for one in found.parts],
        "measured_parts": found.measured_parts,
        "all_parts": found.all_parts,
        "history": [{**row, "at": iso(row["at"])} for row in found.history],
        "history_source": found.history_source,
        "history_why": found.history_why or None,
        "step_s": found.step_s,
    }


def nodes_json(measured: Measured) -> dict[str, Any]:
    usage = measured.usage
    used = usage.nodes if usage else {}
    return {
        "at": iso(measured.at),
        "source": usage.source if usage else None,
        "why": measured.why or None,
        "results": [{"name": name, "cpu": one.cpu, "memory": one.memory} for name, one in sorted(used.items())],
    }


def _part(one: Part) -> dict[str, Any]:
    return {"name": one.name, "resources": _rows(one.used, one.requested, one.limited, {})}


def _rows(
    used: Used | None,
    requested: Mapping[str, Decimal],
    limited: Mapping[str, Decimal],
    allocatable: Mapping[str, Decimal],
) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "used": None if used is None else getattr(used, name),
            "requested": _number(requested.get(name)),
            "limit": _number(limited.get(name)),
            "allocatable": _number(allocatable.get(name)),
        }
        for name in RESOURCES
    ]


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
