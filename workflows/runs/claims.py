"""The claims that a StatefulSet made in its cluster, which stay when it is deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import Ref
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden
from kubeorch.base.errors import Conflict
from workflows.domain.rendering.claims import ClaimsMade, claims_made
from workflows.domain.rendering.data import HOLDS_DATA, WOULD_TAKE_CLAIMS, hold_of, leaves_its_data
from workflows.domain.rendering.identity import finder
from workflows.domain.rendering.plan import Owned, Plan
from workflows.environments.inventory_store import InventoryRow, OwnedClaim
from workflows.environments.questions import is_there


class TakesItsClaims(Conflict):
    """A set that was to go without its data would take it along by now."""

    code = "object.takes_claims"

    def __init__(self, ref: Ref) -> None:
        super().__init__(
            f"{ref.kind} {ref.name} was not deleted: since this run was planned its retention policy became "
            "whenDeleted: Delete, so its claims would be deleted with it. Set it to Retain and try the run again, or "
            "start a new run"
        )


def claims_of(client: KubeClient, ref: Ref, row: InventoryRow, *, may_go: bool) -> list[OwnedClaim]:
    """The claims of the set in `row`: by its object in the cluster, or by what was applied where that is gone.

    Without `may_go` raises TakesItsClaims when deleting the set would delete them. Raises API errors.
    """
    if not leaves_its_data(ref.kind):
        return []
    environment_id = str(row["environment_id"])
    live = client.get(ref)
    if live is not None:
        metadata = live["metadata"]
        label = (metadata.get("labels") or {}).get(ENVIRONMENT_LABEL)
        is_the_one = metadata["uid"] == row["uid"] or (row["uid"] is None and label == environment_id)
        is_taken = label not in (None, "", environment_id) and is_there(label)
        if not is_the_one or is_taken:
            return []  # somebody else's set, which uses what has its name
        if not may_go and hold_of(live) == WOULD_TAKE_CLAIMS:
            raise TakesItsClaims(ref)
        made = claims_made(live)
    else:
        stored = row.get("claims_made")
        made = ClaimsMade.of_document(stored) if stored else None
    if made is None:
        return []
    items, _ = client.list("v1", "PersistentVolumeClaim", namespace=ref.namespace, metadata_only=True)
    return [
        {"name": metadata["name"], "uid": metadata["uid"], "resource_version": str(metadata["resourceVersion"])}
        for metadata in (item["metadata"] for item in items if made.has_made(ref.name, item))
        if (metadata.get("labels") or {}).get(ENVIRONMENT_LABEL, environment_id) == environment_id
    ]


@dataclass(frozen=True, slots=True)
class Left:
    """The claims that a set leaves in the cluster when it is deleted, without those that are owned already."""

    of_set: Ref
    node_id: str
    claims: list[OwnedClaim]

    @property
    def owned(self) -> list[Owned]:
        return [
            Owned(claim_ref(self.of_set, claim), self.node_id, claim["uid"], 0, HOLDS_DATA, made_by=self.of_set)
            for claim in self.claims
        ]


def claims_left(client: KubeClient, plan: Plan, rows: Mapping[Ref, InventoryRow]) -> list[Left]:
    """What the sets leave that a plan deletes without their data. Raises API errors."""
    known = finder(rows)
    found: list[Left] = []
    for step in plan.deletions:
        row = rows.get(step.ref)
        try:
            claims = claims_of(client, step.ref, row, may_go=True) if row is not None else []
        except ApiForbidden:
            continue  # the step that deletes the set asks again, and says so
        unknown = [claim for claim in claims if known(claim_ref(step.ref, claim)) is None]
        if unknown:
            found.append(Left(step.ref, step.node_id, unknown))
    return found


def claim_ref(of_set: Ref, claim: OwnedClaim) -> Ref:
    return Ref("v1", "PersistentVolumeClaim", of_set.namespace, claim["name"])


def known_claims(row: InventoryRow, found: Sequence[OwnedClaim]) -> list[OwnedClaim]:
    """Those written down before the set was deleted, and those found now."""
    return list({claim["uid"]: claim for claim in (*row.get("claims", ()), *found)}.values())
