"""Rights that a run would need on a cluster, and that its credentials lack there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor

from clusters.kube.client import KubeClient
from workflows.domain.fitting.problems import Found, Level, Misfit
from workflows.domain.rendering.render import Rendered
from workflows.domain.rights.granting import giving
from workflows.domain.rights.needs import OWNED, Right, needs_of
from workflows.environments.asking import lacks_any, missing
from workflows.environments.serving import Places

_AFTERWARDS = frozenset({"list", "watch", "delete"})
"""Without them an object is applied, and not seen or not taken back."""


def lacking(client: KubeClient, pool: Executor, items: Sequence[Rendered], new_namespace: str) -> Iterator[Found]:
    """For each node and resource the verbs that are missing. What an environment owns elsewhere is no matter here.

    Kinds that the cluster does not serve are left out. Raises TooManyRights and API errors.
    """
    places = Places(client)
    needs, _ = needs_of(items, (), places.of, new_namespace=new_namespace)
    lacks = missing(client, pool, needs.keys())
    for gives in giving(items):
        if lacks_any(client, pool, gives.rights):
            needs[gives.instead] = [gives.node_id]
            lacks |= missing(client, pool, [gives.instead])
    found: dict[tuple[str, str, str, str], list[Right]] = {}
    for right in sorted(lacks):
        for node_id in needs[right] or [""]:
            found.setdefault((node_id, right.namespace, right.group, right.resource), []).append(right)
    for (node_id, namespace, group, resource), rights in found.items():
        verbs = sorted({right.verb for right in rights}, key=lambda verb: (*OWNED, verb).index(verb))
        where = f"in the namespace {namespace}" if namespace else "in the whole cluster"
        what = f"{resource}.{group}" if group else resource
        detail = f"the credentials may not {', '.join(verbs)} {what} {where}"
        level: Level = "warning" if _AFTERWARDS.issuperset(verbs) else "error"
        yield Found(node_id, None, Misfit("rights.missing", detail, level=level))
