"""Which namespaces credentials may list a kind in, where they may not list it in the whole cluster."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

from clusters.domain.reading import mapping, mappings, text
from clusters.kube.allowance import Allowance
from clusters.kube.client import METADATA_LIST, KubeClient
from clusters.kube.errors import ApiForbidden
from clusters.kube.kinds import ServedKind
from clusters.questions.asking import Question
from kubeorch.base.errors import Forbidden

AT_ONCE = 6
ASKED_MOST = 200
"""Namespaces that are asked about one by one."""
KEPT_S = 30.0
KEPT_MOST = 256


@dataclass(frozen=True, slots=True)
class Visible:
    names: list[str]
    total: int
    """How many namespaces the cluster has."""


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
    """The kind may be listed in none of the namespaces."""

    code = "cluster.nothing_listable"

    def __init__(self, kind: ServedKind) -> None:
        super().__init__(
            f"these credentials may list {kind.plural} in none of the namespaces; whoever administers the cluster can "
            f"give them the verb list on {kind.plural}"
        )


_lock = Lock()
_kept: OrderedDict[tuple[object, ...], tuple[float, Visible]] = OrderedDict()


def listable_namespaces(question: Question, kind: ServedKind, among: Sequence[str] | None = None) -> Visible:
    """The namespaces in which the kind may be listed, sorted, of those given or of all. Raises NamespacesUnknown, or
    NothingListable where there is none."""
    client = question.client
    ways = tuple((way.team_id, str(way.acting)) for way in question.ways)
    key = (question.cluster["_id"], client.server, *client.acting.values(), ways, kind.group, kind.plural, among)
    with _lock:
        found = _kept.get(key)
        if found and time.monotonic() - found[0] < KEPT_S:
            return found[1]
    names = _all_names(question, kind) if among is None else among
    visible = Visible(_listable(question, kind, names[:ASKED_MOST]), len(names))
    if not visible.names:
        raise NothingListable(kind)
    with _lock:
        _kept[key] = (time.monotonic(), visible)
        while len(_kept) > KEPT_MOST:
            _kept.popitem(last=False)
    return visible


def _listable(question: Question, kind: ServedKind, names: Sequence[str]) -> list[str]:
    """Asked for some at once: one after the other, so many would take longer than a question may."""
    until = time.monotonic() + question.allowance.left_s() / 2
    client_of = {name: question.client_in(name) for name in names}

    def asked(name: str) -> bool:
        left_s = until - time.monotonic()
        client = client_of[name]
        return left_s > 0 and _allowed(client, client.allowance(left_s), kind, "list", name)

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="listable") as pool:
        return [name for name, is_listable in zip(names, pool.map(asked, names), strict=True) if is_listable]


def _all_names(question: Question, kind: ServedKind) -> list[str]:
    try:
        answer = question.client.request(
            "GET",
            "/api/v1/namespaces",
            query={"limit": "1000"},
            headers={"Accept": METADATA_LIST},
            allowance=question.allowance,
        )[1]
    except ApiForbidden as error:
        raise NamespacesUnknown(kind) from error
    return sorted(text(mapping(item.get("metadata")).get("name")) for item in mappings(answer.get("items")))


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
