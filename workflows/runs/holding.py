"""What only the cluster knows about an object that is to be deleted: that it would take data or things of others along.

Asked when a run is planned, and again before a Namespace or a definition goes. What cannot be asked is kept: a fact
that is missing never deletes anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from clusters import store as cluster_store
from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import GroupKind, Manifest, Ref
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound, UnknownKind
from clusters.kube.inside import read_inside
from workflows.domain.rendering.data import HOLDS_DATA, WOULD_TAKE_CLAIMS, Hold, is_custom
from workflows.domain.rendering.identity import finder
from workflows.domain.rendering.plan import Owned, Plan
from workflows.environments import questions
from workflows.environments.inventory_store import InventoryRow, others_in
from workflows.runs.inside import NAMESPACE, OWNERS_DEEP, Theirs, counted, in_use, of_others
from workflows.runs.looking import who_has_it

_UNSEEN = Hold("it cannot be seen whether data or objects of others would be deleted with it", loses_data=True)
DEFINITION = GroupKind("apiextensions.k8s.io", "CustomResourceDefinition")
TAKES_ALONG = frozenset({NAMESPACE, DEFINITION})
UNSEEN_NAMED = 3
COLLECTED_WITHIN_S = 10.0
"""So long the garbage collector is waited for, which takes what the deleted objects of a run have left."""


class Looking(NamedTuple):
    """How it is looked what is in Namespaces that go; what is not seen in that time is kept."""

    within_s: float
    """For all of a plan, for each of a run."""
    age_s: float
    """An answer may be so old; 0 for a run."""


FOR_A_RUN = Looking(within_s=20.0, age_s=0.0)
FOR_A_PLAN = Looking(within_s=6.0, age_s=10.0)
"""A person waits, and there are other objects to be tried; the run looks for itself before anything goes."""


def refused(
    client: KubeClient,
    plan: Plan,
    owned: Sequence[Owned],
    rows: Mapping[Ref, InventoryRow],
    environment_id: str,
    *,
    delete_volumes: bool,
    looking: Looking = FOR_A_RUN,
) -> dict[Ref, Hold]:
    """What must be kept of what the plan deletes, with the reason. `rows` are those of `owned`. Raises Unavailable."""
    going = {step.ref for step in plan.deletions}
    namespaces = sum((ref.group, ref.kind) == NAMESPACE for ref in going)
    each = looking._replace(within_s=looking.within_s / max(1, namespaces) if looking.age_s else looking.within_s)
    looks = _Looks(client, going, [one.ref for one in owned], rows, environment_id, each)
    found = in_use(plan)
    made_by = {one.ref: one.made_by for one in owned}
    for step in plan.deletions:
        if step.ref in found:
            continue
        hold = looks.hold(step.ref, step.uid, delete_volumes, made_by.get(step.ref))
        if hold is not None:
            found[step.ref] = hold
    return found


def still_refused(
    client: KubeClient,
    ref: Ref,
    rows: Mapping[Ref, InventoryRow],
    environment_id: str,
    check: Callable[[], None],
) -> Hold | None:
    """Why an object that takes others along must be kept after all, when its turn to go has come; `rows` are of what
    is, or was, the environment's. `check` is called while the garbage collector is waited for. Raises Unavailable."""
    until = time.monotonic() + COLLECTED_WITHIN_S
    while True:
        looks = _Looks(client, set(), list(rows), rows, environment_id)
        hold = looks.hold(ref, None, True, None)
        if hold is None or not looks.may_be_collected or time.monotonic() > until:
            return hold
        check()
        time.sleep(1)


