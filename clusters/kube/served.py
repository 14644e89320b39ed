"""Which API versions and kinds a cluster serves, in two requests where it can tell them so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clusters.kube.client import KubeClient

SERVED_MAX = 5_000
_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"


def served_apis(client: KubeClient) -> list[str]:
    """`group/version` and `group/version/Kind` of all that is served, sorted; without kinds before Kubernetes 1.30.

    Source: Kubernetes docs, "The Kubernetes API", section "Aggregated discovery". Raises what the requests raise.
    """
    found: set[str] = set()
    for path in ("/api", "/apis"):
        answer = client.request("GET", path, headers={"Accept": _AGGREGATED})[1]
        found |= set(_aggregated(answer)) if "items" in answer else set(_plain(answer))
    return sorted(found)[:SERVED_MAX]


def _aggregated(answer: dict[str, Any]) -> Iterator[str]:
    for group in answer["items"]:
        name = (group.get("metadata") or {}).get("name") or ""
        for version in group.get("versions") or ():
            api_version = f"{name}/{version['version']}" if name else str(version["version"])
            yield api_version
            for resource in version.get("resources") or ():
                if kind := (resource.get("responseKind") or {}).get("kind"):
                    yield f"{api_version}/{kind}"


def _plain(answer: dict[str, Any]) -> Iterator[str]:
    yield from map(str, answer.get("versions") or ())
    for group in answer.get("groups") or ():
        for version in group.get("versions") or ():
            yield str(version["groupVersion"])
