"""The namespaces of a cluster, with their quotas."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from clusters.domain.objects import Manifest
from clusters.domain.quantity import QuantityInvalid, parse_quantity
from clusters.domain.reading import mapping, mappings, text
from clusters.kube.errors import ApiForbidden, ApiNotFound
from clusters.questions.asking import Question

NAMESPACES_MOST = 2_000
QUOTAS_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Quota:
    """One resource of a ResourceQuota. Amounts are as Kubernetes writes them."""

    quota: str
    resource: str
    used: str
    hard: str
    share: float | None
    """Used of hard; None where they cannot be compared."""


@dataclass(frozen=True, slots=True)
class Space:
    manifest: Manifest
    phase: str
    quotas: list[Quota] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Spaces:
    spaces: list[Space]
    total: int | None
    """How many the cluster has, where not all of them are seen."""
    quotas_known: bool
    cut: bool


def namespaces_with_quotas(question: Question) -> Spaces:
    """Those that the person sees, by name. Where they may not be listed, those of their environments are read one by
    one. Raises what the cluster says."""
    quotas, quotas_known = _quotas(question)
    try:
        query = {"limit": str(NAMESPACES_MOST)}
        answer = question.client.request("GET", "/api/v1/namespaces", query=query, allowance=question.allowance)[1]
        found = [dict(item) for item in mappings(answer.get("items"))]
        is_cut = bool(mapping(answer.get("metadata")).get("continue"))
    except ApiForbidden:
        if question.namespaces is None:
            raise
        found, is_cut = _one_by_one(question, question.namespaces), False
    seen = [one for one in found if question.namespaces is None or _name(one) in question.namespaces]
    spaces = [
        Space(one, text(mapping(one.get("status")).get("phase")), quotas.get(_name(one), []))
        for one in sorted(seen, key=_name)
    ]
    return Spaces(spaces, None if len(seen) == len(found) else len(found), quotas_known, is_cut)


def _one_by_one(question: Question, names: frozenset[str]) -> list[Manifest]:
    found = []
    for name in sorted(names):
        try:
            found.append(question.client.request("GET", f"/api/v1/namespaces/{name}", allowance=question.allowance)[1])
        except (ApiForbidden, ApiNotFound):
            found.append({"metadata": {"name": name}, "status": {"phase": "unknown"}})
    return found


def _quotas(question: Question) -> tuple[dict[str, list[Quota]], bool]:
    found: dict[str, list[Quota]] = defaultdict(list)
    try:
        query = {"limit": str(QUOTAS_MOST)}
        answer = question.client.request("GET", "/api/v1/resourcequotas", query=query, allowance=question.allowance)[1]
    except ApiForbidden:
        return found, False
    for item in mappings(answer.get("items")):
        metadata, status = mapping(item.get("metadata")), mapping(item.get("status"))
        used = mapping(status.get("used"))
        for resource, hard in mapping(status.get("hard")).items():
            now = text(used.get(resource)) or "0"
            found[text(metadata.get("namespace"))].append(
                Quota(text(metadata.get("name")), resource, now, text(hard), _share(now, text(hard)))
            )
    return found, True


def _share(used: str, hard: str) -> float | None:
    try:
        whole = parse_quantity(hard)
        return round(float(parse_quantity(used) / whole), 4) if whole else None
    except QuantityInvalid:
        return None


def _name(manifest: Manifest) -> str:
    return text(mapping(manifest.get("metadata")).get("name"))
