"""The namespaces of a cluster, with their quotas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from clusters.domain.objects import Manifest
from clusters.domain.quantity import QuantityInvalid, parse_quantity
from clusters.domain.reading import integer, mapping, mappings, text
from clusters.kube.errors import ApiForbidden, ApiNotFound
from clusters.questions.asking import Question
from clusters.questions.named import NamespacesUnlistable, known_namespaces

PAGE = 1_000
NAMESPACES_MOST = 2_000
QUOTAS_MOST = 5_000
ONE_BY_ONE = 100
"""Namespaces that are read one by one, where they may not be listed."""


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
    """How many the cluster has, where not all of them are seen and that is known."""
    is_listed: bool
    """False: the namespaces may not be listed, and these are known otherwise."""
    quotas_known: bool
    quotas_cut: bool
    """There are more quotas than were read."""
    cut: bool


@dataclass(slots=True)
class _Quotas:
    by_namespace: dict[str, list[Quota]] = field(default_factory=lambda: defaultdict(list))
    known: bool = True
    cut: bool = False


def namespaces_with_quotas(question: Question) -> Spaces:
    """Those that the person sees, by name. Where they may not be listed, those that are known otherwise are read one by
    one. Raises NamespacesUnlistable where there is none, and what else the cluster says."""
    sees = question.namespaces
    try:
        found, remaining = _all(question, "/api/v1/namespaces", NAMESPACES_MOST)
    except ApiForbidden:
        return _known(question)
    seen = {_name(one): one for one in found if sees is None or _name(one) in sees}
    is_cut = remaining > 0
    if is_cut and sees is not None:
        missing = sorted(sees - seen.keys())
        seen.update({_name(one): one for one in _one_by_one(question, missing[:ONE_BY_ONE], or_nothing=True)})
        is_cut = len(missing) > ONE_BY_ONE
    total = len(found) + remaining
    quotas = _quotas(question)
    return Spaces(
        _spaces(seen.values(), quotas),
        None if len(seen) == total else total,
        True,
        quotas.known,
        quotas.cut,
        is_cut,
    )


def _known(question: Question) -> Spaces:
    """Without a list of all: those that the person sees, or those that are known."""
    teams = [way.team_id for way in question.ways]
    sees = question.namespaces
    names = sorted(sees) if sees is not None else known_namespaces(question.cluster, question.client, teams)
    if not names and sees is None:
        raise NamespacesUnlistable
    found = _one_by_one(question, names[:ONE_BY_ONE])
    quotas = _quotas(question)
    if not quotas.known:
        quotas = _quotas_one_by_one(question, names[:ONE_BY_ONE])
    return Spaces(_spaces(found, quotas), None, False, quotas.known, quotas.cut, len(names) > ONE_BY_ONE)


def _spaces(manifests: Iterable[Manifest], quotas: _Quotas) -> list[Space]:
    return [
        Space(one, text(mapping(one.get("status")).get("phase")), quotas.by_namespace.get(_name(one), []))
        for one in sorted(manifests, key=_name)
    ]


def _all(question: Question, path: str, most: int) -> tuple[list[Manifest], int]:
    """(the first objects of a list, how many there are beyond them)."""
    found: list[Manifest] = []
    token = ""
    while True:
        query = {"limit": str(min(PAGE, most - len(found))), **({"continue": token} if token else {})}
        answer = question.client.request("GET", path, query=query, allowance=question.allowance)[1]
        found += [dict(item) for item in mappings(answer.get("items"))]
        metadata = mapping(answer.get("metadata"))
        token = text(metadata.get("continue"))
        if not token:
            return found, 0
        if len(found) >= most:
            return found, max(1, integer(metadata.get("remainingItemCount")))


def _one_by_one(question: Question, names: Iterable[str], *, or_nothing: bool = False) -> list[Manifest]:
    """Of one that may not be read, its name alone; `or_nothing` leaves out what is not there."""
    found = []
    for name in names:
        client = question.client_in(name)
        try:
            found.append(client.request("GET", f"/api/v1/namespaces/{name}", allowance=question.allowance)[1])
        except ApiNotFound:
            if not or_nothing:
                found.append({"metadata": {"name": name}, "status": {"phase": "unknown"}})
        except ApiForbidden:
            found.append({"metadata": {"name": name}, "status": {"phase": "unknown"}})
    return found


def _quotas(question: Question) -> _Quotas:
    found = _Quotas()
    try:
        items, remaining = _all(question, "/api/v1/resourcequotas", QUOTAS_MOST)
    except ApiForbidden:
        return _Quotas(known=False)
    found.cut = remaining > 0
    _add(found, items)
    return found


def _quotas_one_by_one(question: Question, names: Iterable[str]) -> _Quotas:
    found = _Quotas()
    for name in names:
        path = f"/api/v1/namespaces/{name}/resourcequotas"
        try:
            answer = question.client_in(name).request("GET", path, allowance=question.allowance)[1]
        except ApiForbidden:
            return _Quotas(known=False)
        _add(found, mappings(answer.get("items")))
    return found


def _add(found: _Quotas, items: Iterable[Mapping[str, Any]]) -> None:
    for item in items:
        metadata, status = mapping(item.get("metadata")), mapping(item.get("status"))
        used = mapping(status.get("used"))
        for resource, hard in mapping(status.get("hard")).items():
            now = text(used.get(resource)) or "0"
            found.by_namespace[text(metadata.get("namespace"))].append(
                Quota(text(metadata.get("name")), resource, now, text(hard), _share(now, text(hard)))
            )


def _share(used: str, hard: str) -> float | None:
    try:
        whole = parse_quantity(hard)
        return round(float(parse_quantity(used) / whole), 4) if whole else None
    except QuantityInvalid:
        return None


def _name(manifest: Manifest) -> str:
    return text(mapping(manifest.get("metadata")).get("name"))
