"""Keeps the target of every autoscaler within its bounds, in place of the controller that needs measured load.

Nothing runs in the sandbox, so nothing can be measured: the real controller would report FailedGetResourceMetric
forever. Without load it does no more than this: at least the minimum, at most the maximum, and a true status.
"""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

from clusters.domain.objects import Manifest
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiNotFound
from kubeorch.base.errors import KubeOrchError

EVERY_S = 1.0
AT_ONCE = 50
"""Autoscalers looked at in one round; more take their turn in the next."""

PLURALS = {"Deployment": "deployments", "StatefulSet": "statefulsets", "ReplicaSet": "replicasets"}


class Autoscaler(threading.Thread):
    """Runs until `stopping` is set; an API server that does not answer is asked again."""

    def __init__(self, client: KubeClient, stopping: threading.Event) -> None:
        super().__init__(name="sandbox-autoscaler", daemon=True)
        self._client = client
        self._stopping = stopping
        self._turn = 0

    def run(self) -> None:
        while not self._stopping.wait(EVERY_S):
            try:
                self._round()
            except KubeOrchError:
                continue

    def _round(self) -> None:
        autoscalers, _ = self._client.list("autoscaling/v2", "HorizontalPodAutoscaler")
        start = self._turn if self._turn < len(autoscalers) else 0
        self._turn = start + AT_ONCE
        for autoscaler in autoscalers[start : start + AT_ONCE]:
            if not autoscaler["metadata"].get("deletionTimestamp"):
                self._hold(autoscaler)

    def _hold(self, autoscaler: Manifest) -> None:
        path = target_path(autoscaler)
        scale = self._scale(path) if path else None
        replicas = None if scale is None else int(scale.get("spec", {}).get("replicas", 0))
        wanted = desired_replicas(autoscaler["spec"], replicas)
        if replicas and wanted != replicas:
            self._patch(f"{path}/scale", {"spec": {"replicas": wanted}})
        status = status_of(autoscaler, replicas, wanted, dt.datetime.now(dt.UTC))
        if status != autoscaler.get("status"):
            namespace, name = autoscaler["metadata"]["namespace"], autoscaler["metadata"]["name"]
            own_path = f"/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers/{name}"
            self._patch(f"{own_path}/status", {"status": status})

    def _scale(self, path: str) -> Manifest | None:
        try:
            return self._client.request("GET", f"{path}/scale")[1]
        except ApiNotFound:
            return None

    def _patch(self, path: str, change: Manifest) -> None:
        self._client.request(
            "PATCH",
            path,
            body=change,
            query={"fieldManager": "horizontal-pod-autoscaler"},
            headers={"Content-Type": "application/merge-patch+json"},
        )


def target_path(autoscaler: Manifest) -> str | None:
    """The API path of the object it scales, None for kinds without a scale that we know."""
    reference = autoscaler["spec"]["scaleTargetRef"]
    plural = PLURALS.get(reference["kind"])
    if plural is None:
        return None
    namespace = autoscaler["metadata"]["namespace"]
    return f"/apis/{reference.get('apiVersion', 'apps/v1')}/namespaces/{namespace}/{plural}/{reference['name']}"


def desired_replicas(spec: Manifest, replicas: int | None) -> int:
    """Without load: the present number, moved into the bounds. A target at 0 is switched off and stays so."""
    if not replicas:
        return 0
    least = int(spec.get("minReplicas") or 1)
    return max(least, min(replicas, int(spec["maxReplicas"])))


def status_of(autoscaler: Manifest, replicas: int | None, wanted: int, now: dt.datetime) -> Manifest:
    """The status as it should be; a condition that does not change keeps its time.

    Source of the conditions: Kubernetes docs, "HorizontalPodAutoscaler Walkthrough", section "status conditions".
    """
    reference = autoscaler["spec"]["scaleTargetRef"]
    target = f"{reference['kind']} {reference['name']}"
    if replicas is None:
        conditions = [("AbleToScale", "False", "FailedGetScale", f"{target} was not found")]
    elif replicas == 0:
        conditions = [
            ("AbleToScale", "True", "SucceededGetScale", f"the scale of {target} is known"),
            ("ScalingActive", "False", "ScalingDisabled", f"{target} is at zero replicas, which switches scaling off"),
        ]
    else:
        conditions = [
            ("AbleToScale", "True", "SucceededGetScale", f"the scale of {target} is known"),
            (
                "ScalingActive",
                "True",
                "SandboxWithoutLoad",
                "pods in the sandbox have no load, so only the bounds apply",
            ),
            ("ScalingLimited", "False", "DesiredWithinRange", "the number of replicas is within the bounds"),
        ]
    old = autoscaler.get("status") or {}
    before = {each["type"]: each for each in old.get("conditions") or []}
    status: Manifest = {
        "currentReplicas": replicas or 0,
        "desiredReplicas": wanted,
        "conditions": [_condition(before.get(kind), kind, *rest, now=now) for kind, *rest in conditions],
    }
    # Kept as the API server shows them: it leaves out what is zero or unset.
    if not status["currentReplicas"]:
        del status["currentReplicas"]
    return status | {"currentMetrics": old["currentMetrics"]} if "currentMetrics" in old else status


def _condition(
    before: dict[str, Any] | None, kind: str, state: str, reason: str, message: str, *, now: dt.datetime
) -> dict[str, Any]:
    since = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    if before and before["status"] == state and before.get("lastTransitionTime"):
        since = before["lastTransitionTime"]
    return {"type": kind, "status": state, "lastTransitionTime": since, "reason": reason, "message": message}
