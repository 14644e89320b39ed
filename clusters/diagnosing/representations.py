"""A diagnosis as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clusters.diagnosing.actions import Log, Told
from clusters.domain.diagnosing.finding import Finding
from kubeorch.base.clock import iso


def told_json(told: Told) -> dict[str, Any]:
    return {
        "looked_at": iso(told.looked_at),
        "findings": [finding_json(one, told.logs) for one in told.findings],
        "left_out": told.left_out,
        "unread": [{"kind": kind, "why": why} for kind, why in told.unread],
        "cut_off": list(told.partial),
    }


def finding_json(finding: Finding, logs: Mapping[str, Log]) -> dict[str, Any]:
    log = logs.get(finding.key)
    said = None
    if log is not None:
        said = {"container": log.container, "pod": log.pod, "previous": log.previous, "lines": list(log.lines)}
    return {**finding.as_json(), "log": said}
