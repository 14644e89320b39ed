"""A real API server for tests: the sandbox in a folder of its own, and plain calls to it."""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from clusters.domain.kubeconfig import parse_kubeconfig
from clusters.kube.client import KubeClient
from clusters.sandbox.control_plane import Sandbox, run
from clusters.sandbox.errors import SandboxError
from tests.support.wait import until

Manifest = dict[str, Any]

MANAGER = "kubeorch-sandbox"
PLURALS = {
    "Ingress": "ingresses",
    "NetworkPolicy": "networkpolicies",
    "StorageClass": "storageclasses",
    "IngressClass": "ingressclasses",
    "Endpoints": "endpoints",
    "PriorityClass": "priorityclasses",
    "RuntimeClass": "runtimeclasses",
    "VolumeAttributesClass": "volumeattributesclasses",
    "ValidatingAdmissionPolicy": "validatingadmissionpolicies",
}


class ApiServer:
    """Plain calls to an API server, as its administrator. `namespace()` gives a fresh namespace, so that tests do not
    see each other's objects."""

    def __init__(self, kubeconfig_path: Path) -> None:
        self.kubeconfig_path = kubeconfig_path
        self._numbers = itertools.count(1)
        self._mark = uuid4().hex[:6]
        self.namespaces: list[str] = []
        """Those made here that are still there."""
        self._client = KubeClient(parse_kubeconfig(self.kubeconfig))

    @property
    def kubeconfig(self) -> str:
        return self.kubeconfig_path.read_text()

    def namespace(self, prefix: str = "test") -> str:
        """A new namespace, usable at once (its default service account is there)."""
        name = f"{prefix}-{self._mark}-{next(self._numbers)}"
        self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        until(
            lambda: self.get("v1", "ServiceAccount", "default", name),
            what=f"the default service account of {name}",
        )
        self.namespaces.append(name)
        return name

    def remove_namespaces(self, since: int) -> None:
        """Have those made after the first `since` deleted with all that runs in them; does not wait for their end."""
        for name in self.namespaces[since:]:
            self.delete("v1", "Namespace", name)
        del self.namespaces[since:]

    def apply(self, manifest: Manifest) -> None:
        """Server-side apply that takes every field over; raises as the client does."""
        self._client.apply(manifest, field_manager=MANAGER, force=True)

    def get(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> Manifest | None:
        """The object as it is now, None when there is none."""
        metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
        status, body = self.call("GET", path_of({"apiVersion": api_version, "kind": kind, "metadata": metadata}))
        return json.loads(body) if status == 200 else None

    def list(self, api_version: str, kind: str, namespace: str | None = None, query: str = "") -> list[Manifest]:
        """All objects of a kind, in one namespace or in all."""
        path = folder_of(api_version, kind, namespace) + (f"?{query}" if query else "")
        status, body = self.call("GET", path)
        assert status == 200, body
        items: list[Manifest] = json.loads(body)["items"]
        return items

    def delete(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> None:
        status, body = self.call("DELETE", f"{folder_of(api_version, kind, namespace)}/{name}")
        assert status in (200, 202, 404), body

    def call(
        self, method: str, path: str, body: bytes | None = None, *, content_type: str = "", timeout_s: float = 10
    ) -> tuple[int, bytes]:
        """Any other request, as the administrator; raises urllib3's HTTPError without an answer."""
        headers = {"Content-Type": content_type} if content_type else {}
        status, _, answer = self._client.exchange(method, path, body=body, headers=headers, timeout_s=timeout_s)
        return status, answer

    def is_ready(self) -> bool:
        """Whether the API server answers that it is ready."""
        return self._client.is_ready()


class ControlPlane(ApiServer):
    """One running sandbox."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.reports: list[Any] = []
        self.sandbox: Sandbox = run(data_dir, self.reports.append)
        super().__init__(self.sandbox.kubeconfig_path)

    @property
    def server(self) -> str:
        return self.sandbox.server

    @property
    def pids(self) -> dict[str, int]:
        return self.sandbox.pids

    def stop(self) -> None:
        self.sandbox.stop()


def path_of(manifest: Manifest) -> str:
    """Where the object lies in the API."""
    metadata = manifest["metadata"]
    folder = folder_of(manifest["apiVersion"], manifest["kind"], metadata.get("namespace"))
    return f"{folder}/{metadata['name']}"


def folder_of(api_version: str, kind: str, namespace: str | None) -> str:
    prefix = "/api/v1" if api_version == "v1" else f"/apis/{api_version}"
    scope = f"/namespaces/{namespace}" if namespace else ""
    return f"{prefix}{scope}/{PLURALS.get(kind, kind.lower() + 's')}"


def start_or_skip(data_dir: Path) -> ControlPlane:
    """A control plane; where it cannot be had the tests are skipped aloud, in CI they fail."""
    try:
        return ControlPlane(data_dir)
    except SandboxError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no control plane on this machine: {error}")
