"""The sandbox's API server connects to nothing but its store, whatever its objects ask of it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from urllib3.exceptions import HTTPError

from tests.support.control_plane import ControlPlane, path_of
from tests.support.wait import until


class Listener:
    """A port of this machine; counts who comes."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("0.0.0.0", 0))
        self.port: int = self._socket.getsockname()[1]
        self.visits = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.visits += 1
            connection.close()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    running = Listener()
    yield running
    running.close()


def own_address() -> str:
    """An address of this machine that is not loopback; documentation's, which nobody has, without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "192.0.2.1"
        return str(probe.getsockname()[0])


def answer(control_plane: ControlPlane, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    try:
        return control_plane.call(method, path, body, content_type="application/json" if body else "", timeout_s=20)
    except HTTPError as error:
        return 0, str(error).encode()


def webhook(kind: str, namespace: str, client: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": f"{namespace}.{kind.lower()}.example.test"},
        "webhooks": [
            {
                "name": "outside.example.test",
                "clientConfig": client,
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["configmaps"]}],
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "failurePolicy": "Fail",
                "sideEffects": "None",
                "admissionReviewVersions": ["v1"],
                "timeoutSeconds": 5,
            }
        ],
    }


def a_service(control_plane: ControlPlane, namespace: str, port: int) -> None:
    """A Service whose only endpoint is this machine."""
    metadata = {"name": "outside", "namespace": namespace}
    control_plane.apply(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata,
            "spec": {"ports": [{"port": 443, "targetPort": port}]},
        }
    )
    subset = {"addresses": [{"ip": own_address()}], "ports": [{"port": port}]}
    control_plane.apply({"apiVersion": "v1", "kind": "Endpoints", "metadata": metadata, "subsets": [subset]})


@pytest.mark.parametrize("kind", ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"])
@pytest.mark.parametrize("way", ["loopback", "own address", "service"])
def test_a_webhook_is_not_called(control_plane: ControlPlane, listener: Listener, kind: str, way: str) -> None:
    namespace = control_plane.namespace()
    a_service(control_plane, namespace, listener.port)
    client: dict[str, Any] = {
        "loopback": {"url": f"https://127.0.0.1:{listener.port}/"},
        "own address": {"url": f"https://{own_address()}:{listener.port}/"},
        "service": {"service": {"name": "outside", "namespace": namespace, "path": "/"}},
    }[way]
    hook = webhook(kind, namespace, client)
    control_plane.apply(hook)
    try:
        body = b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"x-"}}'
        path = f"/api/v1/namespaces/{namespace}/configmaps"

        def refusal() -> bytes:
            status, said = answer(control_plane, "POST", path, body)
            return said if status == 500 else b""

        said = until(refusal, what="the API server asks its webhook")
        assert b"outbound-connections-are-off" in said
        assert listener.visits == 0
    finally:
        control_plane.call("DELETE", path_of(hook))


def test_an_aggregated_api_is_not_asked(control_plane: ControlPlane, listener: Listener) -> None:
    namespace = control_plane.namespace()
    name = {"type": "ExternalName", "externalName": "localhost", "ports": [{"port": listener.port}]}
    metadata = {"name": "outside", "namespace": namespace}
    control_plane.apply({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": name})
    api = {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": "v1.outside.example.test"},
        "spec": {
            "group": "outside.example.test",
            "version": "v1",
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            "insecureSkipTLSVerify": True,
            "service": {"name": "outside", "namespace": namespace, "port": listener.port},
        },
    }
    control_plane.apply(api)
    try:

        def failed() -> bool:
            found = control_plane.get("apiregistration.k8s.io/v1", "APIService", "v1.outside.example.test") or {}
            conditions = found.get("status", {}).get("conditions", [])
            return any(each["type"] == "Available" and each["status"] == "False" for each in conditions)

        until(failed, what="the API server finds the aggregated API unavailable")
        assert answer(control_plane, "GET", "/apis/outside.example.test/v1/things")[0] in (0, 503)
        assert listener.visits == 0
    finally:
        control_plane.call("DELETE", path_of(api))


def test_the_proxy_of_a_pod_leads_nowhere(control_plane: ControlPlane, listener: Listener) -> None:
    namespace = control_plane.namespace()
    spec = {"schedulerName": "nobody", "containers": [{"name": "main", "image": "nginx"}]}
    metadata = {"name": "outside", "namespace": namespace}
    control_plane.apply({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
    path = f"/api/v1/namespaces/{namespace}/pods/outside"
    here = json.dumps({"status": {"podIP": own_address(), "podIPs": [{"ip": own_address()}]}}).encode()
    patched, said = control_plane.call("PATCH", f"{path}/status", here, content_type="application/merge-patch+json")
    assert patched == 200, said
    status, said = answer(control_plane, "GET", f"/api/v1/namespaces/{namespace}/pods/outside:{listener.port}/proxy/")
    assert (status, b"outbound-connections-are-off" in said) == (503, True), said
    assert listener.visits == 0
