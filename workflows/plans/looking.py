"""Objects of a cluster, read for a plan: whole, in one list for each kind where several are asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor
from functools import partial

from clusters.domain.objects import Manifest, Ref
from clusters.kube.apply import is_secret
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound, UnknownKind
from clusters.kube.holding import TooMuch

WORTH_A_LIST = 3
"""So many objects of a kind in a namespace are read as a list of all that are there."""
Found = dict[Ref, Manifest | None]


def read_whole(client: KubeClient, pool: Executor, refs: Collection[Ref]) -> Found:
    """The objects by ref, None for one that is not there or whose kind is not served.

    Secrets are read one by one, so that values of others are never fetched. Raises API errors.
    """
    return _read(client, pool, refs, metadata_only=False, in_lists=lambda ref: not is_secret(ref))


def read_metadata(client: KubeClient, pool: Executor, refs: Collection[Ref]) -> Found:
    """The same with metadata alone."""
    return _read(client, pool, refs, metadata_only=True, in_lists=lambda ref: True)


def _read(
    client: KubeClient,
    pool: Executor,
    refs: Collection[Ref],
    *,
    metadata_only: bool,
    in_lists: Callable[[Ref], bool],
) -> Found:
    groups: dict[tuple[str, str, str], list[Ref]] = {}
    for ref in refs:
        groups.setdefault((ref.api_version, ref.kind, ref.namespace), []).append(ref)
    found: Found = {}
    single: list[Ref] = []
    listed = [group for group in groups.values() if len(group) >= WORTH_A_LIST and in_lists(group[0])]
    for group, items in zip(listed, pool.map(partial(_list, client, metadata_only), listed), strict=True):
        if items is None:
            single += group
        else:
            found.update(items)
    single += [ref for group in groups.values() if group not in listed for ref in group]
    found.update(zip(single, pool.map(partial(_get, client, metadata_only), single), strict=True))
    return found


def _list(client: KubeClient, metadata_only: bool, group: Sequence[Ref]) -> Found | None:
    """None when they have to be asked for one by one."""
    first = group[0]
    namespace = first.namespace or None
    try:
        items, _ = client.list(first.api_version, first.kind, namespace=namespace, metadata_only=metadata_only)
    except (ApiForbidden, TooMuch):
        return None
    except (UnknownKind, ApiNotFound):
        return dict.fromkeys(group)
    by_name = {item["metadata"]["name"]: item for item in items}
    found: Found = {}
    for ref in group:
        item = by_name.get(ref.name)
        found[ref] = None if item is None else {**item, "apiVersion": ref.api_version, "kind": ref.kind}
    return found


def _get(client: KubeClient, metadata_only: bool, ref: Ref) -> Manifest | None:
    try:
        return client.get(ref, metadata_only=metadata_only)
    except (UnknownKind, ApiNotFound):
        return None