class _Looks:
    """Questions to one cluster about what a plan deletes; each list is read once."""

    def __init__(
        self,
        client: KubeClient,
        going: set[Ref],
        owned: Sequence[Ref],
        rows: Mapping[Ref, InventoryRow],
        environment_id: str,
        looking: Looking = FOR_A_RUN,
    ) -> None:
        self._client = client
        self._looking = looking
        self._going = going
        self._ours = finder(owned)
        self._rows = rows
        self._uids = {row["uid"] for row in rows.values()}
        self._environment_id = environment_id
        self.may_be_collected = False
        """Whether all that was found of others has lost its owners."""
        self._claimed: dict[str, set[str]] = {}

    def hold(self, ref: Ref, uid: str | None, delete_volumes: bool, made_by: Ref | None) -> Hold | None:
        try:
            return self._at(ref, uid, delete_volumes, made_by)
        except ApiForbidden:
            return _UNSEEN
        except (UnknownKind, ApiNotFound):
            return None  # neither it nor anything of it is there

    def _at(self, ref: Ref, uid: str | None, delete_volumes: bool, made_by: Ref | None) -> Hold | None:
        kind = (ref.group, ref.kind)
        if made_by is not None:
            return self._claim(made_by)
        if kind == DEFINITION:
            return self._definition(ref)
        if kind == NAMESPACE:
            return self._namespace(ref)
        if kind == ("", "PersistentVolume"):
            return self._volume(ref)
        if delete_volumes:
            return None
        if kind == ("apps", "StatefulSet"):
            spec = (self._client.get(ref) or {}).get("spec") or {}
            policy = spec.get("persistentVolumeClaimRetentionPolicy") or {}
            takes = spec.get("volumeClaimTemplates") and policy.get("whenDeleted") == "Delete"
            return WOULD_TAKE_CLAIMS if takes else None
        if is_custom(ref.group) and ref.namespace and uid is not None:
            return HOLDS_DATA if uid in self._owners_of_claims(ref.namespace) else None
        return None

    def _definition(self, ref: Ref) -> Hold | None:
        spec = (self._client.get(ref) or {}).get("spec") or {}
        served = next((one["name"] for one in spec.get("versions") or () if one.get("served")), None)
        if served is None:
            return None
        group, kind = str(spec["group"]), str(spec["names"]["kind"])
        items, _ = self._client.list(f"{group}/{served}", kind, metadata_only=True)
        foreign = sum(not self._is_ours(item) and not item["metadata"].get("deletionTimestamp") for item in items)
        objects = "1 object" if foreign == 1 else f"{foreign} objects"
        return _of_others(f"{objects} of its kind") if foreign else None

    def _namespace(self, ref: Ref) -> Hold | None:
        row = next(iter(self._rows.values()), None)
        if row is not None and (hold := _elsewhere(row, ref.name)):
            return hold
        by, within_s = ("inside", ref.name, self._client.acting.get("Impersonate-User")), self._looking.within_s
        inside = self._client.lately.answer(
            by, self._looking.age_s, lambda: read_inside(self._client, ref.name, within_s=within_s)
        )
        theirs = of_others(inside.items.values(), self._rows.values(), self._environment_id, ref.name)
        if theirs.items:
            self.may_be_collected = not inside.unseen and _has_lost_its_owners(theirs)
            return _of_others(counted(theirs.items))
        return _unseen_inside(inside.unseen) if inside.unseen else None

    def _claim(self, made_by: Ref) -> Hold | None:
        """A set of that name goes on with the claims, whoever has made it: those of ours are told by the drawing."""
        if self._ours(made_by) is not None:
            return None
        live = self._client.get(made_by, metadata_only=True)
        labels = (live or {"metadata": {}})["metadata"].get("labels") or {}
        if live is None or labels.get(ENVIRONMENT_LABEL) == self._environment_id:
            return None
        return Hold(
            f"{made_by.kind} {made_by.name}, which belongs to somebody else, uses it", loses_data=True, on_destroy=True
        )

    def _volume(self, ref: Ref) -> Hold | None:
        live = self._client.get(ref) or {}
        claim = (live.get("spec") or {}).get("claimRef") or {}
        name, namespace = str(claim.get("name")), str(claim.get("namespace"))
        is_bound = (live.get("status") or {}).get("phase") == "Bound"
        goes_too = Ref("v1", "PersistentVolumeClaim", namespace, name) in self._going
        return (
            Hold(f"it is bound to the claim {name}, which stays", loses_data=True)
            if is_bound and not goes_too
            else None
        )

    def _is_ours(self, item: Manifest) -> bool:
        metadata = item["metadata"]
        label = (metadata.get("labels") or {}).get(ENVIRONMENT_LABEL)
        return label == self._environment_id or (not label and metadata["uid"] in self._uids)

    def _owners_of_claims(self, namespace: str) -> set[str]:
        """The uids of all that owns a claim in the namespace, directly, through its set, or through owners of these."""
        if namespace not in self._claimed:
            self._claimed[namespace] = self._find_owners(namespace)
        return self._claimed[namespace]

    def _find_owners(self, namespace: str) -> set[str]:
        claims, _ = self._client.list("v1", "PersistentVolumeClaim", namespace=namespace, metadata_only=True)
        sets, _ = self._client.list("apps/v1", "StatefulSet", namespace=namespace)
        above = {one["metadata"]["uid"]: _owners(one) for one in sets}
        owners = {uid for claim in claims for uid in _owners(claim)}
        owners |= {uid for one in sets if (one.get("spec") or {}).get("volumeClaimTemplates") for uid in _owners(one)}
        for _ in range(OWNERS_DEEP):
            owners |= {uid for one in owners & above.keys() for uid in above[one]}
        return owners


def _owners(item: Mapping[str, Any]) -> set[str]:
    return {one["uid"] for one in item["metadata"].get("ownerReferences") or ()}


def _of_others(objects: str) -> Hold:
    return Hold(f"{objects}, made by others, would be deleted with it", loses_data=True)


def _unseen_inside(unseen: Sequence[str]) -> Hold:
    more = [f"{len(unseen) - UNSEEN_NAMED} more"] if len(unseen) > UNSEEN_NAMED else []
    said = "; ".join([*unseen[:UNSEEN_NAMED], *more])
    return Hold(f"it cannot be seen whether objects of others are in it: {said}", loses_data=True)


def _has_lost_its_owners(theirs: Theirs) -> bool:
    return theirs.left_behind == len(theirs.items)


def _elsewhere(row: InventoryRow, namespace: str) -> Hold | None:
    """What other environments have in a namespace, by their inventories, before the cluster is asked."""
    cluster_id, besides = row["cluster_id"], row["environment_id"]
    if others := others_in(cluster_id, namespace, besides):
        return Hold(f"{who_has_it(row, str(others[0]))} has objects in it", loses_data=True)
    here = {"cluster_id": {"$in": cluster_store.same_as(cluster_id)}, "namespace": namespace}
    placed = questions.protected_in({**here, "_id": {"$ne": besides}})
    return Hold(f"{who_has_it(row, str(placed[0]))} has its place in it", loses_data=True) if placed else None
