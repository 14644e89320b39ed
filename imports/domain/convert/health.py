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
    if liveness := _labelled(workload, labels, _LIVENESS, _timing(check)):
        workload.parameters["liveness_probe"] = liveness
        workload.converted("healthcheck", to="liveness_probe")
    names = ("interval", "timeout", "retries")
    timing = _timing({name: labels[f"{_READINESS}{name}"] for name in names if f"{_READINESS}{name}" in labels})
    given = [label for label in labels if label.startswith(_READINESS)]
    if text_of(labels.get(f"{_READINESS}disable")).lower() in ("true", "1"):
        workload.parameters.pop("readiness_probe", None)
        for label in given:
            workload.converted("labels", label, why="no readiness probe")
        return
    readiness = _labelled(workload, labels, _READINESS, timing)
    if readiness is None or workload.is_job:
        for label in given:
            what = f"a {workload.kind} gets no traffic" if readiness else "there is no test, path or port for it"
            workload.dropped("labels", label, why=f"no readiness probe: {what}")
        return
    if f"{_READINESS}start_period" in labels:
        readiness["initial_delay_s"] = whole_seconds(labels[f"{_READINESS}start_period"])
    workload.parameters["readiness_probe"] = readiness
    for label in given:
        workload.converted("labels", label, to="readiness_probe")


def _labelled(
    workload: Workload, labels: Mapping[str, Any], prefix: str, timing: Mapping[str, int]
) -> dict[str, Any] | None:
    """The probe that labels ask for: a command, else a request by HTTP, else a TCP connection; None for none."""
    kind = "liveness_probe" if prefix == _LIVENESS else "readiness_probe"
    test, path = text_of(labels.get(f"{prefix}test")), text_of(labels.get(f"{prefix}http_get_path"))
    ports = {name: whole_number(text_of(labels.get(f"{prefix}{name}"))) for name in ("http_get_port", "tcp_port")}
    probe: dict[str, Any] | None = None
    if test:
        words = shlex.split(test) if test.count('"') % 2 == 0 and test.count("'") % 2 == 0 else test.split()
        command = _command(words if words and words[0] in ("CMD", "CMD-SHELL", "NONE") else test)
        probe = {"type": "exec", "command": list(map(verbatim, command)), **timing}
    elif path.startswith("/"):
        port = {} if ports["http_get_port"] is None else {"port": ports["http_get_port"]}
        probe = {"type": "http", "path": path, **port, **timing}
    elif ports["tcp_port"] is not None:
        probe = {"type": "tcp", "port": ports["tcp_port"], **timing}
    if prefix == _LIVENESS:
        for label in (label for label in labels if label.startswith(prefix)):
            if probe is None:
                workload.dropped("labels", label, why="no liveness probe: there is no path or port for it")
            else:
                workload.converted("labels", label, to=kind)
    return probe
