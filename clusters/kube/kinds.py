"""The kinds that a cluster serves, each in the version it prefers, with what can be done to their objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from clusters.domain.reading import mapping, mappings, text
from clusters.kube.allowance import Allowance
from clusters.kube.client import KubeClient
from clusters.kube.discovery import Resource
from clusters.kube.errors import ApiAnswer, ClusterTimeout, Unauthorized

KINDS_MOST = 5_000
GROUPS_MOST = 300
"""Of a cluster that tells its kinds group by group only."""
_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"


@dataclass(frozen=True, slots=True)
class ServedKind:
    """One kind, as discovery describes it."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    verbs: frozenset[str]
    short_names: tuple[str, ...]
    categories: tuple[str, ...]
    subresources: frozenset[str]
    """Such as `scale` and `status`."""

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> Resource:
        return Resource(self.api_version, self.kind, self.plural, self.namespaced)


def served_kinds(client: KubeClient, allowance: Allowance, silent: list[str] | None = None) -> list[ServedKind]:
    """Every kind whose objects can be listed, in the order of the cluster's groups; KINDS_MOST at most.

    `silent` gets the API versions of which the cluster does not know now which kinds they have.

    Two requests where the cluster tells all in one (Kubernetes docs, "The Kubernetes API", section "Aggregated
    discovery"), else one for each version of a group. Raises what the requests raise.
    """
    found: dict[tuple[str, str], ServedKind] = {}
    silent = [] if silent is None else silent
    for path in ("/api", "/apis"):
        answer = client.request("GET", path, headers={"Accept": _AGGREGATED}, allowance=allowance)[1]
        rows = _aggregated(answer, silent) if "items" in answer else _one_by_one(client, answer, allowance, silent)
        for kind in rows:
            if "list" in kind.verbs and len(found) < KINDS_MOST:
                found.setdefault((kind.group, kind.kind), kind)
    return list(found.values())


def _aggregated(answer: Mapping[str, Any], silent: list[str]) -> Iterator[ServedKind]:
    for group in mappings(answer.get("items")):
        name = text(mapping(group.get("metadata")).get("name"))
        for version in mappings(group.get("versions")):
            if version.get("freshness") == "Stale":  # what serves it does not answer; its kinds are as they were
                silent.append(f"{name}/{text(version.get('version'))}")
            for row in mappings(version.get("resources")):
                below = (text(sub.get("subresource")) for sub in mappings(row.get("subresources")))
                yield ServedKind(
                    name,
                    text(version.get("version")),
                    text(mapping(row.get("responseKind")).get("kind")),
                    text(row.get("resource")),
                    row.get("scope") == "Namespaced",
                    _words(row.get("verbs")),
                    tuple(sorted(_words(row.get("shortNames")))),
                    tuple(sorted(_words(row.get("categories")))),
                    frozenset(below),
                )


def _one_by_one(
    client: KubeClient, answer: Mapping[str, Any], allowance: Allowance, silent: list[str]
) -> Iterator[ServedKind]:
    core = answer.get("versions")
    versions = [("", text(version)) for version in core] if isinstance(core, list) else []
    groups = mappings(answer.get("groups"))
    silent += [text(group.get("name")) for group in groups[GROUPS_MOST:]]
    for group in groups[:GROUPS_MOST]:
        versions += [(text(group.get("name")), text(row.get("version"))) for row in mappings(group.get("versions"))]
    for group_name, version in versions:
        path = f"/apis/{group_name}/{version}" if group_name else f"/api/{version}"
        try:
            listed = client.request("GET", path, allowance=allowance)[1]
        except (Unauthorized, ClusterTimeout):
            raise
        except ApiAnswer:
            silent.append(f"{group_name}/{version}" if group_name else version)
            continue  # what serves this group is down; the others are as they are
        yield from _of_version(group_name, version, mappings(listed.get("resources")))


def _of_version(group: str, version: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[ServedKind]:
    below: dict[str, set[str]] = {}
    kinds = []
    for row in rows:
        plural, slash, subresource = text(row.get("name")).partition("/")
        if slash:
            below.setdefault(plural, set()).add(subresource)
        else:
            kinds.append(row)
    for row in kinds:
        plural = text(row.get("name"))
        yield ServedKind(
            group,
            version,
            text(row.get("kind")),
            plural,
            bool(row.get("namespaced")),
            _words(row.get("verbs")),
            tuple(sorted(_words(row.get("shortNames")))),
            tuple(sorted(_words(row.get("categories")))),
            frozenset(below.get(plural, ())),
        )


def _words(value: Any) -> frozenset[str]:
    return frozenset(word for word in value if isinstance(word, str)) if isinstance(value, list) else frozenset()
