"""The control plane as a cluster of the API, its kubectl, and a namespace with objects of several kinds."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.control_plane import ControlPlane
from tests.support.narrow import a_narrow_cluster
from tests.support.people import Person, a_user

Kubectl = Callable[..., str]


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("admin")


@pytest.fixture
def cluster(anna: Person, control_plane: ControlPlane) -> str:
    """Its path below /api/v1, as the sandbox, which Anna's team has for itself."""
    return f"clusters/{a_narrow_cluster(control_plane.kubeconfig, 'sandbox')}"


@pytest.fixture(scope="session")
def kubectl(control_plane: ControlPlane) -> Kubectl:
    """Runs kubectl with these words; what it prints."""
    program = shutil.which("kubectl")
    if program is None:
        pytest.skip("kubectl is not on PATH")

    def run(*words: str) -> str:
        command = [program, "--kubeconfig", str(control_plane.kubeconfig_path), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout

    return run


@pytest.fixture(scope="module")
def shop(control_plane: ControlPlane) -> str:
    """A namespace with a Deployment of two pods, a CronJob, a Service, 12 ConfigMaps and a Secret."""
    namespace = control_plane.namespace("shop")
    for manifest in objects_of_the_shop():
        manifest["metadata"]["namespace"] = namespace
        control_plane.apply(manifest)
    return namespace


def objects_of_the_shop() -> list[dict[str, Any]]:
    pod = {"containers": [{"name": "web", "image": "nginx:1.27"}]}
    labels = {"app": "web"}
    job = {"template": {"spec": {**pod, "restartPolicy": "Never"}}}
    secret: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "stringData": {"token": SECRET_VALUE}}
    applied = json.dumps({"data": {"token": SECRET_VALUE}})
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": applied}
    secret["metadata"] = {"name": "keys", "annotations": annotations}
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web", "labels": {"app": "web"}},
            "spec": {
                "replicas": 2,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pod},
            },
        },
        {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "metadata": {"name": "nightly"},
            "spec": {"schedule": "0 3 * * *", "jobTemplate": {"spec": job}},
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web"},
            "spec": {"selector": labels, "ports": [{"port": 80}]},
        },
        *(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"conf-{number:02}"}, "data": {"a": "b"}}
            for number in range(12)
        ),
        secret,
    ]


SECRET_VALUE = "s3cret-value-of-the-shop"
