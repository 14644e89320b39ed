"""Which namespaces credentials may list a kind in, where they may not list it in the whole cluster."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock

from clusters.domain.reading import integer, mapping, mappings, text
from clusters.kube.allowance import Allowance
from clusters.kube.client import METADATA_LIST, KubeClient
from clusters.kube.errors import ApiForbidden
from clusters.kube.kinds import ServedKind
from clusters.questions.asking import Question
from clusters.questions.named import known_namespaces
from kubeorch.accounts.roles import Role
from kubeorch.base.errors import Forbidden

AT_ONCE = 6
ASKED_AT_ONCE = 1_000
"""Namespaces that one question asks about, each by itself, within half of its time; the next question goes on."""
NAMES_PAGE = 1_000
NAMES_MOST = 10_000
KEPT_S = 30.0
KEPT_OF_MANY_S = 300.0
"""Where one question did not come to the end."""
KEPT_MOST = 256


@dataclass(frozen=True, slots=True)
class Visible:
    names: list[str]
    total: int | None
    """How many namespaces the cluster has; None where that may not be asked, and those that are known were tried."""
    unasked: int = 0
    """How many of them were not looked at yet."""


class NamespacesUnknown(Forbidden):
    """Neither the kind in the whole cluster nor the namespaces may be listed."""

    code = "cluster.namespaces_unknown"

    def __init__(self, kind: ServedKind) -> None:
        super().__init__(
            f"these credentials may list {kind.plural} neither in the whole cluster nor the namespaces there are; name "
            "the namespaces to look into",
            field="namespace",
        )


class NothingListable(Forbidden):
    """The kind may be listed in none of the namespaces that were looked at."""

    code = "cluster.nothing_listable"

    def __init__(self, kind: ServedKind, asked: int, unasked: int, shared_as: Role | None = None) -> None:
        if shared_as is not None and not unasked:
            super().__init__(
                f"this cluster is shared with you as {shared_as}, which lets you list {kind.plural} in none of the "
                "namespaces; ask the team that owns the cluster"
            )
            return
        if unasked:
            where = f"in none of the first {asked} namespaces; load it again to look into the other {unasked}, or name"
            super().__init__(f"these credentials may list {kind.plural} {where} the namespaces to look into")
            return
        super().__init__(
            f"these credentials may list {kind.plural} in none of the namespaces; whoever administers the cluster can "
            f"give them the verb list on {kind.plural}"
        )


@dataclass(slots=True)
class _Search:
    names: Sequence[str]
    total: int | None
    at: float = field(default_factory=time.monotonic)
    answers: dict[str, bool] = field(default_factory=dict)
    goes_on: bool = False
    """One question was not enough."""

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self.at < (KEPT_OF_MANY_S if self.goes_on else KEPT_S)


_lock = Lock()
_kept: OrderedDict[tuple[object, ...], _Search] = OrderedDict()


def listable_namespaces(question: Question, kind: ServedKind, among: Sequence[str] | None = None) -> Visible:
    """The namespaces in which the kind may be listed, sorted, of those given or of all. Where they are so many that one
    question does not come to the end, the next one goes on.

    Raises NamespacesUnknown, or NothingListable where there is none.
    """
    client = question.client
    ways = tuple((way.team_id, str(way.acting)) for way in question.ways)
    key = (question.cluster["_id"], client.server, *client.acting.values(), ways, kind.group, kind.plural, among)
    with _lock:
        search = _kept.get(key)
    if search is None or not search.is_fresh:
        search = _all_names(question, kind) if among is None else _Search(among, len(among))
        if search.total is not None:  # else the right to list them may come at any moment
            with _lock:
                _kept[key] = search
                while len(_kept) > KEPT_MOST:
                    _kept.popitem(last=False)
    answers = search.answers
    if left := [name for name in search.names if name not in answers]:
        answers.update(_listable(question, kind, left[:ASKED_AT_ONCE]))
    unasked = len(search.names) - len(answers)
    search.goes_on = search.goes_on or unasked > 0
    names = [name for name in search.names if answers.get(name)]
    if not names:
        way = question.access
        raise NothingListable(kind, len(answers), unasked, way.role if way.acting is not None else None)
    return Visible(names, search.total, unasked)


def _listable(question: Question, kind: ServedKind, names: Sequence[str]) -> dict[str, bool]:
    """Of each for which there was time. Asked for some at once: one after the other would take longer than it may."""
    until = time.monotonic() + question.allowance.left_s() / 2
    client_of = {name: question.client_in(name) for name in names}

    def asked(name: str) -> bool | None:
        left_s = until - time.monotonic()
        client = client_of[name]
        return _allowed(client, client.allowance(left_s), kind, "list", name) if left_s > 0 else None

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="listable") as pool:
        found = zip(names, pool.map(asked, names), strict=True)
        return {name: is_listable for name, is_listable in found if is_listable is not None}


def _all_names(question: Question, kind: ServedKind) -> _Search:
    """All of the cluster; where they may not be listed, those that are known otherwise."""
    names: list[str] = []
    token, beyond = "", 0
    try:
        while len(names) < NAMES_MOST:
            answer = question.client.request(
                "GET",
                "/api/v1/namespaces",
                query={"limit": str(NAMES_PAGE), **({"continue": token} if token else {})},
                headers={"Accept": METADATA_LIST},
                allowance=question.allowance,
            )[1]
            names += [text(mapping(item.get("metadata")).get("name")) for item in mappings(answer.get("items"))]
            metadata = mapping(answer.get("metadata"))
            token, beyond = text(metadata.get("continue")), integer(metadata.get("remainingItemCount"))
            if not token:
                break
    except ApiForbidden as error:
        known = known_namespaces(question.cluster, question.client, [way.team_id for way in question.ways])
        if not known:
            raise NamespacesUnknown(kind) from error
        return _Search(known, None)
    return _Search(sorted(names), len(names) + (beyond if token else 0))


def may(question: Question, kind: ServedKind, verb: str, namespace: str = "", name: str = "", below: str = "") -> bool:
    """Whether the API server lets whoever asks do it."""
    return _allowed(question.client, question.allowance, kind, verb, namespace, name, below)


def _allowed(
    client: KubeClient,
    allowance: Allowance,
    kind: ServedKind,
    verb: str,
    namespace: str,
    name: str = "",
    below: str = "",
) -> bool:
    """Source: Kubernetes docs, "Authorization Overview", section
    "Checking API access"."""
    attributes = {
        "verb": verb,
        "group": kind.group,
        "resource": kind.plural,
        "subresource": below,
        "namespace": namespace,
        "name": name,
    }
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
    }
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    answer = client.request("POST", path, body=body, allowance=allowance)[1]
    return mapping(answer.get("status")).get("allowed") is True
