"""Objects that a run was about to make, and that nobody knows to exist: asked for before anything is deleted.

A worker that was killed may have made them, or not; what was never made is never asked about, and leaves the inventory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from clusters.domain.objects import Ref
from clusters.kube.client import KubeClient
from kubeorch.base.errors import KubeOrchError
from workflows.domain.rendering.identity import finder
from workflows.environments.inventory_store import InventoryRow, Write, removal_of, update_of, write
from workflows.runs.refusals import is_absent, uid_of_ours
from workflows.runs.run import Run


def is_unproven(row: InventoryRow) -> bool:
    """Whether no apply of the object was ever recorded."""
    return row["state"] == "intended" and row["uid"] is None


def never_made(
    client: KubeClient, rows: Mapping[Ref, InventoryRow], drawn: Iterable[Ref], environment_id: str
) -> list[Ref]:
    """Of the objects that are not drawn any more, those that were never made. What cannot be asked may have been."""
    return [ref for ref in _unproven(rows, drawn) if is_absent(client, ref, environment_id)]


def settle(
    run: Run, client: KubeClient, rows: Mapping[Ref, InventoryRow], drawn: Iterable[Ref]
) -> dict[Ref, InventoryRow]:
    """The rows without what was never made, which leaves the inventory; what was made has its uid from now on, so that
    a person is asked about it."""
    environment_id, left, writes = str(run["environment_id"]), dict(rows), list[Write]()
    for ref in _unproven(rows, drawn):
        if is_absent(client, ref, environment_id):
            del left[ref]
            writes.append(removal_of(run, ref))
            continue
        with suppress(KubeOrchError):  # it stays unproven, and whoever deletes it asks again
            if uid := uid_of_ours(client, ref, environment_id):
                left[ref] = {**left[ref], "uid": uid, "state": "applied"}
                writes.append(update_of(run, ref, {"uid": uid, "state": "applied"}))
    write(writes)
    return left


def _unproven(rows: Mapping[Ref, InventoryRow], drawn: Iterable[Ref]) -> list[Ref]:
    find = finder(drawn)
    return [ref for ref, row in rows.items() if is_unproven(row) and find(ref) is None]
