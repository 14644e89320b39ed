"""What runs could not bring into the cluster: of such an object there is nothing, or the old one, that would say so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clusters.domain.diagnosing.finding import Finding, Proof
from clusters.domain.objects import ref_from_json
from clusters.kube.errors import ApiForbidden, FieldConflict
from kubeorch.base.clock import iso
from workflows.domain.rendering.plan import Action
from workflows.environments.inventory_store import InventoryRow
from workflows.environments.store import Environment
from workflows.runs import step_store
from workflows.runs.standing import broken_since_whole
from workflows.runs.states import StepState
from workflows.runs.step_store import RunStep

LOOKED_AT = 10
"""Of the runs that broke off, so many of the last ones are looked at."""
TOLD_MOST = 100
_CURES = {
    ApiForbidden.code: (
        "rights.missing",
        "Have somebody give these rights to the account that KubeOrch acts by; the rights check of the workflow "
        "prints the smallest Role. Then run again.",
    ),
    FieldConflict.code: (
        "run.fields_of_others",
        "Plan it, and choose for each field: take it over, or leave it to who manages it.",
    ),
}
_OTHERWISE = "run.refused", "Correct what the message names, and run again."
_VERBS = {Action.DELETE.value: "deleted", Action.GIVE_BACK.value: "given back"}


def refused(environment: Environment, rows: Sequence[InventoryRow], node_id: str | None) -> list[tuple[str, Finding]]:
    """(node, finding) of each object whose last step failed, and that no later run has applied."""
    return list(_told(environment, rows, node_id))[:TOLD_MOST]


def _told(environment: Environment, rows: Sequence[InventoryRow], node_id: str | None) -> Iterator[tuple[str, Finding]]:
    applied = {ref_from_json(row["ref"]).identity: row["applied_at"] for row in rows}
    seen = set()
    for run in broken_since_whole(environment)[:LOOKED_AT]:
        for step in step_store.steps_of(run["_id"]):
            ref = ref_from_json(step["ref"])
            if ref.identity in seen or step["state"] == StepState.SKIPPED:
                continue
            seen.add(ref.identity)
            at = applied.get(ref.identity)
            is_mended = at is not None and step["finished_at"] is not None and at > step["finished_at"]
            if step["state"] == StepState.FAILED and not is_mended and node_id in (None, step["node_id"]):
                yield step["node_id"], _finding(step, run["number"])


def _finding(step: RunStep, number: int) -> Finding:
    ref, error = ref_from_json(step["ref"]), step["error"] or {}
    code, cure = _CURES.get(str(error.get("code")), _OTHERWISE)
    at = iso(step["finished_at"]) or ""
    said = str(error.get("detail") or error.get("code"))
    verb = _VERBS.get(step["action"], "applied")
    return Finding(
        code=code,
        ref=ref,
        sentence=f"Run #{number} could not have it {verb}: {said}",
        cure=cure,
        proofs=(Proof(ref, said, event=f"Run #{number}", at=at),),
        since=at,
    )
