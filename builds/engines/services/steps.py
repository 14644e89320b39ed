"""Steps of the trial of an engine, each with what was found, or the cure."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from builds import trials
from builds.domain.engines import Nature
from builds.engines.services import client
from clusters.kube.errors import ClusterTimeout
from clusters.kube.probing import Certificate
from kubeorch.base.errors import KubeOrchError
from kubeorch.processes.bounded import Overdue, TooTalkative

T = TypeVar("T")
OF_A_CLUSTER = frozenset({"cluster", "namespace", "rights", "pod"})
"""Steps that ask an API server alone."""


@dataclass(slots=True)
class Report(trials.Report):
    """Steps are `name`, `tcp`, `tls`, `certificate` of a service; `cluster`, `namespace`, `rights`, `network`, `pod` of
    a place in a cluster; `version`, `platforms`, `processes`, `place` of both."""

    certificate: Certificate | None = None
    """Of the service."""
    nature: Nature = field(default_factory=Nature)


class Stop(Exception):
    """The steps after this one make no sense."""


def step_of(report: Report, name: str, work: Callable[[], T], said: Callable[[T], str]) -> T:
    """Raises Stop."""
    since = time.monotonic()
    try:
        done = work()
    except (Overdue, TooTalkative, ClusterTimeout) as error:
        if isinstance(error, ClusterTimeout) and name in OF_A_CLUSTER:
            report.note(name, "failed", error.detail, since, error.code)
        else:
            report.note(name, "failed", "BuildKit did not answer in time", since, client.EngineUnreachable.code)
        raise Stop from error
    except KubeOrchError as error:
        report.note(name, "failed", error.detail, since, error.code)
        raise Stop from error
    report.note(name, "ok", said(done), since)
    return done
