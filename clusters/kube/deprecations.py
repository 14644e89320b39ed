"""Asks an API server for the deprecated APIs that its clients use."""

from __future__ import annotations

import time
from dataclasses import dataclass
from http import HTTPStatus

from clusters.domain.deprecations import Deprecated, of_metrics, of_warning
from clusters.kube.allowance import Allowance
from clusters.kube.client import KubeClient
from clusters.kube.discovery import Resource
from clusters.kube.errors import ApiAnswer, ApiForbidden, ClusterTimeout, ClusterUnavailable, Unauthorized

METRICS_BYTES_MOST = 64 * 1024 * 1024
"""A large cluster's API server tells of some 20 MB."""
METRICS_S = 5.0
DEPRECATED_MOST = 500
_HEAD_ONLY = {"Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"}


@dataclass(frozen=True, slots=True)
class Requested:
    """What the metrics tell, since the API server was started."""

    apis: list[Deprecated]
    why_not: str
    """Why they tell nothing; "" where they do."""


def requested_by_anybody(client: KubeClient, allowance: Allowance) -> Requested:
    """The deprecated APIs that any client of the cluster has asked for; Unauthorized is raised."""
    ends_at = time.monotonic() + min(METRICS_S, allowance.left_s())
    found: dict[tuple[str, str], Deprecated] = {}
    size = 0
    try:
        with client.stream("/metrics", headers={"Accept": "text/plain"}, read_timeout_s=METRICS_S) as lines:
            for line in lines:
                size += len(line)
                if size > METRICS_BYTES_MOST or time.monotonic() > ends_at:
                    return Requested(list(found.values()), "the API server's metrics are too long to be read whole")
                told = of_metrics(line.decode(errors="replace"))
                if told is not None and len(found) < DEPRECATED_MOST:
                    found[told.api_version, told.resource] = told
    except ApiForbidden:
        return Requested([], "the credentials may not read the API server's metrics (get on the path /metrics)")
    except Unauthorized:
        raise
    except (ApiAnswer, ClusterTimeout, ClusterUnavailable) as error:
        return Requested([], f"the API server's metrics cannot be read: {error.detail}")
    return Requested(list(found.values()), "")


@dataclass(frozen=True, slots=True)
class Warned:
    """What the API server says of an API to whoever asks for an object of it."""

    api: Deprecated | None
    is_answer: bool
    """Whether it listed, so that this is what it says to everybody; of what it refuses to list it says nothing."""


def warned_of(client: KubeClient, resource: Resource, allowance: Allowance) -> Warned:
    """Raises what the request raises."""
    status, headers, _ = client.exchange(
        "GET", resource.path(None), query={"limit": "1"}, headers=_HEAD_ONLY, timeout_s=allowance.left_s()
    )
    said = of_warning(headers.get("Warning", ""), resource.api_version, resource.plural)
    return Warned(said, status == HTTPStatus.OK)
