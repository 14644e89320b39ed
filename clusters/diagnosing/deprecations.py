"""Which deprecated APIs are used in a cluster, who says so, and what the next minor version leaves out."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from bson import ObjectId

from clusters.domain.deprecations import Deprecated, is_gone_with, next_minor
from clusters.kube.deprecations import Requested, requested_by_anybody, warned_of
from clusters.kube.errors import ApiAnswer, ClusterTimeout, Unauthorized
from clusters.questions.asking import Question, ask
from clusters.uses import KindsDrawn
from kubeorch.accounts.principal import Principal

KINDS_MOST = 100
"""That environments have applied; a team draws some twenty."""
OF_THE_OWNER = "what all clients of a cluster ask for is told to the team that owns it"


METRICS_FRESH_S = 30.0
WARNED_FRESH_S = 300.0
"""A server warns of a version until it is upgraded."""
WARNED_KEPT_MOST = 5_000


@dataclass(slots=True)
class _Held:
    asked_at: float
    lock: Lock = field(default_factory=Lock)
    told: Requested | None = None


_lock = Lock()
_held: dict[ObjectId, _Held] = {}
_Kind = tuple[ObjectId, str, str, str]
"""A cluster, its version, and the API version and kind that the server was asked for."""
_told: OrderedDict[_Kind, tuple[float, Deprecated | None]] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Notice:
    """A deprecated version of an API, in use."""

    api: Deprecated
    is_requested: bool
    """The API server's metrics tell of somebody who has asked for it since the server was started."""
    is_drawn: bool
    """Environments of the person's teams have objects of it here."""
    is_gone_next: bool
    """The next minor version does not serve it any more."""


@dataclass(frozen=True, slots=True)
class Notices:
    version: str
    next_version: str
    notices: list[Notice]
    why_not_metrics: str
    """Why the API server's metrics tell nothing; "" where they do."""
    asked: int
    """How many of the kinds that environments have here the API server was asked about."""
    kinds: int


def deprecations(principal: Principal, cluster_id: object, kinds_drawn: KindsDrawn) -> Notices:
    """Raises as `ask`, and what the cluster says."""
    with ask(principal, cluster_id, "cluster.read", looks_through=True) as question:
        cluster = question.cluster
        is_owner = question.namespaces is None
        told = _requested(question) if is_owner else Requested([], OF_THE_OWNER)
        drawn = sorted(kinds_drawn(cluster["_id"], principal.team_ids))
        warned, asked = _warned(question, drawn[:KINDS_MOST])
    following = next_minor(cluster["version"])
    metrics = {(one.api_version, one.resource): one for one in told.apis}
    warnings = {(one.api_version, one.resource): one for one in warned}
    found = [
        Notice(
            api=warnings.get(key) or metrics[key],
            is_requested=key in metrics,
            is_drawn=key in warnings,
            is_gone_next=is_gone_with((warnings.get(key) or metrics[key]).removed_in, following),
        )
        for key in {**metrics, **warnings}
    ]
    found.sort(key=lambda one: (not one.is_gone_next, not one.is_drawn, one.api.api_version, one.api.resource))
    return Notices(cluster["version"], following, found, told.why_not, asked, len(drawn))


def _requested(question: Question) -> Requested:
    """What the metrics tell, which are megabytes: read once in a while for all who look."""
    cluster_id, moment = question.cluster["_id"], time.monotonic()
    with _lock:
        for old in [key for key, one in _held.items() if moment - one.asked_at > METRICS_FRESH_S]:
            del _held[old]
        held = _held.setdefault(cluster_id, _Held(moment))
    with held.lock:
        if held.told is None:
            told = requested_by_anybody(question.client, question.allowance)
            if told.why_not:
                return told  # what keeps them from being read may be mended at once
            held.told = told
        return held.told


def _warned(question: Question, drawn: list[tuple[str, str]]) -> tuple[list[Deprecated], int]:
    """Of kinds (API version, kind) what the API server warns of, and of how many it was asked in time."""
    found: list[Deprecated] = []
    asked = 0
    for api_version, kind in drawn:
        try:
            told = _warned_of(question, api_version, kind)
        except ClusterTimeout:
            break
        except Unauthorized:
            raise
        except ApiAnswer:
            continue  # it is served no more, or what serves it is down: what is wrong with the objects tells
        asked += 1
        found += [told] if told else []
    return found, asked


def _warned_of(question: Question, api_version: str, kind: str) -> Deprecated | None:
    """The same for all who look, whoever they are: asked once in a while, each kind by itself."""
    key: _Kind = (question.cluster["_id"], question.cluster["version"], api_version, kind)
    with _lock:
        kept = _told.get(key)
        if kept is not None and time.monotonic() - kept[0] < WARNED_FRESH_S:
            return kept[1]
    resource = question.client.resource(api_version, kind)
    told = warned_of(question.client, resource, question.allowance)
    if told.is_answer:
        with _lock:
            _told[key] = (time.monotonic(), told.api)
            _told.move_to_end(key)
            while len(_told) > WARNED_KEPT_MOST:
                _told.popitem(last=False)
    return told.api
