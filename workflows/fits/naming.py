"""What a graph names and a cluster does not have: classes, and objects beside it that nobody drew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from functools import partial

from clusters.domain.objects import Ref
from clusters.kube.client import KubeClient
from workflows.domain.fitting.problems import Found, Misfit
from workflows.domain.fitting.wanting import WANTED_MOST, FieldPath, text_of, wanted_by
from workflows.domain.rendering.render import Rendered
from workflows.plans.classes import drawn_classes, is_among, looked_for, why_missing


def absent(
    client: KubeClient, pool: Executor, items: Sequence[Rendered], new_namespace: str, unseen: set[str]
) -> Iterator[Found]:
    """A class that is missing breaks what names it. An object of the namespace may still come from elsewhere, so that
    is a warning.

    Nothing is in `new_namespace`. Kinds that the credentials may not read are added to `unseen`. Raises API errors.
    """
    drawn, classes = {item.ref.identity for item in items}, drawn_classes(items)
    wanted: dict[Ref, list[tuple[Rendered, FieldPath]]] = {}
    for item in items:
        for one in wanted_by(item.manifest, item.ref):
            if one.ref.identity in drawn or (not one.ref.namespace and is_among(classes, one.ref)):
                continue
            if one.ref in wanted or len(wanted) < WANTED_MOST:
                wanted.setdefault(one.ref, []).append((item, one.path))
    asked = [ref for ref in wanted if not new_namespace or ref.namespace != new_namespace]
    seen = dict(zip(asked, pool.map(partial(looked_for, client), asked), strict=True))
    for ref, users in wanted.items():
        is_there = seen.get(ref, False)
        if is_there is None:
            unseen.add(ref.kind)
        elif not is_there:
            for item, path in users:
                yield Found(item.node_id, item.ref, _misfit(ref, path))


def _misfit(ref: Ref, path: FieldPath) -> Misfit:
    at = text_of(path)
    if ref.namespace:
        detail = f"{ref.kind} {ref.name} is not in the namespace {ref.namespace}, and nobody drew it"
        return Misfit("object.missing", detail, at, "warning")
    if not ref.name or ref.kind in ("StorageClass", "IngressClass"):
        return Misfit("class.missing" if ref.name else "class.no_default", why_missing(ref), at)
    detail = f"the cluster has no {ref.kind} {ref.name}; choose another one, or make it before a run"
    return Misfit("class.missing", detail, at)
