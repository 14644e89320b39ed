"""The fields of a form are found by the path that the Kubernetes API gives them."""

from __future__ import annotations

import pytest

from tests.unit.kinds.samples import the_catalog

POD = "spec.template.spec"
MAIN = f"{POD}.containers[]"


@pytest.mark.parametrize(
    ("kind", "parameter", "path"),
    [
        ("deployment", "replicas", "spec.replicas"),
        ("deployment", "termination_grace_s", f"{POD}.terminationGracePeriodSeconds"),
        ("deployment", "service_account", f"{POD}.serviceAccountName"),
        ("deployment", "image", f"{MAIN}.image"),
        ("deployment", "env", f"{MAIN}.env"),
        ("deployment", "ports.port", f"{MAIN}.ports[].containerPort"),
        ("deployment", "resources.requests.ephemeral_storage", f"{MAIN}.resources.requests.ephemeral-storage"),
        ("deployment", "readiness_probe.period_s", f"{MAIN}.readinessProbe.periodSeconds"),
        ("deployment", "allow_privilege_escalation", f"{MAIN}.securityContext.allowPrivilegeEscalation"),
        ("deployment", "max_surge", "spec.strategy.rollingUpdate.maxSurge"),
        ("deployment", "volumes.size_limit", f"{POD}.volumes[].emptyDir.sizeLimit"),
        ("deployment", "resources", f"{MAIN}.resources"),
        ("deployment", "readiness_probe", f"{MAIN}.readinessProbe"),
        ("deployment", "sidecars", f"{POD}.containers"),
        ("cronjob", "schedule", "spec.schedule"),
        ("cronjob", "backoff_limit", "spec.jobTemplate.spec.backoffLimit"),
        ("service", "type", "spec.type"),
        ("persistentvolumeclaim", "storage_class", "spec.storageClassName"),
        ("hpa", "scale_down_stabilization_s", "spec.behavior.scaleDown.stabilizationWindowSeconds"),
        ("ingress", "ingress_class", "spec.ingressClassName"),
    ],
)
def test_a_parameter_knows_its_path(kind: str, parameter: str, path: str):
    assert the_catalog().kinds[kind].api_paths[parameter] == path


NO_FIELD_OF_THEIR_OWN = {
    # They choose what is rendered, or several fields follow from them.
    "labels", "annotations", "namespace", "version", "mount_path", "tls", "headless", "allow_dns", "manifest", "keys",
    "rules",
}  # fmt: skip


def test_nearly_every_parameter_has_one():
    without = {
        f"{kind.id}.{one.name}"
        for kind in the_catalog().kinds.values()
        for one in kind.parameters
        if kind.renders and one.name not in kind.api_paths and one.name not in NO_FIELD_OF_THEIR_OWN
    }
    assert not without


def test_the_containers_beside_the_main_one_are_named_once():
    paths = the_catalog().kinds["deployment"].api_paths
    assert not [name for name in paths if name.startswith(("sidecars.", "init_containers."))]
