"""Healthchecks as probes.

Docker marks a container as unhealthy and leaves it running, which is what a readiness probe does: no traffic, no
restart. A liveness probe restarts; it is offered. Source: Docker docs, "Dockerfile reference", section "HEALTHCHECK".
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from typing import Any

from imports.domain.convert.units import seconds, text_of, verbatim, whole_number, whole_seconds
from imports.domain.convert.work import Workload

_PERIOD_S, _RETRIES = 30, 3
"""Docker's own values where a healthcheck names none; Kubernetes would use 10 and 1 s, and 3."""
_READINESS = "kompose.service.healthcheck.readiness."
_LIVENESS = "kompose.service.healthcheck.liveness."
_HOW = (
    ("readiness", "Readiness probe: no traffic while it fails, as Compose marks it unhealthy"),
    ("liveness", "Readiness and liveness probe: also restarted when it fails"),
)


def convert_healthcheck(workload: Workload, check: Mapping[str, Any]) -> None:
    """`healthcheck` of a service."""
    command = _command(check.get("test"))
    if check.get("disable") or command == ["NONE"]:
        workload.approximated(
            "healthcheck", why="there is no probe; Kubernetes knows no HEALTHCHECK of an image anyway"
        )
        return
    labels = workload.spec.get("labels") or {}
    if not command:
        if not any(text_of(label).startswith(_LIVENESS) for label in labels):
            why = "Kubernetes knows no HEALTHCHECK of an image; give the test, or set a probe on the node"
            workload.dropped("healthcheck", why=why)
        return
    if workload.is_job:
        workload.dropped("healthcheck", why=f"a {workload.kind} gets no traffic, so nothing waits for its health")
        return
    timing = _timing(check)
    probe: dict[str, Any] = {"type": "exec", "command": [verbatim(word) for word in command], **timing}
    workload.parameters["readiness_probe"] = probe
    id_ = f"service/{workload.service}/health"
    question = f"What happens when the healthcheck of {workload.service} fails?"
    how = workload.work.ask(id_, "health", question, _HOW, "readiness", [workload.path("healthcheck")])
    fields = ["readiness_probe"]
    if how == "liveness":
        workload.parameters["liveness_probe"] = dict(probe)
        fields.append("liveness_probe")
        if start_s := whole_seconds(check.get("start_period", "0s")):
            failures = math.ceil(start_s / timing["period_s"]) + timing["failure_threshold"]
            workload.parameters["startup_probe"] = {**probe, "failure_threshold": failures}
            fields.append("startup_probe")
    workload.converted("healthcheck", to=tuple(fields))
    _rest(workload, check, how)


def _rest(workload: Workload, check: Mapping[str, Any], how: str) -> None:
    for key in ("interval", "timeout"):
        if key in check and seconds(check[key]) != whole_seconds(check[key]):
            why = f"rounded up to {whole_seconds(check[key], least=1)} s, since probes count whole seconds"
            workload.approximated("healthcheck", key, to="readiness_probe", why=why)
    if "start_period" in check and how != "liveness":
        workload.converted(
            "healthcheck", "start_period", why="a pod that is not ready is not restarted, so it needs none"
        )
    if "start_interval" in check:
        why = "Kubernetes probes at one interval from the beginning"
        workload.approximated("healthcheck", "start_interval", to="readiness_probe", why=why)


def _timing(check: Mapping[str, Any]) -> dict[str, int]:
    period = whole_seconds(check["interval"]) if "interval" in check else _PERIOD_S
    timeout = whole_seconds(check["timeout"]) if "timeout" in check else _PERIOD_S
    return {
        "period_s": period or _PERIOD_S,
        "timeout_s": timeout or _PERIOD_S,
        "failure_threshold": int(check.get("retries") or _RETRIES),
    }


def _command(test: Any) -> list[str]:
    """The command of a `test`. Source: Compose Specification, 05-services.md, section "healthcheck"."""
    words = ["CMD-SHELL", test] if isinstance(test, str) else [text_of(word) for word in test or ()]
    if not words or words[0] == "NONE":
        return words
    if words[0] == "CMD-SHELL":
        return ["/bin/sh", "-c", " ".join(words[1:])]
    return words[1:] if words[0] == "CMD" else words


def kompose_probes(workload: Workload, labels: Mapping[str, Any]) -> None:
    """The labels of kompose for probes. Source: kompose's user guide, section "Labels"."""
    check = workload.spec.get("healthcheck") or {}
    if path := text_of(labels.get(f"{_LIVENESS}http_get_path")):
        http: dict[str, Any] = {"type": "http", "path": path, **_timing(check)}
        port = text_of(labels.get(f"{_LIVENESS}http_get_port"))
        if (number := whole_number(port)) is not None:
            http["port"] = number
        workload.parameters["liveness_probe"] = http
        workload.converted("healthcheck", to="liveness_probe")
        for name in ("http_get_path", "http_get_port"):
            workload.converted("labels", f"{_LIVENESS}{name}", to="liveness_probe")
    test = text_of(labels.get(f"{_READINESS}test"))
    if not test or workload.is_job:
        for label in labels:
            if label.startswith(_READINESS):
                what = f"a {workload.kind} gets no traffic" if test else "it has no test"
                workload.dropped("labels", label, why=f"no readiness probe: {what}")
        return
    words = shlex.split(test) if test.count('"') % 2 == 0 and test.count("'") % 2 == 0 else test.split()
    timing = {
        name: labels[f"{_READINESS}{name}"]
        for name in ("interval", "timeout", "retries")
        if f"{_READINESS}{name}" in labels
    }
    command = _command(words if words and words[0] in ("CMD", "CMD-SHELL", "NONE") else test)
    workload.parameters["readiness_probe"] = {
        "type": "exec",
        "command": list(map(verbatim, command)),
        **_timing(timing),
    }
    for name in ("test", "interval", "timeout", "retries"):
        workload.converted("labels", f"{_READINESS}{name}", to="readiness_probe")
    if f"{_READINESS}start_period" in labels:
        workload.parameters["readiness_probe"]["initial_delay_s"] = whole_seconds(labels[f"{_READINESS}start_period"])
        workload.converted("labels", f"{_READINESS}start_period", to="readiness_probe")
