"""Kinds beside those that everybody has: a rule for the very kind, the ways that statuses share, or no green."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clusters.domain.health import ObjectContext, State, health_of
from clusters.domain.observed import ObservedObject
from clusters.domain.projection import project

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
OLD = (NOW - timedelta(minutes=5)).isoformat()


def an_object(api_version: str, kind: str, status: Any = None, *, spec: Any = None, **metadata: Any) -> ObservedObject:
    found = {"name": "web", "uid": "u1", "resourceVersion": "7", "creationTimestamp": OLD, **metadata}
    manifest: dict[str, Any] = {"metadata": found, "spec": spec or {}}
    return project(api_version, kind, manifest if status is None else {**manifest, "status": status})


def row(kind: str, status: str = "True", reason: str = "", message: str = "", **more: Any) -> dict[str, Any]:
    return {"type": kind, "status": status, "reason": reason, "message": message, **more}


def conditions(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"conditions": list(rows)}


def parents(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"parents": [{"parentRef": {"name": "edge"}, "conditions": list(rows)}]}


GATEWAY, KNATIVE, VOLCANO = "gateway.networking.k8s.io/v1", "serving.knative.dev/v1", "batch.volcano.sh/v1alpha1"
KRUISE, ROLLOUT, PROMETHEUS = "apps.kruise.io/v1alpha1", "argoproj.io/v1alpha1", "monitoring.coreos.com/v1"
STORAGE = "storage.k8s.io/v1"
SERVICE = "apiregistration.k8s.io/v1"


@pytest.mark.parametrize(
    ("api_version", "kind", "status", "state", "words"),
    [
        # A namesake of a kind that everybody has
        (KNATIVE, "Service", conditions(row("Ready", "False", "RevisionFailed", "image x")), "degraded", "image x"),
        (KNATIVE, "Service", conditions(row("Ready", "Unknown")), "progressing", "Ready"),
        (KNATIVE, "Service", None, "progressing", "Ready"),
        (KNATIVE, "Service", conditions(row("Ready")), "healthy", "ready"),
        (VOLCANO, "Job", {"state": {"phase": "Running"}}, "progressing", "running"),
        (VOLCANO, "Job", {"state": {"phase": "Pending"}}, "progressing", "Pending"),
        (VOLCANO, "Job", {"state": {"phase": "Completed"}}, "healthy", "Completed"),
        (VOLCANO, "Job", {"state": {"phase": "Failed"}}, "failed", "Failed"),
        (VOLCANO, "Job", {"state": {"phase": "Aborted"}}, "failed", "Aborted"),
        (VOLCANO, "Job", None, "progressing", "not started"),
        (KRUISE, "StatefulSet", {"replicas": 3, "readyReplicas": 0}, "progressing", "0 of 3"),
        (KRUISE, "DaemonSet", {"desiredNumberScheduled": 3, "numberReady": 1}, "progressing", "1 of 3"),
        (KRUISE, "DaemonSet", {"desiredNumberScheduled": 3, "numberReady": 3}, "healthy", "3 of 3"),
        ("networking.example.com/v1", "Ingress", conditions(row("Ready")), "healthy", "ready"),
        ("example.com/v1", "Pod", conditions(row("Ready", "False", "BackOff")), "degraded", "BackOff"),
        ("example.com/v1", "ConfigMap", None, "present", "no status"),
        # Kinds of Kubernetes
        ("v1", "ReplicationController", {"replicas": 2}, "progressing", "0 of 2"),
        ("v1", "ReplicationController", conditions(row("ReplicaFailure", message="no quota")), "degraded", "no quota"),
        (SERVICE, "APIService", conditions(row("Available", "False", "MissingEndpoints", "none")), "degraded", "none"),
        (SERVICE, "APIService", conditions(row("Available", "False", "Waiting")), "progressing", "Waiting"),
        (SERVICE, "APIService", None, "progressing", "Available"),
        (SERVICE, "APIService", conditions(row("Available")), "healthy", "available"),
        ("v1", "PersistentVolume", {"phase": "Failed"}, "failed", "reclamation"),
        ("v1", "PersistentVolume", {"phase": "Released"}, "degraded", "claim is gone"),
        ("v1", "PersistentVolume", {"phase": "Available"}, "healthy", "available"),
        ("v1", "PersistentVolume", None, "progressing", "waiting"),
        ("v1", "Namespace", {"phase": "Active"}, "healthy", "Active"),
        ("v1", "Namespace", {"phase": "Terminating"}, "progressing", "Terminating"),
        ("v1", "Node", conditions(row("Ready", "False", "KubeletNotReady")), "degraded", "KubeletNotReady"),
        ("v1", "Node", conditions(row("Ready", "Unknown", "NodeStatusUnknown")), "degraded", "stopped reporting"),
        ("v1", "Node", conditions(row("Ready"), row("DiskPressure", message="no disk")), "degraded", "no disk"),
        ("v1", "Node", conditions(row("Ready"), row("DiskPressure", "False")), "healthy", "ready"),
        ("v1", "Node", None, "progressing", "not reported"),
        (STORAGE, "VolumeAttachment", {"attached": True}, "healthy", "ready"),
        (STORAGE, "VolumeAttachment", {"attached": False}, "progressing", "not ready"),
        (STORAGE, "VolumeAttachment", {"attached": False, "attachError": {"message": "gone"}}, "degraded", "gone"),
        (
            "policy/v1",
            "PodDisruptionBudget",
            conditions(row("DisruptionAllowed", "False", "SyncFailed", "no controllers")),
            "degraded",
            "no controllers",
        ),
        (
            "policy/v1",
            "PodDisruptionBudget",
            conditions(row("DisruptionAllowed", "False", "InsufficientPods")),
            "present",
            "no disruption",
        ),
        ("policy/v1", "PodDisruptionBudget", None, "present", "not been counted"),
        ("scheduling.k8s.io/v1", "PriorityClass", None, "healthy", "present"),
        ("rbac.authorization.k8s.io/v1", "ClusterRole", None, "healthy", "present"),
        # The Gateway API
        (GATEWAY, "Gateway", None, "progressing", "Programmed"),
        (GATEWAY, "Gateway", conditions(row("Accepted"), row("Programmed", "False", "Pending")), "progressing", ""),
        (GATEWAY, "Gateway", conditions(row("Accepted", "False", "InvalidParameters")), "degraded", "Invalid"),
        (GATEWAY, "Gateway", conditions(row("Accepted"), row("Programmed")), "healthy", ""),
        (
            GATEWAY,
            "Gateway",
            {
                **conditions(row("Accepted"), row("Programmed")),
                "listeners": [{"name": "https", "conditions": [row("ResolvedRefs", "False", "InvalidCertificateRef")]}],
            },
            "degraded",
            "https: Invalid",
        ),
        (GATEWAY, "HTTPRoute", None, "progressing", "no Gateway"),
        (GATEWAY, "HTTPRoute", parents(row("Accepted", "False", "NoMatchingParent")), "degraded", "edge: NoMatching"),
        (
            GATEWAY,
            "HTTPRoute",
            parents(row("Accepted"), row("ResolvedRefs", "False", "BackendNotFound")),
            "degraded",
            "",
        ),
        (GATEWAY, "HTTPRoute", parents(row("Accepted", "Unknown", "Pending")), "progressing", "edge"),
        (GATEWAY, "HTTPRoute", parents(row("Accepted"), row("ResolvedRefs")), "healthy", ""),
        (GATEWAY, "GRPCRoute", {"parents": []}, "progressing", "no Gateway"),
        # Operators
        (PROMETHEUS, "Prometheus", conditions(row("Available", "False", "NoPodReady")), "progressing", "NoPodReady"),
        (PROMETHEUS, "Prometheus", conditions(row("Available", "Degraded", "SomePodsNotReady")), "degraded", "Some"),
        (PROMETHEUS, "Prometheus", conditions(row("Available"), row("Reconciled")), "healthy", ""),
        (ROLLOUT, "Rollout", {"phase": "Degraded", "message": "x"}, "degraded", "Degraded"),
        (ROLLOUT, "Rollout", {"phase": "Paused"}, "suspended", "Paused"),
        (ROLLOUT, "Rollout", {"phase": "Healthy"}, "healthy", "Healthy"),
        (ROLLOUT, "Workflow", {"phase": "Running"}, "progressing", "running"),
        (ROLLOUT, "Workflow", {"phase": "Error"}, "failed", "Error"),
        (ROLLOUT, "Application", {"health": {"status": "Degraded"}}, "degraded", "Degraded"),
        (
            "apps.openshift.io/v1",
            "DeploymentConfig",
            {"replicas": 3, "updatedReplicas": 3, "availableReplicas": 1},
            "progressing",
            "1 of 3",
        ),
        (KRUISE, "CloneSet", {"replicas": 3, "readyReplicas": 0, "updatedReplicas": 3}, "progressing", "0 of 3"),
        (KRUISE, "CloneSet", {"replicas": 3, "readyReplicas": 3, "updatedReplicas": 2}, "progressing", "2 of 3"),
        (KRUISE, "CloneSet", {"replicas": 3, "readyReplicas": 3, "updatedReplicas": 3}, "healthy", "3 of 3"),
        ("tekton.dev/v1", "PipelineRun", conditions(row("Succeeded", "Unknown", "Running")), "progressing", "Running"),
        ("tekton.dev/v1", "PipelineRun", conditions(row("Succeeded", "False", "Failed")), "failed", "Failed"),
        ("tekton.dev/v1", "PipelineRun", conditions(row("Succeeded", "True", "Succeeded")), "healthy", "Succeeded"),
        ("cert-manager.io/v1", "Certificate", None, "progressing", "Ready"),
        ("cert-manager.io/v1", "Certificate", conditions(row("Ready", "False", "DoesNotExist")), "progressing", ""),
        ("acme.cert-manager.io/v1", "Order", {"state": "errored"}, "failed", "errored"),
        ("snapshot.storage.k8s.io/v1", "VolumeSnapshot", {"readyToUse": False}, "progressing", "not ready"),
        ("snapshot.storage.k8s.io/v1", "VolumeSnapshot", {"readyToUse": True}, "healthy", "ready"),
        ("snapshot.storage.k8s.io/v1", "VolumeSnapshot", {"error": {"message": "no driver"}}, "degraded", "no driver"),
        (
            "s3.aws.example/v1",
            "Bucket",
            conditions(row("Synced", "False", "ReconcileError"), row("Ready")),
            "degraded",
            "",
        ),
        ("db.example/v1", "Database", {"phase": "Running"}, "healthy", "Running"),
        ("db.example/v1", "Database", {"phase": "Creating"}, "progressing", "Creating"),
        ("db.example/v1", "Database", {"phase": "Blue"}, "present", "Blue"),
        ("db.example/v1", "Database", {"endpoint": "x"}, "present", "neither"),
        ("db.example/v1", "Database", conditions(row("Audited")), "present", "neither"),
        ("db.example/v1", "Database", conditions(row("Degraded", message="one disk")), "degraded", "one disk"),
        ("db.example/v1", "Database", conditions(row("Ready"), row("Degraded", "False")), "healthy", ""),
        ("db.example/v1", "Database", {"replicas": 3}, "present", "neither"),
        ("db.example/v1", "Database", conditions(row("NotReady", message="no broker")), "degraded", "no broker"),
        ("db.example/v1", "Database", {"health": "red", "phase": "ApplyingChanges"}, "degraded", "red"),
        ("db.example/v1", "Database", {"health": "green"}, "healthy", "green"),
        ("db.example/v1", "Database", {"health": "yellow"}, "present", "yellow"),
        ("db.example/v1", "Database", conditions(row("Ready"), row("Stalled", message="x")), "failed", "x"),
        (
            "db.example/v1",
            "Database",
            conditions(row("Progressing", "False", "ProgressDeadlineExceeded")),
            "failed",
            "",
        ),
        ("db.example/v1", "Backup", conditions(row("Complete", "False")), "progressing", ""),
        ("db.example/v1", "Backup", conditions(row("Complete")), "healthy", "complete"),
        ("db.example/v1", "Backup", conditions(row("Failed", message="full")), "failed", "full"),
    ],
)
def test_the_health_of_an_object_of_any_kind(api_version: str, kind: str, status: Any, state: str, words: str) -> None:
    spec = {"replicas": status["replicas"]} if isinstance(status, dict) and "replicas" in status else {}
    if status == {"replicas": 3}:
        spec = {}
    health = health_of(an_object(api_version, kind, status, spec=spec), ObjectContext(now=NOW))
    assert (str(health.state), words in health.reason) == (state, True), health
    assert health.reason


def test_an_object_of_an_unknown_kind_may_be_without_a_status_for_a_moment() -> None:
    new = an_object("db.example/v1", "Database", creationTimestamp=(NOW - timedelta(seconds=1)).isoformat())
    health = health_of(new, ObjectContext(now=NOW))
    assert health.state == State.PROGRESSING
    assert health.recheck_s == pytest.approx(4, abs=0.1)


@pytest.mark.parametrize("kind", ["Ready", "Accepted"])
def test_a_condition_about_an_older_generation_is_no_green_light(kind: str) -> None:
    found = conditions(row(kind, observedGeneration=1))
    health = health_of(an_object("db.example/v1", "Database", found, generation=2), ObjectContext(now=NOW))
    assert health.state == State.PROGRESSING
    assert "latest change" in health.reason
    found = conditions(row(kind, observedGeneration=2))
    assert health_of(an_object("db.example/v1", "Database", found, generation=2)).state == State.HEALTHY


def test_a_suspended_object_of_any_kind_is_as_the_person_wants_it() -> None:
    seen = an_object("kustomize.toolkit.fluxcd.io/v1", "Kustomization", spec={"suspend": True})
    assert health_of(seen, ObjectContext(now=NOW)).state == State.SUSPENDED
