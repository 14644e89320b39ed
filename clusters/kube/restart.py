"""Replaces the pods of a workload, as `kubectl rollout restart` does: by an annotation of its pod template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clusters.domain.managers import FIELD_MANAGER
from clusters.domain.reading import mapping
from clusters.kube.apply import IsAnother, anybody, check_ours
from clusters.kube.client import KubeClient, Manifest
from clusters.kube.errors import ApiNotFound
from kubeorch.base.errors import InvalidInput

if TYPE_CHECKING:
    from clusters.domain.objects import Ref

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
RESTARTABLE = frozenset({("apps/v1", "Deployment"), ("apps/v1", "StatefulSet"), ("apps/v1", "DaemonSet")})


class NotRestarted(InvalidInput):
    """The workload does not replace its pods now; its pods were not touched."""

    code = "object.not_restarted"


def restart(
    client: KubeClient,
    ref: Ref,
    *,
    environment_id: str,
    known_uid: str | None,
    at: str,
    is_another: IsAnother = anybody,
) -> Manifest:
    """Write `at` (RFC 3339) into the pod template of the very object that is there; the object afterwards.

    It is an update by our manager, not part of what we apply, so the next apply leaves it as it is. Raises
    NotRestarted, ForeignObject, ApiConflict when the object changes hands meanwhile, and API errors.
    """
    live = client.get(ref)
    name = f"{ref.kind} {ref.name}"
    if live is None:
        raise ApiNotFound(f"{name} is not there; run the workflow to make it")
    check_ours(live, ref, environment_id, known_uid, is_another)
    spec = mapping(live.get("spec"))
    if live["metadata"].get("deletionTimestamp"):
        raise NotRestarted(f"{name} is being deleted")
    if spec.get("paused") is True:
        raise NotRestarted(f"{name} is paused, so it replaces no pods; resume it first")
    if mapping(spec.get("updateStrategy")).get("type") == "OnDelete":
        raise NotRestarted(f"{name} replaces a pod only when somebody deletes it (OnDelete); delete its pods")
    template = {"metadata": {"annotations": {RESTARTED_AT: at}}}
    body = {"metadata": {"uid": live["metadata"]["uid"]}, "spec": {"template": template}}
    return client.request(
        "PATCH",
        client.path_of(ref),
        body=body,
        query={"fieldManager": FIELD_MANAGER},
        headers={"Content-Type": "application/merge-patch+json"},
        name=name,
    )[1]
