"""The kinds of clusters, remembered for a while: discovery takes longer than a page of a list."""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock

from bson import ObjectId

from clusters.domain.kind_names import KindName
from clusters.kube.allowance import Allowance
from clusters.kube.client import KubeClient
from clusters.kube.errors import UnknownKind
from clusters.kube.kinds import ServedKind, served_kinds

KEPT_S = 30.0
"""A CRD that is added shows at once where it is asked for by name, and in the list of kinds after this."""
CLUSTERS_KEPT = 64

_lock = Lock()
_kept: OrderedDict[tuple[ObjectId, str], tuple[float, list[ServedKind]]] = OrderedDict()


def kinds_of(
    client: KubeClient, cluster_id: ObjectId, allowance: Allowance, *, fresh: bool = False
) -> list[ServedKind]:
    """Every kind that can be listed; `fresh` asks the cluster now."""
    key = (cluster_id, client.server)
    with _lock:
        found = _kept.get(key)
        if found and not fresh and time.monotonic() - found[0] < KEPT_S:
            _kept.move_to_end(key)
            return found[1]
    kinds = served_kinds(client, allowance)
    with _lock:
        _kept[key] = (time.monotonic(), kinds)
        _kept.move_to_end(key)
        while len(_kept) > CLUSTERS_KEPT:
            _kept.popitem(last=False)
    return kinds


def kind_of(client: KubeClient, cluster_id: ObjectId, name: KindName, allowance: Allowance) -> ServedKind:
    """The kind of that name; one that is not known is looked for once more. Raises UnknownKind."""
    for fresh in (False, True):
        for kind in kinds_of(client, cluster_id, allowance, fresh=fresh):
            if (kind.group, kind.kind) == (name.group, name.kind):
                return kind
    raise UnknownKind(f"{name.group}/{name.version}".strip("/") or "v1", name.kind)
