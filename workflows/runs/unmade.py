"""Objects that a run was about to make, and that nobody knows to exist, and those that would be kept and may be gone:
asked for before anything is deleted.

A worker that was killed may have made them, or not; what was never made is never asked about, and leaves the inventory.
So does what is drawn no more and stays for what it holds, once somebody has deleted it: nothing is left of it to keep.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress

from clusters.domain.objects import Ref
from clusters.kube.client import KubeClient
from kubeorch.base.errors import KubeOrchError
from workflows.domain.rendering.data import leaves_its_data
from workflows.domain.rendering.identity import finder
from workflows.environments.inventory_store import InventoryRow, Write, removal_of, update_of, write
from workflows.environments.owned import hold_in
from workflows.runs.refusals import is_absent, uid_of_ours
from workflows.runs.run import Run

KEPT_ASKED = 50
"""Each costs a request before anything is planned."""


def is_unproven(row: InventoryRow) -> bool:
    """Whether no apply of the object was ever recorded."""
    return row["state"] == "intended" and row["uid"] is None


def never_made(
    client: KubeClient, rows: Mapping[Ref, InventoryRow], drawn: Collection[Ref], environment_id: str
) -> list[Ref]:
    """Of the objects that are not drawn any more, those that were never made, or would be kept and are gone. What
    cannot be asked may be there."""
    unmade = [ref for ref in _unproven(rows, drawn) if is_absent(client, ref, environment_id)]
    return unmade + _gone(client, rows, drawn)


def settle(
    run: Run, client: KubeClient, rows: Mapping[Ref, InventoryRow], drawn: Collection[Ref]
) -> dict[Ref, InventoryRow]:
    """The rows without what was never made, or would be kept and is gone, which leaves the inventory; what was made has
    its uid from now on, so that a person is asked about it."""
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
    for ref in _gone(client, rows, drawn):
        del left[ref]
        writes.append(removal_of(run, ref))
    write(writes)
    return left


def _gone(client: KubeClient, rows: Mapping[Ref, InventoryRow], drawn: Iterable[Ref]) -> list[Ref]:
    """Of what is drawn no more and would be kept, what is there no more, or is another object by now; KEPT_ASKED of
    them are asked for. Not sets that leave claims, since only what was applied of them tells which these are."""
    find = finder(drawn)
    held = [ref for ref, row in rows.items() if row["uid"] and not row.get("made_by") and hold_in(row) is not None]
    asked = [ref for ref in held if find(ref) is None and not leaves_its_data(ref.kind)][:KEPT_ASKED]
    return [ref for ref in asked if _is_gone(client, ref, str(rows[ref]["uid"]))]


def _is_gone(client: KubeClient, ref: Ref, uid: str) -> bool:
    """False where that cannot be asked, also as the kind is not served, which may be for a moment."""
    try:
        live = client.get(ref, metadata_only=True)
    except KubeOrchError:
        return False
    return live is None or live["metadata"]["uid"] != uid


def _unproven(rows: Mapping[Ref, InventoryRow], drawn: Iterable[Ref]) -> list[Ref]:
    find = finder(drawn)
    return [ref for ref, row in rows.items() if is_unproven(row) and find(ref) is None]
