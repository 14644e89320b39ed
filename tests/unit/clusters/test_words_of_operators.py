"""What operators say in their own words: phases of two words, jobs that run, generations written as text."""

from __future__ import annotations

from typing import Any

import pytest

from clusters.domain.health import ObjectContext, health_of
from tests.unit.clusters.test_health_of_any_kind import KNATIVE, NOW, ROLLOUT, an_object, conditions, row

VELERO, KUBEFLOW, ECK = "velero.io/v1", "kubeflow.org/v1", "elasticsearch.k8s.elastic.co/v1"
SNAPSHOT, ROUTE, VPA = "snapshot.storage.k8s.io/v1", "route.openshift.io/v1", "autoscaling.k8s.io/v1"
RABBIT, ACK, SPARK = "rabbitmq.com/v1beta1", "s3.services.k8s.aws/v1alpha1", "sparkoperator.k8s.io/v1beta2"


@pytest.mark.parametrize(
    ("api_version", "kind", "status", "state"),
    [
        # A phase of several words
        (VELERO, "Backup", {"phase": "FailedValidation"}, "failed"),
        (VELERO, "Backup", {"phase": "PartiallyFailed"}, "degraded"),
        (VELERO, "Backup", {"phase": "FinalizingPartiallyFailed"}, "degraded"),
        (VELERO, "BackupStorageLocation", {"phase": "Unavailable"}, "degraded"),
        (VELERO, "BackupStorageLocation", {"phase": "Available"}, "healthy"),
        ("acid.zalan.do/v1", "postgresql", {"PostgresClusterStatus": "CreateFailed"}, "degraded"),
        ("acid.zalan.do/v1", "postgresql", {"PostgresClusterStatus": "Running"}, "healthy"),
        ("ray.io/v1", "RayJob", {"jobStatus": "FAILED"}, "failed"),
        ("ray.io/v1", "RayJob", {"jobStatus": "RUNNING"}, "progressing"),
        ("ray.io/v1", "RayJob", {"jobStatus": "SUCCEEDED"}, "healthy"),
        (SPARK, "SparkApplication", {"applicationState": {"state": "FAILED"}}, "failed"),
        (SPARK, "SparkApplication", {"applicationState": {"state": "SUBMISSION_FAILED"}}, "failed"),
        (SPARK, "SparkApplication", {"applicationState": {"state": "RUNNING"}}, "progressing"),
        (SPARK, "SparkApplication", {"applicationState": {"state": "COMPLETED"}}, "healthy"),
        ("db.example/v1", "Database", {"phase": "Failover"}, "present"),
        # What runs is not done yet
        (KUBEFLOW, "PyTorchJob", conditions(row("Created"), row("Running")), "progressing"),
        (KUBEFLOW, "PyTorchJob", conditions(row("Created")), "progressing"),
        (KUBEFLOW, "Experiment", conditions(row("Created"), row("Running")), "progressing"),
        ("k8up.io/v1", "Backup", conditions(row("Ready"), row("Progressing", reason="Started")), "progressing"),
        ("k8up.io/v1", "Backup", conditions(row("Ready"), row("Completed", reason="Failed")), "failed"),
        ("k8up.io/v1", "Backup", conditions(row("Ready"), row("Completed", reason="Succeeded")), "healthy"),
        ("db.example/v1", "Database", conditions(row("Running")), "healthy"),
        ("tekton.dev/v1", "Task", None, "present"),
        ("tekton.dev/v1", "TaskRun", None, "progressing"),
        # Words of their own
        (
            RABBIT,
            "RabbitmqCluster",
            conditions(row("AllReplicasReady", "False"), row("ReconcileSuccess")),
            "progressing",
        ),
        (RABBIT, "RabbitmqCluster", conditions(row("AllReplicasReady"), row("ClusterAvailable")), "healthy"),
        (ACK, "Bucket", conditions(row("ACK.Terminal", message="no such role")), "degraded"),
        (ACK, "Bucket", conditions(row("ACK.ResourceSynced")), "healthy"),
        (ROUTE, "Route", {"ingress": [conditions(row("Admitted", "False", "HostAlreadyClaimed"))]}, "progressing"),
        (ROUTE, "Route", {"ingress": [conditions(row("Admitted", "False", "RouteNotAdmittedError"))]}, "degraded"),
        (ROUTE, "Route", {"ingress": [conditions(row("Admitted"))]}, "healthy"),
        (VPA, "VerticalPodAutoscaler", conditions(row("NoPodsMatched", message="none")), "degraded"),
        (SNAPSHOT, "VolumeSnapshot", {"boundVolumeSnapshotContentName": "x"}, "progressing"),
        (ECK, "Elasticsearch", {"health": "yellow", "phase": "Ready"}, "present"),
        (ECK, "Elasticsearch", {"health": "green", "phase": "Ready"}, "healthy"),
        # Names of fields that others have, too
        (KNATIVE, "Service", {"ingress": "none", **conditions(row("Ready"))}, "healthy"),
    ],
)
def test_what_operators_say_is_understood(api_version: str, kind: str, status: Any, state: str) -> None:
    health = health_of(an_object(api_version, kind, status, spec={}), ObjectContext(now=NOW))
    assert health.state == state, health


@pytest.mark.parametrize(
    ("observed", "state"), [("6", "progressing"), (6, "progressing"), ("7", "healthy"), (7, "healthy")]
)
def test_a_status_of_the_generation_before_is_no_green_light_however_it_is_written(observed: Any, state: str) -> None:
    status = {"observedGeneration": observed, "phase": "Healthy", "replicas": 3, "readyReplicas": 3}
    seen = an_object(ROLLOUT, "Rollout", status, spec={"replicas": 3}, generation=7)
    assert health_of(seen, ObjectContext(now=NOW)).state == state
    ready = conditions(row("Ready", observedGeneration=observed))
    assert health_of(an_object("db.example/v1", "Database", ready, generation=7)).state == state


@pytest.mark.parametrize("observed", ["5d8fc7b4c9", "", "-1", "9" * 400, None, [7], "٧"])
def test_what_is_not_a_generation_says_nothing_of_it(observed: Any) -> None:
    seen = an_object(ROLLOUT, "Rollout", {"observedGeneration": observed, "phase": "Healthy"}, generation=7)
    assert health_of(seen, ObjectContext(now=NOW)).state == "healthy"
