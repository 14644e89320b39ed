"""What only the cluster knows about an object that is to be deleted: that it would take data or things of others along.

Asked once, when a run is planned. What cannot be asked is kept: a fact that is missing never deletes anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from clusters.domain.labels import ENVIRONMENT_LABEL
from clusters.domain.objects import Manifest, Ref
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound, UnknownKind
from workflows.domain.rendering.data import HOLDS_DATA, WOULD_TAKE_CLAIMS, Hold, is_custom
from workflows.domain.rendering.identity import finder
from workflows.domain.rendering.plan import Owned, Plan

_UNSEEN = Hold("it cannot be seen whether data or objects of others would be deleted with it", loses_data=True)
_CONTENT = (
    ("v1", "Pod"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "Service"),
    ("v1", "Secret"),
    ("v1", "ConfigMap"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("batch/v1", "CronJob"),
)
"""What people put into a namespace; custom objects without any of these are not looked for."""
_MADE_BY_THE_CLUSTER = frozenset({"kube-root-ca.crt", "default"})
OWNERS_DEEP = 5
"""Custom object → set → claim are two; more than so many steps are not followed."""


def refused(
    client: KubeClient, plan: Plan, owned: Sequence[Owned], environment_id: str, *, delete_volumes: bool
) -> dict[Ref, Hold]:
    """What must be kept of what the plan deletes, with the reason. Raises Unavailable."""
    going = {step.ref for step in plan.deletions}
    looks = _Looks(client, going, {one.ref for one in owned}, environment_id)
    found: dict[Ref, Hold] = {}
    made_by = {one.ref: one.made_by for one in owned}
    for step in plan.deletions:
        try:
            hold = looks.at(step.ref, step.uid, delete_volumes, made_by.get(step.ref))
        except ApiForbidden:
            hold = _UNSEEN
        except (UnknownKind, ApiNotFound):
            hold = None  # neither it nor anything of it is there
        if hold is not None:
            found[step.ref] = hold
    return found


class _Looks:
    """Questions to one cluster about what a plan deletes; each list is read once."""

    def __init__(self, client: KubeClient, going: set[Ref], owned: set[Ref], environment_id: str) -> None:
        self._client = client
        self._going = going
        self._ours = finder(owned)
        self._environment_id = environment_id
        self._claimed: dict[str, set[str]] = {}

    def at(self, ref: Ref, uid: str | None, delete_volumes: bool, made_by: Ref | None) -> Hold | None:
        kind = (ref.group, ref.kind)
        if made_by is not None:
            return self._claim(made_by)
        if kind == ("apiextensions.k8s.io", "CustomResourceDefinition"):
            return self._definition(ref)
        if kind == ("", "Namespace"):
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
        return _of_others(len(items) - sum(self._is_ours(group, kind, item) for item in items), "of its kind")

    def _namespace(self, ref: Ref) -> Hold | None:
        foreign = 0
        for api_version, kind in _CONTENT:
            items, _ = self._client.list(api_version, kind, namespace=ref.name, metadata_only=True)
            foreign += sum(not self._is_inside(item) for item in items)
        return _of_others(foreign, "in it")

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

    def _is_ours(self, group: str, kind: str, item: Manifest) -> bool:
        metadata = item["metadata"]
        return self._ours(Ref(f"{group}/v", kind, metadata.get("namespace") or "", metadata["name"])) is not None

    def _is_inside(self, item: Manifest) -> bool:
        """Whether an object in a namespace is this environment's, or was made by Kubernetes."""
        metadata = item["metadata"]
        labels = metadata.get("labels") or {}
        is_made = metadata["name"] in _MADE_BY_THE_CLUSTER or bool(metadata.get("ownerReferences"))
        return is_made or labels.get(ENVIRONMENT_LABEL) == self._environment_id

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


def _of_others(count: int, where: str) -> Hold | None:
    if count <= 0:
        return None
    objects = "1 object" if count == 1 else f"{count} objects"
    return Hold(f"{objects} {where}, made by others, would be deleted with it", loses_data=True)
